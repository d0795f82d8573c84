/**
 * Worlds of quorum locks: how many nodes there are, who is given them, and that a node that does not answer keeps nobody
 * from starting.
 */
import { describe, expect, it } from 'vitest'
import { defineLock, type LockContext } from '../../src/lock/lock.ts'
import { redlockByTheBook } from '../../src/lock/redlock-by-the-book.ts'
import { setNxLua } from '../../src/lock/set-nx-lua.ts'
import { parseScenario } from '../../src/scenario/load.ts'
import { runSuite } from '../../src/scenario/run-suite.ts'
import { subjectsFor } from '../../src/scenario/suite.ts'
import { fieldHash } from '../../src/session/field-hash.ts'
import { inMacrotask } from '../../src/sim/node/drain.ts'
import { lockSubject, sessionSubject } from '../../src/subject/subject.ts'
import { memoryProvider, nodeEnvironment } from '../../src/world/node/environment.ts'
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
