/**
 * Scripts by their SHA-1: what one server knows (EVALSHA, SCRIPT EXISTS, SCRIPT FLUSH), and what the process has compiled.
 *
 * Compiling costs more than running, and worlds send the same few scripts again and again: a script is compiled once per
 * engine and process, and a server's cache only remembers which scripts it was told.
 */
import type { ErrorReply } from './errors.ts'
import type { CompiledScript, ScriptEngine } from './script/engine.ts'
import { sha1 } from './script/sha1.ts'
import { parseShebang, type ScriptFlag } from './script/shebang.ts'

/** A script ready to run. */
export interface PreparedScript {
  readonly sha1: string
  readonly compiled: CompiledScript
  /** What its first line promises; null: it has none. */
  readonly flags: ReadonlySet<ScriptFlag> | null
}

/** Sources whose compiled form is kept; a client that sends endless different scripts pays for each. */
const PREPARED_MAX = 4096

const prepared = new WeakMap<ScriptEngine, Map<string, PreparedScript>>()

/** The script, or the error of EVAL and SCRIPT LOAD for a source that cannot be compiled. */
export function prepareScript(engine: ScriptEngine, source: string): PreparedScript | ErrorReply {
  let known = prepared.get(engine)
  if (known === undefined) {
    known = new Map()
    prepared.set(engine, known)
  }
  const ready = known.get(source)
  if (ready !== undefined) return ready
  const shebang = parseShebang(source)
  if ('kind' in shebang) return shebang
  const compiled = engine.compile(source)
  if ('kind' in compiled) return compiled
  const script = { sha1: sha1(source), compiled, flags: shebang.flags }
  if (known.size < PREPARED_MAX) known.set(source, script)
  return script
}

/** The scripts one server has been told since its start or the last SCRIPT FLUSH. */
export class ScriptCache {
  readonly #bySha1 = new Map<string, PreparedScript>()

  /** `sha` in any case. */
  find(sha: string): PreparedScript | undefined {
    return this.#bySha1.get(sha) ?? this.#bySha1.get(sha.toLowerCase())
  }

  add(script: PreparedScript): void {
    this.#bySha1.set(script.sha1, script)
  }

  get size(): number {
    return this.#bySha1.size
  }
}
