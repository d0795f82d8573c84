/**
 * The `cjson` library: lua-cjson 2.1.0, its table of functions and its settings. Encoding and decoding have their own files.
 *
 * Models          the settings as Redis has them: the server's, for all scripts; `cjson.new()` has its own.
 * Does not model  SCRIPT FLUSH, which in Redis gives the settings their first values again.
 *
 * Source: https://www.kyne.com.au/~mark/software/lua-cjson-manual.html, lua_cjson.c of Redis 7.0
 */
import { decoder } from './cjson-decode.ts'
import { encoder } from './cjson-encode.ts'
import { BOOLEAN, NUMBER, UPVALUE } from './lua-constants.ts'
import type { LuaVm } from './lua-vm.ts'
import type { LuaFunction, Pointer } from './lua-wasm.ts'
import type { ReadonlyTables } from './readonly-tables.ts'
import type { CjsonSettings, ScriptRun } from './script-run.ts'

const INT_MAX = 2147483647

/** Pushes the library on the main stack; `formatRef` is `string.format` in the registry. */
export function pushCjson(vm: LuaVm, tables: ReadonlyTables, run: ScriptRun, formatRef: number): void {
  const { api } = vm

  /** The functions of the server's `cjson` have no upvalue; those of `cjson.new()` have the number of their settings. */
  const settings = (L: Pointer): CjsonSettings =>
    api.lua_type(L, UPVALUE) === NUMBER ? run.extraCjson[api.lua_tonumber(L, UPVALUE)]! : run.cjson

  const change = (L: Pointer, values: Partial<CjsonSettings>): void => {
    const current = settings(L)
    if (current === run.cjson) run.keepCjson()
    Object.assign(current, values)
  }

  const takeArguments = (L: Pointer, countMax: number): void => {
    if (api.lua_gettop(L) > countMax) vm.argumentError(L, countMax + 1, 'found too many arguments')
    api.lua_settop(L, countMax)
  }

  /** Sets an integer from argument `n`, if it is there; pushes what holds now. */
  const integer = (
    L: Pointer,
    n: number,
    name: 'sparseRatio' | 'sparseSafe' | 'encodeDepthMax' | 'decodeDepthMax' | 'precision',
    min: number,
    max: number,
  ): void => {
    if (!vm.isNoneOrNil(L, n)) {
      const value = vm.checkInt(L, n)
      if (value < min || value > max) vm.argumentError(L, 1, `expected integer between ${min} and ${max}`)
      change(L, { [name]: value })
    }
    api.lua_pushnumber(L, settings(L)[name])
  }

  /** The number of the option that argument `n` names; a boolean is the first or the second. */
  const option = (L: Pointer, n: number, names: readonly string[]): number => {
    if (vm.typeAt(vm.argument(L, n)) === BOOLEAN) return api.lua_toboolean(L, n)
    const name = vm.checkString(L, n).split('\0')[0]!
    const index = names.indexOf(name)
    return index === -1 ? vm.argumentError(L, n, `invalid option '${name}'`) : index
  }

  const flag = (L: Pointer, n: number, name: 'sparseConvert' | 'decodeInvalidNumbers' | 'keepBuffer'): void => {
    if (!vm.isNoneOrNil(L, n)) change(L, { [name]: option(L, n, ['off', 'on']) === 1 })
    api.lua_pushboolean(L, settings(L)[name] ? 1 : 0)
  }

  const functions: Readonly<Record<string, LuaFunction>> = {
    encode: encoder(vm, tables, settings, formatRef),
    decode: decoder(vm, settings),
    encode_sparse_array: (L) => {
      takeArguments(L, 3)
      flag(L, 1, 'sparseConvert')
      integer(L, 2, 'sparseRatio', 0, INT_MAX)
      integer(L, 3, 'sparseSafe', 0, INT_MAX)
      return 3
    },
    encode_max_depth: (L) => {
      takeArguments(L, 1)
      integer(L, 1, 'encodeDepthMax', 1, INT_MAX)
      return 1
    },
    decode_max_depth: (L) => {
      takeArguments(L, 1)
      integer(L, 1, 'decodeDepthMax', 1, INT_MAX)
      return 1
    },
    encode_number_precision: (L) => {
      takeArguments(L, 1)
      integer(L, 1, 'precision', 1, 14)
      return 1
    },
    encode_keep_buffer: (L) => {
      takeArguments(L, 1)
      flag(L, 1, 'keepBuffer')
      return 1
    },
    encode_invalid_numbers: (L) => {
      takeArguments(L, 1)
      if (!vm.isNoneOrNil(L, 1)) change(L, { encodeInvalidNumbers: option(L, 1, ['off', 'on', 'null']) })
      const { encodeInvalidNumbers } = settings(L)
      if (encodeInvalidNumbers === 2) vm.pushString(L, 'null')
      else api.lua_pushboolean(L, encodeInvalidNumbers)
      return 1
    },
    decode_invalid_numbers: (L) => {
      takeArguments(L, 1)
      flag(L, 1, 'decodeInvalidNumbers')
      return 1
    },
    new: (L) => {
      const number = run.addCjson()
      pushModule(L, (pointer) => {
        api.lua_pushnumber(L, number)
        api.lua_pushcclosure(L, pointer, 1)
      })
      return 1
    },
  }

  const pointers = vm.addFunctions(Object.values(functions))
  const names = Object.keys(functions).map((name) => vm.name(name))
  const nullName = vm.name('null')
  const metadata = [
    [vm.name('_NAME'), vm.name('cjson')],
    [vm.name('_VERSION'), vm.name('2.1.0')],
  ] as const

  const pushModule = (L: Pointer, pushFunction: (pointer: number) => void): void => {
    api.lua_createtable(L, 0, 0)
    pointers.forEach((pointer, index) => {
      pushFunction(pointer)
      api.lua_setfield(L, -2, names[index]!)
    })
    api.lua_pushlightuserdata(L, 0)
    api.lua_setfield(L, -2, nullName)
    for (const [name, text] of metadata) {
      api.lua_pushstring(L, text)
      api.lua_setfield(L, -2, name)
    }
  }

  pushModule(vm.main, (pointer) => api.lua_pushcclosure(vm.main, pointer, 0))
}
