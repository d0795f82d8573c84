/**
 * Packages with a module cache of their own: what a simulated process gets when it must not share module variables with
 * anybody, because on a machine of its own it would not.
 *
 *   process A ── graph ── simple-redis-mutex (evaluated in A's turn) ── its `subscriber`, its `callbacks`
 *   process B ── graph ── simple-redis-mutex (evaluated in B's turn) ── another `subscriber`, other `callbacks`
 *
 * Source text is read and compiled once a process of the host; only the evaluation is repeated. It happens in a turn of
 * the simulated process, so what a module does while it is loaded (a timer, a random number) is that process's own.
 *
 * Models          CommonJS and JSON, as Node loads them; circular requires; `require.resolve`.
 * Does not model  ES modules, `require.cache` and `require.main`. Node's own modules and compiled add-ons are the host's:
 *                 they have one instance, and the world has made them virtual where that matters.
 */
import { readFileSync } from 'node:fs'
import { createRequire, isBuiltin } from 'node:module'
import path from 'node:path'
import vm from 'node:vm'
import { UsageError } from '../usage-error.ts'

interface Module {
  exports: unknown
  readonly id: string
  readonly filename: string
  loaded: boolean
}

type Evaluate = (exports: unknown, require: unknown, module: Module, filename: string, folder: string) => void

/** What the host keeps of a file: how it resolves names, and its compiled text. Nothing in here changes. */
interface Source {
  readonly require: NodeJS.Require
  readonly resolved: Map<string, string>
  /** Null: no text to evaluate, the host's own instance is used. */
  readonly evaluate: Evaluate | null
  /** The text of a JSON file. */
  readonly json: string | null
}

const sources = new Map<string, Source>()
const roots = new Map<string, NodeJS.Require>()

/** One process's modules. */
export class ModuleGraph {
  readonly #modules = new Map<string, Module>()

  /**
   * The exports of a package or a file, the same object each time. It is looked for from a file (a path or a URL), by
   * default from the current folder.
   * @throws UsageError when it is not there or is no CommonJS
   */
  load(name: string, from = path.join(process.cwd(), 'package.json')): unknown {
    if (isBuiltin(name)) return createRequire(import.meta.url)(name)
    let root = roots.get(from)
    if (root === undefined) {
      root = createRequire(from)
      roots.set(from, root)
    }
    let file: string
    try {
      file = root.resolve(name)
    } catch (cause) {
      throw new UsageError(
        `load(${JSON.stringify(name)})`,
        `it is not installed, or offers no CommonJS (looked for from ${from})`,
        `npm install ${name}`,
        { cause },
      )
    }
    return this.#evaluate(file)
  }

  #require(from: Source, name: string): unknown {
    if (isBuiltin(name)) return from.require(name)
    let file = from.resolved.get(name)
    if (file === undefined) {
      file = from.require.resolve(name)
      from.resolved.set(name, file)
    }
    return this.#evaluate(file)
  }

  #evaluate(file: string): unknown {
    const known = this.#modules.get(file)
    // In a circle this is what has been exported so far, as in Node.
    if (known !== undefined) return known.exports
    const source = sourceOf(file)
    const module: Module = { exports: {}, id: file, filename: file, loaded: false }
    this.#modules.set(file, module)
    if (source.json !== null) module.exports = JSON.parse(source.json)
    else if (source.evaluate === null) module.exports = source.require(file)
    else {
      const require = Object.assign((name: string) => this.#require(source, name), { resolve: source.require.resolve })
      try {
        source.evaluate.call(module.exports, module.exports, require, module, file, path.dirname(file))
      } catch (error) {
        this.#modules.delete(file)
        throw error
      }
    }
    module.loaded = true
    return module.exports
  }
}

function sourceOf(file: string): Source {
  const known = sources.get(file)
  if (known !== undefined) return known
  const source: Source = {
    require: createRequire(file),
    resolved: new Map(),
    evaluate: /\.(node|json)$/.test(file) ? null : compile(file),
    json: file.endsWith('.json') ? readFileSync(file, 'utf8') : null,
  }
  sources.set(file, source)
  return source
}

function compile(file: string): Evaluate {
  const text = readFileSync(file, 'utf8').replace(/^#!.*/, '')
  try {
    return vm.compileFunction(text, ['exports', 'require', 'module', '__filename', '__dirname'], {
      filename: file,
    }) as Evaluate
  } catch (cause) {
    throw new UsageError(file, 'it cannot be loaded afresh for each client: it is no CommonJS', '', { cause })
  }
}
