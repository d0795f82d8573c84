/**
 * A queue that one worker at a time may drain, as an outbox is drained: the worker that has the lock looks which item is next,
 * runs it, and marks it done. Each item must be run, and no item twice.
 *
 *   acquire ── read: 2 are done ── run 3 ── work ── still mine? ── write: 3 are done ── release
 *
 * The storage is where the items are and where they are marked. Between running an item and marking it the worker may end: a
 * queue can only promise that each item is run at least once.
 */
import * as z from 'zod'
import { durationOrZeroUs, durationUs, wholeNumber } from '../../fault/settings.ts'
import { type Client, note } from '../client.ts'
import type { Hold } from '../hold.ts'
import { LOCK_PROPERTIES, lockKeys, probeLock } from '../lock-use.ts'
import { LOCK_KEY, Locking } from '../locking.ts'
import { renamed } from '../settings.ts'
import { readValue, runOnce, writeValue } from '../storage-use.ts'
import { defineWorkload, type Life } from '../workload.ts'

const inYaml = z
  .strictObject({
    items: wholeNumber(1, 1_000).default(4).describe('How many items there are to run'),
    work: durationOrZeroUs.prefault('20ms').describe('How long one takes'),
    retry: durationUs.prefault('10ms').describe('Pause between two attempts to take the lock'),
    'check-fence': z.boolean().default(false).describe('Whether the storage refuses what has an old fencing token'),
  })
  .describe('Workers drain one queue: the one that has the lock runs the next item and marks it done')

const schema = renamed(inYaml, { items: 'items', work: 'workUs', retry: 'retryUs', 'check-fence': 'checkFence' })

type QueueSettings = z.output<typeof schema>

export const queue = defineWorkload({
  kind: 'queue',
  takes: 'lock',
  schema,
  operations: ['acquire', 'read', 'run', 'extend', 'write', 'release'],
  anchors: ['acquire', 'read', 'run', 'write', 'release'],
  doneBy: ['run'],
  properties: [...LOCK_PROPERTIES, 'job-run-twice'],
  key: LOCK_KEY,
  watches: lockKeys,
  storage: ({ checkFence }) => ({ checkFence }),
  run,
  probe: probeLock,
  // Whoever has the lock runs the next one: a client may have to run all.
  lastsUs: ({ items, workUs, retryUs }, talkUs) => items * (workUs + talkUs + retryUs),
  roundsOf: ({ items }) => items,
  withRounds: (settings, items) => ({ ...settings, items }),
  rules: ({ checkFence }) => ({ checkFence, runs: 'item' }),
  describe: ({ items }, clients) => ({
    en: `queue of ${items}, ${clients} clients`,
    zh: `queue（共 ${items} 项），${clients} 个客户端`,
  }),
  hunts: {
    isUsual: false,
    settings: ({ rounds, workUs, retryUs }) => [{ items: 2 * rounds, workUs, retryUs, checkFence: true }],
    ttlLeases: 1,
    headStartUs: 5_000,
  },
})

async function run({ client, subject, settings, ttlMs }: Life<QueueSettings, 'lock', unknown>): Promise<void> {
  const locking = new Locking(client, subject.lock, ttlMs)
  for (let isLeft = true; isLeft; ) {
    const taken = await locking.take(settings.retryUs, () => client.isStopping())
    if (taken === null) return
    isLeft = await runNext(client, taken.hold, settings, () => locking.work(taken, settings.workUs))
    await locking.giveBack(taken.hold, taken.context)
  }
}

/** Runs the next item and marks it done; false: there is none, or the storage does not answer. */
async function runNext(
  client: Client,
  hold: Hold,
  { items }: QueueSettings,
  work: () => Promise<void>,
): Promise<boolean> {
  const done = await readValue(client, hold)
  if (done === null || done >= items) return false
  if (!(await runOnce(client, hold, done + 1, work))) return true
  if (hold.isBelieved()) await writeValue(client, hold, done + 1)
  else note(client, 'note', 'gave up', hold.token)
  return true
}
