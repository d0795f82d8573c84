/** Every owner writes the same value, as redis-mutex writes "mutex": compare-and-delete compares nothing. */
import { defineLock } from 'lockstorm'
import { COMPARE_AND_DELETE } from './parts.ts'

export default defineLock({
  name: 'constant-token',
  title: 'model of a lock whose owners all write "mutex"',
  commands: 'SET k mutex PX ttl NX; EVAL "if get == mutex then del"',
  async acquire({ redis, key, token, ttlMs }) {
    return (await redis.set(key, 'mutex', 'PX', ttlMs, 'NX')) === 'OK' ? { token } : null
  },
  async release({ redis, key }) {
    return (await redis.eval(COMPARE_AND_DELETE, 1, key, 'mutex')) === 1
  },
})
