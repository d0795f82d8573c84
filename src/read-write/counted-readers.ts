/**
 * The read-write lock that is written first: readers are counted, a writer has a key. A reader that ends stays counted, and no writer
 * is let in any more.
 *
 * Each side leaves its mark before it looks for the other's, so that without faults never both are in.
 *
 * Source: Courtois, Heymans and Parnas 1971, "Concurrent Control with Readers and Writers", with INCR for readcount
 */
import { COMPARE_AND_DELETE } from '../lock/release-script.ts'
import { defineReadWriteLock } from './read-write-lock.ts'

const readersOf = (key: string): string => `${key}:readers`

export const countedReaders = defineReadWriteLock({
  name: 'counted-readers',
  title: 'a counter of readers, a key of the writer',
  commands:
    'INCR readers, EXISTS writer · SET writer token PX ttl NX, GET readers · DECR readers · EVAL "if get == token then del"',
  async acquireRead({ redis, key }) {
    await redis.incr(readersOf(key))
    if ((await redis.exists(key)) === 0) return {}
    await redis.call('DECR', readersOf(key))
    return null
  },
  async acquireWrite({ redis, key, token, ttlMs }) {
    if ((await redis.set(key, token, 'PX', ttlMs, 'NX')) !== 'OK') return null
    if (Number((await redis.get(readersOf(key))) ?? 0) === 0) return { token }
    await redis.eval(COMPARE_AND_DELETE, 1, key, token)
    return null
  },
  async release({ redis, key }, { token }) {
    if (token !== undefined) return (await redis.eval(COMPARE_AND_DELETE, 1, key, token)) === 1
    await redis.call('DECR', readersOf(key))
    return true
  },
})
