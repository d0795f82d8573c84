/** A deadline on the clock of the wall: until then the holder may work. */
const DELETE_OWN = `
  if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('del', KEYS[1]) else return 0 end`

export default {
  name: 'wall-clock-deadline',
  async acquire({ redis, key, token, ttlMs }) {
    const expiresAt = Date.now() + ttlMs
    const isTaken = (await redis.set(key, token, 'PX', ttlMs, 'NX')) === 'OK'
    return isTaken ? { token, expiresAt } : null
  },
  async release({ redis, key }, lease) {
    return (await redis.eval(DELETE_OWN, 1, key, lease.token)) === 1
  },
}
