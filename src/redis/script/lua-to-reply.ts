/**
 * What a script returns: a Lua value as a reply.
 *
 * Numbers lose their fraction, arrays end at the first nil, false is a missing value (a boolean after `redis.setresp(3)`),
 * `{ok=…}` is a status, `{err=…}` an error, `{double=…}`, `{map=…}` and so on what RESP3 calls by these names; any other table
 * is an array, and what Redis has no type for is a missing value.
 *
 * Does not model  arrays nested deeper than DEPTH_MAX: Redis goes on to 7,995.
 *
 * Source: https://redis.io/docs/latest/develop/interact/programmability/lua-api/#lua_data_types, script_lua.c of Redis 7.0
 */
import { formatDouble } from '../double.ts'
import { error, OK, type Reply } from '../reply.ts'
import { toInt64 } from './c-integers.ts'
import { BOOLEAN, NIL, NUMBER, STRING, TABLE } from './lua-constants.ts'
import type { LuaVm } from './lua-vm.ts'
import type { Pointer } from './lua-wasm.ts'
import type { ReadonlyTables } from './readonly-tables.ts'
import { cText } from './reply-to-lua.ts'

const DEPTH_MAX = 1000

/** The fields that make a table something else than an array, in the order in which Redis looks for them. */
const FIELDS = ['err', 'ok', 'double', 'big_number', 'verbatim_string', 'map', 'set', 'format', 'string'] as const
type Field = (typeof FIELDS)[number]

export class LuaToReply {
  readonly #vm: LuaVm
  readonly #tables: ReadonlyTables
  /** Where on the main stack the names of the fields lie. */
  readonly #first: number

  /** Pushes the names of the fields on the main stack, where they stay. */
  constructor(vm: LuaVm, tables: ReadonlyTables) {
    this.#vm = vm
    this.#tables = tables
    this.#first = vm.api.lua_gettop(vm.main) + 1
    for (const name of FIELDS) vm.pushString(vm.main, name)
  }

  /** The value on top of the main stack, which stays there. */
  top(resp: 2 | 3): Reply {
    return this.#value(this.#vm.top(this.#vm.main), resp, 0)
  }

