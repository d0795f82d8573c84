/** Look whether the lock is free, then take it. */
export default {
  name: 'look-then-take',
  async acquire({ redis, key, token, ttlMs }) {
    if ((await redis.get(key)) !== null) return null
    await redis.set(key, token, 'PX', ttlMs)
    return { token }
  },
  async release({ redis, key }) {
    return (await redis.del(key)) === 1
  },
}
