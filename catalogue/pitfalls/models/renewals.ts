/**
 * Watchdogs, each wrong in one way, and one that knows when its lease ends.
 *
 * All take the lock with SET NX PX, renew every third of the TTL, and release with compare-and-delete.
 */
import { defineLock, type Lease, type LockContext } from 'lockstorm'
import { everyThird, giveBack, renew, take } from './parts.ts'

type Stop = () => void
type Lose = (why: string) => void
const stops = new WeakMap<Lease, Stop>()

/** A lock that calls `tick` every third of the TTL while it is held. */
function renewed(
  name: string,
  title: string,
  commands: string,
  tick: (context: LockContext, token: string, stop: Stop, lose: Lose) => void,
) {
  return defineLock({
    name,
    title,
    commands: `SET k token PX ttl NX; every ttl/3 ${commands}; EVAL "if get == token then del"`,
    async acquire(context) {
      const taken = await take(context)
      if (taken === null) return null
      let lose: Lose = () => {}
      const lost = new Promise<string>((resolve) => {
        lose = resolve
      })
      const lease = { ...taken, lost }
      const stop = everyThird(context.ttlMs, () => tick(context, taken.token, stop, lose))
      stops.set(lease, stop)
      return lease
    },
    async release(context, lease) {
      stops.get(lease)?.()
      return giveBack(context, lease)
    },
  })
}

const ignore = () => 'the next tick tries again'

/** Puts the key back when it is gone, as RedLock.net's Extend.lua does: the holder never learns that it lost it. */
export const recreates = renewed(
  'recreates-lost-key',
  "model of RedLock.net's Extend.lua",
  'EVAL "if get == token then pexpire; if it is missing set PX"',
  ({ redis, key, ttlMs }, token, stop, lose) => {
    const script = `local holder = redis.call('get', KEYS[1])
if holder == ARGV[1] then return redis.call('pexpire', KEYS[1], ARGV[2]) end
if not holder then redis.call('set', KEYS[1], ARGV[1], 'PX', ARGV[2]) return 1 end
return 0`
    redis.eval(script, 1, key, token, ttlMs).then((isMine) => {
      if (isMine === 1) return
      stop()
      lose('the key is no longer ours')
    }, ignore)
  },
)

/** PEXPIRE on whoever's key it is. */
export const expiresBlindly = renewed(
  'expires-blindly',
  "model of Redisson's watchdog of 2016",
  'PEXPIRE k ttl',
  ({ redis, key, ttlMs }) => {
    redis.pexpire(key, ttlMs).catch(ignore)
  },
)

/** A renewal that fails makes it clean up its own live lock, and the holder is not told. */
export const cleansUp = renewed(
  'cleans-up-after-failed-renewal',
  "model of redlock's extend that unlocks when it fails",
  'EVAL "if get == token then pexpire"; on an error EVAL "if get == token then del"',
  (context, token, stop) => {
    renew(context, token).catch(() => {
      stop()
      return giveBack(context, { token })
    })
  },
)

/** One error, and it is never armed again. */
export const stopsAfterError = renewed(
  'stops-after-one-error',
  "model of Redisson's watchdog after a lost connection",
  'EVAL "if get == token then pexpire"; on an error never again',
  (context, token, stop) => {
    renew(context, token).catch(stop)
  },
)

/** Nobody catches what a renewal throws: Node ends the process. */
export const throwsFromTimer = renewed(
  'throws-from-timer',
  "model of redis-semaphore's refresh",
  'EVAL "if get == token then pexpire"; an error is thrown',
  async (context, token) => {
    try {
      await renew(context, token)
    } finally {
      // The place where the next refresh is planned.
    }
  },
)

/** The loss is signalled, and the application does not listen. */
export const ignoresSignal = defineLock({
  ...renewed(
    'ignores-signal',
    'model of an application that does not look at the signal',
    'EVAL "if get == token then pexpire"',
    (context, token, stop) => {
      renew(context, token).then((isMine) => {
        if (!isMine) stop()
      }, ignore)
    },
  ),
})

/**
 * redlock 5's `using`: an extension is tried again and again, and the signal comes only when the last try has failed,
 * whatever the clock says.
 */
export const signalsLate = renewed(
  'signals-late',
  "model of redlock 5's using()",
  'EVAL "if get == token then pexpire", 10 tries 200 ms apart, then the signal',
  (context, token, stop, lose) => {
    stop()
    const attempt = (left: number): void => {
      const again = (): void => {
        if (left === 0) lose('the extension failed')
        else setTimeout(() => attempt(left - 1), 200)
      }
      renew(context, token).then((isMine) => (isMine ? undefined : again()), again)
    }
    attempt(10)
  },
)

