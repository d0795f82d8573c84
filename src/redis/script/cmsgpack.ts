/**
 * The `cmsgpack` library: MessagePack, lua-cmsgpack 0.4.0.
 *
 * Numbers without a fraction become integers, others the shortest float that holds them; a table with keys 1 to n becomes
 * an array, any other a map; what MessagePack has no type for, and tables nested deeper than 16, become nil.
 *
 * Source: https://github.com/msgpack/msgpack/blob/master/spec.md, lua_cmsgpack.c of Redis 7.0
 */
import { toInt32, toInt64 } from './c-integers.ts'
import { BOOLEAN, type LuaVm, NUMBER, STRING, TABLE } from './lua-vm.ts'
import type { LuaFunction, Pointer } from './lua-wasm.ts'
import type { ReadonlyTables } from './readonly-tables.ts'

const NESTING_MAX = 16
const INT_MAX = 2147483647

/** The fields of the library, in the order in which Redis registers them. */
export const MSGPACK_METADATA = {
  _NAME: 'cmsgpack',
  _VERSION: 'lua-cmsgpack 0.4.0',
  _COPYRIGHT: 'Copyright (C) 2012, Salvatore Sanfilippo',
  _DESCRIPTION: 'MessagePack C implementation for Lua',
}

/** The functions, in the order in which Redis registers them. */
export function msgpackFunctions(vm: LuaVm, tables: ReadonlyTables): Readonly<Record<string, LuaFunction>> {
  return { pack: pack(vm, tables), ...unpackers(vm) }
}

// ---- packing ----

const byte = (value: number): string => String.fromCharCode(value & 255)
const bytes2 = (value: number): string => byte(value >>> 8) + byte(value)
const bytes4 = (value: number): string => bytes2(value >>> 16) + bytes2(value)
const bytes8 = (value: bigint): string =>
  bytes4(Number((value >> 32n) & 0xffffffffn)) + bytes4(Number(value & 0xffffffffn))

