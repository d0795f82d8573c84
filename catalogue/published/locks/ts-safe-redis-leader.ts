/** ts-safe-redis-leader, as its page uses it: `elect`, and what its events say. */
import { Redis } from 'ioredis'
import { defineLeader } from 'lockstorm'
import { SafeRedisLeader } from 'ts-safe-redis-leader'

const redis = new Redis('redis://cache:6379')

export default defineLeader<unknown, SafeRedisLeader>({
  name: 'ts-safe-redis-leader',
  async campaign({ key, leaseMs }, candidate) {
    const leader = new SafeRedisLeader(redis as never, leaseMs, leaseMs / 4, key)
    leader.on('elected', () => candidate.onElected())
    leader.on('demoted', () => candidate.onDeposed())
    leader.on('error', () => {})
    leader.elect()
    return leader
  },
  resign: (_context, leader) => leader.shutdown(),
})
