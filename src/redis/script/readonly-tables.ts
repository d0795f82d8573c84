/**
 * Tables that a script can read but not change: the globals, the libraries, and the metatables a script can reach.
 *
 * Redis's own Lua has a read-only flag in every table; this Lua has not. So a script holds an empty proxy whose metatable
 * reads through to the real table and refuses to write, and the few functions that look past metatables (`next`, `rawget`,
 * `getmetatable`, …) are replaced by ones that see the real table in its proxy's place.
 *
 * Invariant: no script ever holds the real table.
 *
 * Source: script_lua.c (`luaSetTableProtectionRecursively`) and deps/lua/src/lapi.c of Redis 7.0.
 */
import { NIL, REGISTRY, TABLE } from './lua-constants.ts'
import type { LuaVm } from './lua-vm.ts'
import type { LuaFunction, Pointer } from './lua-wasm.ts'

const READ_ONLY = 'Attempt to modify a readonly table'

export class ReadonlyTables {
  readonly #vm: LuaVm
  /** From the proxy's address to the real table's place in the registry, and the other way round. */
  readonly #realOf = new Map<Pointer, number>()
  readonly #proxyOf = new Map<Pointer, number>()

  constructor(vm: LuaVm) {
    this.#vm = vm
  }

  /** Replaces the table on top of the main stack by a proxy. */
  protect(): void {
    const vm = this.#vm
    const { api, main: L } = vm
    const real = vm.objectAt(vm.top(L))
    api.lua_pushvalue(L, -1)
    const realRef = api.luaL_ref(L, REGISTRY)
    api.lua_createtable(L, 0, 0)
    const proxy = vm.objectAt(vm.top(L))
    api.lua_pushvalue(L, -1)
    const proxyRef = api.luaL_ref(L, REGISTRY)
    api.lua_createtable(L, 0, 2)
    api.lua_pushvalue(L, -3)
    api.lua_setfield(L, -2, vm.name('__index'))
    vm.setFunctions({ __newindex: (state) => vm.raise(state, READ_ONLY) })
    api.lua_setmetatable(L, -2)
    api.lua_replace(L, -2)
    this.#realOf.set(proxy, realRef)
    this.#proxyOf.set(real, proxyRef)
  }

  /** Puts the real table in the place of a proxy on the stack; true when there was one. */
  see(L: Pointer, index: number): boolean {
    const ref = this.#realOf.get(this.#vm.api.lua_topointer(L, index))
    if (ref === undefined) return false
    // Pushed first, the value shifts what a negative index means by one; lua_replace takes it away again.
    this.#vm.api.lua_rawgeti(L, REGISTRY, ref)
    this.#vm.api.lua_replace(L, index < 0 ? index - 1 : index)
    return true
  }

  /** Whether the value at this index is a proxy. */
  isProxy(L: Pointer, index: number): boolean {
    return this.#realOf.has(this.#vm.api.lua_topointer(L, index))
  }

  /** The functions of the base library that would look past a proxy, changed so that they see the real table. */
  baseFunctions(original: (name: string) => LuaFunction): Readonly<Record<string, LuaFunction>> {
    const vm = this.#vm
    const { api } = vm
    const next = original('next')
    const rawget = original('rawget')
    const rawset = original('rawset')
    const getmetatable = original('getmetatable')
    const setmetatable = original('setmetatable')
    /** As `luaG_runerror` inside a C function: without a position. */
    const refuse = (L: Pointer): never => {
      vm.pushString(L, READ_ONLY)
      return vm.throwTop(L)
    }
    return {
      next: (L) => {
        // Looked at when the walk begins, not at each step.
        if (vm.isNoneOrNil(L, 2)) this.prepareWalk(L, 1)
        else this.see(L, 1)
        return next(L)
      },
      rawget: (L) => {
        this.see(L, 1)
        return rawget(L)
      },
      rawset: (L) => {
        api.luaL_checktype(L, 1, TABLE)
        api.luaL_checkany(L, 2)
        api.luaL_checkany(L, 3)
        return this.see(L, 1) ? refuse(L) : rawset(L)
      },
      getmetatable: (L) => {
        this.see(L, 1)
        const count = getmetatable(L)
        const ref = this.#proxyOf.get(api.lua_topointer(L, -1))
        if (ref !== undefined) api.lua_rawgeti(L, REGISTRY, ref)
        return count
      },
      setmetatable: (L) => {
        api.luaL_checktype(L, 1, TABLE)
        const type = vm.typeAt(vm.argument(L, 2))
        if (type !== NIL && type !== TABLE) vm.argumentError(L, 2, 'nil or table expected')
        if (this.see(L, 1)) return refuse(L)
        this.see(L, 2)
        if (type === TABLE) this.#refuseWeak(L)
        return setmetatable(L)
      },
    }
  }

  /** Before a table at `index` is walked: the real one, and on a fresh VM if its order depends on addresses. */
  prepareWalk(L: Pointer, index: number): void {
    const vm = this.#vm
    if (vm.api.lua_type(L, index) !== TABLE) return
    this.see(L, index)
    vm.needFreshToWalk(vm.api.lua_topointer(L, index))
  }

  /** What is left in a weak table depends on when the garbage collector ran. */
  #refuseWeak(L: Pointer): void {
    const vm = this.#vm
    vm.pushString(L, '__mode')
    vm.api.lua_rawget(L, 2)
    if (vm.typeAt(vm.top(L)) !== NIL) vm.needFresh()
    vm.api.lua_settop(L, 2)
  }

  /** The functions of `table` that would look past a proxy. */
  tableFunctions(original: (name: string) => LuaFunction): Readonly<Record<string, LuaFunction>> {
    const vm = this.#vm
    const insert = original('insert')
    const foreach = original('foreach')
    return {
      insert: (L) => {
        const count = vm.api.lua_gettop(L)
        if ((count === 2 || count === 3) && this.see(L, 1)) {
          if (count === 3) vm.checkNumber(L, 2)
          vm.pushString(L, READ_ONLY)
          return vm.throwTop(L)
        }
        return insert(L)
      },
      foreach: (L) => {
        this.prepareWalk(L, 1)
        return foreach(L)
      },
    }
  }
}
