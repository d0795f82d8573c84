/** An election that never tells who leads. */
import { defineLeader } from 'lockstorm'

export default defineLeader({
  name: 'tells-nobody',
  async campaign({ redis, key, token, leaseMs }) {
    await redis.set(key, token, 'PX', leaseMs, 'NX')
  },
  async resign({ redis, key }) {
    await redis.del(key)
  },
})
