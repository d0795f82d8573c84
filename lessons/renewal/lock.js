/** Renew the lease each third of it, as long as the work takes. */
const RENEW = `
  if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('pexpire', KEYS[1], ARGV[2]) else return 0 end`
const DELETE_OWN = `
  if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('del', KEYS[1]) else return 0 end`

export default {
  name: 'renews-until-it-fails',
  client: 'direct',
  async acquire({ redis, key, token, ttlMs }) {
    if ((await redis.set(key, token, 'PX', ttlMs, 'NX')) !== 'OK') return null
    const lease = { token }
    const renew = () =>
      redis.eval(RENEW, 1, key, token, ttlMs).then(
        () => (lease.timer = setTimeout(renew, ttlMs / 3)),
        () => clearTimeout(lease.timer),
      )
    lease.timer = setTimeout(renew, ttlMs / 3)
    return lease
  },
  async release({ redis, key }, lease) {
    clearTimeout(lease.timer)
    return (await redis.eval(DELETE_OWN, 1, key, lease.token)) === 1
  },
}
