/**
 * Quorum locks over independent nodes, each wrong in one way, and one by the book.
 *
 * Source of the right one: https://redis.io/docs/latest/develop/clients/patterns/distributed-locks/
 */
import { defineLock, type Lease, type LockContext, type RedisCommands } from 'lockstorm'
import { COMPARE_AND_DELETE, sleep } from './parts.ts'

type Vote = 'yes' | 'no' | 'unknown'

async function vote(redis: RedisCommands, { key, token, ttlMs }: LockContext): Promise<Vote> {
  return redis.set(key, token, 'PX', ttlMs, 'NX').then(
    (reply) => (reply === 'OK' ? 'yes' : 'no'),
    () => 'unknown',
  )
}

/** Every node answers or is given up after a twentieth of the TTL. */
const voteInTime = (redis: RedisCommands, context: LockContext): Promise<Vote> =>
  Promise.race([vote(redis, context), sleep(context.ttlMs / 20).then((): Vote => 'unknown')])

async function freeOn(nodes: readonly RedisCommands[], key: string, token: string): Promise<boolean> {
  const freed = await Promise.all(
    nodes.map((redis) =>
      Promise.race([redis.eval(COMPARE_AND_DELETE, 1, key, token), sleep(100)]).catch(() => 'nobody knows'),
    ),
  )
  return freed.filter((count) => count === 1).length > nodes.length / 2
}

const majority = (count: number): number => Math.floor(count / 2) + 1
const marginMs = (ttlMs: number): number => ttlMs * 0.01 + 2
const release = ({ nodes, key }: LockContext, lease: Lease): Promise<boolean> =>
  freeOn(nodes, key, lease.token as string)

/** All nodes at once, each with a time limit; a majority within the TTL; otherwise released everywhere. */
export const byTheBook = defineLock({
  name: 'quorum-by-the-book',
  title: 'Redlock as the page of Redis describes it',
  commands: 'on each node SET k token PX ttl NX; a majority in time, else EVAL "if get == token then del" on all',
  nodes: 3,
  async acquire(context) {
    const { nodes, key, token, ttlMs } = context
    const validUntil = performance.now() + ttlMs - marginMs(ttlMs)
    const votes = await Promise.all(nodes.map((redis) => voteInTime(redis, context)))
    const yes = votes.filter((each) => each === 'yes').length
    if (yes >= majority(nodes.length) && performance.now() < validUntil) {
      return { token, validUntil, isHeld: () => performance.now() < validUntil }
    }
    await freeOn(nodes, key, token)
    return null
  },
  release,
})

/** Asks again by itself, after the same time for every client. */
export const retriesInStep = retrying('retries-in-step', 'model of a quorum lock that asks again every 50 ms', () => 50)

/** The same, after a random time. */
export const retriesAtRandom = retrying(
  'retries-at-random',
  'the same, asking again after 0 to 100 ms',
  () => Math.random() * 100,
)

function retrying(name: string, title: string, waitMs: () => number): typeof byTheBook {
  return defineLock({
    ...byTheBook,
    name,
    title,
    blocking: true,
    async acquire(context) {
      for (;;) {
        const lease = await byTheBook.acquire(context)
        if (lease !== null) return lease
        await sleep(waitMs())
      }
    },
  })
}

/** Waits for every node as long as it takes: a node that says nothing holds the attempt up. */
export const waitsForAll = defineLock({
  ...byTheBook,
  name: 'waits-for-all-nodes',
  title: 'model of a quorum lock without a time limit for each node',
  commands:
    'on each node SET k token PX ttl NX, wait for all; a majority in time, else EVAL "if get == token then del" on all',
  async acquire(context) {
    const { nodes, key, token, ttlMs } = context
    const validUntil = performance.now() + ttlMs - marginMs(ttlMs)
    const votes = await Promise.all(nodes.map((redis) => vote(redis, context)))
    const yes = votes.filter((each) => each === 'yes').length
    if (yes >= majority(nodes.length) && performance.now() < validUntil) {
      return { token, validUntil, isHeld: () => performance.now() < validUntil }
    }
    await freeOn(nodes, key, token)
    return null
  },
})

