import { Resolver } from 'node:dns/promises'
import { defineLock } from 'lockstorm'

const RELEASE = `if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('del', KEYS[1]) end return 0`

/** Only when Redis is slow: it looks whether it is the name service. */
export default defineLock({
  name: 'when-slow',
  async acquire({ redis, key, token, ttlMs }) {
    const startMs = performance.now()
    const isMine = (await redis.set(key, token, 'PX', ttlMs, 'NX')) === 'OK'
    if (performance.now() - startMs > 20) await new Resolver().resolve4('redis.example.com')
    return isMine ? { token } : null
  },
  async release({ redis, key }, lease) {
    return (await redis.eval(RELEASE, 1, key, lease.token!)) === 1
  },
})
