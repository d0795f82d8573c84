/** bullmq: one job taken as a lock, over the client that lockstorm gives; its scripts add to streams. */
import { type Job, Queue, Worker } from 'bullmq'
import type { Redis } from 'ioredis'
import { defineLock, type Lease } from 'lockstorm'

/** Each simulated client loads this file for itself. */
let mine: { readonly queue: Queue; readonly worker: Worker } | undefined

function made(connection: Redis, lockDuration: number) {
  connection.options.maxRetriesPerRequest = null
  const queue = new Queue('q', { connection, skipVersionCheck: true })
  const worker = new Worker('q', null, { connection, lockDuration, skipVersionCheck: true, autorun: false })
  queue.on('error', () => undefined)
  worker.on('error', () => undefined)
  return { queue, worker }
}

export default defineLock<Redis>({
  name: 'bullmq-job-as-lock',
  keys: () => ['bull:q:one:lock'],
  async acquire({ redis, token, ttlMs }) {
    mine ??= made(redis, ttlMs)
    await mine.queue.add('job', {}, { jobId: 'one', removeOnComplete: true })
    const job = await mine.worker.getNextJob(token, { block: false })
    return job === undefined ? null : ({ token, job } as Lease)
  },
  async release({ token }, lease) {
    await (lease as Lease & { job: Job }).job.moveToCompleted('done', token, false)
    return true
  },
})
