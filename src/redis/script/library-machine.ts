/**
 * A Lua VM for the libraries of FUNCTION LOAD: it runs a library, which registers its functions, and calls one of them.
 *
 * A library is run again before each call, on a VM as it was when it was made, so that no call sees what another one left
 * behind; compiling it costs less than keeping a VM for each library of each server.
 *
 * Models          what a library may do while it is loaded (register functions and log, nothing else), what its functions
 *                 may do when they are called, the limit of the time it may take to load.
 * Does not model  variables of a library that keep their value from call to call.
 *
 * Source: function_lua.c of Redis 7.0; https://redis.io/docs/latest/develop/interact/programmability/functions-intro/
 */
import { assert } from '../../sim/assert.ts'
import { error, type Reply } from '../reply.ts'
import type { LibraryFunction } from './engine.ts'
import { addKillHook, INSTRUCTIONS_PER_QUESTION } from './kill-hook.ts'
import { KnownStrings } from './known-strings.ts'
import { installFunctionLibraries } from './libraries.ts'
import { installLibraryApi, type RegisteredFunction } from './library-api.ts'
import { GLOBALS, MASK_COUNT, MASK_LINE, REGISTRY } from './lua-constants.ts'
import { LuaToReply, oneLine } from './lua-to-reply.ts'
import { LuaVm } from './lua-vm.ts'
import { addFunctions, PANIC, type Pointer, type WasmModule } from './lua-wasm.ts'
import { cText, grownArraySize, ReplyToLua } from './reply-to-lua.ts'
import { ScriptErrors } from './script-errors.ts'
import type { ScriptRun } from './script-run.ts'

const HANDLER_INDEX = 2
/** Redis gives a library half a second to load, whatever it does. */
const LOAD_QUESTIONS_MAX = 500

export class LibraryMachine {
  readonly #vm: LuaVm
  readonly #run: ScriptRun
  readonly #known = new KnownStrings()
  readonly #forgetNames: () => void
  readonly #toReply: LuaToReply
  readonly #errors: ScriptErrors
  readonly #killHook: number
  readonly #loadHook: number
  readonly #chunkName: Pointer
  readonly #indexField: Pointer
  /** Places in the registry: the metatable of the globals, and what it reads through to while a library loads and later. */
  readonly #metatable: number
  readonly #loadApi: number
  readonly #callApi: number
  readonly #base: number
  /** What the library that is being loaded has registered; null: none is. */
  #registered: Map<string, RegisteredFunction> | null = null
  #loadQuestions = 0

  constructor(module: WasmModule, run: ScriptRun) {
    const vm = new LuaVm(module, { isFresh: true })
    const { api, main: L } = vm
    this.#vm = vm
    this.#run = run
    this.#chunkName = vm.name('@user_function')
    this.#indexField = vm.name('__index')
    const replies = new ReplyToLua(vm)
    const [panic] = vm.addFunctions([
      () => {
        throw PANIC
      },
    ])
    api.lua_atpanic(L, panic!)
    this.#errors = new ScriptErrors(vm)
    const libraries = installFunctionLibraries(vm, run, this.#known, replies)
    this.#forgetNames = libraries.redis.forget
    assert(api.lua_gettop(L) === HANDLER_INDEX, 'the main stack is laid out as described')
    const handler = vm.objectAt(vm.top(L))
    this.#loadApi = installLibraryApi(vm, libraries.tables, replies, run, () => this.#registered)
    api.lua_pushvalue(L, GLOBALS)
    this.#callApi = api.luaL_ref(L, REGISTRY)
    this.#metatable = this.#switchableGlobals()
    this.#toReply = new LuaToReply(vm, libraries.tables)
    this.#base = api.lua_gettop(L)
    vm.freeze()
    this.#killHook = addKillHook(vm, run, replies, handler)
    this.#loadHook = addFunctions(api, [(state) => this.#limitLoad(state!, replies)], 'lua_Hook')[0]!
  }

  /** Empty globals that a library cannot write and that read through to other tables; the place of their metatable. */
  #switchableGlobals(): number {
    const vm = this.#vm
    const { api, main: L } = vm
    api.lua_createtable(L, 0, 0)
    api.lua_createtable(L, 0, 2)
    vm.setFunctions({ __newindex: (state) => vm.raise(state, 'Attempt to modify a readonly table') })
    api.lua_pushvalue(L, -1)
    const metatable = api.luaL_ref(L, REGISTRY)
    api.lua_setmetatable(L, -2)
    api.lua_replace(L, GLOBALS)
    return metatable
  }

