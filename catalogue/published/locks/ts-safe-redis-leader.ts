/** ts-safe-redis-leader: being the leader is having the lock, and being demoted is losing it. */
import { Redis } from 'ioredis'
import { defineLock, type Lease } from 'lockstorm'
import { SafeRedisLeader } from 'ts-safe-redis-leader'

const redis = new Redis('redis://cache:6379')

export default defineLock({
  name: 'ts-safe-redis-leader',
  blocking: true,
  statements: { signal: "'demoted'" },
  acquire: ({ key, ttlMs }) =>
    new Promise((resolve) => {
      const leader = new SafeRedisLeader(redis as never, ttlMs, ttlMs / 4, key)
      const demoted = new AbortController()
      leader.on('demoted', () => demoted.abort())
      leader.on('error', () => {})
      leader.once('elected', () => resolve({ signal: demoted.signal, leader } as Lease))
      leader.elect()
    }),
  async release(_context, lease) {
    await (lease as { leader: SafeRedisLeader }).leader.shutdown()
    return true
  },
})
