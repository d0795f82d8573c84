/**
 * Clients of Redis that the calling program made for itself, where a lock is given as an object of that program's. Such a client
 * may wait for its server while a hunt runs: what a world says to it would be sent when it is ready, to a real server. So what
 * was made outside of the present world is refused there, whether or not it is connected.
 *
 * Known are ioredis, iovalkey and node-redis, in every copy that is loaded.
 */
import type { World } from '../sim/world.ts'
import { running } from '../sim/world.ts'
import { realRequire } from './door.ts'
import { refuse } from './refuse.ts'

interface Class {
  new (...given: never[]): object
  readonly prototype: object
}

/** In which world each was made; null: in none. What is not in it was made before anything was watched. */
const birthplaces = new WeakMap<object, World | null>()
const guarded = new WeakSet<object>()

/** Guards the drivers that are loaded by now; one that is guarded already stays so. */
export function guardCallersClients(): void {
  for (const module of Object.values(realRequire(import.meta.url).cache)) {
    const { exports = null, filename = '' } = module ?? {}
    if (typeof exports !== 'object' && typeof exports !== 'function') continue
    if (exports === null || guarded.has(exports)) continue
    if (/@redis[\\/]client[\\/].*commands-queue\.js$/.test(filename)) guardQueue(exports as { default: Class })
    else if (/[\\/](ioredis|iovalkey)[\\/].*[\\/]index\.js$/.test(filename))
      guardClients(exports as Record<string, unknown>)
    else continue
    guarded.add(exports)
  }
}

/** node-redis hands all commands of a client to a queue that the client makes. */
function guardQueue(exports: { default: Class }): void {
  const Queue = exports.default
  guardMethod(Queue.prototype, 'addCommand')
  exports.default = class extends Queue {
    constructor(...given: never[]) {
      super(...given)
      remember(this)
    }
  } as unknown as Class
}

/** A client of ioredis says which status it has from its constructor on. */
function guardClients(exports: Readonly<Record<string, unknown>>): void {
  for (const made of [exports.Redis, exports.Cluster]) {
    const { prototype } = (made ?? {}) as Partial<Class>
    if (prototype === undefined || guarded.has(prototype)) continue
    guarded.add(prototype)
    const methods = prototype as Record<string, unknown>
    const setStatus = methods.setStatus as (...given: unknown[]) => unknown
    methods.setStatus = function (this: object, ...given: unknown[]) {
      if (given[0] === 'wait' || given[0] === 'connecting') remember(this)
      return setStatus.apply(this, given)
    }
    guardMethod(prototype, 'sendCommand')
  }
}

function remember(made: object): void {
  if (!birthplaces.has(made)) birthplaces.set(made, running.process?.world ?? null)
}

function guardMethod(of: object, name: string): void {
  const prototype = of as Record<string, unknown>
  const method = prototype[name] as (...given: unknown[]) => unknown
  prototype[name] = function (this: object, ...given: unknown[]) {
    const world = running.process?.world
    if (world !== undefined && birthplaces.get(this) !== world) {
      refuse(
        `${name}()`,
        'this client of Redis was made outside of the world in which it is used',
        'use the redis of the context, or give the file of the lock: then each simulated process makes a client of its own',
      )
    }
    return method.apply(this, given)
  }
}
