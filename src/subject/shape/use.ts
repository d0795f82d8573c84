/**
 * Objects and functions that people have, used as a lock: made once for each client, or for each attempt when they are made for a
 * key; called with what their parameters ask for.
 */
import { endsOf } from '../../lock/around.ts'
import { aroundCallback, called, promised } from '../../lock/callback.ts'
import { endOf, type GivenLease, isLease, leaseOf } from '../../lock/given-lease.ts'
import type { Lease, LockContext, LockDefinition } from '../../lock/lock.ts'
import { shown } from '../../sim/shown.ts'
import { argumentsOf, type Call, callOf, callText, type Offer } from './arguments.ts'
import { type AnyFunction, type Method, type Methods, methodsOf, takesCallback, takesTask } from './methods.ts'
import { sourceOf, type Wish } from './parameters.ts'

/** What calls the functions of a lock needs to know. */
export interface Use {
  /** The text of the file. */
  readonly text: string
  /** What it is called: `class RedisLock`. */
  readonly title: string
}

const CONNECTION: readonly Wish[] = ['redis', 'clients', 'url', 'host', 'port']
const GIVEN: readonly Wish[] = ['key', 'keys', 'prefix', 'ttl', 'ttlMs', 'ttlS', 'token']

/** What a call of each kind can be given, and what usually stands in which place. */
const KINDS = {
  make: { wishes: new Set<Wish>([...CONNECTION, ...GIVEN]), usual: ['redis', 'key', 'ttlMs'] },
  take: { wishes: new Set<Wish>([...CONNECTION, ...GIVEN, 'task']), usual: ['key', 'ttlMs', 'token'] },
  run: { wishes: new Set<Wish>([...CONNECTION, ...GIVEN, 'task']), usual: ['key', 'task', 'ttlMs'] },
  giveBack: { wishes: new Set<Wish>([...CONNECTION, ...GIVEN, 'lease', 'task']), usual: ['key', 'token'] },
} as const

/** How a function is called that makes a lock, takes it, runs a callback under it, or gives it back. */
export const useCall = (kind: keyof typeof KINDS, target: AnyFunction, { text }: Use): Call =>
  callOf(target, { ...KINDS[kind], text })

/** What a context has to give. */
export const offerOf = ({ redis, nodes, key, token, ttlMs }: LockContext): Offer => ({
  redis,
  clients: nodes,
  url: 'redis://redis-1:6379',
  host: 'redis-1',
  port: 6379,
  key,
  keys: [key],
  prefix: 'lock:',
  token,
  ttlMs,
  ttlS: Math.ceil(ttlMs / 1000),
})

/** The lock that calls these methods. `instance`: the object of a client's. */
type Instance = (context: LockContext) => object | Promise<object>

/** An object for each client; for each attempt when a key is given to it as it is made. */
export function instanceOf(make: (offer: Offer) => object | Promise<object>, call: Call): Instance {
  const isForKey = call.args.some((arg) => arg === 'key' || (arg !== null && typeof arg === 'object' && hasKey(arg)))
  if (isForKey) return (context) => make(offerOf(context))
  const made = new WeakMap<object, object | Promise<object>>()
  return (context) => {
    let instance = made.get(context.redis)
    if (instance === undefined) {
      instance = make(offerOf(context))
      made.set(context.redis, instance)
    }
    return instance
  }
}

const hasKey = (names: Readonly<Record<string, Wish>>): boolean =>
  Object.values(names).some((wish) => wish === 'key' || wish === 'keys')

