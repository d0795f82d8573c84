/**
 * What a library sees while it is loaded: `redis.register_function` and `redis.log`, and no other global at all.
 *
 * Source: function_lua.c (`luaRegisterFunction`) of Redis 7.0;
 * https://redis.io/docs/latest/develop/interact/programmability/lua-api/#redis.register_function
 */

import { refuseUnknownFields } from './libraries.ts'
import { FUNCTION, NIL, REGISTRY, TABLE } from './lua-constants.ts'
import type { LuaVm } from './lua-vm.ts'
import type { Pointer } from './lua-wasm.ts'
import type { ReadonlyTables } from './readonly-tables.ts'
import { installConstants, logFunction } from './redis-api.ts'
import { cText, type ReplyToLua } from './reply-to-lua.ts'
import type { ScriptRun } from './script-run.ts'
import { type ScriptFlag, scriptFlag } from './shebang.ts'

export interface RegisteredFunction {
  readonly name: string
  readonly description: string | null
  readonly flags: ReadonlySet<ScriptFlag>
  /** Where in the registry the function is. */
  readonly place: number
}

/** Library and function names. */
export const isLibraryName = (name: string): boolean => /^[a-zA-Z0-9_]+$/.test(name)

export const BAD_LIBRARY_NAME =
  'Library names can only contain letters, numbers, or underscores(_) and must be at least one character long'

/** Makes the table that globals are read from while a library loads; its place in the registry. */
export function installLibraryApi(
  vm: LuaVm,
  tables: ReadonlyTables,
  replies: ReplyToLua,
  run: ScriptRun,
  registered: () => Map<string, RegisteredFunction> | null,
): number {
  const { api, main: L } = vm
  const fail = (state: Pointer, message: string): never => {
    replies.pushError(state, message)
    return vm.throwTop(state)
  }
  api.lua_createtable(L, 0, 0)
  api.lua_createtable(L, 0, 0)
  vm.setFunctions({
    register_function: (state) => {
      const functions = registered()
      if (functions === null) return fail(state, 'redis.register_function can only be called on FUNCTION LOAD command')
      const read = readArguments(vm, state)
      if (typeof read === 'string') return fail(state, read)
      if (!isLibraryName(read.name)) return fail(state, BAD_LIBRARY_NAME)
      if (functions.has(read.name)) return fail(state, 'Function already exists in the library')
      functions.set(read.name, read)
      return 0
    },
    log: logFunction(vm, run, fail),
  })
  installConstants(vm)
  refuseUnknownFields(vm)
  tables.protect()
  api.lua_setfield(L, -2, vm.name('redis'))
  refuseUnknownFields(vm)
  tables.protect()
  return api.luaL_ref(L, REGISTRY)
}

/** The function that `register_function` is called with, or what is wrong with the arguments. */
function readArguments(vm: LuaVm, L: Pointer): RegisteredFunction | string {
  const count = vm.api.lua_gettop(L)
  if (count < 1 || count > 2) return 'wrong number of arguments to redis.register_function'
  return count === 1 ? readNamed(vm, L) : readPositional(vm, L)
}

function readPositional(vm: LuaVm, L: Pointer): RegisteredFunction | string {
  const name = textAt(vm, L, 1)
  if (name === null) return 'first argument to redis.register_function must be a string'
  if (vm.api.lua_type(L, 2) !== FUNCTION) return 'second argument to redis.register_function must be a function'
  return { name, description: null, flags: new Set(), place: vm.api.luaL_ref(L, REGISTRY) }
}

function readNamed(vm: LuaVm, L: Pointer): RegisteredFunction | string {
  const { api } = vm
  if (api.lua_type(L, 1) !== TABLE) {
    return 'calling redis.register_function with a single argument is only applicable to Lua table (representing named arguments).'
  }
  let name: string | null = null
  let description: string | null = null
  let flags: ReadonlySet<ScriptFlag> = new Set()
  let place: number | null = null
  api.lua_pushnil(L)
  while (api.lua_next(L, 1) !== 0) {
    if (api.lua_isstring(L, -2) === 0) return 'named argument key given to redis.register_function is not a string'
    api.lua_pushvalue(L, -2)
    const key = cText(textAt(vm, L, -1)!).toLowerCase()
    api.lua_settop(L, -2)
    if (key === 'function_name') {
      name = textAt(vm, L, -1)
      if (name === null) return 'function_name argument given to redis.register_function must be a string'
    } else if (key === 'description') {
      description = textAt(vm, L, -1)
      if (description === null) return 'description argument given to redis.register_function must be a string'
    } else if (key === 'callback') {
      if (api.lua_type(L, -1) !== FUNCTION)
        return 'callback argument given to redis.register_function must be a function'
      place = api.luaL_ref(L, REGISTRY)
      continue
    } else if (key === 'flags') {
      if (api.lua_type(L, -1) !== TABLE) {
        return 'flags argument to redis.register_function must be a table representing function flags'
      }
      const read = readFlags(vm, L)
      if (read === null) return 'unknown flag given'
      flags = read
    } else {
      return 'unknown argument given to redis.register_function'
    }
    api.lua_settop(L, -2)
  }
  if (name === null) return 'redis.register_function must get a function name argument'
  if (place === null) return 'redis.register_function must get a callback argument'
  return { name, description, flags, place }
}

/** The flags in the table on top of the stack; null: one of them is unknown. */
function readFlags(vm: LuaVm, L: Pointer): ReadonlySet<ScriptFlag> | null {
  const { api } = vm
  const flags = new Set<ScriptFlag>()
  for (let index = 1; ; index++) {
    api.lua_pushnumber(L, index)
    api.lua_gettable(L, -2)
    const isEnd = api.lua_type(L, -1) === NIL
    const text = isEnd ? null : textAt(vm, L, -1)
    api.lua_settop(L, -2)
    if (isEnd) return flags
    const flag = text === null ? undefined : scriptFlag(cText(text).toLowerCase())
    if (flag === undefined) return null
    flags.add(flag)
  }
}

/** A string, or a number as one; null: something else. */
function textAt(vm: LuaVm, L: Pointer, index: number): string | null {
  const { api } = vm
  if (api.lua_isstring(L, index) === 0) return null
  api.lua_pushvalue(L, index)
  api.lua_tolstring(L, -1, 0)
  const text = vm.stringAt(vm.top(L))
  api.lua_settop(L, -2)
  return text
}