  #readThrough(place: number): void {
    const { api, main: L } = this.#vm
    api.lua_rawgeti(L, REGISTRY, this.#metatable)
    api.lua_rawgeti(L, REGISTRY, place)
    api.lua_setfield(L, -2, this.#indexField)
    api.lua_settop(L, this.#base)
  }

  /** Forgets what ran; before each `load` and `call`. False: it has outgrown its image and is of no more use. */
  reset(): boolean {
    return this.#vm.thaw()
  }

  /** Runs a library; the functions it has registered, or what is wrong with it. */
  load(code: string): readonly LibraryFunction[] | string {
    const problem = this.#load(code)
    const functions = [...this.#registered!.values()].map(({ name, description, flags }) => ({
      name,
      description,
      flags,
    }))
    this.#registered = null
    return problem ?? functions
  }

  #load(code: string): string | null {
    const vm = this.#vm
    const { api, main: L } = vm
    this.#forgetNames()
    this.#known.clear()
    this.#registered = new Map()
    this.#loadQuestions = 0
    vm.pushString(L, code)
    const at = vm.objectAt(vm.top(L))
    if (api.luaL_loadbuffer(L, at + 16, vm.i32[(at + 12) >> 2]!, this.#chunkName) !== 0) {
      return `Error compiling function: ${cText(vm.stringAt(vm.top(L)))}`
    }
    const chunk = api.luaL_ref(L, REGISTRY)
    this.#readThrough(this.#loadApi)
    api.lua_rawgeti(L, REGISTRY, chunk)
    api.lua_sethook(L, this.#loadHook, MASK_COUNT, INSTRUCTIONS_PER_QUESTION)
    const isError = api.lua_pcall(L, 0, 0, 0) !== 0
    const problem = isError ? `Error registering functions: ${this.#errors.textOnTop()}` : null
    this.#readThrough(this.#callApi)
    return problem
  }

  #limitLoad(L: Pointer, replies: ReplyToLua): undefined {
    if (++this.#loadQuestions < LOAD_QUESTIONS_MAX) return
    this.#vm.api.lua_sethook(L, this.#loadHook, MASK_LINE, 0)
    replies.pushError(L, 'FUNCTION LOAD timeout')
    this.#vm.throwTopFromHook(L)
  }

  /** Loads a library that is known to load, and calls one of its functions. */
  call(code: string, name: string, keys: readonly string[], argv: readonly string[]): Reply {
    const problem = this.#load(code)
    const registered = this.#registered!.get(name)
    this.#registered = null
    if (problem !== null || registered === undefined) return error(oneLine(`ERR ${problem ?? 'Function not found'}`))
    const vm = this.#vm
    const { api, main: L } = vm
    api.lua_rawgeti(L, REGISTRY, registered.place)
    for (const values of [keys, argv]) {
      api.lua_createtable(L, grownArraySize(values.length), 0)
      values.forEach((value, index) => {
        vm.pushString(L, value)
        api.lua_rawseti(L, -2, index + 1)
      })
    }
    api.lua_sethook(L, this.#killHook, MASK_COUNT, INSTRUCTIONS_PER_QUESTION)
    const isError = api.lua_pcall(L, 2, 1, HANDLER_INDEX) !== 0
    return isError ? this.#errors.top(name) : this.#toReply.top(this.#run.resp)
  }
}
