/** redis-leader: being the leader is having the lock, and being revoked is losing it. */
import { Redis } from 'ioredis'
import { defineLock, type Lease } from 'lockstorm'
// @ts-expect-error it has no types
import Leader from 'redis-leader'

const redis = new Redis('redis://cache:6379')

export default defineLock({
  name: 'redis-leader',
  blocking: true,
  statements: { signal: "'revoked'" },
  acquire: ({ key, ttlMs }) =>
    new Promise((resolve) => {
      const leader = new Leader(redis, { key, ttl: ttlMs, wait: ttlMs / 4 })
      const revoked = new AbortController()
      leader.on('revoked', () => revoked.abort())
      leader.on('error', () => {})
      leader.once('elected', () => resolve({ signal: revoked.signal, leader } as Lease))
      leader.elect()
    }),
  async release(_context, lease) {
    // It says nothing when it is done.
    ;(lease as unknown as { leader: { stop(): void } }).leader.stop()
    return true
  },
})
