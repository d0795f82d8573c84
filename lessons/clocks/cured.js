/** A deadline on a clock that nobody sets: it counts what has passed, and is right about nothing else. */
const DELETE_OWN = `
  if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('del', KEYS[1]) else return 0 end`

export default {
  name: 'monotonic-deadline',
  async acquire({ redis, key, token, ttlMs }) {
    const validUntil = performance.now() + ttlMs
    const isTaken = (await redis.set(key, token, 'PX', ttlMs, 'NX')) === 'OK'
    return isTaken ? { token, validUntil } : null
  },
  async release({ redis, key }, lease) {
    return (await redis.eval(DELETE_OWN, 1, key, lease.token)) === 1
  },
}
