/**
 * `cjson.encode`: a Lua value as JSON, byte for byte as lua-cjson writes it.
 *
 * Numbers are printed with `%.14g`; a table whose keys are whole numbers from 1 is an array, with null in its holes unless
 * they are too many; an empty table is an object; `/` and DEL are escaped, bytes above 127 are not looked at.
 *
 * Source: lua_cjson.c of Redis 7.0
 */
import { BOOLEAN, LIGHT_USERDATA, NIL, NUMBER, REGISTRY, STRING, TABLE, VALUE_BYTES } from './lua-constants.ts'
import type { LuaVm } from './lua-vm.ts'
import type { LuaFunction, Pointer } from './lua-wasm.ts'
import type { ReadonlyTables } from './readonly-tables.ts'
import type { CjsonSettings } from './script-run.ts'

const INT_MIN = -2147483648
const INT_MAX = 2147483647
const PRECISION_OF_TOSTRING = 14

const SPECIAL = /[\x00-\x1f"\\/\x7f]/g
const SHORT_ESCAPES: Readonly<Record<string, string>> = {
  '\b': '\\b',
  '\t': '\\t',
  '\n': '\\n',
  '\f': '\\f',
  '\r': '\\r',
  '"': '\\"',
  '/': '\\/',
  '\\': '\\\\',
}

const escaped = (char: string): string =>
  SHORT_ESCAPES[char] ?? `\\u00${char.charCodeAt(0).toString(16).padStart(2, '0')}`

const quoted = (text: string): string => `"${text.replace(SPECIAL, escaped)}"`

/** `formatRef`: `string.format` in the registry, for the precisions that `tostring` does not have. */
export function encoder(
  vm: LuaVm,
  tables: ReadonlyTables,
  settingsOf: (L: Pointer) => CjsonSettings,
  formatRef: number,
): LuaFunction {
  const { api } = vm

  const refuse = (L: Pointer, index: number, reason: string): never => {
    const name = api.lua_typename(L, api.lua_type(L, index))
    return vm.raise(L, `Cannot serialise ${vm.bytes(name, vm.u8.indexOf(0, name) - name)}: ${reason}`)
  }

  const number = (L: Pointer, index: number, settings: CjsonSettings): string => {
    const value = api.lua_tonumber(L, index)
    if (!Number.isFinite(value)) {
      if (settings.encodeInvalidNumbers === 0) refuse(L, index, 'must not be NaN or Inf')
      if (settings.encodeInvalidNumbers === 2) return 'null'
      return Number.isNaN(value) ? 'nan' : value > 0 ? 'inf' : '-inf'
    }
    if (Number.isInteger(value) && Math.abs(value) < 10 ** settings.precision)
      return Object.is(value, -0) ? '-0' : String(value)
    if (settings.precision === PRECISION_OF_TOSTRING) {
      api.lua_pushnumber(L, value)
      api.lua_tolstring(L, -1, 0)
    } else {
      api.lua_rawgeti(L, REGISTRY, formatRef)
      vm.pushString(L, `%.${settings.precision}g`)
      api.lua_pushnumber(L, value)
      api.lua_call(L, 2, 1)
    }
    const text = vm.stringAt(vm.top(L))
    api.lua_settop(L, -2)
    return text
  }

  /** The length of the array on top of the stack, or a number below 1 when it is none. */
  const arrayLength = (L: Pointer, settings: CjsonSettings): number => {
    let max = 0
    let count = 0
    api.lua_pushnil(L)
    while (api.lua_next(L, -2) !== 0) {
      const key = api.lua_type(L, -2) === NUMBER ? api.lua_tonumber(L, -2) : 0
      if (key < 1 || Math.floor(key) !== key) {
        api.lua_settop(L, -3)
        return -1
      }
      // An int in C: a larger key becomes INT_MIN, and the table an object.
      if (key > max) max = key > INT_MAX ? INT_MIN : key
      count++
      api.lua_settop(L, -2)
    }
    const { sparseRatio, sparseSafe, sparseConvert } = settings
    if (sparseRatio > 0 && max > count * sparseRatio && max > sparseSafe) {
      if (!sparseConvert) refuse(L, -1, 'excessively sparse array')
      return -1
    }
    return max
  }

  const array = (L: Pointer, settings: CjsonSettings, depth: number, length: number): string => {
    let json = '['
    for (let i = 1; i <= length; i++) {
      if (i > 1) json += ','
      api.lua_rawgeti(L, -1, i)
      json += top(L, settings, depth)
      api.lua_settop(L, -2)
    }
    return `${json}]`
  }

  const object = (L: Pointer, settings: CjsonSettings, depth: number): string => {
    let json = '{'
    api.lua_pushnil(L)
    while (api.lua_next(L, -2) !== 0) {
      if (json.length > 1) json += ','
      const type = api.lua_type(L, -2)
      if (type === NUMBER) json += `"${number(L, -2, settings)}":`
      else if (type === STRING) json += `${quoted(vm.stringAt(vm.top(L) - VALUE_BYTES))}:`
      else refuse(L, -2, 'table key must be a number or string')
      json += top(L, settings, depth)
      api.lua_settop(L, -2)
    }
    return `${json}}`
  }

  const table = (L: Pointer, settings: CjsonSettings, depth: number): string => {
    if (depth > settings.encodeDepthMax || api.lua_checkstack(L, 3) === 0)
      vm.raise(L, `Cannot serialise, excessive nesting (${depth})`)
    tables.prepareWalk(L, -1)
    const length = arrayLength(L, settings)
    return length > 0 ? array(L, settings, depth, length) : object(L, settings, depth)
  }

  /** The value on top of the stack, which stays there. */
  const top = (L: Pointer, settings: CjsonSettings, depth: number): string => {
    const at = vm.top(L)
    switch (vm.typeAt(at)) {
      case STRING:
        return quoted(vm.stringAt(at))
      case NUMBER:
        return number(L, -1, settings)
      case BOOLEAN:
        return api.lua_toboolean(L, -1) === 0 ? 'false' : 'true'
      case TABLE:
        return table(L, settings, depth + 1)
      case NIL:
      case LIGHT_USERDATA:
        return 'null'
      default:
        return refuse(L, -1, 'type not supported')
    }
  }

  return (L) => {
    if (api.lua_gettop(L) !== 1) vm.argumentError(L, 1, 'expected 1 argument')
    vm.pushString(L, top(L, settingsOf(L), 0))
    return 1
  }
}
