/**
 * The classes that node-redis makes of its client, kept for more than one configuration.
 *
 * node-redis 5 and later write one class with all commands for each configuration, which takes tens of milliseconds, and keep
 * the last one only. In a world two configurations take turns: that of the context's `redis`, and that of the client which the
 * code under test makes. So each client of each world had its class written anew, longer than the world itself takes.
 */
import { createRequire } from 'node:module'

interface Cache {
  get(configuration: unknown): unknown
  set(configuration: unknown, made: unknown): void
}

/** An application has a handful of configurations; one that draws a new one for each client would fill the memory. */
const KEPT_MAX = 32

const changed = new WeakSet<object>()

/** Makes each copy of node-redis that is loaded by now keep its classes. */
export function keepClasses(): void {
  for (const module of Object.values(createRequire(import.meta.url).cache)) {
    const { exports = null, filename = '' } = module ?? {}
    if (!/@redis[\\/]client[\\/].*[\\/]single-entry-cache\.js$/.test(filename)) continue
    const { prototype } = (exports as { readonly default: { readonly prototype: Cache } }).default
    if (changed.has(prototype)) continue
    changed.add(prototype)
    keepMore(prototype)
  }
}

/** The answer of `get` is the same as before, except that it has not forgotten. */
function keepMore(prototype: Cache): void {
  const kept = new WeakMap<Cache, Map<string, unknown>>()
  prototype.get = function (configuration) {
    return kept.get(this)?.get(textOf(configuration))
  }
  prototype.set = function (configuration, made) {
    const mine = kept.get(this) ?? new Map<string, unknown>()
    kept.set(this, mine)
    if (mine.size >= KEPT_MAX) mine.clear()
    mine.set(textOf(configuration), made)
  }
}

/**
 * What node-redis compares; an object that is met twice is named, because it may be a circle. Modules (`redis` brings five, with hundreds
 * of commands) are told by who they are: to write them out for each client takes longer than to make it.
 */
function textOf(configuration: unknown): string {
  const seen = new WeakSet<object>()
  return JSON.stringify(configuration, (name, value: unknown) => {
    if (typeof value !== 'object' || value === null) return value
    if (seen.has(value)) return 'circular'
    seen.add(value)
    return name === 'modules' ? Object.entries(value).map(([key, module]) => [key, numberOf(module)]) : value
  })
}

const numbers = new WeakMap<object, number>()
let last = 0

/** Of an object: the same whenever it is met; anything else is itself. */
function numberOf(module: unknown): unknown {
  if (typeof module !== 'object' || module === null) return module
  const number = numbers.get(module) ?? ++last
  numbers.set(module, number)
  return number
}
