/**
 * The base library as Redis 7.0 has it, where that differs from plain Lua 5.1.
 *
 * - `pcall` hands over the text of an error table, because errors of `redis.call` were strings before Redis 7.
 * - `load` and `loadstring` take source only: bytecode could break the interpreter.
 * - `tostring` of a table or a function, and whatever asks the garbage collector, run on a fresh VM: what they show
 *   depends on addresses and on memory in use.
 *
 * Source: script_lua.c (`luaRedisPcall`) of Redis 7.0, lbaselib.c of Lua 5.1.
 */
import { FUNCTION, LIGHT_USERDATA, MULTIPLE_RESULTS, REGISTRY, STRING, TABLE, UPVALUE } from './lua-constants.ts'
import type { LuaVm } from './lua-vm.ts'
import type { LuaFunction } from './lua-wasm.ts'
import type { ReadonlyTables } from './readonly-tables.ts'

/** The first byte of precompiled Lua. */
const ESCAPE = 27

/** What replaces functions of the globals on top of the main stack. */
export function baseFunctions(
  vm: LuaVm,
  tables: ReadonlyTables,
  original: (name: string) => LuaFunction,
): Readonly<Record<string, LuaFunction>> {
  const { api } = vm
  const err = vm.name('err')
  const tostringField = vm.name('__tostring')
  const tostring = original('tostring')
  const gcinfo = original('gcinfo')
  const collectgarbage = original('collectgarbage')

  api.lua_getfield(vm.main, -1, vm.name('next'))
  const plainNext = api.luaL_ref(vm.main, REGISTRY)
  const { next, ...rest } = tables.baseFunctions(original)
  vm.setFunctions({ next: next! })
  api.lua_getfield(vm.main, -1, vm.name('next'))
  const carefulNext = api.luaL_ref(vm.main, REGISTRY)

  return {
    ...rest,
    ...sourceLoaders(vm, original),

    pairs: (L) => {
      api.luaL_checktype(L, 1, TABLE)
      const isProxy = tables.isProxy(L, 1)
      if (!isProxy) vm.needFreshToWalk(api.lua_topointer(L, 1))
      api.lua_rawgeti(L, REGISTRY, isProxy ? carefulNext : plainNext)
      api.lua_pushvalue(L, 1)
      api.lua_pushnil(L)
      return 3
    },

    pcall: (L) => {
      // Without arguments Redis calls what lies behind the stack: a copy of the boolean it has just put there.
      if (api.lua_gettop(L) === 0) api.lua_pushboolean(L, 1)
      api.lua_pushboolean(L, 1)
      api.lua_insert(L, 1)
      if (api.lua_pcall(L, api.lua_gettop(L) - 2, MULTIPLE_RESULTS, 0) !== 0) {
        api.lua_remove(L, 1)
        if (vm.typeAt(vm.top(L)) === TABLE) {
          api.lua_getfield(L, -1, err)
          if (api.lua_isstring(L, -1) !== 0) api.lua_replace(L, -2)
        }
        api.lua_pushboolean(L, 0)
        api.lua_insert(L, 1)
      }
      return api.lua_gettop(L)
    },

    tostring: (L) => {
      const at = vm.argument(L, 1)
      const type = vm.typeAt(at)
      if (type === LIGHT_USERDATA) {
        // cjson.null is the only one; glibc prints the null pointer that way.
        vm.pushString(L, 'userdata: (nil)')
        return 1
      }
      if (type >= TABLE && !vm.isFresh) {
        if (api.luaL_getmetafield(L, 1, tostringField) === 0) vm.needFresh()
        api.lua_settop(L, 1)
      }
      return tostring(L)
    },

    gcinfo: (L) => {
      vm.needFresh()
      return gcinfo(L)
    },

    collectgarbage: (L) => {
      vm.needFresh()
      return collectgarbage(L)
    },
  }
}

/** Lua takes a chunk that begins with ESC for bytecode; a space in front makes the parser refuse it, in the same words. */
function sourceLoaders(vm: LuaVm, original: (name: string) => LuaFunction): Readonly<Record<string, LuaFunction>> {
  const { api } = vm
  const load = original('load')
  const loadstring = original('loadstring')

  /** The reader handed to `load`; upvalues: the script's reader, whether the chunk has begun. */
  const reader: LuaFunction = (L) => {
    api.lua_pushvalue(L, UPVALUE)
    api.lua_call(L, 0, 1)
    const piece = vm.top(L)
    if (vm.typeAt(piece) !== STRING || api.lua_toboolean(L, UPVALUE - 1) !== 0) return 1
    const text = vm.stringAt(piece)
    if (text === '') return 1
    if (text.charCodeAt(0) === ESCAPE) vm.pushString(L, ` ${text}`)
    api.lua_pushboolean(L, 1)
    api.lua_replace(L, UPVALUE - 1)
    return 1
  }
  const [readerPointer] = vm.addFunctions([reader])

  return {
    load: (L) => {
      api.luaL_checktype(L, 1, FUNCTION)
      api.lua_pushvalue(L, 1)
      api.lua_pushboolean(L, 0)
      api.lua_pushcclosure(L, readerPointer!, 2)
      api.lua_replace(L, 1)
      return load(L)
    },

    loadstring: (L) => {
      const source = vm.argument(L, 1)
      if (vm.typeAt(source) === STRING && vm.u8[vm.objectAt(source) + 16] === ESCAPE) {
        if (vm.isNoneOrNil(L, 2)) {
          api.lua_settop(L, 1)
          api.lua_pushvalue(L, 1)
        }
        vm.pushString(L, ` ${vm.stringAt(vm.argument(L, 1))}`)
        api.lua_replace(L, 1)
      }
      return loadstring(L)
    },
  }
}
