/**
 * A shared counter behind a lock: take the lock, read, work, write one more, release. Two holders at once lose an update.
 *
 *   acquire ── read 7 ── work ── still mine? ── write 8 ── release
 *
 * The client asks its lease whether it still holds before it writes, as a careful application does; between the question
 * and the write is where a pause does its harm. With `check-lease: false` it does not ask, as most applications.
 */

import * as z from 'zod'
import { durationOrZeroUs, durationUs, wholeNumber } from '../../fault/settings.ts'
import { counted, countText } from '../../text/time.ts'
import { type Client, note, record } from '../client.ts'
import type { Hold } from '../hold.ts'
import { LOCK_PROPERTIES, lockKeys, probeLock } from '../lock-use.ts'
import { LOCK_KEY, Locking } from '../locking.ts'
import { readValue, writeValue } from '../storage-use.ts'
import { defineWorkload, type Life } from '../workload.ts'

export interface CounterSettings {
  /** How often each client takes the lock. */
  readonly rounds: number
  /** How long it works between reading and writing the counter. */
  readonly workUs: number
  /** Pause between two attempts to take the lock. */
  readonly retryUs: number
  /** Whether the storage refuses a write whose fencing token is lower than one it has seen. */
  readonly checkFence: boolean
  /** False: a holder does not ask its lease before it writes. */
  readonly checkLease?: boolean
  /** Whether a holder takes the lock once more while it has it, and gives that back before it writes. */
  readonly nested?: true
  /** How often a waiter may be overtaken by a client that came later; not judged when missing. */
  readonly bypasses?: number
}

const inYaml = z
  .strictObject({
    rounds: wholeNumber(1, 1_000).default(2).describe('How often each client takes the lock'),
    work: durationOrZeroUs.prefault('20ms').describe('How long it works between reading and writing'),
    retry: durationUs.prefault('10ms').describe('Pause between two attempts to take the lock'),
    'check-fence': z.boolean().default(false).describe('Whether the storage refuses writes with an old fencing token'),
    'check-lease': z
      .boolean()
      .optional()
      .describe('Whether a holder asks its lease before it writes, which many applications do not; default: it does'),
    nested: z.boolean().default(false).describe('Whether a holder takes the lock once more while it has it'),
    bypasses: wholeNumber(0, 1_000)
      .optional()
      .describe('How often a waiter may be overtaken by a later comer; default: not judged'),
  })
  .describe('Each client takes the lock, reads a counter, works, and writes it plus one')

const schema = z.codec(inYaml, z.custom<CounterSettings>(), {
  decode: ({ rounds, work, retry, 'check-fence': checkFence, 'check-lease': checkLease = true, nested, bypasses }) => ({
    rounds,
    workUs: work,
    retryUs: retry,
    checkFence,
    // What is not asked for is not in the plan, so that tokens of older files stay good.
    ...(checkLease ? {} : { checkLease }),
    ...(nested ? { nested } : {}),
    ...(bypasses === undefined ? {} : { bypasses }),
  }),
  encode: ({ rounds, workUs, retryUs, checkFence, checkLease, nested = false, bypasses }) => ({
    rounds,
    work: workUs,
    retry: retryUs,
    'check-fence': checkFence,
    nested,
    ...(checkLease === undefined ? {} : { 'check-lease': checkLease }),
    ...(bypasses === undefined ? {} : { bypasses }),
  }),
})

export const counter = defineWorkload({
  kind: 'counter',
  takes: 'lock',
  schema,
  operations: ['acquire', 'read', 'nest', 'unnest', 'work', 'extend', 'write', 'release'],
  anchors: ['acquire', 'read', 'work', 'write', 'release'],
  doneBy: ['write'],
  properties: [...LOCK_PROPERTIES, 'starvation'],
  key: LOCK_KEY,
  watches: lockKeys,
  storage: ({ checkFence }) => ({ checkFence }),
  run,
  probe: probeLock,
  lastsUs: ({ rounds, workUs, retryUs }, talkUs) => rounds * (workUs + talkUs + retryUs),
  roundsOf: ({ rounds }) => rounds,
  withRounds: (settings, rounds) => ({ ...settings, rounds }),
  unasked: (settings) => ({ ...settings, checkLease: false }),
  rules: ({ checkFence, bypasses }) => ({ checkFence, ...(bypasses === undefined ? {} : { bypassesMax: bypasses }) }),
  describe: ({ rounds }, clients) => ({
    en: `counter, ${counted(clients, 'client')} × ${counted(rounds, 'round')}`,
    zh: `counter，${clients} 个客户端 × ${countText(rounds)} 轮`,
  }),
  hunts: {
    isUsual: true,
    // The storage checks fencing tokens: a lock that hands them out is protected, one that does not is no worse off.
    settings: ({ rounds, workUs, retryUs, ttlMs, canExtend }) => [
      { rounds, workUs, retryUs, checkFence: true },
      // Work for which a lease has to be prolonged.
      ...(canExtend ? [{ rounds: 1, workUs: LEASES_OF_LONG_WORK * ttlMs * 1_000, retryUs, checkFence: true }] : []),
    ],
    ttlLeases: 1,
    // Stories are told of the first client: it comes first. Where nothing goes wrong all come at once.
    headStartUs: 5_000,
  },
})

/** Long enough for several extensions. */
const LEASES_OF_LONG_WORK = 2.5

async function run({ client, subject, settings, ttlMs }: Life<CounterSettings, 'lock', unknown>): Promise<void> {
  const locking = new Locking(client, subject.lock, ttlMs)
  for (let round = 0; round < settings.rounds; round += 1) {
    const taken = await locking.take(settings.retryUs, () => client.isStopping())
    if (taken === null) return
    const nest = settings.nested === true ? () => locking.nest(taken.context) : null
    await increment(client, taken.hold, { work: () => locking.work(taken, settings.workUs), nest }, settings)
    await locking.giveBack(taken.hold, taken.context)
  }
}

async function increment(
  client: Client,
  hold: Hold,
  { work, nest }: { readonly work: () => Promise<void>; readonly nest: (() => Promise<void>) | null },
  { checkLease = true }: CounterSettings,
): Promise<void> {
  const { token } = hold
  const value = await readValue(client, hold)
  if (value === null) return
  await nest?.()
  record(client, 'invoke', 'work', token)
  await work()
  record(client, 'ok', 'work', token)
  if (!checkLease || hold.isBelieved()) await writeValue(client, hold, value + 1)
  else note(client, 'note', 'gave up', token)
}
