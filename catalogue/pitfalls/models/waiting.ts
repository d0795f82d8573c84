/**
 * Locks that wait by themselves: by subscription, by a list, in a queue. Each is wrong in one way, with its cure beside it.
 */
import { defineLock, type LockContext } from 'lockstorm'
import { COMPARE_AND_DELETE, giveBack, sleep, take } from './parts.ts'

const RELEASE_AND_TELL = `if redis.call('get', KEYS[1]) ~= ARGV[1] then return 0 end
redis.call('del', KEYS[1])
redis.call('publish', KEYS[1], 'free')
return 1`

const releaseAndTell = async ({ redis, key }: LockContext, token: string): Promise<boolean> =>
  (await redis.eval(RELEASE_AND_TELL, 1, key, token)) === 1

/** Waits for one message on the key's channel; `limitMs` null: as long as it takes. */
async function waitForNews(context: LockContext, limitMs: number | null, onSubscribed: () => void): Promise<void> {
  const subscriber = await context.connect()
  const news = new Promise<void>((resolve) => {
    subscriber.on('message', () => resolve())
  })
  await subscriber.call('subscribe', context.key)
  onSubscribed()
  await (limitMs === null ? news : Promise.race([news, sleep(limitMs)]))
  subscriber.disconnect()
}

/** Subscribes after it saw the lock taken, and does not look again: a release in between is never heard of. */
export const subscribesLate = defineLock({
  name: 'subscribes-late',
  title: 'model of a waiter that subscribes and does not look again',
  commands: 'SET k token PX ttl NX; SUBSCRIBE k, wait; EVAL "if get == token then del, publish"',
  blocking: true,
  async acquire(context) {
    for (;;) {
      const lease = await take(context)
      if (lease !== null) return lease
      await waitForNews(context, null, () => {})
    }
  },
  release: (context, lease) => releaseAndTell(context, lease.token as string),
})

/** Looks again at least once a TTL, whatever it hears. */
export const subscribesAndPolls = defineLock({
  ...subscribesLate,
  name: 'subscribes-and-polls',
  title: 'the same, looking again after a TTL',
  async acquire(context) {
    for (;;) {
      const lease = await take(context)
      if (lease !== null) return lease
      await waitForNews(context, context.ttlMs, () => {})
    }
  },
})

const PERMIT = (key: string): string => `${key}:permits`

/** Puts the one permit there, once. */
async function makePermit({ redis, key }: LockContext): Promise<void> {
  await redis.eval(
    `if redis.call('setnx', KEYS[1] .. ':made', 1) == 1 then redis.call('rpush', KEYS[1], 'permit') end`,
    1,
    PERMIT(key),
  )
}

/** The wake-up goes to a waiter that has given up: its BLPOP still stands in Redis and takes the permit along. */
export const abandonsPop = defineLock({
  name: 'abandons-pop',
  title: 'model of a waiter that gives up and leaves its BLPOP behind',
  commands: 'BLPOP permits, at most 50 ms by the client; RPUSH permits',
  keys: () => [],
  async acquire(context) {
    await makePermit(context)
    const waiter = await context.connect()
    const permit = await Promise.race([waiter.call('blpop', PERMIT(context.key), 0), sleep(50)])
    return permit === undefined ? null : { token: context.token }
  },
  async release({ redis, key }) {
    await redis.call('rpush', PERMIT(key), 'permit')
    return true
  },
})

/** Redis itself ends the wait, so that nobody is left behind. */
export const endsPop = defineLock({
  ...abandonsPop,
  name: 'ends-pop',
  title: 'the same, with the time limit in BLPOP',
  commands: 'BLPOP permits 0.05; RPUSH permits',
  async acquire(context) {
    await makePermit(context)
    const permit = await context.redis.call('blpop', PERMIT(context.key), '0.05')
    return permit === null ? null : { token: context.token }
  },
})

const SIGNAL = (key: string): string => `${key}:signal`

/** DEL and the wake-up are two commands: whoever dies between them leaves the others asleep. */
export const signalsSecond = defineLock({
  name: 'signals-second',
  title: "model of python-redis-lock's signal list, in two commands",
  commands: 'SET k token PX ttl NX; BLPOP signal 0; EVAL "if get == token then del"; LPUSH signal 1',
  blocking: true,
  async acquire(context) {
    for (;;) {
      const lease = await take(context)
      if (lease !== null) return lease
      await context.redis.call('blpop', SIGNAL(context.key), 0)
    }
  },
  async release(context, lease) {
    const isMine = await giveBack(context, lease)
    await context.redis.call('lpush', SIGNAL(context.key), 1)
    return isMine
  },
})

