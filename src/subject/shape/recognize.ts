/**
 * Locks as people have them, told by their shape: a class or a factory with `acquire` and `release` (or `lock` and
 * `unlock`), a pair of functions, a `withLock(key, fn)`. What was understood is said in words; what is not clear is a
 * question in one sentence.
 *
 * Models          one lock a file: the default export, or else the only export that looks like one.
 * Does not model  what only the author knows: whether a lease of 5 is meant in seconds when no name says so.
 */
import { endsOf } from '../../lock/around.ts'
import { type GivenLease, leaseOf } from '../../lock/given-lease.ts'
import type { Lease, LockContext, LockDefinition } from '../../lock/lock.ts'
import { argumentsFor, callText, type Offer } from './arguments.ts'
import { parametersOf, wishOf } from './parameters.ts'

/** A lock that was understood. */
export interface Recognized {
  readonly lock: LockDefinition
  /** `class RedisLock, lock(key, ttl)/unlock(key, token)` */
  readonly words: string
}

type AnyFunction = (...args: never[]) => unknown
type Methods = {
  readonly acquire: AnyFunction
  readonly release: AnyFunction | null
  readonly names: readonly string[]
}

const ACQUIRE = /^(try)?(acquire|lock|obtain|take)(lock)?$/i
const RELEASE = /^(release|unlock|free)(lock)?$/i
const AROUND = /^(with|using|run|do|execute|guard)?\w*lock(ed)?$|^(with|using|run|execute|runExclusive)\w*$/i
const FACTORY = /^(create|make|new|build|get)\w*/i

/** The lock that a file's exports hold; null: none of them looks like one. */
export function recognize(exported: Readonly<Record<string, unknown>>, name: string): Recognized | null {
  const { default: main, ...named } = exported
  const candidates = [...(main === undefined ? [] : [['default', main] as const]), ...Object.entries(named)]
  for (const [key, value] of candidates) {
    const found = typeof value === 'function' ? ofFunction(key, value as AnyFunction, name) : ofObject(key, value, name)
    if (found !== null) return found
  }
  return ofPair(exported, name)
}

function ofFunction(key: string, value: AnyFunction, name: string): Recognized | null {
  const title = value.name === '' || value.name === 'default' ? key : value.name
  if (isClass(value)) {
    const methods = methodsOf(value.prototype as object)
    if (methods === null) return null
    const make = (offer: Offer): object =>
      Reflect.construct(value, argumentsFor(value, offer, ['redis', 'ttlMs'])) as object
    return { lock: lockOf(name, make, takesKey(value)), words: `class ${title}, ${callsOf(methods)}` }
  }
  const takesTask = parametersOf(value).some(
    (parameter) => parameter.kind === 'plain' && wishOf(parameter.name) === 'task',
  )
  if (takesTask && (AROUND.test(title) || key === 'default')) {
    const around = (context: LockContext, work: (lease?: unknown) => Promise<void>): Promise<unknown> =>
      Promise.resolve(
        value(...(argumentsFor(value, { ...offerOf(context), task: work }, ['key', 'task', 'ttlMs']) as never[])),
      )
    return { lock: { name, blocking: true, ...endsOf(around) }, words: `function ${callText(title, value)}` }
  }
  if (!FACTORY.test(title) || ACQUIRE.test(title)) return null
  const make = (offer: Offer): object => value(...(argumentsFor(value, offer, ['redis', 'ttlMs']) as never[])) as object
  return { lock: lockOf(name, make, takesKey(value)), words: `factory ${callText(title, value)}` }
}

/** An instance that the file makes itself. */
function ofObject(key: string, value: unknown, name: string): Recognized | null {
  if (typeof value !== 'object' || value === null) return null
  const methods = methodsOf(value)
  if (methods === null || methods.release === null) return null
  return { lock: lockOf(name, () => value, false), words: `object ${key}, ${callsOf(methods)}` }
}

/** Two functions of one file: `acquireLock` and `releaseLock`. */
function ofPair(exported: Readonly<Record<string, unknown>>, name: string): Recognized | null {
  const functions = Object.fromEntries(Object.entries(exported).filter(([, value]) => typeof value === 'function'))
  const methods = methodsOf(functions)
  if (methods === null || methods.release === null) return null
  return { lock: lockOf(name, () => functions, false), words: `functions ${callsOf(methods)}` }
}

