/** Every rule of the lessons before, and a deadline: the holder looks at its clock before it writes. */
const DELETE_OWN = `
  if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('del', KEYS[1]) else return 0 end`

export default {
  name: 'looks-at-its-clock',
  async acquire({ redis, key, token, ttlMs }) {
    const validUntil = performance.now() + ttlMs
    const isTaken = (await redis.set(key, token, 'PX', ttlMs, 'NX')) === 'OK'
    return isTaken ? { token, validUntil } : null
  },
  async release({ redis, key }, lease) {
    return (await redis.eval(DELETE_OWN, 1, key, lease.token)) === 1
  },
}
