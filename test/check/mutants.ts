/**
 * Broken locks and stores, each wrong in one way: what a check must catch. They are examples of mistakes, not of code.
 */
import { defineLock, type LockContext } from '../../src/lock/lock.ts'
import { COMPARE_AND_DELETE } from '../../src/lock/release-script.ts'
import { fieldHash } from '../../src/session/field-hash.ts'
import { overwrite } from '../../src/session/overwrite.ts'
import {
  defineSessionStore,
  type LoadedSession,
  type SessionStoreDefinition,
  sessionKey,
} from '../../src/session/session-store.ts'

const takeAndRelease = {
  async acquire({ redis, key, token, ttlMs }: LockContext) {
    return (await redis.set(key, token, 'PX', ttlMs, 'NX')) === 'OK' ? { token } : null
  },
  async release({ redis, key }: LockContext, lease: { readonly token?: string }) {
    return (await redis.eval(COMPARE_AND_DELETE, 1, key, lease.token as string)) === 1
  },
}

/** Draws its fencing token in a second command, after it has the lock: a slow reply inverts the order (P78). */
export const lateFence = defineLock({
  name: 'late-fence',
  async acquire(context) {
    const lease = await takeAndRelease.acquire(context)
    if (lease === null) return null
    return { ...lease, fence: await context.redis.incr(`${context.key}:fence`) }
  },
  release: takeAndRelease.release,
})

/** A fencing counter that starts again with each grant. */
export const constantFence = defineLock({
  name: 'constant-fence',
  async acquire(context) {
    const lease = await takeAndRelease.acquire(context)
    return lease === null ? null : { ...lease, fence: 1 }
  },
  release: takeAndRelease.release,
})

/** Takes the lock, gives it back, and takes it again in one attempt, always with the same token. */
export const takesAgain = defineLock({
  name: 'takes-again',
  blocking: true,
  async acquire(context) {
    const first = await takeAndRelease.acquire(context)
    if (first !== null) await takeAndRelease.release(context, first)
    for (;;) {
      await new Promise((resolve) => setTimeout(resolve, 50))
      const lease = await takeAndRelease.acquire(context)
      if (lease !== null) return { ...lease, fence: 1 }
    }
  },
  release: takeAndRelease.release,
})

/** In Lua a missing key is `false`, never `nil`: this lock can never be taken (P17). */
export const nilIsFree = defineLock({
  name: 'nil-is-free',
  async acquire({ redis, key, token, ttlMs }) {
    const script = `if redis.call('get', KEYS[1]) == nil then return redis.call('set', KEYS[1], ARGV[1], 'PX', ARGV[2]) end return 0`
    return (await redis.eval(script, 1, key, token, ttlMs)) === 'OK' ? { token } : null
  },
  release: takeAndRelease.release,
})

/** Counts its lease from the reply, not from the request: it believes too long by the time the reply took (P25b). */
export const countsFromReply = defineLock({
  name: 'counts-from-reply',
  async acquire(context) {
    const lease = await takeAndRelease.acquire(context)
    return lease === null ? null : { ...lease, expiresAt: Date.now() + context.ttlMs }
  },
  release: takeAndRelease.release,
})

/** Looks after its lease only every third TTL: it signals its loss long after Redis gave the lock away. */
export const lazyWatchdog = defineLock({
  name: 'lazy-watchdog',
  async acquire(context) {
    const lease = await takeAndRelease.acquire(context)
    if (lease === null) return null
    const { redis, key, token, ttlMs } = context
    let signalLoss = (): void => {}
    const lost = new Promise<void>((resolve) => {
      signalLoss = resolve
    })
    const look = setInterval(async () => {
      if ((await redis.get(key)) === token) return
      clearInterval(look)
      signalLoss()
    }, ttlMs * 3)
    return { ...lease, lost }
  },
  release: takeAndRelease.release,
})

/** Its release is a command that Redis does not accept. */
export const wrongRelease = defineLock({
  name: 'wrong-release',
  acquire: takeAndRelease.acquire,
  release: async ({ redis, key }) => (await redis.call('expire', key, 'now')) === 1,
})

/** Waits for a promise that nobody settles, when somebody else holds the lock. */
export const waitsForEver = defineLock({
  name: 'waits-for-ever',
  async acquire(context) {
    return (await takeAndRelease.acquire(context)) ?? (await new Promise(() => {}))
  },
  release: takeAndRelease.release,
})

/** Throws in a timer: nobody can catch it (P32). */
export const throwsInTimer = defineLock({
  name: 'throws-in-timer',
  async acquire(context) {
    const lease = await takeAndRelease.acquire(context)
    if (lease !== null) {
      setTimeout(() => {
        throw new Error('renewal failed')
      }, 5)
    }
    return lease
  },
  release: takeAndRelease.release,
})

/** Rejects a promise that nobody waits for. */
export const unhandledRejection = defineLock({
  name: 'unhandled-rejection',
  async acquire(context) {
    void Promise.reject(new Error('nobody listens'))
    return takeAndRelease.acquire(context)
  },
  release: takeAndRelease.release,
})

/** Ends the process when it loses (redis-mutex 2.0.1). */
export const exits = defineLock({
  name: 'exits',
  async acquire(context) {
    const lease = await takeAndRelease.acquire(context)
    if (lease === null) process.exit(1)
    return lease
  },
  release: takeAndRelease.release,
})

/** Says that it released the lock, and does nothing. */
export const lyingRelease = defineLock({
  name: 'lying-release',
  acquire: takeAndRelease.acquire,
  release: async () => true,
})

/** Prolongs whoever's key it is (P27). */
export const extendsForeign = defineLock({
  name: 'extends-foreign',
  async acquire(context) {
    await context.redis.pexpire(context.key, context.ttlMs)
    return takeAndRelease.acquire(context)
  },
  release: takeAndRelease.release,
})

/** Answers every second load from the web server's own copy (S4); what it stores is right, so only the reads are stale. */
export const cachedStore = (): SessionStoreDefinition => {
  const caches = new WeakMap<object, { copy: LoadedSession | null; loads: number }>()
  return defineSessionStore({
    ...fieldHash,
    name: 'cached',
    async load(context, id) {
      const cache = caches.get(context.redis) ?? { copy: null, loads: 0 }
      caches.set(context.redis, cache)
      cache.loads += 1
      if (cache.copy !== null && cache.loads % 2 === 0) return cache.copy
      cache.copy = await fieldHash.load(context, id)
      return cache.copy
    },
  })
}

/** Gives the session two milliseconds to live, whatever was asked for (P85). */
export const shortLived = defineSessionStore({
  ...overwrite,
  name: 'short-lived',
  async save({ redis }, id, fields) {
    await redis.set(sessionKey(id), JSON.stringify(fields), 'PX', 2)
    return true
  },
})
