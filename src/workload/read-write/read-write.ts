/**
 * A value behind a read-write lock: of three turns of a client one writes it plus one, the others read it twice, before and after work.
 *
 *   A   acquire to write ── read 7 ── work ── write 8 ── release
 *   B                                                     acquire to read ── read 8 ── work ── read 8 ── release
 *   C                                                      acquire to read ── read 8 ── work ── read 8 ── release
 *
 * What a reader reads while it holds must not change. Clients ask their lease before they write or read again.
 */

import * as z from 'zod'
import { durationOrZeroUs, durationUs, wholeNumber } from '../../fault/settings.ts'
import type { LockDefinition } from '../../lock/lock.ts'
import type { ReadWriteLockDefinition } from '../../read-write/read-write-lock.ts'
import { counted, countText } from '../../text/time.ts'
import { note, record, sleep } from '../client.ts'
import { LOCK_KEY, Locking, type Taken } from '../locking.ts'
import { renamed } from '../settings.ts'
import { readValue, writeValue } from '../storage-use.ts'
import { defineWorkload, type Life } from '../workload.ts'

const inYaml = z
  .strictObject({
    rounds: wholeNumber(1, 1_000).default(2).describe('How often each client takes the lock'),
    work: durationOrZeroUs.prefault('20ms').describe('How long it works while it holds it'),
    retry: durationUs.prefault('10ms').describe('Pause between two attempts to take the lock'),
  })
  .describe('Clients read a value, or write it plus one, behind a read-write lock')

const schema = renamed(inYaml, { rounds: 'rounds', work: 'workUs', retry: 'retryUs' })

type ReadWriteSettings = z.output<typeof schema>
type ReadWriteLife = Life<ReadWriteSettings, 'read-write-lock', unknown>

/** It asks again after each tenth of a lease. */
const PROBE_RETRY_US_PER_MS = 100
/** One turn of so many writes. */
const TURNS = 3

export const readWrite = defineWorkload({
  kind: 'read-write',
  takes: 'read-write-lock',
  schema,
  operations: ['acquire', 'read', 'work', 'write', 'release'],
  anchors: ['acquire', 'read', 'work', 'write', 'release'],
  doneBy: ['read', 'write'],
  properties: ['mutual-exclusion', 'torn-read', 'dead-lock', 'hang', 'crash'],
  key: LOCK_KEY,
  // Readers and the writer are in keys that only the lock knows.
  watches: () => [],
  storage: () => ({}),
  run,
  probe,
  lastsUs: ({ rounds, workUs, retryUs }, talkUs) => rounds * (workUs + talkUs + retryUs),
  roundsOf: ({ rounds }) => rounds,
  withRounds: (settings, rounds) => ({ ...settings, rounds }),
  describe: ({ rounds }, clients) => ({
    en: `read-write, ${counted(clients, 'client')} × ${counted(rounds, 'round')}`,
    zh: `read-write，${clients} 个客户端 × ${countText(rounds)} 轮`,
  }),
  hunts: {
    isUsual: true,
    settings: ({ rounds, workUs, retryUs }) => [{ rounds, workUs, retryUs }],
    ttlLeases: 1,
    headStartUs: 5_000,
    // What is sent at the last moment of a lease must arrive before its end, less the margin of the locks to copy.
    messagesALease: 100,
  },
})

async function run(life: ReadWriteLife): Promise<void> {
  const { client, subject, settings, index, ttlMs } = life
  const { reading, writing } = sidesOf(subject.lock)
  const readers = new Locking(client, reading, ttlMs, '-read')
  const writers = new Locking(client, writing, ttlMs, '-write')
  for (let round = 0; round < settings.rounds; round += 1) {
    const isWriter = (index + round) % TURNS === 0
    const locking = isWriter ? writers : readers
    const taken = await locking.take(settings.retryUs, () => client.isStopping())
    if (taken === null) return
    await use(life, taken, isWriter)
    await locking.giveBack(taken.hold, taken.context)
  }
}

/** Each of the two as a lock of its own. */
const sidesOf = (lock: ReadWriteLockDefinition): Readonly<Record<'reading' | 'writing', LockDefinition>> => {
  const side = (acquire: LockDefinition['acquire']): LockDefinition => ({
    name: lock.name,
    acquire,
    release: (context, lease) => lock.release(context, lease),
  })
  return {
    reading: side((context) => lock.acquireRead(context)),
    writing: side((context) => lock.acquireWrite(context)),
  }
}

async function use({ client, settings }: ReadWriteLife, { hold }: Taken, isWriter: boolean): Promise<void> {
  if (isWriter) note(client, 'note', 'may write', hold.token)
  const value = await readValue(client, hold)
  if (value === null) return
  record(client, 'invoke', 'work', hold.token)
  await sleep(client, settings.workUs + client.extraWorkUs())
  record(client, 'ok', 'work', hold.token)
  if (!hold.isBelieved()) note(client, 'note', 'gave up', hold.token)
  else if (isWriter) await writeValue(client, hold, value + 1)
  else await readValue(client, hold)
}

/** When all is calm the lock can be taken to write: then no reader is left in it, either. */
async function probe({ client, subject, ttlMs }: ReadWriteLife, isOver: () => boolean): Promise<void> {
  const locking = new Locking(client, sidesOf(subject.lock).writing, ttlMs, '-probe')
  record(client, 'invoke', 'probe', null)
  const taken = await locking.take(Math.ceil(ttlMs * PROBE_RETRY_US_PER_MS), isOver)
  if (taken !== null) note(client, 'note', 'may write', taken.hold.token)
  record(client, taken === null ? 'fail' : 'ok', 'probe', null)
  if (taken !== null) await locking.giveBack(taken.hold, taken.context)
}
