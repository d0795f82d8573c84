/**
 * The script engine: PUC Lua 5.1 in WebAssembly, one for all servers of all worlds of the process.
 *
 * Scripts run on a warm machine, which keeps them compiled. A script that is about to see what earlier scripts left behind
 * (the address of a table, the order of keys that depends on addresses, the garbage collector, the end of memory) starts
 * again on a fresh machine, from then on at once; so no result depends on what ran before. That costs some 20 µs a run.
 *
 * Models          Redis 7.0.15: libraries, sandbox, conversions, error texts.
 * Does not model  bytecode (`string.dump` gives that of 32 bits); addresses (`tostring(t)` is deterministic, and shorter);
 *                 `0x` without digits, which is 0 here and no number there. One call of a library function cannot be
 *                 interrupted, as in Redis.
 *
 * Invariants
 * - `run` never throws because of a script; what the host throws passes through, and the machine is reset.
 * - Memory is bounded: SCRIPTS_MAX scripts of together SOURCE_CHARS_MAX, and each machine by its VM's limit.
 *
 * Source: https://redis.io/docs/latest/develop/interact/programmability/eval-intro/
 */
import { assert } from '../../sim/assert.ts'
import { error, type Reply } from '../reply.ts'
import type {
  CompiledLibrary,
  CompiledScript,
  FunctionCall,
  LibraryFunction,
  ScriptEngine,
  ScriptHost,
} from './engine.ts'
import { LibraryMachine } from './library-machine.ts'
import { oneLine } from './lua-to-reply.ts'
import { NEEDS_FRESH_VM } from './lua-vm.ts'
import { PANIC, type WasmModule } from './lua-wasm.ts'
import { Machine } from './machine.ts'
import { ScriptRun } from './script-run.ts'
import { sha1 } from './sha1.ts'
import { parseShebang, type ScriptFlag } from './shebang.ts'

const SCRIPTS_MAX = 10_000
const SOURCE_CHARS_MAX = 8 * 1024 * 1024
/** A machine whose memory has grown beyond this is given up after the run. */
const MEMORY_KEPT_BYTES_MAX = 32 * 1024 * 1024

/** A script as this engine hands it out. It may outlive its place in the machine: it is loaded again when it runs. */
export class LuaScript implements CompiledScript {
  readonly sha1: string
  /** What the script promised in its first line (`#!lua flags=…`); null: it has no such line. */
  readonly flags: ReadonlySet<ScriptFlag> | null
  readonly body: string
  /** Its number in the warm machine, valid while that is in the same epoch. */
  loaded: { readonly epoch: object; readonly number: number } | null = null
  needsFresh = false

  constructor(source: string, shebang: { readonly flags: ReadonlySet<ScriptFlag> | null; readonly length: number }) {
    this.sha1 = sha1(source)
    this.flags = shebang.flags
    this.body = source.slice(shebang.length)
  }
}

/** A library as this engine hands it out. */
class LuaLibrary implements CompiledLibrary {
  readonly code: string
  readonly functions: readonly LibraryFunction[]

  constructor(code: string, functions: readonly LibraryFunction[]) {
    this.code = code
    this.functions = functions
  }
}

/** `module` comes from `compileLua`, or from `WebAssembly.compile(withRedisStringHash(bytes))`. */
export function createLuaEngine(module: WasmModule): ScriptEngine {
  return new LuaEngine(module)
}

class LuaEngine implements ScriptEngine {
  readonly #module: WasmModule
  readonly #run = new ScriptRun()
  #warm: Machine
  #fresh: Machine | null = null
  /** Changes when the warm machine forgets its scripts. */
  #epoch: object = {}
  #loadedCount = 0
  #loadedChars = 0
  readonly #scripts = new Map<string, LuaScript>()
  #libraries: LibraryMachine | null = null

  constructor(module: WasmModule) {
    this.#module = module
    this.#warm = new Machine(module, this.#run, { isFresh: false })
  }

  compile(source: string): LuaScript | { readonly kind: 'error'; readonly text: string } {
    const known = this.#scripts.get(source)
    if (known !== undefined) return known
    const shebang = parseShebang(source)
    if ('kind' in shebang) return shebang
    const script = new LuaScript(source, shebang)
    const problem = this.#load(script)
    if (problem !== null)
      return { kind: 'error', text: oneLine(`ERR Error compiling script (new function): ${problem}`) }
    this.#scripts.set(source, script)
    return script
  }