  /** A value; a table has to lie on top of the stack. */
  #value(at: Pointer, resp: 2 | 3, depth: number): Reply {
    const vm = this.#vm
    switch (vm.typeAt(at)) {
      case STRING:
        return vm.stringAt(at)
      case NUMBER:
        return integerReply(vm.numberAt(at))
      case BOOLEAN: {
        const value = vm.objectAt(at) !== 0
        if (resp === 3) return { kind: 'boolean', value }
        return value ? 1 : null
      }
      case TABLE:
        if (depth >= DEPTH_MAX || vm.api.lua_checkstack(vm.main, 6) === 0) return error('ERR reached lua stack limit')
        return this.#table(resp, depth)
      default:
        return null
    }
  }

  #table(resp: 2 | 3, depth: number): Reply {
    const vm = this.#vm
    const table = vm.objectAt(vm.top(vm.main))
    if (!vm.hasNoHashPart(table)) {
      const typed = this.#typed(resp, depth)
      if (typed !== undefined) return typed
    }
    return this.#array(table, resp, depth)
  }

  /** What the fields of the table on top of the stack say it is. */
  #typed(resp: 2 | 3, depth: number): Reply | undefined {
    const vm = this.#vm
    const { api, main: L } = vm
    const top = api.lua_gettop(L)
    const text = (name: Field): string | null => (this.#field(name) === STRING ? vm.stringAt(vm.top(L)) : null)

    const err = text('err')
    api.lua_settop(L, top)
    if (err !== null) return error(oneLine(cText(err)))
    const ok = text('ok')
    api.lua_settop(L, top)
    if (ok !== null) return ok === 'OK' ? OK : { kind: 'status', text: withoutNewlines(cText(ok)) }
    if (this.#field('double') === NUMBER) {
      const reply: Reply = { kind: 'double', text: doubleText(vm, vm.top(L)) }
      api.lua_settop(L, top)
      return reply
    }
    api.lua_settop(L, top)
    const bigNumber = text('big_number')
    api.lua_settop(L, top)
    if (bigNumber !== null) return { kind: 'bigNumber', text: withoutNewlines(bigNumber) }
    if (this.#field('verbatim_string') === TABLE) {
      const verbatim = top + 1
      const format = text('format')
      api.lua_settop(L, verbatim)
      const string = text('string')
      api.lua_settop(L, top)
      if (format !== null && string !== null)
        return { kind: 'verbatim', format: cText(format).slice(0, 3).padEnd(3), text: string }
    }
    api.lua_settop(L, top)
    if (this.#field('map') === TABLE) {
      const entries = this.#entries(resp, depth)
      api.lua_settop(L, top)
      return { kind: 'map', entries }
    }
    api.lua_settop(L, top)
    if (this.#field('set') === TABLE) {
      const items = this.#entries(resp, depth).map(([key]) => key)
      api.lua_settop(L, top)
      return { kind: 'set', items }
    }
    api.lua_settop(L, top)
    return undefined
  }

  /** Pushes a field of the table on top of the stack; its type. */
  #field(name: Field): number {
    const { api, main: L } = this.#vm
    api.lua_pushvalue(L, this.#first + FIELDS.indexOf(name))
    api.lua_rawget(L, -2)
    return this.#vm.typeAt(this.#vm.top(L))
  }

  /** Keys and values of the table on top of the stack. */
  #entries(resp: 2 | 3, depth: number): (readonly [Reply, Reply])[] {
    const vm = this.#vm
    const { api, main: L } = vm
    this.#tables.prepareWalk(L, -1)
    const entries: (readonly [Reply, Reply])[] = []
    api.lua_pushnil(L)
    while (api.lua_next(L, -2) !== 0) {
      const value = this.#value(vm.top(L), resp, depth + 1)
      api.lua_settop(L, -2)
      // The key is needed for the next step: a copy of it is converted.
      api.lua_pushvalue(L, -1)
      const key = this.#value(vm.top(L), resp, depth + 1)
      api.lua_settop(L, -2)
      entries.push([key, value])
    }
    return entries
  }

  #array(table: Pointer, resp: 2 | 3, depth: number): Reply {
    const vm = this.#vm
    const { api, main: L } = vm
    const items: Reply[] = []
    const size = vm.arraySize(table)
    for (let i = 1; ; i++) {
      // The array part is read where it lies; only what is nested, or lies elsewhere, goes over the stack.
      const at = i <= size ? vm.arrayElement(table, i) : 0
      const type = at === 0 ? TABLE : vm.typeAt(at)
      if (type === NIL) return items
      if (type !== TABLE) items.push(this.#value(at, resp, depth + 1))
      else {
        api.lua_rawgeti(L, -1, i)
        const element = vm.top(L)
        const isNil = vm.typeAt(element) === NIL
        if (!isNil) items.push(this.#value(element, resp, depth + 1))
        api.lua_settop(L, -2)
        if (isNil) return items
      }
    }
  }
}

/** `(long long)d`. */
function integerReply(value: number): Reply {
  // Adding 0 turns -0 into 0.
  return Math.abs(value) <= Number.MAX_SAFE_INTEGER ? Math.trunc(value) + 0 : toInt64(value)
}

/** `%.17g`; NaN is printed with its sign, which only the bytes in memory have. */
export function doubleText(vm: LuaVm, at: Pointer): string {
  const value = vm.numberAt(at)
  return Number.isNaN(value) && vm.isNegativeAt(at) ? '-nan' : formatDouble(value)
}

const withoutNewlines = (text: string): string => text.replace(/[\r\n]/g, ' ')

/** An error reply is one line: newlines at its end go, those in it become spaces. */
export function oneLine(text: string): string {
  return withoutNewlines(text.replace(/[\r\n]+$/, ''))
}
