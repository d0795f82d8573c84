/**
 * Locks over several independent nodes: each broken one is found by the property that it breaks, and the one by the book is
 * not, in the same storm. The storms are the bundled scenarios.
 *
 * Source: redis.io, "Distributed Locks with Redis"; the broken locks name theirs.
 */
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import type { LockDefinition } from '../../src/lock/lock.ts'
import { redlockByTheBook } from '../../src/lock/redlock-by-the-book.ts'
import { expectationFor, isAsExpected } from '../../src/scenario/expectation.ts'
import { parseScenario } from '../../src/scenario/load.ts'
import type { Scenario } from '../../src/scenario/scenario.ts'
import { lockSubject } from '../../src/subject/subject.ts'
import type { ClientKind } from '../../src/world/plan.ts'
import { noValidityCheck } from '../subjects/models/p24-no-validity-check.ts'
import { evenTie } from '../subjects/models/p41-even-tie.ts'
import { quorumOfReachable } from '../subjects/models/p42-quorum-of-reachable.ts'
import { subMajority } from '../subjects/models/p43-sub-majority.ts'
import { waitsForAll } from '../subjects/models/p44-waits-for-all.ts'
import { keepsLostVotes } from '../subjects/models/p45-keeps-lost-votes.ts'
import { skipsUnknown } from '../subjects/models/p46-skips-unknown.ts'
import { noDriftMargin } from '../subjects/models/p48-no-drift-margin.ts'
import { counterPlan, fault, type Shown, show } from './worlds.ts'

function scenario(name: string): Scenario {
  const file = path.resolve(import.meta.dirname, `../../scenarios/${name}.yaml`)
  return parseScenario(readFileSync(file, 'utf8'), file)
}

const WORLDS = 10

async function worlds(lock: LockDefinition, name: string, client: ClientKind): Promise<Shown[]> {
  const shown: Shown[] = []
  for (let world = 0; world < WORLDS; world += 1) {
    shown.push(await show(lockSubject(lock), scenario(name).plan(`quorum/${world}`, client), client))
  }
  return shown
}

