/**
 * `cmsgpack.unpack` and its relatives: MessagePack as Lua values.
 *
 * Source: https://github.com/msgpack/msgpack/blob/master/spec.md, lua_cmsgpack.c of Redis 7.0
 */
import { toInt32, toInt64 } from './c-integers.ts'
import type { LuaVm } from './lua-vm.ts'
import type { LuaFunction, Pointer } from './lua-wasm.ts'

const INT_MAX = 2147483647

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

  /** Whether `sizeBytes` bytes are left. */
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

/** `cmsgpack.unpack`, `unpack_one` and `unpack_limit`. */
export function msgpackUnpackers(vm: LuaVm): Readonly<Record<string, LuaFunction>> {
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
