import { defineLock } from 'lockstorm'

const RELEASE = `if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('del', KEYS[1]) end return 0`

interface NodeRedis {
  set(key: string, value: string, options: object): Promise<string | null>
  eval(script: string, options: object): Promise<unknown>
}

export default defineLock({
  name: 'node-redis-lock',
  client: 'node-redis',
  async acquire({ redis, key, token, ttlMs }) {
    const client = redis as unknown as NodeRedis
    return (await client.set(key, token, { PX: ttlMs, NX: true })) === 'OK' ? { token } : null
  },
  async release({ redis, key }, lease) {
    const client = redis as unknown as NodeRedis
    return (await client.eval(RELEASE, { keys: [key], arguments: [lease.token!] })) === 1
  },
})
