/** bullmq: the lock of a job that a worker takes by hand; what it leaves behind is found by the check for stalled jobs. */
import { type Job, Queue, Worker } from 'bullmq'
import { Redis } from 'ioredis'
import { defineLock, type Lease } from 'lockstorm'

const connection = new Redis('redis://cache:6379', { maxRetriesPerRequest: null })
connection.on('error', () => {})
const queue = new Queue('jobs', { connection })
queue.on('error', () => {})
let worker: Worker | undefined

export default defineLock({
  name: 'bullmq',
  keys: () => ['bull:jobs:one:lock'],
  async acquire({ token, ttlMs }) {
    if (worker === undefined) {
      worker = new Worker('jobs', null, {
        connection,
        lockDuration: ttlMs,
        stalledInterval: ttlMs,
        maxStalledCount: 1_000,
      })
      worker.on('error', () => {})
      await worker.startStalledCheckTimer()
    }
    await queue.add('work', {}, { jobId: 'one', removeOnComplete: true })
    const job = await worker.getNextJob(token, { block: false })
    return job === undefined ? null : ({ token, job } as Lease)
  },
  async release({ token }, lease) {
    await (lease as { job: Job }).job.moveToCompleted('done', token, false)
    return true
  },
})
