/**
 * One request that is sent several times, with one idempotency key: by a double click, by a retry after a timeout. It must be
 * carried out once, and its record must stay, so that whoever sends it again gets the answer.
 *
 *   A   acquire: nothing is known of it ── run ── release: stores the answer, which stays
 *   B     acquire: it is under way (409)
 *   C                                        acquire: here is the answer
 *
 * The record is what a lock is here: `acquire` makes it, `null` says that there is one, and `release` writes the answer into it
 * instead of deleting it.
 *
 * Source: https://www.ietf.org/archive/id/draft-ietf-httpapi-idempotency-key-header-06.html, section 2.6
 */

import * as z from 'zod'
import { durationOrZeroUs, durationUs, wholeNumber } from '../../fault/settings.ts'
import { counted, countText } from '../../text/time.ts'
import { sleep } from '../client.ts'
import { LOCK_PROPERTIES, lockKeys, probeLock } from '../lock-use.ts'
import { LOCK_KEY, Locking } from '../locking.ts'
import { renamed } from '../settings.ts'
import { runOnce } from '../storage-use.ts'
import { defineWorkload, type Life } from '../workload.ts'

const inYaml = z
  .strictObject({
    sends: wholeNumber(1, 1_000).default(2).describe('How often each client sends the request'),
    work: durationOrZeroUs.prefault('20ms').describe('How long it takes to carry it out'),
    every: durationUs.prefault('20ms').describe('Pause before a client sends it again'),
  })
  .describe('Clients send one request with one idempotency key: it is carried out once, and its record stays')

const schema = renamed(inYaml, { sends: 'sends', work: 'workUs', every: 'everyUs' })

type IdempotencySettings = z.output<typeof schema>

/** Whether a client was told that the answer is stored. */
export interface Answered {
  isStored: boolean
}

/** There is one key, and so one request. */
const THE_REQUEST = 1

export const idempotency = defineWorkload({
  kind: 'idempotency',
  takes: 'lock',
  schema,
  operations: ['acquire', 'run', 'extend', 'release'],
  anchors: ['acquire', 'run', 'release'],
  doneBy: ['run'],
  properties: [...LOCK_PROPERTIES, 'job-run-twice'],
  key: LOCK_KEY,
  watches: lockKeys,
  storage: () => ({}),
  share: (): Answered => ({ isStored: false }),
  run,
  // A record that is answered may stay for as long as it likes; one that is not must not keep the request out for ever.
  probe: async (life, isOver) => {
    if (!life.shared.isStored) await probeLock(life, isOver)
  },
  lastsUs: ({ sends, workUs, everyUs }, talkUs) => sends * (workUs + talkUs + everyUs),
  roundsOf: ({ sends }) => sends,
  withRounds: (settings, sends) => ({ ...settings, sends }),
  rules: () => ({ runs: 'request' }),
  describe: ({ sends }, clients) => ({
    en: `idempotency, ${counted(clients, 'client')} × ${counted(sends, 'send')}`,
    zh: `idempotency，${clients} 个客户端 × ${countText(sends)} 次发送`,
  }),
  hunts: {
    isUsual: false,
    settings: ({ rounds, workUs, retryUs }) => [{ sends: rounds, workUs, everyUs: retryUs }],
    // A record outlives the work many times.
    ttlLeases: 10,
    headStartUs: 0,
  },
})

async function run({
  client,
  subject,
  settings,
  ttlMs,
  shared,
}: Life<IdempotencySettings, 'lock', Answered>): Promise<void> {
  const locking = new Locking(client, subject.lock, ttlMs)
  for (let sent = 0; sent < settings.sends && !client.isStopping(); sent += 1) {
    if (sent > 0) await sleep(client, settings.everyUs)
    const taken = await locking.attempt()
    if (taken === null) continue
    // Without an answer there is nothing to store: the record says that it is under way until its time is over.
    const work = () => locking.work(taken, settings.workUs)
    if (!(await runOnce(client, taken.hold, THE_REQUEST, work))) taken.hold.letGo()
    else if (await locking.giveBack(taken.hold, taken.context)) shared.isStored = true
  }
}
