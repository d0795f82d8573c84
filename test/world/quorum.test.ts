/**
 * Worlds of quorum locks: how many nodes there are, who is given them, and that a node that does not answer keeps nobody
 * from starting.
 */
import { describe, expect, it } from 'vitest'
import { redlock4Over3, redlock5Over3 } from '../../catalogue/scoreboard/locks.ts'
import type { Grant } from '../../src/history/grant.ts'
import { History } from '../../src/history/history.ts'
import { readHistory } from '../../src/history/ndjson.ts'
import { defineLock, type LockContext } from '../../src/lock/lock.ts'
import { redlockByTheBook } from '../../src/lock/redlock-by-the-book.ts'
import { setNxLua } from '../../src/lock/set-nx-lua.ts'
import { parseScenario } from '../../src/scenario/load.ts'
import { writePlan } from '../../src/scenario/plan-file.ts'
import { runSuite } from '../../src/scenario/run-suite.ts'
import { subjectsFor } from '../../src/scenario/suite.ts'
import { fieldHash } from '../../src/session/field-hash.ts'
import { inMacrotask } from '../../src/sim/node/drain.ts'
import { lockSubject, type Subject, sessionSubject } from '../../src/subject/subject.ts'
import { type JudgedWorld, judgeWorld } from '../../src/world/judged-world.ts'
import { memoryProvider, nodeEnvironment } from '../../src/world/node/environment.ts'
import type { ClientKind } from '../../src/world/plan.ts'
import { counterPlan, fault, show } from '../check/worlds.ts'

/** Notes how many nodes each attempt was given. */
function counting(nodes?: number) {
  const counts = new Set<number>()
  const lock = defineLock({
    ...redlockByTheBook,
    name: 'counting',
    ...(nodes === undefined ? { nodes: 1 } : { nodes }),
    acquire: (context: LockContext) => {
      counts.add(context.nodes.length)
      return redlockByTheBook.acquire(context)
    },
  })
  return { counts, lock }
}

describe('the number of nodes', () => {
  it.each([
    { needs: 3, plan: 1, given: 3 },
    { needs: 3, plan: 5, given: 5 },
    { needs: 1, plan: 5, given: 1 },
    { needs: 1, plan: 1, given: 1 },
  ])('is $given for a lock that needs $needs in a plan of $plan', async ({ needs, plan, given }) => {
    const { counts, lock } = counting(needs)
    const { history, kinds } = await show(lockSubject(lock), counterPlan({ nodes: plan }))
    expect([...counts]).toEqual([given])
    expect(history.voters).toEqual(Array.from({ length: given }, (_, index) => `redis-${index + 1}`))
    expect(kinds).toEqual([])
    expect(new Set(history.grants.map(({ node }) => node)).size).toBe(given)
  })

  it('is refused when no world has as many', () => {
    for (const nodes of [0, 2.5, 10, '3']) {
      expect(() => defineLock({ ...redlockByTheBook, nodes: nodes as number })).toThrow(
        'expected nodes to be a whole number from 1 to 9',
      )
    }
  })

  it('leaves a lock that asks several out of a Cluster, which is one Redis, unless something is expected of it', () => {
    const text = (extra: string) =>
      `title: x\nstory: y\nworkload: { counter: {} }\ntopology: { kind: cluster }\n${extra}`
    const subjects = [lockSubject(setNxLua), lockSubject(redlockByTheBook)]
    const names = (extra: string) => subjectsFor(parseScenario(text(extra), 'x.yaml'), subjects).map(({ name }) => name)
    expect(names('')).toEqual(['set-nx-lua'])
    expect(names('expect: { redlock-by-the-book: valid }\n')).toEqual(['set-nx-lua', 'redlock-by-the-book'])
  })

  it('is in the report, and decides who is run', async () => {
    const text = (extra: string) => `title: x\nstory: y\nworkload: { counter: {} }\nnodes: 3\n${extra}`
    const subjects = [lockSubject(setNxLua), lockSubject(redlockByTheBook), sessionSubject(fieldHash)]
    const names = (extra: string) => subjectsFor(parseScenario(text(extra), 'x.yaml'), subjects).map(({ name }) => name)
    expect(names('')).toEqual(['redlock-by-the-book'])
    expect(names('expect: { set-nx-lua: valid }\n')).toEqual(['set-nx-lua', 'redlock-by-the-book'])
    const { report } = await runSuite({
      scenarios: [
        parseScenario('title: x\nstory: y\nworkload: { counter: {} }\n', 'one.yaml'),
        parseScenario('title: x\nstory: y\nworkload: { counter: {} }\nnodes: 5\n', 'five.yaml'),
      ],
      subjects,
      seed: '1',
      client: 'direct',
      runs: 1,
      environment: nodeEnvironment('direct', memoryProvider()),
      inMacrotask,
    })
    expect(report.cells.map(({ scenario, lock, nodes }) => `${scenario} ${lock} ${nodes ?? 1}`)).toEqual([
      'one set-nx-lua 1',
      'one redlock-by-the-book 3',
      'five redlock-by-the-book 5',
    ])
  })
})

