/**
 * Worlds with Sentinels: who is promoted when the primary is missed, where clients are sent, and what each kind of client makes of it.
 * The stories were seen on redis-server and redis-sentinel 7.0.15 with ioredis 5 and 6 and node-redis 6.
 */

import type { Redis } from 'ioredis'
import { describe, expect, it } from 'vitest'
import type { LockContext } from '../../src/lock/lock.ts'
import { setNxLua } from '../../src/lock/set-nx-lua.ts'
import { parseScenario } from '../../src/scenario/load.ts'
import { inMacrotask } from '../../src/sim/node/drain.ts'
import { lockSubject } from '../../src/subject/subject.ts'
import { type JudgedWorld, judgeWorld } from '../../src/world/judged-world.ts'
import { memoryProvider, nodeEnvironment } from '../../src/world/node/environment.ts'
import type { ClientKind } from '../../src/world/plan.ts'

const provider = memoryProvider()
type Subject = ReturnType<typeof lockSubject>

interface Options {
  readonly client?: ClientKind
  readonly topology?: string
  readonly subject?: Subject
  readonly headStart?: string
  readonly rounds?: number
}

/** One world of two clients; the primary is missed after a second. */
function world(faults: string, options: Options = {}): Promise<JudgedWorld> {
  const {
    client = 'ioredis',
    topology = '',
    subject = lockSubject(setNxLua),
    headStart = '100ms',
    rounds = 1,
  } = options
  const text = `
title: t
story: s
workload: { counter: { rounds: ${rounds}, work: 6s, retry: 100ms } }
clients: 2
topology: { kind: sentinel, down-after: 1s, failover-timeout: 5s${topology} }
head-start: ${headStart}
ttl: 9s
faults: ${faults}
`
  const plan = parseScenario(text, 'sentinel.yaml').plan('1', client)
  return inMacrotask(() => judgeWorld(plan, subject, nodeEnvironment(client, provider)))
}

const CRASH = '[{ crash: { process: redis-1 }, at: A before work }]'
const UNREPLICATED = `[
  { replication-lag: { from: redis-1, to: redis-2, for: 60s }, at: 0s },
  { replication-lag: { from: redis-1, to: redis-3, for: 60s }, at: 0s },
  { crash: { process: redis-1 }, at: A before work }]`
const PAUSE = '[{ pause: { process: redis-1, for: 8s }, at: A before work }]'
const BY_HAND = '[{ sentinel-failover: { process: sentinel-2 }, at: A before work }]'
/** One of three is left. */
const ALONE = `[
  { crash: { process: redis-1 }, at: A before work },
  { crash: { process: sentinel-2 }, at: A before work },
  { crash: { process: sentinel-3 }, at: A before work }]`

const kinds = ({ judgement }: JudgedWorld): string[] =>
  judgement.verdict.status === 'violated'
    ? [...new Set(judgement.verdict.violations.map(({ kind, cause }) => `${kind} ${cause.kind}`))]
    : [judgement.verdict.status]

/** Who was promoted, or where a Sentinel sends clients, and when, s. */
const told = ({ run }: JudgedWorld, op: string): readonly (readonly [number, string])[] =>
  run.records.filter((record) => record.op === op).map(({ atUs, process }) => [atUs / 1e6, process] as const)