function pack(vm: LuaVm, tables: ReadonlyTables): LuaFunction {
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

// ---- unpacking ----

type Failure = 'end' | 'format'

/** A table on the Lua stack that still takes items: elements, or keys and values. */
interface OpenTable {
  readonly isMap: boolean
  readonly items: number
  taken: number
}

/** A position in packed bytes; `failure` ends the walk, leaving on the Lua stack what was half built. */
class Cursor {
  at: number
  failure: Failure | null = null
  readonly packed: string

  constructor(packed: string, at: number) {
    this.packed = packed
    this.at = at
  }

  get left(): number {
    return this.packed.length - this.at
  }

  /** Whether so many bytes are left. */
  has(sizeBytes: number): boolean {
    if (this.left >= sizeBytes) return true
    this.failure = 'end'
    return false
  }

  /** The unsigned integer of `sizeBytes` that begins `offset` bytes from here. */
  unsigned(offset: number, sizeBytes: number): number {
    let value = 0
    for (let i = 0; i < sizeBytes; i++) value = value * 256 + this.packed.charCodeAt(this.at + offset + i)
    return value
  }

  view(offset: number): DataView {
    const view = new DataView(new ArrayBuffer(8))
    for (let i = 0; i < 8; i++) view.setUint8(i, this.packed.charCodeAt(this.at + offset + i))
    return view
  }
}

function unpackers(vm: LuaVm): Readonly<Record<string, LuaFunction>> {
  const { api } = vm
  const tooMany = vm.name('too many return values at once; use unpack_one or unpack_limit instead.')
  const inArray = vm.name('in function mp_decode_to_lua_array')
  const inUnpack = vm.name('in function mp_unpack_full')

  const pushText = (L: Pointer, cursor: Cursor, header: number, length: number): void => {
    if (!cursor.has(header + length)) return
    vm.pushString(L, cursor.packed.slice(cursor.at + header, cursor.at + header + length))
    cursor.at += header + length
  }

  const pushNumber = (L: Pointer, cursor: Cursor, sizeBytes: number, value: () => number): void => {
    if (!cursor.has(1 + sizeBytes)) return
    api.lua_pushnumber(L, value())
    cursor.at += 1 + sizeBytes
  }

  /** NaN keeps its sign on its way through Lua's memory, not on its way through JavaScript. */
  const pushFloat = (L: Pointer, cursor: Cursor, sizeBytes: 4 | 8): void => {
    pushNumber(L, cursor, sizeBytes, () =>
      sizeBytes === 4 ? cursor.view(1).getFloat32(0) : cursor.view(1).getFloat64(0),
    )
    if (cursor.failure !== null || !Number.isNaN(vm.numberAt(vm.top(L)))) return
    if (cursor.packed.charCodeAt(cursor.at - sizeBytes) >= 128) vm.i32[(vm.top(L) + 4) >> 2]! |= 1 << 31
  }

  /** Pushes an empty table for the array or map that begins here. */
  const openTable = (L: Pointer, cursor: Cursor, header: number, length: number, isMap: boolean): OpenTable => {
    cursor.at += header
    api.lua_createtable(L, 0, 0)
    if (!isMap) api.luaL_checkstack(L, 1, inArray)
    return { isMap, items: isMap ? 2 * length : length, taken: 0 }
  }

  /** Pushes the next value; nested tables without recursion, because Lua's stack is deeper than JavaScript's. */
  const pushNext = (L: Pointer, cursor: Cursor): void => {
    const open: OpenTable[] = []
    for (;;) {
      const opened = pushItem(L, cursor)
      if (cursor.failure !== null) return
      if (opened !== null) open.push(opened)
      let isWhole = opened === null
      for (;;) {
        const around = open.at(-1)
        if (around === undefined) return
        if (isWhole) {
          around.taken++
          if (!around.isMap || around.taken % 2 === 0) api.lua_settable(L, -3)
        }
        if (around.taken < around.items) {
          if (!around.isMap) api.lua_pushnumber(L, around.taken + 1)
          break
        }
        open.pop()
        isWhole = true
      }
    }
  }

  /** Pushes a value that is no table, or opens a table. */
  const pushItem = (L: Pointer, cursor: Cursor): OpenTable | null => {
    if (!cursor.has(1)) return null
    api.luaL_checkstack(L, 1, tooMany)
    const lead = cursor.unsigned(0, 1)
    switch (lead) {
      case 0xc0:
        api.lua_pushnil(L)
        cursor.at++
        return null
      case 0xc2:
      case 0xc3:
        api.lua_pushboolean(L, lead - 0xc2)
        cursor.at++
        return null
      case 0xca:
        pushFloat(L, cursor, 4)
        return null
      case 0xcb:
        pushFloat(L, cursor, 8)
        return null
      case 0xcc:
        pushNumber(L, cursor, 1, () => cursor.unsigned(1, 1))
        return null
      case 0xcd:
        pushNumber(L, cursor, 2, () => cursor.unsigned(1, 2))
        return null
      case 0xce:
        pushNumber(L, cursor, 4, () => cursor.unsigned(1, 4))
        return null
      case 0xcf:
        // Pushed as a signed integer, also where it is unsigned.
        pushNumber(L, cursor, 8, () => Number(cursor.view(1).getBigInt64(0)))
        return null
      case 0xd0:
        pushNumber(L, cursor, 1, () => cursor.view(1).getInt8(0))
        return null
      case 0xd1:
        pushNumber(L, cursor, 2, () => cursor.view(1).getInt16(0))
        return null
      case 0xd2:
        pushNumber(L, cursor, 4, () => cursor.view(1).getInt32(0))
        return null
      case 0xd3:
        pushNumber(L, cursor, 8, () => Number(cursor.view(1).getBigInt64(0)))
        return null
      case 0xd9:
      case 0xda:
      case 0xdb: {
        const sizeBytes = 1 << (lead - 0xd9)
        if (cursor.has(1 + sizeBytes)) pushText(L, cursor, 1 + sizeBytes, cursor.unsigned(1, sizeBytes))
        return null
      }
      case 0xdc:
      case 0xdd:
      case 0xde:
      case 0xdf: {
        const sizeBytes = (lead & 1) === 0 ? 2 : 4
        if (!cursor.has(1 + sizeBytes)) return null
        const length = cursor.unsigned(1, sizeBytes)
        return openTable(L, cursor, 1 + sizeBytes, length, lead >= 0xde)
      }
    }
    if (lead <= 0x7f || lead >= 0xe0) {
      api.lua_pushnumber(L, lead <= 0x7f ? lead : lead - 256)
      cursor.at++
    } else if (lead >= 0xa0 && lead <= 0xbf) {
      pushText(L, cursor, 1, lead & 31)
    } else if (lead <= 0x9f) return openTable(L, cursor, 1, lead & 15, lead < 0x90)
    else cursor.failure = 'format'
    return null
  }

  /** The arguments behind the string have been taken away. */
  const unpack = (L: Pointer, limit: number, offset: number): number => {
    const packed = vm.checkString(L, 1)
    if (offset < 0 || limit < 0)
      vm.raise(L, `Invalid request to unpack with offset of ${toInt32(offset)} and limit of ${packed.length}.`)
    if (offset > packed.length)
      vm.raise(L, `Start offset ${toInt32(offset)} greater than input length ${packed.length}.`)
    const isAll = limit === 0 && offset === 0
    const cursor = new Cursor(packed, offset)
    let count = 0
    for (const most = isAll ? INT_MAX : limit; cursor.left > 0 && count < most; count++) {
      pushNext(L, cursor)
      if (cursor.failure === 'end') vm.raise(L, 'Missing bytes in input.')
      if (cursor.failure === 'format') vm.raise(L, 'Bad data format in input.')
    }
    if (isAll) return count
    api.luaL_checkstack(L, 1, inUnpack)
    api.lua_pushnumber(L, cursor.left === 0 ? -1 : cursor.at)
    api.lua_insert(L, 2)
    return count + 1
  }

  const integer = (L: Pointer, n: number): number => Number(toInt64(vm.checkNumber(L, n)))
  const offset = (L: Pointer, n: number): number => (vm.isNoneOrNil(L, n) ? 0 : integer(L, n))
  const keepFirst = (L: Pointer): void => {
    if (api.lua_gettop(L) > 1) api.lua_settop(L, 1)
  }

  return {
    unpack: (L) => unpack(L, 0, 0),
    unpack_one: (L) => {
      const from = offset(L, 2)
      keepFirst(L)
      return unpack(L, 1, from)
    },
    unpack_limit: (L) => {
      const limit = integer(L, 2)
      const from = offset(L, 3)
      keepFirst(L)
      return unpack(L, limit, from)
    },
  }
}
