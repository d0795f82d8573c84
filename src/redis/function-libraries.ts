/**
 * The libraries that one server was told with FUNCTION LOAD, and their functions.
 *
 * Compiling a library means running it, so it is done once per engine and process; a server only remembers which it has.
 *
 * Source: functions.c of Redis 7.0; https://redis.io/docs/latest/develop/interact/programmability/functions-intro/
 */
import { cText, type ErrorReply, errorOf } from './errors.ts'
import { splitInline } from './resp/inline-command.ts'
import type { CompiledLibrary, LibraryFunction, ScriptEngine, ScriptHost } from './script/engine.ts'
import { BAD_LIBRARY_NAME, isLibraryName } from './script/library-api.ts'

/** One library. */
export interface FunctionLibrary {
  readonly name: string
  /** As it was loaded, with its first line. */
  readonly code: string
  readonly compiled: CompiledLibrary
}

/** One function, and where it comes from. */
export interface KnownFunction {
  readonly library: FunctionLibrary
  readonly function: LibraryFunction
}

/** Codes whose compiled form is kept; a client that sends endless different libraries pays for each. */
const COMPILED_MAX = 1024

const compiled = new WeakMap<ScriptEngine, Map<string, CompiledLibrary | string>>()

/** What runs code that may reach nothing: a library is loaded the same in every server. */
const LOADING: ScriptHost = {
  call: () => errorOf('ERR no command can be called while a library is loaded'),
  mayCall: () => null,
  log: () => {},
  shouldKill: () => false,
  random: { hi: 0, lo: 0 },
  setResp: () => {},
}

function compile(engine: ScriptEngine, body: string): CompiledLibrary | string {
  let known = compiled.get(engine)
  if (known === undefined) {
    known = new Map()
    compiled.set(engine, known)
  }
  const ready = known.get(body)
  if (ready !== undefined) return ready
  const library = engine.compileLibrary(body, LOADING)
  if (known.size < COMPILED_MAX) known.set(body, library)
  return library
}

/** The first line of a library: `#!lua name=mylib`. */
function parseFirstLine(
  code: string,
): { readonly name: string; readonly engine: string; readonly length: number } | string {
  if (!code.startsWith('#!')) return 'Missing library metadata'
  const length = cText(code).indexOf('\n')
  const parts = length === -1 ? null : splitInline(code.slice(0, length))
  if (parts === null || parts.length === 0) return 'Invalid library metadata'
  let name: string | null = null
  for (const part of parts.slice(1)) {
    if (!/^name=/i.test(part)) return `Invalid metadata value given: ${cText(part)}`
    if (name !== null) return 'Invalid metadata value, name argument was given multiple times'
    name = part.slice('name='.length)
  }
  return name === null ? 'Library name was not given' : { name, engine: parts[0]!.slice(2), length }
}

export class FunctionLibraries {
  readonly #libraries = new Map<string, FunctionLibrary>()
  /** By their names in lower case: FCALL finds them in any. */
  readonly #functions = new Map<string, KnownFunction>()

  get libraries(): ReadonlyMap<string, FunctionLibrary> {
    return this.#libraries
  }

  get functionCount(): number {
    return this.#functions.size
  }

  find(name: string): KnownFunction | undefined {
    return this.#functions.get(name) ?? this.#functions.get(name.toLowerCase())
  }

  /** FUNCTION LOAD: the library's name, or the error. */
  load(engine: ScriptEngine, code: string, replaces: boolean): string | ErrorReply {
    const library = prepare(engine, code)
    if ('kind' in library) return library
    const old = this.#libraries.get(library.name)
    if (old !== undefined && !replaces) return errorOf(`ERR Library '${library.name}' already exists`)
    const rival = this.#rivalOf(library, new Set([library.name]))
    if (rival !== null) return errorOf(`ERR Function ${rival} already exists`)
    if (old !== undefined) this.delete(old.name)
    this.add(library)
    return library.name
  }

  /** A function that a library other than those `replaced` has too. */
  #rivalOf({ compiled: { functions } }: FunctionLibrary, replaced: ReadonlySet<string>): string | null {
    for (const { name } of functions) {
      const known = this.find(name)
      if (known !== undefined && !replaced.has(known.library.name)) return name
    }
    return null
  }

  add(library: FunctionLibrary): void {
    this.#libraries.set(library.name, library)
    for (const each of library.compiled.functions)
      this.#functions.set(each.name.toLowerCase(), { library, function: each })
  }

  /** FUNCTION DELETE; false: there is no such library. */
  delete(name: string): boolean {
    const library = this.#libraries.get(name)
    if (library === undefined) return false
    this.#libraries.delete(name)
    for (const each of library.compiled.functions) this.#functions.delete(each.name.toLowerCase())
    return true
  }

  /** FUNCTION RESTORE: takes over libraries; the error leaves everything as it was. */
  join(libraries: readonly FunctionLibrary[], replaces: boolean): ErrorReply | null {
    const names = new Set(libraries.map(({ name }) => name))
    for (const { name } of libraries) {
      if (!replaces && this.#libraries.has(name)) return errorOf(`ERR Library ${name} already exists`)
    }
    for (const library of libraries) {
      const rival = this.#rivalOf(library, names)
      if (rival !== null) return errorOf(`ERR Function ${rival} already exists`)
    }
    for (const { name } of libraries) this.delete(name)
    for (const library of libraries) this.add(library)
    return null
  }
}

/** A library by its code, or the error of FUNCTION LOAD. */
export function prepare(engine: ScriptEngine, code: string): FunctionLibrary | ErrorReply {
  const first = parseFirstLine(code)
  if (typeof first === 'string') return errorOf(`ERR ${first}`)
  if (!isLibraryName(first.name)) return errorOf(`ERR ${BAD_LIBRARY_NAME}`)
  if (first.engine.toLowerCase() !== 'lua') return errorOf(`ERR Engine '${first.engine}' not found`)
  const library = compile(engine, code.slice(first.length))
  if (typeof library === 'string') return errorOf(`ERR ${library}`)
  if (library.functions.length === 0) return errorOf('ERR No functions registered')
  return { name: first.name, code, compiled: library }
}