  run(script: CompiledScript, keys: readonly string[], argv: readonly string[], host: ScriptHost): Reply {
    assert(script instanceof LuaScript, 'a script is run by the kind of engine that compiled it')
    assert(!this.#run.isRunning, 'scripts do not nest')
    this.#run.begin(host)
    try {
      const reply = script.needsFresh ? undefined : this.#runWarm(script, keys, argv)
      // A nil reply is null, and has been given: running the script again would do its work twice.
      return reply === undefined ? this.#runFresh(script, keys, argv) : reply
    } finally {
      this.#run.end()
    }
  }

  compileLibrary(code: string, host: ScriptHost): LuaLibrary | string {
    const loaded = this.#withLibraries(host, (machine) => machine.load(code))
    if ('crash' in loaded) return `Error registering functions: ${loaded.crash}`
    return typeof loaded.result === 'string' ? loaded.result : new LuaLibrary(code, loaded.result)
  }

  callFunction(library: CompiledLibrary, name: string, { keys, argv }: FunctionCall, host: ScriptHost): Reply {
    assert(library instanceof LuaLibrary, 'a library is called by the kind of engine that compiled it')
    const called = this.#withLibraries(host, (machine) => machine.call(library.code, name, keys, argv))
    return 'crash' in called ? error(`ERR Error running script ${name}, ${called.crash}`) : called.result
  }

  /** What brings the interpreter down costs the machine. */
  #withLibraries<Result>(
    host: ScriptHost,
    use: (machine: LibraryMachine) => Result,
  ): { readonly result: Result } | { readonly crash: string } {
    assert(!this.#run.isRunning, 'scripts do not nest')
    this.#run.begin(host)
    if (this.#libraries === null || !this.#libraries.reset()) {
      this.#libraries = new LibraryMachine(this.#module, this.#run)
      assert(this.#libraries.reset(), 'a fresh VM does not outgrow its image')
    }
    try {
      return { result: use(this.#libraries) }
    } catch (thrown) {
      this.#libraries = null
      return { crash: crashOf(thrown) }
    } finally {
      this.#run.end()
    }
  }

  /** The reply; undefined: the script has to be run on a fresh machine. */
  #runWarm(script: LuaScript, keys: readonly string[], argv: readonly string[]): Reply | undefined {
    try {
      if (script.loaded?.epoch !== this.#epoch) {
        const problem = this.#load(script)
        if (problem !== null) return crashReply(script, problem)
      }
      const reply = this.#warm.run(script.loaded!.number, script.sha1, keys, argv)
      if (this.#warm.memoryBytes > MEMORY_KEPT_BYTES_MAX) this.#reset()
      return reply
    } catch (thrown) {
      this.#reset()
      if (thrown !== NEEDS_FRESH_VM) return crashReply(script, crashOf(thrown))
      script.needsFresh = true
      this.#run.restart()
      return undefined
    }
  }

  #runFresh(script: LuaScript, keys: readonly string[], argv: readonly string[]): Reply {
    if (this.#fresh === null || !this.#fresh.reset())
      this.#fresh = new Machine(this.#module, this.#run, { isFresh: true })
    try {
      const loaded = this.#fresh.load(script.body)
      if (typeof loaded !== 'number') return crashReply(script, loaded.problem)
      return this.#fresh.run(loaded, script.sha1, keys, argv)
    } catch (thrown) {
      return crashReply(script, crashOf(thrown))
    }
  }

  /** Loads a script into the warm machine; what is wrong with it, or null. */
  #load(script: LuaScript): string | null {
    if (this.#loadedCount >= SCRIPTS_MAX || this.#loadedChars >= SOURCE_CHARS_MAX) this.#reset()
    this.#loadedCount++
    this.#loadedChars += script.body.length
    const loaded = this.#tryLoad(script.body)
    if (typeof loaded !== 'number') return loaded.problem
    script.loaded = { epoch: this.#epoch, number: loaded }
    return null
  }

  #tryLoad(body: string): number | { readonly problem: string } {
    for (const isLast of [false, true]) {
      try {
        return this.#warm.load(body)
      } catch (thrown) {
        this.#reset()
        // The first time the machine may have been full of other scripts.
        if (thrown !== NEEDS_FRESH_VM || isLast) return { problem: crashOf(thrown) }
      }
    }
    return { problem: 'not enough memory' }
  }

  /** The warm machine forgets all scripts. */
  #reset(): void {
    if (!this.#warm.reset()) this.#warm = new Machine(this.#module, this.#run, { isFresh: false })
    this.#epoch = {}
    this.#loadedCount = 0
    this.#loadedChars = 0
    this.#scripts.clear()
  }
}

/** What brought the interpreter down, in Lua's words. Whatever did not come from it is thrown on: the host's, or a bug of ours. */
function crashOf(thrown: unknown): string {
  if (thrown === PANIC || thrown === NEEDS_FRESH_VM) return 'not enough memory'
  if (thrown instanceof Error) {
    if (/call stack|recursion/.test(thrown.message)) return 'stack overflow'
    if (thrown.name === 'RuntimeError') return 'execution failure'
  }
  throw thrown
}

const crashReply = (script: LuaScript, problem: string): Reply =>
  error(`ERR Error running script ${script.sha1}, ${problem}`)
