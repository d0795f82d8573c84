/**
 * Worlds with a primary and replicas: what is the truth when a replica is promoted, and what is only a copy.
 */
import { describe, expect, it } from 'vitest'
import { History } from '../../src/history/history.ts'
import { setNxLua } from '../../src/lock/set-nx-lua.ts'
import { parseScenario } from '../../src/scenario/load.ts'
import { inMacrotask } from '../../src/sim/node/drain.ts'
import { UsageError } from '../../src/sim/usage-error.ts'
import { lockSubject } from '../../src/subject/subject.ts'
import { type JudgedWorld, judgeWorld } from '../../src/world/judged-world.ts'
import { memoryProvider, nodeEnvironment } from '../../src/world/node/environment.ts'

const provider = memoryProvider()

/** One world of two clients; A is 100 ms ahead. */
function world(faults: string, replicas = 1): Promise<JudgedWorld> {
  const text = `
title: t
story: s
workload: { counter: { rounds: 3, work: 500ms, retry: 20ms } }
clients: 2
topology: { kind: replicated, replicas: ${replicas} }
head-start: 100ms
ttl: 1s
faults: ${faults}
`
  const plan = parseScenario(text, 'replicated.yaml').plan('1', 'direct')
  return inMacrotask(() => judgeWorld(plan, lockSubject(setNxLua), nodeEnvironment('direct', provider)))
}

const FAILOVER =
  '[{ failover: { process: redis-1, to: redis-2, after: 50ms, unreplicated: 10ms }, at: A before send 1 }]'
const QUIET_FAILOVER = '[{ failover: { process: redis-1, to: redis-2, after: 50ms }, at: A before work }]'
const TWO_PRIMARIES = '[{ promote: { process: redis-2, for: 1500ms }, at: A before work }]'

const kinds = ({ judgement }: JudgedWorld): string[] =>
  judgement.verdict.status === 'violated'
    ? [...new Set(judgement.verdict.violations.map(({ kind, cause }) => `${kind} ${cause.kind}`))]
    : [judgement.verdict.status]

describe('without a fault', () => {
  it('each replica has what the primary has, a little later, and the truth is the primary alone', async () => {
    const { history, judgement } = await world('[]', 2)
    expect(judgement.verdict.status).toBe('valid')
    expect(new Set(history.grants.map(({ node }) => node))).toEqual(new Set(['redis-1']))
    for (const name of ['redis-2', 'redis-3']) {
      const copies = history.copies.filter(({ node }) => node === name)
      expect(copies.map(({ text, owner }) => [text, owner])).toEqual(
        history.grants.map(({ text, owner }) => [text, owner]),
      )
      for (const [index, { fromUs }] of copies.entries()) {
        expect(fromUs - (history.grants[index]?.fromUs ?? 0)).toBeGreaterThan(0)
      }
    }
  })

  it('is the same world each time', async () => {
    expect((await world('[]')).run.historyHash).toBe((await world('[]')).run.historyHash)
  })
})

describe('a failover', () => {
  it('takes what the replica had not got: two hold the lock, which is a limit', async () => {
    const judged = await world(FAILOVER)
    const [first] = judged.history.grants
    expect(first).toMatchObject({ node: 'redis-1', owner: 'A', endedBy: 'lost', endedByWhom: 'failover' })
    expect(kinds(judged)).toEqual(['limit redis-lost-it'])
  })

  it('keeps what the replica had: the grant goes on there, and no two hold the lock', async () => {
    const judged = await world(QUIET_FAILOVER)
    expect(judged.history.failovers).toMatchObject([{ former: 'redis-1', primary: 'redis-2' }])
    expect(judged.history.grants[0]).toMatchObject({
      node: 'redis-2',
      owner: 'A',
      endedBy: 'deleted',
      endedByWhom: 'A',
    })
    expect(kinds(judged)).toEqual(['valid'])
  })

  it('leaves a former primary that takes writes: they are disowned, and count for nothing', async () => {
    const judged = await world(TWO_PRIMARIES)
    const { history } = judged
    const disowned = history.lanes.truth.filter(({ op }) => op === 'disowned')
    expect(new Set(disowned.map(({ process }) => process))).toEqual(new Set(['redis-1']))
    expect(history.copies.some(({ node }) => node === 'redis-1')).toBe(true)
    expect(kinds(judged)).toEqual(['limit redis-lost-it'])
    // It was told to follow in the end.
    const [failover] = history.failovers
    expect((failover?.untilUs ?? 0) - (failover?.fromUs ?? 0)).toBe(1_500_000)
  })

  it('is judged the same when its history is read from a file', async () => {
    for (const faults of [FAILOVER, TWO_PRIMARIES]) {
      const { history } = await world(faults)
      const read = History.parse(history.toNdjson())
      expect(read.grants).toEqual(history.grants)
      expect(read.servers).toEqual(['redis-1', 'redis-2'])
      expect(read.holds.map(({ backing }) => backing)).toEqual(history.holds.map(({ backing }) => backing))
    }
  })
})

it('asks for a Redis that replicates', async () => {
  const plan = parseScenario(
    'title: t\nstory: s\nworkload: { counter: {} }\ntopology: { kind: replicated }\n',
    'replicated.yaml',
  ).plan('1', 'direct')
  const { replicates: _, ...alone } = provider
  const run = inMacrotask(() => judgeWorld(plan, lockSubject(setNxLua), nodeEnvironment('direct', alone)))
  await expect(run).rejects.toThrow(UsageError)
})
