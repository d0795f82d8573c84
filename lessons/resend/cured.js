/** A command that is sent twice finds its own token, and gives the same answer as before. */
const TAKE = `
  if redis.call('get', KEYS[1]) == ARGV[1] then return 1 end
  return redis.call('set', KEYS[1], ARGV[1], 'PX', ARGV[2], 'NX') and 1`
const DELETE_OWN = `
  if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('del', KEYS[1]) else return 0 end`

export default {
  name: 'says-yes-twice',
  client: 'ioredis',
  async acquire({ redis, key, token, ttlMs }) {
    return (await redis.eval(TAKE, 1, key, token, ttlMs)) === 1 ? { token } : null
  },
  async release({ redis, key }, lease) {
    return (await redis.eval(DELETE_OWN, 1, key, lease.token)) === 1
  },
}
