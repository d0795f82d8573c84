/** bullmq: jobs of a Queue, run by Workers. */
import { Queue, Worker } from 'bullmq'
import { Redis } from 'ioredis'
import { defineQueue } from 'lockstorm'

const open = (): Redis => {
  const redis = new Redis('redis://cache:6379', { maxRetriesPerRequest: null })
  redis.on('error', () => undefined)
  return redis
}

/** Each simulated client loads this file for itself. */
let queue: Queue | undefined

export default defineQueue({
  name: 'bullmq-jobs',
  async add({ queue: name }, job) {
    queue ??= new Queue(name, { connection: open() })
    queue.on('error', () => undefined)
    await queue.add('work', { job }, { removeOnComplete: true })
  },
  async work({ queue: name, lockMs }, handle) {
    const worker = new Worker<{ job: string }>(name, ({ data }) => handle(data.job), {
      connection: open(),
      lockDuration: lockMs,
      stalledInterval: lockMs,
      maxStalledCount: 1_000,
    })
    worker.on('error', () => undefined)
    await worker.waitUntilReady()
  },
})