describe('a primary that ends', () => {
  it('is replaced: promoted after it was missed, named by the leader a second later and by the others at once', async () => {
    const judged = await world(CRASH)
    const [[promotedS = 0, name = ''] = []] = told(judged, 'promoted')
    expect(['redis-2', 'redis-3']).toContain(name)
    expect(promotedS).toBeGreaterThan(1.1)
    expect(promotedS).toBeLessThan(2.7)
    const switches = told(judged, 'switch-master')
    expect(new Set(switches.map(([, by]) => by)).size).toBe(3)
    expect((switches[0]?.[0] ?? 0) - promotedS).toBeGreaterThan(0.5)
    expect((switches[2]?.[0] ?? 0) - (switches[0]?.[0] ?? 0)).toBeGreaterThan(0.5)
  })

  it('keeps the lock, because a replica had it: with every kind of client the same', async () => {
    for (const client of ['ioredis', 'direct'] as const) {
      const judged = await world(CRASH, { client })
      expect(kinds(judged)).toEqual(['valid'])
      expect(judged.history.failovers).toMatchObject([{ former: 'redis-1' }])
      // It is given back on the server that has taken its place.
      expect(judged.history.grants[0]).toMatchObject({ owner: 'A', endedBy: 'deleted', endedByWhom: 'A' })
    }
  })

  it('loses what no replica had got: two hold the lock, which is a limit', async () => {
    for (const client of ['ioredis', 'direct'] as const) {
      const judged = await world(UNREPLICATED, { client })
      expect(kinds(judged)).toContain('limit redis-lost-it')
      expect(judged.history.grants[0]).toMatchObject({ node: 'redis-1', endedBy: 'lost', endedByWhom: 'failover' })
    }
  })

  it('is not replaced while one Sentinel of three is left', async () => {
    const judged = await world(ALONE)
    expect(told(judged, 'promoted')).toEqual([])
  })

  it('is not replaced when no replica may be: priority 0', async () => {
    expect(told(await world(CRASH, { topology: ', replica-priorities: [0, 0]' }), 'promoted')).toEqual([])
    const [promoted] = told(await world(CRASH, { topology: ', replica-priorities: [100, 50]' }), 'promoted')
    expect(promoted?.[1]).toBe('redis-3')
  })
})

describe('a primary that lives', () => {
  it('and was replaced while it hung follows about ten seconds after it goes on', async () => {
    const judged = await world(PAUSE, { rounds: 3 })
    const [promoted] = told(judged, 'promoted')
    const [demoted] = told(judged, 'demoted')
    expect(demoted?.[1]).toBe('redis-1')
    const resumedS = 8.1
    expect(promoted?.[0]).toBeLessThan(4)
    expect((demoted?.[0] ?? 0) - resumedS).toBeGreaterThan(8)
    expect((demoted?.[0] ?? 0) - resumedS).toBeLessThan(13)
  })

  it('and is replaced by hand keeps its clients, who are told OK by it, for eleven seconds', async () => {
    const judged = await world(BY_HAND, { rounds: 3 })
    const [promoted] = told(judged, 'promoted')
    const [demoted] = told(judged, 'demoted')
    expect(promoted?.[0]).toBeLessThan(0.6)
    expect((demoted?.[0] ?? 0) - (promoted?.[0] ?? 0)).toBeGreaterThan(9)
    const disowned = judged.history.lanes.truth.filter(({ op }) => op === 'disowned')
    expect(disowned.length).toBeGreaterThan(0)
  })
})

describe('code under test', () => {
  /** A lock that makes its own client, as applications do. */
  const own = (make: (Redis: new (options: object) => Redis) => Redis): Subject =>
    lockSubject({
      ...setNxLua,
      name: 'own-client',
      async acquire({ key, token, ttlMs, load }: LockContext) {
        const { Redis } = load('ioredis') as { Redis: new (options: object) => Redis }
        const redis = make(Redis)
        redis.on('error', () => {})
        const answer = await redis.set(key, token, 'PX', ttlMs, 'NX')
        redis.disconnect()
        return answer === 'OK' ? { token } : null
      },
    } as unknown as typeof setNxLua)

  it('finds Sentinels under the names of the cast, and under its own at their port', async () => {
    for (const sentinels of [
      [{ host: 'sentinel-2', port: 26_379 }],
      [
        { host: 'sentinel-a.example.com', port: 26_379 },
        { host: 'sentinel-b.example.com', port: 26_379 },
      ],
      [
        { host: '127.0.0.1', port: 26_379 },
        { host: '127.0.0.1', port: 26_380 },
      ],
    ]) {
      const judged = await world(UNREPLICATED, { subject: own((Redis) => new Redis({ sentinels, name: 'mymaster' })) })
      expect(judged.history.grants.length).toBeGreaterThan(1)
      expect(kinds(judged)).toContain('limit redis-lost-it')
    }
  })
})

it('is the same world each time', async () => {
  expect((await world(PAUSE)).run.historyHash).toBe((await world(PAUSE)).run.historyHash)
})
