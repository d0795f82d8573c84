/**
 * The queue that is written first: a list, a push and a pop. What was popped is in its worker's memory and nowhere else: a worker
 * that ends takes its job with it.
 *
 * Source: https://redis.io/docs/latest/commands/lmove/, "Pattern: Reliable queue"
 */
import { defineQueue } from './job-queue.ts'
import { polling } from './polling.ts'

export const listPop = defineQueue({
  name: 'list-pop',
  title: 'RPUSH and LPOP',
  commands: 'RPUSH · LPOP',
  async add({ redis, queue }, job) {
    await redis.call('RPUSH', queue, job)
  },
  async work({ redis, queue }, handle) {
    polling(async () => {
      const job = await redis.call('LPOP', queue)
      if (typeof job !== 'string') return false
      await handle(job)
      return true
    })
  },
})
