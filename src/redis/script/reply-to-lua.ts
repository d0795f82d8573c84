/**
 * What `redis.call` returns: a reply as a Lua value.
 *
 * Under RESP2 a missing value is false, never nil; a status is `{ok=…}`, an error `{err=…}`, and whatever exists in RESP3
 * only arrives in the form RESP2 has for it. After `redis.setresp(3)` it arrives as a typed table: `{double=…}`, `{map=…}`,
 * `{set=…}`, `{big_number=…}`, `{verbatim_string=…}`, and a missing value is nil.
 *
 * Source: https://redis.io/docs/latest/develop/interact/programmability/lua-api/#lua_data_types, script_lua.c of Redis 7.0
 */
import { assertNever } from '../../sim/assert.ts'
import { parseDouble } from '../double.ts'
import type { Reply } from '../reply.ts'
import type { LuaVm } from './lua-vm.ts'
import type { Pointer } from './lua-wasm.ts'

type Typed = Exclude<Reply, string | number | bigint | null | readonly Reply[]>

/** The text up to the first NUL: how far C reads a string that carries no length. */
export function cText(text: string): string {
  const end = text.indexOf('\0')
  return end === -1 ? text : text.slice(0, end)
}

/** `-CODE message` as Redis keeps it in an error table: without the dash, with a code, without newlines around. */
export function errorText(reply: string): string {
  if (!reply.startsWith('-')) return `ERR ${trimNewlines(reply)}`
  const space = reply.indexOf(' ')
  if (space === -1) return `ERR ${trimNewlines(reply.slice(1))}`
  return `${reply.slice(1, space)} ${trimNewlines(reply.slice(space + 1))}`
}

const trimNewlines = (text: string): string => text.replace(/^[\r\n]+|[\r\n]+$/g, '')

export class ReplyToLua {
  readonly #vm: LuaVm
  readonly #ok: Pointer
  readonly #err: Pointer
  readonly #ignoreErrorStatsUpdate: Pointer
  readonly #double: Pointer
  readonly #map: Pointer
  readonly #set: Pointer
  readonly #bigNumber: Pointer
  readonly #verbatimString: Pointer
  readonly #string: Pointer
  readonly #format: Pointer

  constructor(vm: LuaVm) {
    this.#vm = vm
    this.#ok = vm.name('ok')
    this.#err = vm.name('err')
    this.#ignoreErrorStatsUpdate = vm.name('ignore_error_stats_update')
    this.#double = vm.name('double')
    this.#map = vm.name('map')
    this.#set = vm.name('set')
    this.#bigNumber = vm.name('big_number')
    this.#verbatimString = vm.name('verbatim_string')
    this.#string = vm.name('string')
    this.#format = vm.name('format')
  }

  /** Pushes a reply. */
  push(L: Pointer, reply: Reply, resp: 2 | 3): void {
    const { api } = this.#vm
    if (typeof reply === 'string') this.#vm.pushString(L, reply)
    else if (typeof reply === 'number') api.lua_pushnumber(L, reply)
    else if (reply === null) this.#pushNull(L, resp)
    else if (typeof reply === 'bigint') api.lua_pushnumber(L, Number(reply))
    else {
      // A nested reply may be as deep as the server makes it.
      api.lua_checkstack(L, 5)
      if ('kind' in reply) this.#pushTyped(L, reply, resp)
      else this.#pushArray(L, reply, resp)
    }
  }

  /** Pushes `{err=…}`. */
  pushError(L: Pointer, text: string): void {
    this.#vm.api.lua_createtable(L, 0, 0)
    this.#setText(L, this.#err, cText(errorText(text)))
  }

