/** A TTL in whole seconds: 400 ms becomes 0, and EXPIRE with 0 deletes the key. */
import { defineLock } from 'lockstorm'
import { giveBack } from './parts.ts'

export default defineLock({
  name: 'rounds-to-seconds',
  title: 'model of a lock that rounds its TTL to seconds',
  commands: 'SETNX k token; EXPIRE k round(ttl); EVAL "if get == token then del"',
  async acquire({ redis, key, token, ttlMs }) {
    if ((await redis.setnx(key, token)) !== 1) return null
    await redis.expire(key, Math.round(ttlMs / 1000))
    return { token }
  },
  release: giveBack,
})