/** Counts votes, not time: keys that were given first may have ended before the last vote arrives. */
export const countsOnlyVotes = defineLock({
  ...byTheBook,
  name: 'counts-only-votes',
  title: "model of redis-semaphore's RedlockMutex",
  commands: 'on each node SET k token PX ttl NX, wait for all; a majority, else release on all',
  async acquire(context) {
    const { nodes, key, token } = context
    const votes = await Promise.all(nodes.map((redis) => vote(redis, context)))
    if (votes.filter((each) => each === 'yes').length >= majority(nodes.length)) return { token }
    await freeOn(nodes, key, token)
    return null
  },
})

/** Settles when `quorum` votes are the same; of two nodes one yes and one no is neither. */
export const forgetsTie = defineLock({
  ...byTheBook,
  name: 'forgets-the-tie',
  nodes: 2,
  title: "model of redlock 5's counting of votes",
  commands: 'on each node SET k token PX ttl NX; resolve at quorum yes, reject at quorum no',
  acquire(context) {
    const { nodes, token } = context
    return new Promise((resolve) => {
      const counts = { yes: 0, no: 0, unknown: 0 }
      for (const redis of nodes) {
        vote(redis, context).then((each) => {
          counts[each] += 1
          if (counts.yes === majority(nodes.length)) resolve({ token })
          else if (counts.no + counts.unknown === majority(nodes.length)) resolve(null)
        })
      }
    })
  },
})

/** Leaves nodes that do not answer out of the count. */
export const countsReachable = defineLock({
  ...byTheBook,
  name: 'counts-reachable-nodes',
  title: 'model of a quorum of the nodes that answered',
  commands: 'on each node SET k token PX ttl NX; a majority of those that answered',
  async acquire(context) {
    const { nodes, key, token } = context
    const votes = await Promise.all(nodes.map((redis) => voteInTime(redis, context)))
    const answered = votes.filter((each) => each !== 'unknown')
    if (answered.length > 0 && answered.filter((each) => each === 'yes').length >= majority(answered.length)) {
      return { token }
    }
    await freeOn(nodes, key, token)
    return null
  },
})

/** One vote of three is enough, because the setting says so. */
export const acceptsMinority = defineLock({
  ...byTheBook,
  name: 'accepts-minority',
  title: 'model of redlock-universal with quorum: 1 of 3',
  commands: 'on each node SET k token PX ttl NX; one yes is enough',
  async acquire(context) {
    const { nodes, key, token } = context
    const votes = await Promise.all(nodes.map((redis) => voteInTime(redis, context)))
    if (votes.includes('yes')) return { token }
    await freeOn(nodes, key, token)
    return null
  },
})

/** After a failed attempt the votes stay where they are, until their TTL. */
export const keepsVotes = defineLock({
  ...byTheBook,
  name: 'keeps-votes',
  title: 'model of a quorum lock that releases nothing between attempts',
  commands: 'on each node SET k token PX ttl NX; a majority, else try again',
  async acquire(context) {
    const { nodes, token } = context
    const votes = await Promise.all(nodes.map((redis) => voteInTime(redis, context)))
    return votes.filter((each) => each === 'yes').length >= majority(nodes.length) ? { token } : null
  },
})

/** Releases only where it was told yes; where the reply was lost its vote stays. */
export const freesKnownVotes = defineLock({
  ...byTheBook,
  name: 'frees-known-votes',
  title: "model of redlock-universal's releasePartialLocks",
  commands: 'on each node SET k token PX ttl NX; a majority, else release where the answer was yes',
  async acquire(context) {
    const { nodes, key, token } = context
    const votes = await Promise.all(nodes.map((redis) => voteInTime(redis, context)))
    if (votes.filter((each) => each === 'yes').length >= majority(nodes.length)) return { token }
    await freeOn(
      nodes.filter((_, index) => votes[index] === 'yes'),
      key,
      token,
    )
    return null
  },
})

