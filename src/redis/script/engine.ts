/**
 * What the in-memory Redis needs from a Lua 5.1 interpreter.
 *
 * One engine serves every server of every world of the process: compiling a script costs more than running it,
 * so compiled scripts are cached by their SHA-1 across worlds. Whatever belongs to one server (the random
 * sequence, the RESP version, `redis.call`) is passed in with each run.
 */
import type { Reply } from '../reply.ts'
import type { ScriptFlag } from './shebang.ts'

/** What a running script may reach of the server that runs it. All strings are latin-1 bytes. */
export interface ScriptHost {
  /** Executes one command for `redis.call` and `redis.pcall`; an error is returned as an error reply, never thrown. */
  call(args: readonly string[]): Reply
  /** `redis.acl_check_cmd`: whether the caller may call this; null: there is no such command. */
  mayCall(args: readonly string[]): boolean | null
  /** `redis.log(level, message)`. */
  log(level: number, message: string): void
  /** Called about every 10,000 Lua instructions; returning true kills the script (SCRIPT KILL, or our limit). */
  shouldKill(): boolean
  /** The drand48 state of this server's `math.random`: 48 bits as two numbers, kept by the server between runs. */
  readonly random: { hi: number; lo: number }
  /** `redis.setresp(3)` was called: replies to `redis.call` become RESP3 typed tables. */
  setResp(version: 2 | 3): void
}

/** A compiled script; opaque outside the engine. */
export interface CompiledScript {
  readonly sha1: string
}

/** A function that a library has registered. */
export interface LibraryFunction {
  readonly name: string
  readonly description: string | null
  readonly flags: ReadonlySet<ScriptFlag>
}

/** A library of FUNCTION LOAD; opaque outside the engine but for its functions. */
export interface CompiledLibrary {
  readonly functions: readonly LibraryFunction[]
}

/** A Lua 5.1 interpreter with the libraries and the sandbox of Redis 7.0. */
export interface ScriptEngine {
  /** The compiled script, or the error reply that EVAL and SCRIPT LOAD give for a syntax error. */
  compile(source: string): CompiledScript | { readonly kind: 'error'; readonly text: string }
  /** Runs a compiled script; never throws: runtime errors come back as the error reply Redis would send. */
  run(script: CompiledScript, keys: readonly string[], argv: readonly string[], host: ScriptHost): Reply
  /** Runs the code of a library, which registers its functions; a text says what is wrong with it. */
  compileLibrary(code: string, host: ScriptHost): CompiledLibrary | string
  /** Calls a function of a library; never throws. */
  callFunction(library: CompiledLibrary, name: string, call: FunctionCall, host: ScriptHost): Reply
}

/** The arguments of FCALL. */
export interface FunctionCall {
  readonly keys: readonly string[]
  readonly argv: readonly string[]
}