/** By lock: the storm that finds it, what is found, and in how many of ten worlds at least. */
const BROKEN: readonly (readonly [LockDefinition, string, string, RegExp, number])[] = [
  [noValidityCheck, 'quorum-pause-while-voting', 'mutual-exclusion: bug', /how long the votes had taken/, 10],
  [noValidityCheck, 'quorum-slow-replies', 'stale-write: bug', /how long the votes had taken/, 10],
  [evenTie, 'quorum-no-fault', 'hang: bug', /neither resolved nor rejected/, 1],
  [quorumOfReachable, 'quorum-minority-partition', 'mutual-exclusion: bug', /^2 of 5 nodes had A's token/, 8],
  [subMajority, 'quorum-no-fault', 'mutual-exclusion: bug', /^1 of 3 nodes had .'s token, and 2 are a majority/, 5],
  [waitsForAll, 'quorum-node-hung', 'hang: bug', /needs a timeout/, 10],
  [
    keepsLostVotes,
    'quorum-contention',
    'orphaned-lock: bug',
    /the lock did not take it back|the lock did not take its votes back/,
    5,
  ],
  [
    skipsUnknown,
    'quorum-lost-replies',
    'orphaned-lock: bug',
    /the lock did not take it back|the lock did not take its votes back/,
    10,
  ],
  [noDriftMargin, 'quorum-clock-drift', 'overstated-lease: bug', /leaves no margin/, 10],
]

describe.each(['direct', 'ioredis'] as const)('with the %s client', (client) => {
  it.each(BROKEN.map((row) => [row[0].name, ...row] as const))(
    '%s is found, and the lock by the book is not',
    async (_, lock, name, found, why, count) => {
      const broken = await worlds(lock, name, client)
      expect(broken.filter(({ kinds }) => kinds.includes(found)).length).toBeGreaterThanOrEqual(count)
      const property = found.split(':')[0]
      const reasons = broken.flatMap(({ violations }) => violations).filter((each) => each.property === property)
      expect(reasons.some((violation) => why.test(violation.why))).toBe(true)
      const right = await worlds({ ...redlockByTheBook, nodes: lock.nodes as number }, name, client)
      expect(right.flatMap(({ kinds }) => kinds)).toEqual([])
      expect(right.map(({ status }) => status)).toContain('valid')
    },
  )
})

describe('the lock by the book', () => {
  it.each(['quorum-clock-jump', 'quorum-restart-without-data', 'quorum-pause-after-check'])(
    'meets a limit in every world of %s',
    async (name) => {
      for (const { status, violations } of await worlds(redlockByTheBook, name, 'direct')) {
        const expected = expectationFor(scenario(name), redlockByTheBook.name, 'direct')
        const kinds = [...new Map(violations.map((violation) => [violation.property, violation])).values()]
        expect(isAsExpected(expected ?? 'valid', status as 'violated', kinds)).toBe(true)
      }
    },
  )

  it('is not blamed for a node that is down: two of three are a majority', async () => {
    const { kinds, history, status } = await show(
      lockSubject(redlockByTheBook),
      counterPlan({ nodes: 3, faults: [fault('crash', { process: 'redis-2' }, '0ms')] }),
    )
    expect({ kinds, status }).toEqual({ kinds: [], status: 'valid' })
    const voting = history.grants.filter(({ fromUs }) => fromUs < history.healedUs).map(({ node }) => node)
    expect(new Set(voting)).toEqual(new Set(['redis-1', 'redis-3']))
    expect(new Set(history.holds.map(({ client }) => client))).toEqual(new Set(['A', 'B']))
  })

  it('is not blamed for votes that it could not take back', async () => {
    // A's votes on two of three nodes stand, for both are cut off before A can release them: B waits for the TTL.
    const { kinds, history } = await show(
      lockSubject(redlockByTheBook),
      counterPlan({
        nodes: 3,
        ttlMs: 400,
        headStartUs: 5_000,
        faults: [
          fault('black-hole', { from: 'redis-1', to: 'A', for: '2s' }, 'A before acquire'),
          fault('black-hole', { from: 'redis-2', to: 'A', for: '2s' }, 'A before acquire'),
          fault('partition', { groups: [['A'], ['redis-1', 'redis-2']], for: '2s' }, '10ms'),
        ],
      }),
    )
    expect(kinds).toEqual([])
    const stuck = history.grants.filter(({ owner, endedBy }) => owner === 'A' && endedBy === 'expired')
    expect(new Set(stuck.map(({ node }) => node))).toEqual(new Set(['redis-1', 'redis-2']))
  })
})

describe('the reasons', () => {
  it('a vote that another client deletes is told with its node', async () => {
    const deletes: LockDefinition = {
      ...redlockByTheBook,
      name: 'deletes',
      release: async ({ nodes, key }) => {
        await Promise.all(nodes.map((node) => node.del(key).catch(() => 0)))
        return true
      },
    }
    const late = counterPlan({
      nodes: 3,
      ttlMs: 250,
      headStartUs: 5_000,
      workload: { kind: 'counter', rounds: 1, workUs: 200_000, retryUs: 3_000, checkFence: false },
      faults: [fault('pause', { process: 'A', for: '100ms' }, 'A before release')],
    })
    const { violations } = await show(lockSubject(deletes), late)
    expect(violations.map(({ property }) => property)).toContain('foreign-release')
    expect(violations.find(({ property }) => property === 'foreign-release')?.sentence).toMatch(
      /^A deleted "orders\/42" on redis-\d while it was B's$/,
    )
    expect((await show(lockSubject(redlockByTheBook), late)).kinds).toEqual([])
  })

  it('a restart that takes the majority is told with what was left', async () => {
    const [first] = await worlds(redlockByTheBook, 'quorum-restart-without-data', 'direct')
    expect(first?.violations[0]?.why).toBe(
      "redis-2 restarted and had forgotten A's key. Only 1 of 3 nodes still had its token.",
    )
  })
})
