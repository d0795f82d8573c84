/**
 * The semaphore that is written first: a counter that goes up for each holder and down again. It does not know who holds, so what
 * a holder that ends has counted stays, and what is sent twice is counted twice.
 *
 * Source: https://redis.io/docs/latest/commands/incr/, "Pattern: Counter"
 */
import { defineLock } from '../lock.ts'

const LIMIT = 2

export const counterSemaphore = defineLock({
  name: 'counter-semaphore',
  title: 'a semaphore of two: INCR and DECR',
  commands: 'INCR k, and DECR k when it is above 2; DECR k',
  limit: LIMIT,
  async acquire({ redis, key, token }) {
    if (Number(await redis.call('INCR', key)) <= LIMIT) return { token }
    await redis.call('DECR', key)
    return null
  },
  async release({ redis, key }) {
    await redis.call('DECR', key)
    return true
  },
})
