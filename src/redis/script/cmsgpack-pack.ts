/**
 * `cmsgpack.pack`: Lua values as MessagePack, in the shortest form that holds them.
 *
 * Source: https://github.com/msgpack/msgpack/blob/master/spec.md, lua_cmsgpack.c of Redis 7.0
 */
import { toInt32, toInt64 } from './c-integers.ts'
import { BOOLEAN, NUMBER, STRING, TABLE } from './lua-constants.ts'
import type { LuaVm } from './lua-vm.ts'
import type { LuaFunction, Pointer } from './lua-wasm.ts'
import type { ReadonlyTables } from './readonly-tables.ts'

const NESTING_MAX = 16

const byte = (value: number): string => String.fromCharCode(value & 255)
const bytes2 = (value: number): string => byte(value >>> 8) + byte(value)
const bytes4 = (value: number): string => bytes2(value >>> 16) + bytes2(value)
const bytes8 = (value: bigint): string =>
  bytes4(Number((value >> 32n) & 0xffffffffn)) + bytes4(Number(value & 0xffffffffn))

/** `cmsgpack.pack`. */
export function msgpackPack(vm: LuaVm, tables: ReadonlyTables): LuaFunction {
  const { api } = vm
  const checkStack = vm.name('in function mp_check')
  const checkArray = vm.name('in function mp_encode_lua_table_as_array')
  const checkMap = vm.name('in function mp_encode_lua_table_as_map')
  const checkIsArray = vm.name('in function table_is_an_array')

  /** Packs the value on top of the stack and takes it away. */
  const packTop = (L: Pointer, level: number): string => {
    const at = vm.top(L)
    let packed = '\xc0'
    switch (vm.typeAt(at)) {
      case STRING:
        packed = packString(vm.stringAt(at))
        break
      case BOOLEAN:
        packed = api.lua_toboolean(L, -1) === 0 ? '\xc2' : '\xc3'
        break
      case NUMBER:
        packed = packNumber(vm, at)
        break
      case TABLE:
        if (level < NESTING_MAX) packed = packTable(L, level)
        break
    }
    api.lua_settop(L, -2)
    return packed
  }

  const packTable = (L: Pointer, level: number): string => {
    tables.prepareWalk(L, -1)
    api.luaL_checkstack(L, 2, checkIsArray)
    const { keys, isArray } = count(L)
    if (isArray) {
      const length = api.lua_objlen(L, -1)
      let packed = packLength(length, 0x90, 0xdc)
      api.luaL_checkstack(L, 1, checkArray)
      for (let i = 1; i <= length; i++) {
        api.lua_pushnumber(L, i)
        api.lua_gettable(L, -2)
        packed += packTop(L, level + 1)
      }
      return packed
    }
    api.luaL_checkstack(L, 3, checkMap)
    let packed = packLength(keys, 0x80, 0xde)
    api.lua_pushnil(L)
    while (api.lua_next(L, -2) !== 0) {
      api.lua_pushvalue(L, -2)
      packed += packTop(L, level + 1)
      packed += packTop(L, level + 1)
    }
    return packed
  }

  /** How many keys the table on top of the stack has, and whether they are 1 to n. */
  const count = (L: Pointer): { readonly keys: number; readonly isArray: boolean } => {
    let keys = 0
    let max = 0
    let isArray = true
    api.lua_pushnil(L)
    while (api.lua_next(L, -2) !== 0) {
      api.lua_settop(L, -2)
      keys++
      const at = vm.top(L)
      const key = vm.typeAt(at) === NUMBER ? vm.numberAt(at) : 0
      if (key > 0 && toInt32(key) === key) max = Math.max(max, key)
      else isArray = false
    }
    return { keys, isArray: isArray && max === keys }
  }

  return (L) => {
    const argumentCount = api.lua_gettop(L)
    if (argumentCount === 0) vm.argumentError(L, 0, 'MessagePack pack needs input.')
    if (api.lua_checkstack(L, argumentCount) === 0) vm.argumentError(L, 0, 'Too many arguments for MessagePack pack.')
    let packed = ''
    for (let n = 1; n <= argumentCount; n++) {
      api.luaL_checkstack(L, 1, checkStack)
      api.lua_pushvalue(L, n)
      packed += packTop(L, 0)
    }
    vm.pushString(L, packed)
    return 1
  }
}

function packString(text: string): string {
  const { length } = text
  if (length < 32) return byte(0xa0 | length) + text
  if (length <= 0xff) return `\xd9${byte(length)}${text}`
  if (length <= 0xffff) return `\xda${bytes2(length)}${text}`
  return `\xdb${bytes4(length)}${text}`
}

function packLength(length: number, short: number, long: number): string {
  if (length <= 15) return byte(short | length)
  return length <= 0xffff ? byte(long) + bytes2(length) : byte(long + 1) + bytes4(length)
}

function packNumber(vm: LuaVm, at: Pointer): string {
  const value = vm.numberAt(at)
  const integer = toInt64(value)
  // NaN is not equal to itself; 2^63 becomes INT64_MIN and is not equal to that either.
  if (Number.isFinite(value) && Number(integer) === value) return packInteger(integer)
  const view = new DataView(new ArrayBuffer(8))
  if (Math.fround(value) === value) {
    view.setFloat32(0, value)
    return `\xca${bytes4(view.getUint32(0))}`
  }
  // A double's bytes are taken as they are in memory, NaN's sign included.
  return `\xcb${[...vm.bytes(at, 8)].reverse().join('')}`
}

function packInteger(value: bigint): string {
  const small = Number(value)
  if (value >= 0n) {
    if (small <= 0x7f) return byte(small)
    if (small <= 0xff) return `\xcc${byte(small)}`
    if (small <= 0xffff) return `\xcd${bytes2(small)}`
    if (small <= 0xffffffff) return `\xce${bytes4(small)}`
    return `\xcf${bytes8(value)}`
  }
  if (small >= -32) return byte(small)
  if (small >= -128) return `\xd0${byte(small)}`
  if (small >= -32768) return `\xd1${bytes2(small)}`
  if (small >= -2147483648) return `\xd2${bytes4(small)}`
  return `\xd3${bytes8(BigInt.asUintN(64, value))}`
}
