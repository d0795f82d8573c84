/** The same, and a number that grows with each grant: the storage refuses a lower one than it has seen. */
const TAKE = `
  if not redis.call('set', KEYS[1], ARGV[1], 'PX', ARGV[2], 'NX') then return false end
  return redis.call('incr', KEYS[2])`
const DELETE_OWN = `
  if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('del', KEYS[1]) else return 0 end`

export default {
  name: 'fenced',
  async acquire({ redis, key, token, ttlMs }) {
    const validUntil = performance.now() + ttlMs
    const fence = await redis.eval(TAKE, 2, key, `${key}:fence`, token, ttlMs)
    return fence === null ? null : { token, validUntil, fence }
  },
  async release({ redis, key }, lease) {
    return (await redis.eval(DELETE_OWN, 1, key, lease.token)) === 1
  },
}