/** Three databases of one server are one node: it loses all of them at once. */
export const countsDatabases = defineLock({
  name: 'counts-databases-as-nodes',
  title: 'model of three databases of one server as three nodes',
  commands: 'in databases 0, 1, 2 of one node SET k token PX ttl NX; a majority, else release in all',
  async acquire({ redis, key, token, ttlMs }) {
    const keys = [key, `${key}:db1`, `${key}:db2`]
    const replies = await Promise.all(keys.map((each) => redis.set(each, token, 'PX', ttlMs, 'NX')))
    if (replies.filter((reply) => reply === 'OK').length >= 2) return { token }
    await Promise.all(keys.map((each) => redis.eval(COMPARE_AND_DELETE, 1, each, token)))
    return null
  },
  async release({ redis, key }, lease) {
    const keys = [key, `${key}:db1`, `${key}:db2`]
    const token = lease.token as string
    const freed = await Promise.all(keys.map((each) => redis.eval(COMPARE_AND_DELETE, 1, each, token)))
    return freed.filter((count) => count === 1).length >= 2
  },
})

/** By the clock, but without room for clocks that run at different rates. */
export const leavesNoMargin = defineLock({
  name: 'leaves-no-margin',
  title: 'model of a validity without a margin for drift',
  commands: 'SET k token PX ttl NX; valid until start + ttl; EVAL "if get == token then del"',
  async acquire({ redis, key, token, ttlMs }) {
    const validUntil = performance.now() + ttlMs
    if ((await redis.set(key, token, 'PX', ttlMs, 'NX')) !== 'OK') return null
    return { token, validUntil, isHeld: () => performance.now() < validUntil }
  },
  release: ({ redis, key }, lease) =>
    redis.eval(COMPARE_AND_DELETE, 1, key, lease.token as string).then((count) => count === 1),
})

export const leavesMargin = defineLock({
  ...leavesNoMargin,
  name: 'leaves-margin',
  title: 'the same, less 1 % of the TTL and 2 ms',
  commands: 'SET k token PX ttl NX; valid until start + ttl - 1 % - 2 ms; EVAL "if get == token then del"',
  async acquire({ redis, key, token, ttlMs }) {
    const validUntil = performance.now() + ttlMs - marginMs(ttlMs)
    if ((await redis.set(key, token, 'PX', ttlMs, 'NX')) !== 'OK') return null
    return { token, validUntil, isHeld: () => performance.now() < validUntil }
  },
})

const PART = (key: string): string => `${key}:part-2`
const wanted = ({ key, token }: LockContext): readonly string[] => (token.startsWith('A') ? [key, PART(key)] : [key])

/** Two keys one after the other with one lease: the first may have ended when the second is there. A needs both. */
export const locksInTurn = defineLock({
  name: 'locks-in-turn',
  title: "model of Redisson's MultiLock",
  commands: 'SET k1 token PX ttl NX; SET k2 token PX ttl NX; EVAL "if get == token then del" for both',
  keys: (key) => [key, PART(key)],
  async acquire(context) {
    const { redis, token, ttlMs } = context
    const keys = wanted(context)
    for (const [index, key] of keys.entries()) {
      if ((await redis.set(key, token, 'PX', ttlMs, 'NX')) === 'OK') continue
      for (const taken of keys.slice(0, index)) await redis.eval(COMPARE_AND_DELETE, 1, taken, token)
      return null
    }
    return { token }
  },
  async release(context, lease) {
    const token = lease.token as string
    let isMine = true
    for (const key of wanted({ ...context, token })) {
      if ((await context.redis.eval(COMPARE_AND_DELETE, 1, key, token)) !== 1) isMine = false
    }
    return isMine
  },
})

const TAKE_ALL = `if redis.call('exists', unpack(KEYS)) > 0 then return 0 end
for _, key in ipairs(KEYS) do redis.call('set', key, ARGV[1], 'PX', ARGV[2]) end
return 1`

export const locksAtOnce = defineLock({
  ...locksInTurn,
  name: 'locks-at-once',
  title: 'the same in one script, with a deadline on the monotonic clock',
  commands: 'EVAL "if none exists set k1, k2 PX"; valid until start + ttl; EVAL "if get == token then del" for both',
  async acquire(context) {
    const { redis, token, ttlMs } = context
    const validUntil = performance.now() + ttlMs - marginMs(ttlMs)
    const keys = wanted(context)
    if ((await redis.eval(TAKE_ALL, keys.length, ...keys, token, ttlMs)) !== 1) return null
    return { token, validUntil, isHeld: () => performance.now() < validUntil }
  },
})
