/**
 * Locks before a cache that let several clients make the same value, each in one way. What they lock is the making of a
 * value after a miss; whoever has the lock looks into the cache once more before.
 */
import { defineLock } from 'lockstorm'
import { giveBack, sleep, take } from './parts.ts'

/** Everybody who misses makes the value. */
export const noLock = defineLock({
  name: 'no-lock',
  title: 'model of a cache without a lock',
  commands: 'none',
  async acquire({ token }) {
    return { token }
  },
  async release() {
    return true
  },
})

const PATIENCE_MS = 20

/** Who does not get the lock in time makes the value without it. */
export const goesOnWithoutLock = defineLock({
  name: 'goes-on-without-lock',
  title: 'model of a cache whose waiters lose patience',
  commands: 'SET k token PX ttl NX, for 20 ms; then as if it had the lock; EVAL "if get == token then del"',
  async acquire(context) {
    for (const startedMs = performance.now(); performance.now() < startedMs + PATIENCE_MS; await sleep(5)) {
      const lease = await take(context)
      if (lease !== null) return lease
    }
    return { token: context.token }
  },
  release: giveBack,
})

/** Who did not get the lock waits until it is free, and then does not take it: the value should be there by now. */
export const waitsAndComputes = defineLock({
  name: 'waits-and-computes',
  title: 'model of a cache whose waiters wait for the one who computes, and do not take the lock themselves',
  commands: 'SET k token PX ttl NX; EXISTS k until it is gone; EVAL "if get == token then del"',
  async acquire(context) {
    const lease = await take(context)
    if (lease !== null) return lease
    while ((await context.redis.call('exists', context.key)) === 1) await sleep(5)
    return { token: context.token }
  },
  release: giveBack,
})
