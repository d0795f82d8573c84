/** Renew the lease each third of it; try again if that fails, and believe in it only as far as Redis has said yes. */
const RENEW = `
  if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('pexpire', KEYS[1], ARGV[2]) else return 0 end`
const DELETE_OWN = `
  if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('del', KEYS[1]) else return 0 end`

export default {
  name: 'renews-and-looks',
  client: 'direct',
  async acquire({ redis, key, token, ttlMs }) {
    const lease = { token, validUntil: performance.now() + ttlMs }
    if ((await redis.set(key, token, 'PX', ttlMs, 'NX')) !== 'OK') return null
    const renew = async () => {
      const validUntil = performance.now() + ttlMs
      const isRenewed = await redis.eval(RENEW, 1, key, token, ttlMs).catch(() => 0)
      if (isRenewed === 1) lease.validUntil = validUntil
    }
    lease.timer = setInterval(renew, ttlMs / 3)
    lease.isHeld = () => performance.now() < lease.validUntil
    return lease
  },
  async release({ redis, key }, lease) {
    clearInterval(lease.timer)
    return (await redis.eval(DELETE_OWN, 1, key, lease.token)) === 1
  },
}