/** One script, and nobody sleeps longer than a lease. */
export const signalsInScript = defineLock({
  ...signalsSecond,
  name: 'signals-in-script',
  title: 'the same in one script, and no sleep longer than a TTL',
  commands: 'SET k token PX ttl NX; BLPOP signal ttl; EVAL "if get == token then del, lpush signal"',
  async acquire(context) {
    for (;;) {
      const lease = await take(context)
      if (lease !== null) return lease
      await context.redis.call('blpop', SIGNAL(context.key), String(context.ttlMs / 1000))
    }
  },
  async release({ redis, key, ttlMs }, lease) {
    const script = `if redis.call('get', KEYS[1]) ~= ARGV[1] then return 0 end
redis.call('del', KEYS[1], KEYS[2])
redis.call('lpush', KEYS[2], 1)
redis.call('pexpire', KEYS[2], ARGV[2])
return 1`
    return (await redis.eval(script, 2, key, SIGNAL(key), lease.token as string, ttlMs)) === 1
  },
})

const QUEUE = (key: string): string => `${key}:queue`
const RELEASE_AND_STEP = `redis.call('lrem', KEYS[2], 1, ARGV[1])
if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('del', KEYS[1]) end
return 0`

async function leaveQueue({ redis, key }: LockContext, token: string): Promise<boolean> {
  return (await redis.eval(RELEASE_AND_STEP, 2, key, QUEUE(key), token)) === 1
}

/** First come, first served: when the first in the queue is dead, nobody is served. */
export const waitsForDeadHead = defineLock({
  name: 'waits-for-dead-head',
  title: 'model of a fair lock whose queue keeps the dead',
  commands: 'RPUSH queue token; LINDEX queue 0; SET k token PX ttl NX; EVAL "lrem queue, if get == token then del"',
  blocking: true,
  async acquire(context) {
    const { redis, key, token } = context
    await redis.call('rpush', QUEUE(key), token)
    for (;;) {
      if ((await redis.call('lindex', QUEUE(key), 0)) === token) {
        const lease = await take(context)
        if (lease !== null) return lease
      }
      await sleep(10)
    }
  },
  release: (context, lease) => leaveQueue(context, lease.token as string),
})

const STEP = `local head = redis.call('lindex', KEYS[1], 0)
while head and head ~= ARGV[1] and redis.call('exists', KEYS[1] .. ':' .. head) == 0 do
  redis.call('lpop', KEYS[1])
  head = redis.call('lindex', KEYS[1], 0)
end
redis.call('set', KEYS[1] .. ':' .. ARGV[1], 1, 'PX', ARGV[2])
return head`

/** Whoever waits says so again and again; who does not is taken out of the queue. */
export const skipsDeadHead = defineLock({
  ...waitsForDeadHead,
  name: 'skips-dead-head',
  title: 'the same, with a sign of life for each waiter',
  async acquire(context) {
    const { redis, key, token, ttlMs } = context
    await redis.eval(
      `redis.call('rpush', KEYS[1], ARGV[1]) redis.call('set', KEYS[1] .. ':' .. ARGV[1], 1, 'PX', ARGV[2])`,
      1,
      QUEUE(key),
      token,
      ttlMs,
    )
    for (;;) {
      if ((await redis.eval(STEP, 1, QUEUE(key), token, ttlMs)) === token) {
        const lease = await take(context)
        if (lease !== null) return lease
      }
      await sleep(10)
    }
  },
})

/** Deletes what it takes for dead, and what it takes for dead has only just been taken. */
export const reapsLive = defineLock({
  name: 'reaps-live',
  title: 'model of a reaper that looks for the owner in a list of workers',
  commands:
    'reap: GET k, SISMEMBER workers, DEL k; SET k token PX ttl NX; SADD workers token; EVAL "if get == token then del"',
  async acquire(context) {
    const { redis, key, token } = context
    const holder = await redis.get(key)
    if (holder !== null && (await redis.call('sismember', `${key}:workers`, holder)) === 0) await redis.del(key)
    const lease = await take(context)
    if (lease !== null) await redis.call('sadd', `${key}:workers`, token)
    return lease
  },
  release: giveBack,
})

/** In one script with the lock, so that there is no holder who is not in the list. */
export const registersWithLock = defineLock({
  ...reapsLive,
  name: 'registers-with-lock',
  title: 'the same, entering the list in the script that takes the lock',
  async acquire({ redis, key, token, ttlMs }) {
    const holder = await redis.get(key)
    if (holder !== null && (await redis.call('sismember', `${key}:workers`, holder)) === 0) {
      await redis.eval(COMPARE_AND_DELETE, 1, key, holder)
    }
    const script = `if not redis.call('set', KEYS[1], ARGV[1], 'PX', ARGV[2], 'NX') then return 0 end
return redis.call('sadd', KEYS[2], ARGV[1])`
    return (await redis.eval(script, 2, key, `${key}:workers`, token, ttlMs)) === 1 ? { token } : null
  },
})
