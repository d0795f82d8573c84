/** Its add fails every time. */
import { defineQueue } from 'lockstorm'

export default defineQueue({
  name: 'cannot-add',
  async add({ redis, queue }, job) {
    await redis.call('LPUSH', queue)
    return job
  },
  async work() {},
})
