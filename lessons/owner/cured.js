/** Take the lock with an expiry; to give it back, delete it if it is still yours. */
const DELETE_OWN = `
  if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('del', KEYS[1]) else return 0 end`

export default {
  name: 'deletes-its-own',
  async acquire({ redis, key, token, ttlMs }) {
    return (await redis.set(key, token, 'PX', ttlMs, 'NX')) === 'OK' ? { token } : null
  },
  async release({ redis, key }, lease) {
    return (await redis.eval(DELETE_OWN, 1, key, lease.token)) === 1
  },
}