/** A lock over objects of the user's; one for each client, or, when a key is given to it as it is made, for each attempt. */
function lockOf(name: string, make: (offer: Offer) => object, isMadeForKey: boolean): LockDefinition {
  const made = new WeakMap<object, object>()
  const used = new WeakMap<Lease, object>()
  const instanceFor = (context: LockContext): object => {
    if (isMadeForKey) return make(offerOf(context))
    let instance = made.get(context.redis)
    if (instance === undefined) {
      instance = make(offerOf(context))
      made.set(context.redis, instance)
    }
    return instance
  }
  return {
    name,
    async acquire(context) {
      const instance = instanceFor(context)
      const { acquire } = methodsOf(instance) ?? missing(name)
      const given = await call(instance, acquire, offerOf(context), ['key', 'ttlMs', 'token'])
      const lease = leaseOf(given)
      if (lease !== null) used.set(lease, instance)
      return lease
    },
    async release(context, lease) {
      const { given } = lease as GivenLease
      const instance = used.get(lease) as object
      const offer = { ...offerOf(context), token: lease.token ?? context.token, lease: given }
      if (typeof given === 'function') return isDone(await (given as () => unknown)())
      const own = typeof given === 'object' && given !== null ? methodsOf(given)?.release : null
      if (own != null) return isDone(await call(given as object, own, offer, []))
      const { release } = methodsOf(instance) ?? missing(name)
      if (release === null) throw new TypeError(`${name} has nothing that releases`)
      return isDone(
        await call(instance, release, offer, typeof given === 'object' ? ['lease', 'key', 'token'] : ['key', 'token']),
      )
    },
  }
}

const offerOf = ({ redis, nodes, key, token, ttlMs }: LockContext): Offer => ({
  redis,
  clients: nodes,
  url: 'redis://redis-1:6379',
  host: 'redis-1',
  port: 6379,
  key,
  keys: [key],
  token,
  ttlMs,
  ttlS: Math.ceil(ttlMs / 1000),
})

const call = (
  instance: object,
  method: AnyFunction,
  offer: Offer,
  usual: Parameters<typeof argumentsFor>[2],
): unknown => method.apply(instance, argumentsFor(method, offer, usual) as never[])

/** What a release says: nothing and anything but false, 0 and null mean that it did. */
const isDone = (answer: unknown): boolean =>
  answer === undefined || (answer !== false && answer !== 0 && answer !== null)

const isClass = (value: AnyFunction): boolean => /^class\b/.test(Function.prototype.toString.call(value))

const takesKey = (target: AnyFunction): boolean =>
  parametersOf(target).some((parameter) => {
    const names = parameter.kind === 'plain' ? [parameter.name] : parameter.names
    return names.some((each) => wishOf(each) === 'key')
  })

/** The pair of methods that takes and gives back; null: there is nothing that takes. */
function methodsOf(target: object): Methods | null {
  const names: string[] = []
  for (
    let at: object | null = target;
    at !== null && at !== Object.prototype;
    at = Object.getPrototypeOf(at) as object | null
  ) {
    names.push(...Object.getOwnPropertyNames(at))
  }
  const find = (pattern: RegExp): string | undefined =>
    names.find((each) => pattern.test(each) && typeof (target as Record<string, unknown>)[each] === 'function')
  const acquire = find(ACQUIRE)
  const release = find(RELEASE)
  if (acquire === undefined && release === undefined) return null
  const method = (each: string | undefined): AnyFunction | null =>
    each === undefined ? null : ((target as Record<string, unknown>)[each] as AnyFunction)
  return {
    acquire: (method(acquire) ?? missing) as AnyFunction,
    release: method(release),
    names: [acquire, release].flatMap((each) => each ?? []),
  }
}

const callsOf = ({ acquire, release, names }: Methods): string =>
  [acquire, release].flatMap((each, index) => (each === null ? [] : [callText(names[index] ?? '', each)])).join('/')

function missing(name: string): never {
  throw new TypeError(`${name} has no method that takes the lock (acquire, lock, obtain, take)`)
}
