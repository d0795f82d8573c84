/**
 * A lock without an expiry: python-redis-lock with `expire=None`, Laravel's `Cache::lock` with 0 seconds. Whoever dies
 * takes it along.
 */
import { defineLock } from 'lockstorm'
import { giveBack } from './parts.ts'

export default defineLock({
  name: 'no-expiry',
  title: 'model of a lock without a TTL',
  commands: 'SET k token NX; EVAL "if get == token then del"',
  async acquire({ redis, key, token }) {
    return (await redis.set(key, token, 'NX')) === 'OK' ? { token } : null
  },
  release: giveBack,
})