/**
 * Knows on its own monotonic clock when its lease ends, whether or not a renewal comes back, and says so: the cure for
 * renewals that hang, fail or come too late.
 */
export const watchesDeadline = defineLock({
  name: 'watches-deadline',
  title: 'a watchdog that compares now with the end of its lease',
  commands: 'SET k token PX ttl NX; every ttl/3 EVAL "if get == token then pexpire"; at the deadline: lost',
  async acquire(context) {
    const marginMs = context.ttlMs * 0.01 + 2
    let startedMs = performance.now()
    const taken = await take(context)
    if (taken === null) return null
    let lose: Lose = () => {}
    const lost = new Promise<string>((resolve) => {
      lose = resolve
    })
    const leftMs = (): number => startedMs + context.ttlMs - marginMs - performance.now()
    const give = (): void => {
      stop()
      clearTimeout(alarm)
      lose('the lease has ended')
    }
    let alarm = setTimeout(give, Math.max(0, leftMs()))
    const stop = everyThird(context.ttlMs, () => {
      const nowMs = performance.now()
      renew(context, taken.token).then((isMine) => {
        if (!isMine) return give()
        startedMs = nowMs
        clearTimeout(alarm)
        alarm = setTimeout(give, Math.max(0, leftMs()))
      }, ignore)
    })
    const lease = { ...taken, lost, isHeld: () => leftMs() > 0 }
    stops.set(lease, () => {
      stop()
      clearTimeout(alarm)
    })
    return lease
  },
  async release(context, lease) {
    stops.get(lease)?.()
    return giveBack(context, lease)
  },
})

/** The timer is cleared only after the release has come back; when it does not, the key is renewed for ever. */
export const outlivesRelease = defineLock({
  ...renewed(
    'outlives-release',
    "model of Redisson's watchdog after an unlock that threw",
    'EVAL "if get == token then pexpire"',
    (context, token) => {
      renew(context, token).catch(ignore)
    },
  ),
  async release(context, lease) {
    const isMine = await giveBack(context, lease)
    stops.get(lease)?.()
    return isMine
  },
})

/** Looks, then sets: a renewal under way puts the key back after the release has deleted it. */
export const looksThenSets = renewed(
  'looks-then-sets',
  'model of a renewal in two commands',
  'GET k; SET k token PX ttl',
  async ({ redis, key, ttlMs }, token) => {
    if ((await redis.get(key)) === token) await redis.set(key, token, 'PX', ttlMs)
  },
)

/** `extend` gives a new handle and makes the old one worthless; the application goes on with the old one. */
export const usesStaleHandle = defineLock({
  name: 'uses-stale-handle',
  title: "model of redlock's extend, which returns a new lock",
  commands: 'SET k token PX ttl NX; every ttl/3 handle.extend(); EVAL "if get == token then del"',
  async acquire(context) {
    const taken = await take(context)
    if (taken === null) return null
    const handle = { expiration: performance.now() + context.ttlMs }
    const extend = async (existing: { expiration: number }) => {
      if (existing.expiration < performance.now()) throw new Error('Cannot extend an already-expired lock.')
      existing.expiration = 0
      await renew(context, taken.token)
      return { expiration: performance.now() + context.ttlMs }
    }
    const lease = { ...taken }
    stops.set(
      lease,
      everyThird(context.ttlMs, () => {
        extend(handle).catch(() => 'the application logs it and works on')
      }),
    )
    return lease
  },
  async release(context, lease) {
    stops.get(lease)?.()
    return giveBack(context, lease)
  },
})

/** Adds to what is left, as redis-py's `extend` does unless told otherwise: the lease grows with every renewal. */
export const adds = renewed(
  'adds-to-lease',
  "model of redis-py's extend(additional_time)",
  'EVAL "if get == token then pexpire (pttl + ttl)"',
  ({ redis, key, ttlMs }, token) => {
    const script = `if redis.call('get', KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call('pexpire', KEYS[1], redis.call('pttl', KEYS[1]) + ARGV[2])`
    redis.eval(script, 1, key, token, ttlMs).catch(ignore)
  },
)

/** Believes what it remembered: `refresh` writes the key again because the object says "acquired". */
export const remembersAcquired = renewed(
  'remembers-acquired',
  'model of a lock that refreshes by what it remembers',
  'SET k token PX ttl, because isAcquired was true',
  ({ redis, key, ttlMs }, token) => {
    redis.set(key, token, 'PX', ttlMs).catch(ignore)
  },
)
