/** Adds jobs where no worker of its looks. */
import { defineQueue } from 'lockstorm'

export default defineQueue({
  name: 'waits-for-nothing',
  async add({ redis, queue }, job) {
    await redis.call('RPUSH', `${queue}:waiting`, job)
  },
  async work() {},
})
