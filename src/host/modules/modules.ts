/**
 * The modules of one life of a simulated process. Each is evaluated once, in a turn of that process, so that what it does while
 * it is loaded (a timer, a connection, a random number) is that process's own.
 *
 *   process A ── modules ── lib/redis.ts (evaluated in A's turn) ── its client
 *   process B ── modules ── lib/redis.ts (evaluated in B's turn) ── another client
 *
 * Models          order and circles of imports and requires; live bindings; a module that throws throws again; top-level
 *                 `await`, for which those that import the module wait.
 * Does not model  `require.main`, and compiled add-ons of a process's own: they have one instance, the host's.
 */
import { isBuiltin } from 'node:module'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { UsageError } from '../../sim/usage-error.ts'
import { watchBuiltIns } from '../built-ins.ts'
import { isLazyBarrel } from './barrel.ts'
import { fixedNamespaceOf, namespaceOf } from './namespace.ts'
import { fileOf, resolve } from './resolve.ts'
import { type Shared, sharedModule } from './shared.ts'
import { type PlainBody, type Source, sourceOf } from './source.ts'

/** Looks like Node's. */
interface Module {
  exports: unknown
  readonly id: string
  readonly filename: string
  readonly path: string
  readonly children: readonly Module[]
  readonly paths: readonly string[]
  readonly require: unknown
  loaded: boolean
}

class Loaded {
  readonly source: Source
  readonly module: Module
  /** The object that the transform fills. */
  readonly first: object = {}
  /** Who imported it first: what it waits for may wait for this one. */
  readonly importer: Loaded | null
  /** Settles when its top-level `await` is over; null: there is nothing to wait for. */
  pending: Promise<void> | null = null
  failure: { readonly error: unknown } | null = null
  readonly #namespaces: [object | null, object | null] = [null, null]

  constructor(source: Source, importer: Loaded | null, require: unknown) {
    const { file, folder } = source
    this.source = source
    this.importer = importer
    this.module = {
      exports: this.first,
      id: file,
      filename: file,
      path: folder,
      children: [],
      paths: [],
      require,
      loaded: false,
    }
  }

  namespaceFor(importer: Source): object {
    const { exports } = this.module
    if (this.source.format === 'module' && exports === this.first) return this.first
    const index = importer.isNodeModule ? 1 : 0
    // What a module replaces its exports by while it is loaded is seen by those who import it later.
    if (!this.module.loaded) return namespaceOf(exports, importer.isNodeModule)
    this.#namespaces[index] ??= namespaceOf(exports, importer.isNodeModule)
    return this.#namespaces[index] as object
  }

  isBelow(other: Loaded): boolean {
    for (let at: Loaded | null = this; at !== null; at = at.importer) if (at === other) return true
    return false
  }
}

/** A module that has to be had at once awaits: whoever imports it has to await, too. */
class MustAwait extends Error {
  override readonly name = 'MustAwait'
}

export class Modules {
  readonly #globals: object
  readonly #onEvaluated: () => void
  readonly #loaded = new Map<Source, Loaded>()
  readonly #requires = new Map<Source, NodeJS.Require>()

  /** `onEvaluated` is called after each module. */
  constructor(globals: object, onEvaluated: () => void = () => {}) {
    this.#globals = globals
    this.#onEvaluated = onEvaluated
  }

  /** The namespace of a file: at once, or a promise where something awaits. */
  import(file: string): object | Promise<object> {
    watchBuiltIns()
    const source = sourceOf(file)
    return this.#namespace(this.#evaluate(source, null), source, null)
  }

  /**
   * The exports of a package or a file, the same object each time, looked for from a file (a path or a URL).
   * @throws UsageError when it is not there
   */
  load(name: string, from: string): unknown {
    const require = this.requireFrom(from)
    try {
      require.resolve(name)
    } catch (cause) {
      throw new UsageError(
        `load(${JSON.stringify(name)})`,
        `it is not installed, or offers no CommonJS (looked for from ${from})`,
        `npm install ${name}`,
        { cause },
      )
    }
    return require(name)
  }

  /** What `module.createRequire` gives. */
  requireFrom(from: string | URL): NodeJS.Require {
    const file = String(from).startsWith('file:') ? fileURLToPath(String(from)) : String(from)
    return this.#requireOf(sourceOf(/[/\\]$/.test(file) ? `${file}_` : file))
  }

