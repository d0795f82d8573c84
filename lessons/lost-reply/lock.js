/** If the command fails, the lock was not taken; the caller tries again. */
const DELETE_OWN = `
  if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('del', KEYS[1]) else return 0 end`

export default {
  name: 'failed-is-free',
  client: 'direct',
  async acquire({ redis, key, token, ttlMs }) {
    try {
      return (await redis.set(key, token, 'PX', ttlMs, 'NX')) === 'OK' ? { token } : null
    } catch {
      return null
    }
  },
  async release({ redis, key }, lease) {
    return (await redis.eval(DELETE_OWN, 1, key, lease.token)) === 1
  },
}