describe.each(['direct', 'ioredis'] as const)('with the %s client', (client) => {
  it('clients of a quorum lock begin although a node is silent from the start', async () => {
    const silent = counterPlan({
      client,
      nodes: 3,
      faults: [fault('partition', { groups: [['redis-3'], ['A', 'B']], for: '5s' }, '0ms')],
    })
    const { history, kinds } = await show(lockSubject(redlockByTheBook), silent, client)
    expect(kinds).toEqual([])
    const before = history.holds.filter(({ fromUs }) => fromUs < history.healedUs).map(({ token }) => token[0])
    expect(before.sort()).toEqual(['A', 'B'])
  })
})

describe('primaries that each have a replica of their own', () => {
  const text = (faults: string) => `
title: t
story: s
workload: { counter: { rounds: 1, work: 300ms, retry: 20ms } }
clients: 2
topology: { kind: independent, nodes: 3, replicas: 1 }
head-start: 50ms
ttl: 1s
faults: ${faults}
`
  const failsOver = (process: string, to: string, unreplicated = '20ms') =>
    `{ failover: { process: ${process}, to: ${to}, after: 40ms, unreplicated: ${unreplicated} }, at: A before acquire }`
  const one = `[${failsOver('redis-1', 'redis-4')}]`
  const two = `[${failsOver('redis-1', 'redis-4')}, ${failsOver('redis-2', 'redis-5')}]`
  const kept = `[${failsOver('redis-1', 'redis-4', '0s')}, ${failsOver('redis-2', 'redis-5', '0s')}]`
  const byTheBook = lockSubject(redlockByTheBook)

  const world = (faults: string, subject: Subject = byTheBook, client: ClientKind = 'ioredis', seed = '1') => {
    const plan = parseScenario(text(faults), 'quorum.yaml').plan(seed, client)
    return inMacrotask(() => judgeWorld(plan, subject, nodeEnvironment(client, memoryProvider())))
  }
  const told = ({ judgement: { verdict } }: JudgedWorld): readonly string[] =>
    verdict.status === 'violated'
      ? [...new Set(verdict.violations.map(({ property, kind, cause }) => `${property} ${kind} ${cause.kind}`))]
      : [verdict.status]

  it('are one vote each, whoever of them is the primary', async () => {
    const { history } = await world('[]')
    expect(history.voters).toEqual(['redis-1', 'redis-2', 'redis-3'])
    expect(new Set(history.grants.map(({ node, voter }) => `${node} ${voter}`))).toEqual(
      new Set(['redis-1 redis-1', 'redis-2 redis-2', 'redis-3 redis-3']),
    )
    expect(new Set(history.copies.map(({ node }) => node))).toEqual(new Set(['redis-4', 'redis-5', 'redis-6']))
  })

  describe.each([
    ['by the book', byTheBook, 'direct'],
    ['by the book', byTheBook, 'ioredis'],
    ['redlock 5', lockSubject(redlock5Over3), 'ioredis'],
    ['redlock 4', lockSubject(redlock4Over3), 'ioredis'],
  ] as const)('%s', (_name, subject, client) => {
    it(`keeps the lock when one is promoted without the key (${client})`, async () => {
      const judged = await world(one, subject, client)
      expect(told(judged)).toEqual(['valid'])
      expect(judged.history.failovers).toMatchObject([{ former: 'redis-1', primary: 'redis-4' }])
      const [lost] = judged.history.grants.filter(({ endedBy }) => endedBy === 'lost')
      expect(lost).toMatchObject({ owner: 'A', voter: 'redis-1', endedByWhom: 'failover' })
    })

    it(`loses it when two are: two clients hold it, which is a limit (${client})`, async () => {
      expect(told(await world(two, subject, client))).toContain('mutual-exclusion limit redis-lost-it')
      expect(told(await world(two, subject, client)).filter((each) => each.includes(' bug '))).toEqual([])
    })
  })

  it('that are promoted with the key go on, as the same votes', async () => {
    const judged = await world(
      '[{ failover: { process: redis-1, to: redis-4, after: 40ms }, at: A before work }, { failover: { process: redis-2, to: redis-5, after: 40ms }, at: A before work }]',
    )
    expect(told(judged)).toEqual(['valid'])
    const { text: token } = judged.history.grants[0] as Grant
    const ofA = judged.history.grants.filter((grant) => grant.text === token)
    expect(ofA.map(({ node, voter }) => `${node} ${voter}`).sort()).toEqual([
      'redis-3 redis-3',
      'redis-4 redis-1',
      'redis-5 redis-2',
    ])
  })

  it('give the same history again, and a plan that can be written down', async () => {
    expect((await world(two)).run.historyHash).toBe((await world(two)).run.historyHash)
    const plan = parseScenario(text(kept), 'quorum.yaml').plan('', 'direct')
    expect(plan.topology).toEqual({ kind: 'independent', nodes: 3, replicas: 1 })
    const written = JSON.stringify({ title: 't', story: 's', ...writePlan(plan) })
    expect(parseScenario(written, 'x.yaml').plan('', 'direct').topology).toEqual(plan.topology)
  })

  it('refuse a replica of another primary', () => {
    expect(() => parseScenario(text(`[${failsOver('redis-1', 'redis-5')}]`), 'x.yaml')).toThrow(
      'redis-5 does not replicate with redis-1: expected redis-4',
    )
  })

  it('have a history that reads back as it was', async () => {
    const { history } = await world(two)
    expect(new History(readHistory(history.toNdjson(), 'x.ndjson')).grants).toEqual(history.grants)
  })
})
