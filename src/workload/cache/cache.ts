/**
 * A cached value before a database: readers look into the cache and, after a miss, make the value under the lock and fill
 * it in; the last client is the writer, which changes the database and invalidates.
 *
 *   reader   get: look ── miss ── acquire ── look again ── rebuild (database, work) ── fill ── release
 *   writer   update: (acquire) ── write n ── invalidate ── (release)
 *
 * The database counts up, so that an older value is a smaller number. A reader that cannot get the lock looks again: the
 * client that has it may have filled the value in.
 */

import * as z from 'zod'
import { durationOrZeroUs, durationUs, wholeMs, wholeNumber } from '../../fault/settings.ts'
import { counted, countText } from '../../text/time.ts'
import { sleep } from '../client.ts'
import { LOCK_PROPERTIES, lockKeys, probeLock } from '../lock-use.ts'
import { LOCK_KEY } from '../locking.ts'
import { renamed } from '../settings.ts'
import { defineWorkload, type Life } from '../workload.ts'
import { CacheUse } from './cache-use.ts'

/** Redis takes whole milliseconds. */
const inMs = z.codec(wholeMs, z.number(), { decode: (us) => us / 1_000, encode: (ms) => ms * 1_000 })

const inYaml = z
  .strictObject({
    reads: wholeNumber(1, 1_000).default(5).describe('How often each reader reads the value'),
    writes: wholeNumber(0, 1_000).default(2).describe('How often the writer, the last client, changes it'),
    work: durationOrZeroUs.prefault('20ms').describe('How long a reader needs to make the value after a miss'),
    retry: durationUs.prefault('10ms').describe('Pause between two attempts to take the lock'),
    every: durationUs.prefault('30ms').describe('Pause between two reads, or two writes'),
    keep: inMs.prefault('60s').describe('How long the cache keeps a value'),
    'writer-locks': z.boolean().default(false).describe('Whether the writer takes the lock too'),
    'check-generation': z
      .boolean()
      .default(false)
      .describe('Whether the cache refuses a value that was invalidated while it was being made'),
  })
  .describe('Readers look into the cache and fill it under the lock; a writer changes the database and invalidates')

const schema = renamed(inYaml, {
  reads: 'reads',
  writes: 'writes',
  work: 'workUs',
  retry: 'retryUs',
  every: 'everyUs',
  keep: 'keepMs',
  'writer-locks': 'writerLocks',
  'check-generation': 'checkGeneration',
})

export type CacheSettings = z.output<typeof schema>

export const cache = defineWorkload({
  kind: 'cache',
  takes: 'lock',
  schema,
  operations: ['get', 'acquire', 'rebuild', 'fill', 'release', 'update', 'write', 'invalidate'],
  anchors: ['get', 'rebuild', 'fill', 'update', 'write', 'invalidate'],
  doneBy: ['get', 'update'],
  properties: [...LOCK_PROPERTIES, 'stale-cache', 'stampede'],
  key: LOCK_KEY,
  watches: lockKeys,
  storage: () => ({}),
  run,
  probe: probeLock,
  lastsUs: ({ reads, writes, workUs, retryUs, everyUs }, talkUs) =>
    Math.max(reads, writes) * (workUs + talkUs + retryUs + everyUs),
  roundsOf: ({ reads }) => reads,
  withRounds: (settings, reads) => ({ ...settings, reads }),
  rules: ({ writerLocks }) => ({ isWriterLocked: writerLocks }),
  describe: ({ reads }, clients) => ({
    en: `cache, ${counted(clients, 'client')} × ${counted(reads, 'round')}`,
    zh: `cache，${clients} 个客户端 × ${countText(reads)} 轮`,
  }),
  hunts: {
    isUsual: false,
    // The writer takes the lock, too: what no lock can prevent says nothing about this one.
    settings: ({ rounds, workUs, retryUs }) => [
      {
        reads: rounds + 1,
        writes: rounds,
        workUs,
        retryUs,
        everyUs: Math.max(1_000, workUs),
        keepMs: 60_000,
        writerLocks: true,
        checkGeneration: false,
      },
    ],
    ttlLeases: 1,
    headStartUs: 0,
  },
})

async function run({
  client,
  subject,
  settings,
  ttlMs,
  index,
  clients,
}: Life<CacheSettings, 'lock', unknown>): Promise<void> {
  const use = new CacheUse(client, subject.lock, settings, ttlMs)
  const isReader = index < clients - 1
  const rounds = isReader ? settings.reads : settings.writes
  for (let round = 1; round <= rounds && !client.isStopping(); round += 1) {
    if (!isReader) await sleep(client, settings.everyUs)
    if (isReader) await use.get(`${round}`)
    else await use.update(round)
    if (isReader) await sleep(client, settings.everyUs)
  }
}
