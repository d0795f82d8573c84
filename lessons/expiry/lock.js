/** Take the lock, then say when it ends, so that a holder that dies does not keep it. */
export default {
  name: 'take-then-expire',
  async acquire({ redis, key, token, ttlMs }) {
    if ((await redis.setnx(key, token)) !== 1) return null
    await redis.pexpire(key, ttlMs)
    return { token }
  },
  async release({ redis, key }) {
    return (await redis.del(key)) === 1
  },
}
