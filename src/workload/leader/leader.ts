/**
 * A leader election: every client campaigns, leads for a while when it is elected, and resigns. When all is calm one must be elected.
 *
 *   A   campaign ── lead, term 1 ───── resign
 *   B   campaign ───────────────────────── lead, term 2 ── deposed ───── lead, term 4 ── resign
 *
 * A client that is deposed before its time is over goes on with its campaign.
 */

import * as z from 'zod'
import { durationOrZeroUs, wholeNumber } from '../../fault/settings.ts'
import type { LeaderContext } from '../../leader/leader.ts'
import { counted, countText } from '../../text/time.ts'
import { type Client, reason, record, sleep } from '../client.ts'
import { renamed } from '../settings.ts'
import { defineWorkload, type Life } from '../workload.ts'

const inYaml = z
  .strictObject({
    terms: wholeNumber(1, 1_000).default(2).describe('How often each client campaigns and leads'),
    work: durationOrZeroUs.prefault('20ms').describe('How long it leads'),
  })
  .describe('Clients campaign, lead for a while, and resign')

const schema = renamed(inYaml, { terms: 'terms', work: 'workUs' })

type LeaderSettings = z.output<typeof schema>
type LeaderLife = Life<LeaderSettings, 'leader-election', unknown>

const KEY = 'leader'
const LOOK_AGAIN_US = 10_000
/** Long enough for several renewals. */
const LEASES_OF_LONG_WORK = 2.5

export const leader = defineWorkload({
  kind: 'leader',
  takes: 'leader-election',
  schema,
  operations: ['campaign', 'lead', 'resign'],
  anchors: ['campaign', 'lead', 'resign'],
  doneBy: ['lead'],
  properties: ['mutual-exclusion', 'term-given-twice', 'no-leader', 'hang', 'crash'],
  key: KEY,
  // Which keys it has, only the election knows.
  watches: () => [],
  run,
  probe,
  lastsUs: ({ terms, workUs }, talkUs) => terms * (workUs + talkUs),
  roundsOf: ({ terms }) => terms,
  withRounds: (settings, terms) => ({ ...settings, terms }),
  describe: ({ terms }, clients) => ({
    en: `leader, ${counted(clients, 'client')} × ${counted(terms, 'term')}`,
    zh: `leader，${clients} 个客户端 × ${countText(terms)} 个任期`,
  }),
  hunts: {
    isUsual: true,
    settings: ({ rounds, workUs, ttlMs }) => [
      { terms: rounds, workUs },
      // A leader that leads for several leases has to renew, and to notice that it was deposed.
      { terms: 1, workUs: LEASES_OF_LONG_WORK * ttlMs * 1_000 },
    ],
    ttlLeases: 1,
    headStartUs: 5_000,
  },
})

async function run(life: LeaderLife): Promise<void> {
  const { client, settings } = life
  const isOver = (): boolean => client.isStopping()
  for (let term = 0; term < settings.terms; term += 1) {
    if (isOver()) return
    // A campaign goes on in the calm: that it still leads to an election is what shows that it is alive.
    await leadOnce(life, settings.workUs + client.extraWorkUs(), isOver, () => false)
  }
}

/** One client is elected when all is calm. */
async function probe(life: LeaderLife, isOver: () => boolean): Promise<void> {
  const { client } = life
  record(client, 'invoke', 'probe', null)
  const hasLed = await leadOnce(life, 0, isOver, isOver)
  record(client, hasLed ? 'ok' : 'fail', 'probe', null)
}

/**
 * Campaigns until it has led for so long without being deposed. False: it was over first.
 * @param isOver no other campaign is begun
 * @param isCutShort a campaign that was begun is ended
 */
async function leadOnce(
  life: LeaderLife,
  workUs: number,
  isOver: () => boolean,
  isCutShort: () => boolean,
): Promise<boolean> {
  while (!isOver()) {
    if (await campaign(life, workUs, isCutShort)) return true
    await sleep(life.client, LOOK_AGAIN_US)
  }
  return false
}

/** One campaign. True: it led to the end. */
async function campaign(life: LeaderLife, workUs: number, isOver: () => boolean): Promise<boolean> {
  const { client, subject } = life
  const context = contextOf(life)
  const terms = new Terms(client, context.token)
  record(client, 'invoke', 'campaign', context.token)
  let given: unknown
  try {
    given = await subject.leader.campaign(context, terms.candidate)
    record(client, 'ok', 'campaign', context.token)
  } catch (error) {
    terms.end()
    record(client, 'info', 'campaign', [context.token, reason(error)])
    return false
  }
  while (!isOver() && terms.ledUs() <= workUs) await sleep(client, LOOK_AGAIN_US)
  const hasLed = terms.ledUs() > workUs
  terms.end()
  record(client, 'invoke', 'resign', context.token)
  try {
    await subject.leader.resign(context, given)
    record(client, 'ok', 'resign', context.token)
  } catch (error) {
    record(client, 'info', 'resign', [context.token, reason(error)])
  }
  return hasLed
}

/** What a candidate was told of one campaign: its terms, one after the other. */
class Terms {
  readonly #client: Client
  readonly #campaign: string
  #count = 0
  #isLeading = false
  #isOver = false
  #electedUs = 0

  constructor(client: Client, campaign: string) {
    this.#client = client
    this.#campaign = campaign
  }

  readonly candidate = {
    onElected: (term?: number | bigint): void => {
      if (this.#isOver || this.#isLeading) return
      this.#count += 1
      this.#isLeading = true
      this.#electedUs = this.#client.process.monoUs
      record(this.#client, 'invoke', 'lead', [this.#token, term === undefined ? null : Number(term)])
    },
    onDeposed: (): void => this.#end('fail'),
  }

  /** For how long it has led without being deposed; less than nothing: it does not lead. */
  ledUs(): number {
    return this.#isLeading ? this.#client.process.monoUs - this.#electedUs : -1
  }

  /** The campaign is over: it leads no more, whatever it is told. */
  end(): void {
    this.#end('ok')
    this.#isOver = true
  }

  get #token(): string {
    return `${this.#campaign}-${this.#count}`
  }

  #end(how: 'ok' | 'fail'): void {
    if (!this.#isLeading) return
    this.#isLeading = false
    record(this.#client, how, 'lead', this.#token)
  }
}

const campaigns = new WeakMap<Client, number>()

function contextOf({ client, ttlMs }: LeaderLife): LeaderContext {
  const count = (campaigns.get(client) ?? 0) + 1
  campaigns.set(client, count)
  const { name, process } = client
  const life = process.incarnation === 0 ? name : `${name}.${process.incarnation}`
  return {
    redis: client.nodes[0] as LeaderContext['redis'],
    key: KEY,
    token: `${life}-${count}`,
    owner: process.home.name,
    leaseMs: ttlMs,
    connect: client.connect,
  }
}
