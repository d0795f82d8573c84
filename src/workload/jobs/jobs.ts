/**
 * A job queue: every client adds jobs and is a worker. What was acknowledged must be done, by one worker at a time.
 *
 *   A   start ── put 1 → ok ── put 2 → ok ──────── run 3 ── done
 *   B   start ── put 3 → ok ── run 1 ── done ── run 2 ── done
 *
 * What a job does is done at the storage. Workers go on until the world ends: a job whose worker has ended is another one's, as
 * soon as the queue notices it.
 */

import * as z from 'zod'
import { durationOrZeroUs, wholeNumber } from '../../fault/settings.ts'
import type { QueueContext } from '../../queue/job-queue.ts'
import { counted, countText } from '../../text/time.ts'
import { type Client, reason, record, sleep } from '../client.ts'
import { renamed } from '../settings.ts'
import { runOnce } from '../storage-use.ts'
import { defineWorkload, type Life } from '../workload.ts'

const inYaml = z
  .strictObject({
    jobs: wholeNumber(1, 1_000).default(2).describe('How many jobs each client adds'),
    work: durationOrZeroUs.prefault('20ms').describe('How long one takes'),
  })
  .describe('Clients add jobs to a queue and run them as its workers')

const schema = renamed(inYaml, { jobs: 'jobs', work: 'workUs' })

type JobsSettings = z.output<typeof schema>
type JobsLife = Life<JobsSettings, 'job-queue', JobsShared>

/** What is known outside of Redis of the jobs of one world, by their numbers. */
export interface JobsShared {
  /** Those that a client has begun to add: one that starts anew does not add them again. */
  readonly begun: Set<number>
  readonly acknowledged: Set<number>
  /** Those that were run to their end, or failed, which the queue was told. */
  readonly ended: Set<number>
  /** The lives whose worker was started. */
  readonly workers: Set<Client>
}

const QUEUE = 'jobs'
const LOOK_AGAIN_US = 10_000
/** The numbers of one client's jobs begin here: A's are 1, 2, 3; B's 1001, 1002. */
const PER_CLIENT = 1_000

export const jobs = defineWorkload({
  kind: 'jobs',
  takes: 'job-queue',
  schema,
  operations: ['start', 'put', 'run'],
  anchors: ['put', 'run'],
  doneBy: ['run'],
  properties: ['job-lost', 'job-run-by-two', 'job-run-twice', 'hang', 'crash'],
  key: QUEUE,
  // Which keys a job has, only its queue knows.
  watches: () => [],
  storage: () => ({}),
  share: (): JobsShared => ({ begun: new Set(), acknowledged: new Set(), ended: new Set(), workers: new Set() }),
  run,
  probe,
  lastsUs: ({ jobs, workUs }, talkUs) => jobs * (workUs + talkUs),
  roundsOf: ({ jobs }) => jobs,
  withRounds: (settings, count) => ({ ...settings, jobs: count }),
  rules: () => ({ runs: 'task' }),
  describe: ({ jobs }, clients) => ({
    en: `jobs, ${counted(clients, 'client')} × ${counted(jobs, 'job')}`,
    zh: `jobs，${clients} 个客户端 × ${countText(jobs)} 个任务`,
  }),
  hunts: {
    isUsual: true,
    settings: ({ rounds, workUs }) => [{ jobs: rounds, workUs }],
    ttlLeases: 1,
    headStartUs: 0,
    // A worker that says a few times within a lease that it is at work may lose one of these messages, connect again, and say it.
    messagesALease: 20,
  },
})

async function run(life: JobsLife): Promise<void> {
  const { client, settings, index, shared } = life
  await startWorker(life)
  for (let job = index * PER_CLIENT + 1; job <= index * PER_CLIENT + settings.jobs; job += 1) {
    if (client.isStopping()) return
    if (!shared.begun.has(job)) await put(life, job)
  }
  while (!client.isStopping() && isLeft(shared)) await sleep(client, LOOK_AGAIN_US)
}

/** Waits until nothing is left to be done; one that has no worker starts one, for all others may have ended. */
async function probe(life: JobsLife, isOver: () => boolean): Promise<void> {
  if (!life.shared.workers.has(life.client)) await startWorker(life)
  while (!isOver() && isLeft(life.shared)) await sleep(life.client, LOOK_AGAIN_US)
}

const isLeft = ({ acknowledged, ended }: JobsShared): boolean => [...acknowledged].some((job) => !ended.has(job))

async function startWorker(life: JobsLife): Promise<void> {
  const { client, subject, shared } = life
  shared.workers.add(client)
  const id = lifeName(client)
  record(client, 'invoke', 'start', id)
  try {
    await subject.queue.work(contextOf(life), (job) => handle(life, job))
    record(client, 'ok', 'start', id)
  } catch (error) {
    record(client, 'info', 'start', [id, reason(error)])
  }
}

async function put(life: JobsLife, job: number): Promise<void> {
  const { client, subject, shared } = life
  const id = `${lifeName(client)}-${job}`
  shared.begun.add(job)
  record(client, 'invoke', 'put', [id, job])
  try {
    await subject.queue.add(contextOf(life), `job-${job}`)
    shared.acknowledged.add(job)
    record(client, 'ok', 'put', [id, job])
  } catch (error) {
    record(client, 'info', 'put', [id, job, reason(error)])
  }
}

const runs = new WeakMap<Client, number>()

/**
 * Runs one job. It fails when the storage does not answer, and the queue is told.
 * @throws Error with that reason
 */
async function handle({ client, settings, shared }: JobsLife, text: string): Promise<void> {
  const job = Number(/^job-(\d+)$/.exec(text)?.[1] ?? Number.NaN)
  if (!shared.begun.has(job)) throw new TypeError(`expected a job that was added, got ${JSON.stringify(text)}`)
  const count = (runs.get(client) ?? 0) + 1
  runs.set(client, count)
  const token = `${lifeName(client)}-${job}-${count}`
  const isDone = await runOnce(client, { token, fence: null }, job, () =>
    sleep(client, settings.workUs + client.extraWorkUs()),
  )
  shared.ended.add(job)
  if (!isDone) throw new Error('the storage did not answer')
}

const lifeName = ({ name, process }: Client): string =>
  process.incarnation === 0 ? name : `${name}.${process.incarnation}`

const contextOf = ({ client, ttlMs }: JobsLife): QueueContext => ({
  redis: client.nodes[0] as QueueContext['redis'],
  queue: QUEUE,
  lockMs: ttlMs,
  owner: lifeName(client),
  connect: client.connect,
})