/** Whether an acquire may wait by itself: there is a loop or a timer in the file, or code of other files, which may have one. */
const mayWait = (text: string): boolean =>
  /\b(while|for)\s*\(|setTimeout|sleep|delay|retr(y|ies)|poll|subscribe|blpop/i.test(text) ||
  [...text.matchAll(/(?:from|import|require\()\s*['"]([^'"]+)['"]/g)].some(([, name = '']) => !HARMLESS.test(name))

/** Drivers, and what Node has without waiting. */
const HARMLESS =
  /^(ioredis|iovalkey|redis|@redis\/client|(node:)?(crypto|os|fs|path|url|util|assert|events|buffer))$|^(uuid|nanoid)\b/

/** A lock by the methods of an object; what these are is seen when it is there. */
export function lockOf(name: string, instance: Instance, use: Use): LockDefinition {
  const used = new WeakMap<Lease, object>()
  const arounds = new WeakMap<object, ReturnType<typeof endsOf>>()
  return {
    name,
    blocking: mayWait(use.text),
    async acquire(context) {
      const target = await instance(context)
      const methods = methodsIn(target, use)
      let lease: Lease | null
      if (methods.kind === 'around') {
        const ends = arounds.get(target) ?? endsOf(aroundOf(target, methods.around, use))
        arounds.set(target, ends)
        lease = await ends.acquire(context)
      } else {
        const { acquire } = methods
        lease = understood(await comesTo(target, acquire, 'take', offerOf(context), use), acquire)
      }
      if (lease !== null && lease !== undefined) used.set(lease, target)
      return lease
    },
    release(context, lease) {
      const target = used.get(lease) as object
      return arounds.get(target)?.release(context, lease) ?? giveBack(context, lease as GivenLease, target, use)
    },
  }
}

const aroundOf = (target: object, around: Method, use: Use) =>
  aroundCallback((context, task) => apply(target, around, 'run', { ...offerOf(context), task }, use))

/** What acquire handed out, as a lease; null: it was not had. */
function understood(given: unknown, { name, method }: Method): GivenLease | null {
  if (given === undefined) {
    // A function that returns nothing says by returning at all that the lock is had.
    if (!returnsSomething(method)) return { given }
    return undefined as unknown as null
  }
  if (typeof given === 'object' && given !== null && leaseOf(given) !== null && !isLease(given)) {
    throw new TypeError(
      `${name} returned ${shown(given)}: is that a lease? expected true, a token, or an object with a release() or a token`,
    )
  }
  return leaseOf(given)
}

/** Whether its text returns a value anywhere: then returning none means something. */
export function returnsSomething(method: AnyFunction): boolean {
  const source = withoutEmptyPromises(sourceOf(method))
  return /\breturn\s*[^\s;}]/.test(source) || /^(async\s*)?(\([^)]*\)|[\w$]+)\s*=>\s*[^{\s]/.test(source)
}

/** `return new Promise((resolve) => … resolve())` returns nothing, later: so its text without what returns that. */
function withoutEmptyPromises(source: string): string {
  const [, resolve = '', reject = ''] = EXECUTOR.exec(source) ?? []
  if (resolve === '' || new RegExp(`\\b${resolve}\\(\\s*[^\\s)]`).test(source)) return source
  return source
    .replace(/\breturn\s+new\s+Promise\b/g, '')
    .replace(new RegExp(`\\breturn\\s+(${reject === '' ? resolve : `${resolve}|${reject}`})\\(`, 'g'), '')
}

const EXECUTOR = /\breturn\s+new\s+Promise\s*\(\s*(?:async\s+)?(?:function\s*\w*\s*)?\(?\s*(\w+)\s*(?:,\s*(\w+))?/

async function giveBack(context: LockContext, lease: GivenLease, target: object, use: Use): Promise<boolean> {
  const { given } = lease
  if (typeof given === 'function') return isDone(await called(given as () => unknown))
  const { acquire, release } = methodsIn(target, use) as Ends
  const own = typeof given === 'object' && given !== null ? endOf(given) : null
  const token = lease.token ?? (asksFor(useCall('take', acquire.method, use), 'token') ? context.token : undefined)
  const offer = { ...offerOf(context), token, lease: given }
  if (own !== null) return isDone(await comesTo(given as object, own, 'giveBack', offer, use))
  if (release === null) {
    throw new TypeError(`${acquire.name} handed out ${shown(given)}, and nothing gives the lock back`)
  }
  if (token === undefined && given !== undefined && asksFor(useCall('giveBack', release.method, use), 'token')) {
    throw new TypeError(`${callText(release.name, release.method)} wants a token, and ${acquire.name} handed out none`)
  }
  return isDone(await comesTo(target, release, 'giveBack', offer, use))
}

const asksFor = ({ args }: Call, wish: Wish): boolean =>
  args.some((arg) => arg === wish || (arg !== null && typeof arg === 'object' && Object.values(arg).includes(wish)))

/** What is asked in one sentence. */
export const unclearText = (where: string, unclear: readonly string[]): string =>
  `${where}: what should be given for ${unclear.join(' and ')}?`

type Ends = Extract<Methods, { kind: 'ends' }>

const known = new WeakMap<object, Methods>()

/** The methods of what was made: a function that was made is called itself. */
function methodsIn(target: object, { title }: Use): Methods {
  const before = known.get(target)
  if (before !== undefined) return before
  const methods =
    typeof target === 'function' ? methodsOfFunction(target as AnyFunction) : methodsOf(Object(target), title)
  if (methods === null) {
    throw new TypeError(
      `${title} gives ${shown(target)}, which has no method that takes a lock (acquire, lock, obtain, take)`,
    )
  }
  known.set(target, methods)
  return methods
}

function methodsOfFunction(method: AnyFunction): Methods {
  const named = { name: method.name === '' ? 'lock' : method.name, method }
  return takesTask(method) ? { kind: 'around', around: named } : { kind: 'ends', acquire: named, release: null }
}

/** What a call comes to, by a promise or by its callback. */
const comesTo = (...[target, method, kind, offer, use]: Parameters<typeof apply>): unknown =>
  takesCallback(method.method) || takesTask(method.method)
    ? promised((task) => apply(target, method, kind, { ...offer, task }, use))
    : apply(target, method, kind, offer, use)

/** @throws TypeError when it is not clear what it should be given */
function apply(target: object, { name, method }: Method, kind: keyof typeof KINDS, offer: Offer, use: Use): unknown {
  const call = useCall(kind, method, use)
  if (call.unclear.length > 0) throw new TypeError(unclearText(`${use.title}, ${callText(name, method)}`, call.unclear))
  return method.apply(target as never, argumentsOf(call, offer, method) as never[])
}

/** What a release says: nothing and anything but false, 0 and null mean that it did. */
const isDone = (answer: unknown): boolean =>
  answer === undefined || (answer !== false && answer !== 0 && answer !== null)
