/** redis-leader, as its page uses it: `elect`, and what its events say. */
import { Redis } from 'ioredis'
import { defineLeader } from 'lockstorm'
// @ts-expect-error it has no types
import Leader from 'redis-leader'

const redis = new Redis('redis://cache:6379')

export default defineLeader<unknown, { stop(): void }>({
  name: 'redis-leader',
  async campaign({ key, leaseMs }, candidate) {
    const leader = new Leader(redis, { key, ttl: leaseMs, wait: leaseMs / 4 })
    leader.on('elected', () => candidate.onElected())
    leader.on('revoked', () => candidate.onDeposed())
    leader.on('error', () => {})
    leader.elect()
    return leader
  },
  async resign(_context, leader) {
    // It says nothing when it is done.
    leader.stop()
  },
})
