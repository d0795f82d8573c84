/** Take the lock and say when it ends in one command. */
export default {
  name: 'take-with-expiry',
  async acquire({ redis, key, token, ttlMs }) {
    if ((await redis.set(key, token, 'PX', ttlMs, 'NX')) !== 'OK') return null
    return { token }
  },
  async release({ redis, key }) {
    return (await redis.del(key)) === 1
  },
}