  #requireOf(from: Source, loaded: Loaded | null = null): NodeJS.Require {
    let require = this.#requires.get(from)
    if (require === undefined) {
      // Property by property: each process makes one for each of its modules, and `Object.assign` is several times slower.
      const resolveName = ((name: string) =>
        isShared(name) ? name : fileOf(from, name, 'require')) as NodeJS.RequireResolve
      resolveName.paths = noPaths
      require = ((name: string) => this.#require(from, name, loaded)) as NodeJS.Require
      require.resolve = resolveName
      require.cache = {}
      require.extensions = {} as NodeJS.RequireExtensions
      require.main = undefined
      this.#requires.set(from, require)
    }
    return require
  }

  #require(from: Source, name: string, importer: Loaded | null): unknown {
    const found = resolve(from, name, 'require')
    if (found.kind !== 'file') return found.exports
    const loaded = this.#evaluate(found.source, importer)
    if (loaded.pending !== null && importer?.isBelow(loaded) !== true) {
      const message = `require() cannot be used on an ESM graph with top-level await: ${found.source.file}`
      throw Object.assign(new Error(message), { code: 'ERR_REQUIRE_ASYNC_MODULE' })
    }
    return loaded.module.exports
  }

  #import(importer: Loaded, name: string): object | Promise<object> {
    const { source } = importer
    const found = resolve(source, name, 'import')
    if (found.kind !== 'file') return namespaceOfShared(found)
    return this.#namespace(this.#evaluate(found.source, importer), source, importer)
  }

  #namespace(loaded: Loaded, for_: Source, importer: Loaded | null): object | Promise<object> {
    // In a circle the importer gets what there is so far: waiting would be for ever.
    if (loaded.pending === null || importer?.isBelow(loaded) === true) return loaded.namespaceFor(for_)
    return loaded.pending.then(() => loaded.namespaceFor(for_))
  }

  #evaluate(source: Source, importer: Loaded | null): Loaded {
    const known = this.#loaded.get(source)
    if (known !== undefined) {
      if (known.failure !== null) throw known.failure.error
      return known
    }
    const require = this.#requireOf(source)
    const loaded = new Loaded(source, importer, require)
    this.#loaded.set(source, loaded)
    try {
      this.#run(loaded, require)
    } catch (error) {
      if (error instanceof MustAwait && source.format === 'module') {
        // Known from now on, for all processes: nothing but its imports has been evaluated.
        source.isAsync = true
        this.#loaded.delete(source)
        return this.#evaluate(source, importer)
      }
      // Node tries a CommonJS module again.
      if (source.format === 'module') loaded.failure = { error }
      else this.#loaded.delete(source)
      throw error
    }
    this.#onEvaluated()
    return loaded
  }

  #run(loaded: Loaded, require: NodeJS.Require): void {
    const { source, module } = loaded
    if (source.format === 'json') module.exports = JSON.parse(source.text)
    else if (source.format === 'native') module.exports = source.nativeRequire(source.file)
    else {
      const result = this.#call(loaded, require)
      if (source.isAsync) {
        loaded.pending = (result as Promise<void>).then(
          () => {
            loaded.pending = null
            module.loaded = true
          },
          (error: unknown) => {
            loaded.failure = { error }
            throw error
          },
        )
        return
      }
    }
    module.loaded = true
  }

  #call(loaded: Loaded, require: NodeJS.Require): unknown {
    const { source, module, first } = loaded
    source.isLazy ??= isLazyBarrel(source)
    const body = source.body(this.#globals)
    if (source.importsNothing)
      return (body as PlainBody).call(first, first, require, module, source.file, source.folder)
    const importNow = (name: string): object => {
      const namespace = this.#import(loaded, name)
      if (namespace instanceof Promise) {
        namespace.catch(() => {})
        throw new MustAwait(name)
      }
      return namespace
    }
    const resolveName = (name: string): string =>
      isShared(name) ? name : pathToFileURL(fileOf(source, name, 'import')).href
    return body.call(
      source.format === 'module' ? undefined : first,
      first,
      require,
      module,
      source.file,
      source.folder,
      (name) => this.#import(loaded, name),
      resolveName,
      importNow,
      { url: source.url, filename: source.file, dirname: source.folder, resolve: resolveName },
    )
  }
}

const noPaths = (): null => null

const isShared = (name: string): boolean => isBuiltin(name) || sharedModule(name) !== null

const namespaceOfShared = (found: Shared): object => fixedNamespaceOf(found.exports)
