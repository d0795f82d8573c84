/** An election whose command is wrong. */
import { defineLeader } from 'lockstorm'

export default defineLeader({
  name: 'cannot-campaign',
  async campaign({ redis, key }, { onElected }) {
    await redis.call('SETNX', key)
    onElected()
  },
  async resign({ redis, key }) {
    await redis.del(key)
  },
})
