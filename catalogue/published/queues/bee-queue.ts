/** bee-queue: jobs with stall detection, which each worker does by itself. */
import BeeQueue from 'bee-queue'
import { defineQueue } from 'lockstorm'

/** Each simulated client loads this file for itself. */
let adding: BeeQueue<{ job: string }> | undefined

export default defineQueue({
  name: 'bee-queue',
  async add({ queue: name }, job) {
    adding ??= new BeeQueue(name, { redis: { host: 'cache' }, isWorker: false, getEvents: false })
    adding.on('error', () => undefined)
    await adding.createJob({ job }).save()
  },
  async work({ queue: name, lockMs }, handle) {
    const worker = new BeeQueue<{ job: string }>(name, {
      redis: { host: 'cache' },
      stallInterval: lockMs,
      getEvents: false,
      removeOnSuccess: true,
    })
    worker.on('error', () => undefined)
    await worker.ready()
    worker.process(({ data }) => handle(data.job))
    // As its README says: jobs of workers that ended are looked for again and again.
    worker.checkStalledJobs(lockMs)
  },
})
