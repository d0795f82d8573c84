import { randomUUID } from 'node:crypto'
import { defineLock } from 'lockstorm'
export default defineLock({
  name: 'given-lock',
  async acquire({ redis, key, ttlMs }) {
    const token = randomUUID()
    return (await redis.set(key, token, 'PX', ttlMs, 'NX')) === 'OK' ? { token } : null
  },
  async release({ redis, key }, lease) {
    return (await redis.eval(`if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('del', KEYS[1]) end return 0`, 1, key, lease.token!)) === 1
  },
})
