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
import { error, type Reply } from '../reply.ts'
import { KnownStrings } from './known-strings.ts'
import { GLOBALS_INDEX, installLibraries, type Libraries } from './libraries.ts'
import { MASK_COUNT, MASK_LINE, REGISTRY, STRING, TABLE } from './lua-constants.ts'
import { LuaToReply, oneLine } from './lua-to-reply.ts'
import { LuaVm } from './lua-vm.ts'
import { addFunctions, PANIC, type Pointer, type WasmModule } from './lua-wasm.ts'
import { cText, grownArraySize, ReplyToLua } from './reply-to-lua.ts'
import type { ScriptRun } from './script-run.ts'

const KEYS_INDEX = 2
const ARGV_INDEX = 3
const HANDLER_INDEX = 4

const INSTRUCTIONS_PER_QUESTION = 10_000

/** How much of an error that is no table goes into the reply. */
const MESSAGE_CHARS_MAX = 100

const ESCAPE = '\x1b'

/** The fields of an error table that go into the reply; a field may come from a metatable, that is, from the script. */
interface ErrorTable {
  err: string
  source: string | null
  line: string | null
}

export class Machine {
  readonly #vm: LuaVm
  readonly #run: ScriptRun
  readonly #known = new KnownStrings()
  readonly #libraries: Libraries
  readonly #toReply: LuaToReply
  readonly #hook: number
  readonly #readErrorTable: number
  readonly #scriptName: Pointer
  readonly #base: number
  readonly #handler: Pointer
  #errorTable: ErrorTable | null = null

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
    const [panicPointer, readPointer] = vm.addFunctions([
      panic,
      errorTableReader(vm, (read) => (this.#errorTable = read)),
    ])
    api.lua_atpanic(L, panicPointer!)
    this.#readErrorTable = readPointer!

    this.#libraries = installLibraries(vm, run, this.#known, replies)
    for (const name of ['KEYS', 'ARGV']) vm.pushString(L, name)
    api.lua_getfield(L, GLOBALS_INDEX, vm.name('__redis__err__handler'))
    assert(api.lua_gettop(L) === HANDLER_INDEX, 'the main stack is laid out as described')
    this.#handler = vm.objectAt(vm.top(L))
    this.#toReply = new LuaToReply(vm, this.#libraries.tables)
    this.#base = api.lua_gettop(L)
    vm.freeze()
    this.#hook = addFunctions(api, [(state) => this.#interrupt(state!, replies)], 'lua_Hook')[0]!
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
    const reply = isError ? this.#errorReply(sha1) : this.#toReply.top(this.#run.resp)
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

  /** The count hook: every so many instructions the host may end the script. */
  #interrupt(L: Pointer, replies: ReplyToLua): undefined {
    const run = this.#run
    run.isKilled ||= run.shouldKill()
    // The error handler makes the reply; it is the only function that may go on.
    if (!run.isKilled || this.#vm.runningFunction(L) === this.#handler) return
    // From now on at every line, so that a pcall in a loop cannot go on.
    this.#vm.api.lua_sethook(L, this.#hook, MASK_LINE, 0)
    replies.pushError(L, 'Script killed by user with SCRIPT KILL...')
    this.#vm.throwTopFromHook(L)
  }

  /** The reply for the error on top of the stack. */
  #errorReply(sha1: string): Reply {
    const vm = this.#vm
    const { api, main: L } = vm
    const at = vm.top(L)
    if (vm.typeAt(at) !== TABLE) {
      const message = vm.typeAt(at) === STRING ? cText(vm.stringAt(at)) : 'execution failure'
      return error(oneLine(`ERR Error running script ${sha1}, ${message.slice(0, MESSAGE_CHARS_MAX)}`))
    }
    this.#errorTable = null
    api.lua_pushcclosure(L, this.#readErrorTable, 0)
    api.lua_insert(L, -2)
    api.lua_pcall(L, 1, 0, 0)
    const { err, source, line } = this.#errorTable ?? NO_ERROR_TABLE
    const place = source === null || line === null ? '' : ` script: ${sha1}, on ${source}:${line}.`
    return error(oneLine(err + place))
  }
}

/** What Redis 7.2 says of an error table without a text; 7.0.15 crashes. */
const NO_ERROR_TABLE: ErrorTable = { err: 'ERR unknown error', source: null, line: null }

/** A C function that reads the error table it is called with. */
function errorTableReader(vm: LuaVm, done: (read: ErrorTable) => void): (L: Pointer) => number {
  const { api } = vm
  const names = { err: vm.name('err'), source: vm.name('source'), line: vm.name('line') }
  return (L) => {
    const field = (name: keyof ErrorTable): string | null => {
      api.lua_getfield(L, 1, names[name])
      if (api.lua_isstring(L, -1) === 0) return null
      api.lua_tolstring(L, -1, 0)
      return cText(vm.stringAt(vm.top(L)))
    }
    done({ err: field('err') ?? NO_ERROR_TABLE.err, source: field('source'), line: field('line') })
    return 0
  }
}
