/** Look and take in one command: NX sets only what is not there. */
export default {
  name: 'take-if-free',
  async acquire({ redis, key, token, ttlMs }) {
    if ((await redis.set(key, token, 'PX', ttlMs, 'NX')) !== 'OK') return null
    return { token }
  },
  async release({ redis, key }) {
    return (await redis.del(key)) === 1
  },
}
