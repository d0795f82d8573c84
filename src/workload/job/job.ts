/**
 * A scheduled job: on every machine a scheduler wakes up at each tick of its own wall clock, and the one that gets the
 * lock runs the job. It must run once a tick.
 *
 *   A   tick 1: acquire ── run ── release
 *   B   tick 1:   acquire → no                        a lock excludes while it is held …
 *   C   ……………………………………… tick 1: acquire ── run       … and does not remember: C's clock is late
 *
 * `keepLock` keeps the lock until its lease ends (ShedLock's `lockAtLeastFor`); with `checkTick` the storage remembers
 * which ticks it has seen.
 */

import * as z from 'zod'
import { durationOrZeroUs, durationUs, wholeNumber } from '../../fault/settings.ts'
import { EPOCH_US } from '../../sim/clock.ts'
import { counted, countText } from '../../text/time.ts'
import { type Client, record, sleep } from '../client.ts'
import { LOCK_PROPERTIES, lockKeys, probeLock } from '../lock-use.ts'
import { LOCK_KEY, Locking } from '../locking.ts'
import { renamed } from '../settings.ts'
import { runOnce } from '../storage-use.ts'
import { defineWorkload, type Life } from '../workload.ts'

const inYaml = z
  .strictObject({
    ticks: wholeNumber(1, 1_000).default(3).describe('How often the job is due'),
    every: durationUs.prefault('1s').describe("From one tick to the next, by each scheduler's wall clock"),
    work: durationOrZeroUs.prefault('20ms').describe('How long the job takes'),
    'keep-lock': z.boolean().default(false).describe('Whether the lock is kept after the job until its lease ends'),
    'check-tick': z.boolean().default(false).describe('Whether the storage refuses a tick that it has seen'),
  })
  .describe('Schedulers run one job once a tick: the one that gets the lock runs it')

const schema = renamed(inYaml, {
  ticks: 'ticks',
  every: 'everyUs',
  work: 'workUs',
  'keep-lock': 'keepLock',
  'check-tick': 'checkTick',
})

type JobSettings = z.output<typeof schema>

export const job = defineWorkload({
  kind: 'job',
  takes: 'lock',
  schema,
  operations: ['tick', 'acquire', 'run', 'extend', 'release'],
  anchors: ['tick', 'acquire', 'run', 'release'],
  doneBy: ['run'],
  properties: [...LOCK_PROPERTIES, 'job-run-twice'],
  key: LOCK_KEY,
  watches: lockKeys,
  storage: ({ checkTick }) => ({ checkTick }),
  run,
  probe: probeLock,
  lastsUs: ({ ticks, everyUs, workUs }, talkUs) => ticks * (everyUs + workUs + talkUs),
  roundsOf: ({ ticks }) => ticks,
  withRounds: (settings, ticks) => ({ ...settings, ticks }),
  describe: ({ ticks }, clients) => ({
    en: `job, ${counted(clients, 'client')} × ${counted(ticks, 'round')}`,
    zh: `job，${clients} 个客户端 × ${countText(ticks)} 轮`,
  }),
  hunts: {
    isUsual: false,
    // Ticks lie so far apart that one is over before the next, also for a client that is late.
    settings: ({ rounds, workUs }) => [
      { ticks: rounds, everyUs: Math.max(100_000, 10 * workUs), workUs, keepLock: false, checkTick: false },
    ],
    ttlLeases: 1,
    headStartUs: 0,
  },
})

async function run({ client, subject, settings, ttlMs }: Life<JobSettings, 'lock', unknown>): Promise<void> {
  const { everyUs, ticks } = settings
  const locking = new Locking(client, subject.lock, ttlMs)
  // A clock that jumped ahead has passed ticks: like cron, the scheduler goes on with the next one.
  for (let tick = nextTick(client, everyUs); tick <= ticks; tick = Math.max(tick + 1, nextTick(client, everyUs))) {
    if (!(await waitUntil(client, tick * everyUs))) return
    await runTick(client, locking, tick, settings)
  }
}

const sinceEpochUs = (client: Client): number => client.process.wallUs - EPOCH_US

const nextTick = (client: Client, everyUs: number): number => Math.max(1, Math.ceil(sinceEpochUs(client) / everyUs))

/** Sleeps until the wall clock shows this time since the world began; false: the storm is over. */
async function waitUntil(client: Client, us: number): Promise<boolean> {
  for (let leftUs = us - sinceEpochUs(client); leftUs > 0; leftUs = us - sinceEpochUs(client)) {
    if (client.isStopping()) return false
    await sleep(client, leftUs)
  }
  return !client.isStopping()
}

async function runTick(client: Client, locking: Locking, tick: number, settings: JobSettings): Promise<void> {
  const id = `${client.name}-tick${tick}`
  record(client, 'invoke', 'tick', [id, tick])
  const taken = await locking.attempt()
  if (taken === null) {
    record(client, 'ok', 'tick', [id, tick, 'somebody else runs it'])
    return
  }
  await runOnce(client, taken.hold, tick, () => locking.work(taken, settings.workUs))
  if (settings.keepLock) taken.hold.letGo()
  else await locking.giveBack(taken.hold, taken.context)
  record(client, 'ok', 'tick', [id, tick, 'done'])
}
