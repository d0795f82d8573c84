/**
 * A Lua VM with Redis's libraries, which loads scripts and runs them.
 *
 * The main stack between runs: the globals, 'KEYS', 'ARGV', the error handler, the names LuaToReply keeps there.
 *
 * Invariant: after a run that did not throw, the machine is as it was before, apart from garbage. After one that did, it
 * has to be reset.
 *
 * Source: eval.c (`luaCreateFunction`), script_lua.c (`luaCallFunction`) of Redis 7.0
 */
import { assert } from '../../sim/assert.ts'
import type { Reply } from '../reply.ts'
import { addKillHook, INSTRUCTIONS_PER_QUESTION } from './kill-hook.ts'
import { KnownStrings } from './known-strings.ts'
import { GLOBALS_INDEX, installScriptLibraries, type Libraries } from './libraries.ts'
import { MASK_COUNT, REGISTRY } from './lua-constants.ts'
import { LuaToReply } from './lua-to-reply.ts'
import { LuaVm } from './lua-vm.ts'
import { PANIC, type Pointer, type WasmModule } from './lua-wasm.ts'
import { cText, grownArraySize, ReplyToLua } from './reply-to-lua.ts'
import { ScriptErrors } from './script-errors.ts'
import type { ScriptRun } from './script-run.ts'

const KEYS_INDEX = 2
const ARGV_INDEX = 3
const HANDLER_INDEX = 4

const ESCAPE = '\x1b'

export class Machine {
  readonly #vm: LuaVm
  readonly #run: ScriptRun
  readonly #known = new KnownStrings()
  readonly #libraries: Libraries
  readonly #toReply: LuaToReply
  readonly #hook: number
  readonly #errors: ScriptErrors
  readonly #scriptName: Pointer
  readonly #base: number

  constructor(module: WasmModule, run: ScriptRun, options: { readonly isFresh: boolean }) {
    const vm = new LuaVm(module, options)
    const { api, main: L } = vm
    this.#vm = vm
    this.#run = run
    this.#scriptName = vm.name('@user_script')
    const replies = new ReplyToLua(vm)
    const panic = (): never => {
      throw PANIC
    }
    const [panicPointer] = vm.addFunctions([panic])
    api.lua_atpanic(L, panicPointer!)
    this.#errors = new ScriptErrors(vm)

    this.#libraries = installScriptLibraries(vm, run, this.#known, replies)
    for (const name of ['KEYS', 'ARGV']) vm.pushString(L, name)
    api.lua_getfield(L, GLOBALS_INDEX, vm.name('__redis__err__handler'))
    assert(api.lua_gettop(L) === HANDLER_INDEX, 'the main stack is laid out as described')
    const handler = vm.objectAt(vm.top(L))
    this.#toReply = new LuaToReply(vm, this.#libraries.tables)
    this.#base = api.lua_gettop(L)
    vm.freeze()
    this.#hook = addKillHook(vm, run, replies, handler)
  }

  /** Forgets everything since the machine was made; false: it cannot, make a new one. */
  reset(): boolean {
    this.#libraries.redis.forget()
    return this.#vm.thaw()
  }

  get memoryBytes(): number {
    return this.#vm.u8.length
  }

  /** Loads a script; its number, or what is wrong with it. */
  load(source: string): number | { readonly problem: string } {
    const { api, main: L } = this.#vm
    // Lua would take this for bytecode; behind a space the parser refuses it in the right words.
    this.#vm.pushString(L, source.startsWith(ESCAPE) ? ` ${source}` : source)
    const at = this.#vm.objectAt(this.#vm.top(L))
    const sizeBytes = this.#vm.i32[(at + 12) >> 2]!
    if (api.luaL_loadbuffer(L, at + 16, sizeBytes, this.#scriptName) === 0) {
      const script = api.luaL_ref(L, REGISTRY)
      api.lua_settop(L, this.#base)
      return script
    }
    const problem = cText(this.#vm.stringAt(this.#vm.top(L)))
    api.lua_settop(L, this.#base)
    return { problem }
  }

  /** Runs a loaded script; `sha1` names it in error texts. */
  run(script: number, sha1: string, keys: readonly string[], argv: readonly string[]): Reply {
    const vm = this.#vm
    const { api, main: L } = vm
    this.#known.clear()
    api.lua_sethook(L, this.#hook, MASK_COUNT, INSTRUCTIONS_PER_QUESTION)
    this.#setGlobalArray(KEYS_INDEX, keys)
    this.#setGlobalArray(ARGV_INDEX, argv)
    api.lua_rawgeti(L, REGISTRY, script)
    const isError = api.lua_pcall(L, 0, 1, HANDLER_INDEX) !== 0
    const reply = isError ? this.#errors.top(sha1) : this.#toReply.top(this.#run.resp)
    api.lua_settop(L, this.#base)
    vm.trim()
    return reply
  }

  /** Sets KEYS or ARGV. The first strings stay on the stack until the script has ended, so `redis.call` knows them again. */
  #setGlobalArray(nameIndex: number, values: readonly string[]): void {
    const vm = this.#vm
    const { api, main: L } = vm
    const first = api.lua_gettop(L) + 1
    let knownCount = 0
    while (knownCount < values.length && !this.#known.isFull) {
      const value = values[knownCount++]!
      vm.pushString(L, value)
      this.#known.add(vm.objectAt(vm.top(L)), value)
    }
    api.lua_pushvalue(L, nameIndex)
    api.lua_createtable(L, grownArraySize(values.length), 0)
    for (let i = 0; i < values.length; i++) {
      if (i < knownCount) api.lua_pushvalue(L, first + i)
      else vm.pushString(L, values[i]!)
      api.lua_rawseti(L, -2, i + 1)
    }
    api.lua_rawset(L, GLOBALS_INDEX)
  }
}