  #pushNull(L: Pointer, resp: 2 | 3): void {
    if (resp === 2) this.#vm.api.lua_pushboolean(L, 0)
    else this.#vm.api.lua_pushnil(L)
  }

  #pushTyped(L: Pointer, reply: Typed, resp: 2 | 3): void {
    const { api } = this.#vm
    switch (reply.kind) {
      case 'status':
        api.lua_createtable(L, 0, 1)
        this.#setText(L, this.#ok, reply.text)
        break
      case 'error':
        this.pushError(L, `-${reply.text}`)
        api.lua_pushboolean(L, 1)
        api.lua_setfield(L, -2, this.#ignoreErrorStatsUpdate)
        break
      case 'nullArray':
        this.#pushNull(L, resp)
        break
      case 'push':
        this.#pushArray(L, reply.items, resp)
        break
      case 'map':
        if (resp === 2) this.#pushArray(L, reply.entries.flat() as Reply[], resp)
        else this.#pushMap(L, reply.entries)
        break
      case 'set':
        if (resp === 2) this.#pushArray(L, reply.items, resp)
        else this.#pushSet(L, reply.items)
        break
      case 'boolean':
        if (resp === 2) api.lua_pushnumber(L, reply.value ? 1 : 0)
        else api.lua_pushboolean(L, reply.value ? 1 : 0)
        break
      case 'double':
        if (resp === 2) this.#vm.pushString(L, reply.text)
        else {
          api.lua_createtable(L, 0, 0)
          api.lua_pushnumber(L, parseDouble(reply.text) ?? Number.NaN)
          api.lua_setfield(L, -2, this.#double)
        }
        break
      case 'bigNumber':
        if (resp === 2) this.#vm.pushString(L, reply.text)
        else {
          api.lua_createtable(L, 0, 0)
          this.#setText(L, this.#bigNumber, reply.text)
        }
        break
      case 'verbatim':
        if (resp === 2) this.#vm.pushString(L, reply.text)
        else {
          api.lua_createtable(L, 0, 0)
          api.lua_createtable(L, 0, 0)
          this.#setText(L, this.#string, reply.text)
          this.#setText(L, this.#format, reply.format)
          api.lua_setfield(L, -2, this.#verbatimString)
        }
        break
      case 'attributed':
        this.push(L, reply.reply, resp)
        break
      default:
        assertNever(reply)
    }
  }

  /** Sets a string field of the table on top of the stack. */
  #setText(L: Pointer, field: Pointer, text: string): void {
    this.#vm.pushString(L, text)
    this.#vm.api.lua_setfield(L, -2, field)
  }

  #pushArray(L: Pointer, items: readonly Reply[], resp: 2 | 3): void {
    const { api } = this.#vm
    if (resp === 3 && items.includes(null)) {
      // A nil takes part in how the table grows, and `#` shows how it grew.
      api.lua_createtable(L, 0, 0)
      for (let i = 0; i < items.length; i++) {
        api.lua_pushnumber(L, i + 1)
        this.push(L, items[i]!, resp)
        api.lua_settable(L, -3)
      }
      return
    }
    api.lua_createtable(L, grownArraySize(items.length), 0)
    for (let i = 0; i < items.length; i++) {
      this.push(L, items[i]!, resp)
      api.lua_rawseti(L, -2, i + 1)
    }
  }

  #pushMap(L: Pointer, entries: readonly (readonly [Reply, Reply])[]): void {
    const { api } = this.#vm
    api.lua_createtable(L, 0, 0)
    api.lua_createtable(L, 0, 0)
    for (const [key, value] of entries) {
      this.push(L, key, 3)
      this.push(L, value, 3)
      api.lua_settable(L, -3)
    }
    api.lua_setfield(L, -2, this.#map)
  }

  #pushSet(L: Pointer, items: readonly Reply[]): void {
    const { api } = this.#vm
    api.lua_createtable(L, 0, 0)
    api.lua_createtable(L, 0, 0)
    for (const item of items) {
      this.push(L, item, 3)
      api.lua_pushboolean(L, 1)
      api.lua_settable(L, -3)
    }
    api.lua_setfield(L, -2, this.#set)
  }
}

/** The array part of a table that has grown element by element: what `#` finds in it after an element is removed depends on that. */
export function grownArraySize(count: number): number {
  let size = count === 0 ? 0 : 1
  while (size < count) size *= 2
  return size
}
