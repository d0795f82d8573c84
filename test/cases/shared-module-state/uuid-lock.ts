import { defineLock } from 'lockstorm'
import { v4 } from 'uuid-8'

const RELEASE = `if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('del', KEYS[1]) end return 0`

export default defineLock({
  name: 'uuid-lock',
  async acquire({ redis, key, ttlMs }) {
    const token = v4()
    return (await redis.set(key, token, 'PX', ttlMs, 'NX')) === 'OK' ? { token } : null
  },
  async release({ redis, key }, lease) {
    return (await redis.eval(RELEASE, 1, key, lease.token!)) === 1
  },
})
