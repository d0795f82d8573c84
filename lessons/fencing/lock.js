/** Draw a number, then take the lock; write with the number. */
const DELETE_OWN = `
  if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('del', KEYS[1]) else return 0 end`

export default {
  name: 'draws-before-it-takes',
  async acquire({ redis, key, token, ttlMs }) {
    const fence = await redis.incr(`${key}:fence`)
    const validUntil = performance.now() + ttlMs
    const isTaken = (await redis.set(key, token, 'PX', ttlMs, 'NX')) === 'OK'
    return isTaken ? { token, validUntil, fence } : null
  },
  async release({ redis, key }, lease) {
    return (await redis.eval(DELETE_OWN, 1, key, lease.token)) === 1
  },
}
