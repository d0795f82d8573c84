/**
 * What a hunt reports: every property and cause that some storm violated, each once, under its own name; what never showed
 * without something worse, under that.
 */
import { describe, expect, it } from 'vitest'
import { causeKey } from '../../src/check/cause.ts'
import { rankOf } from '../../src/check/rank.ts'
import type { Violation } from '../../src/check/verdict.ts'
import { basePlans, DEFAULT_PARAMETERS } from '../../src/explore/base-plan.ts'
import { soloCrew } from '../../src/explore/crew.ts'
import { Explorer } from '../../src/explore/explorer.ts'
import { addFinding, type Finding, findingsOf, type RankedFinding, worstFirst } from '../../src/explore/finding.ts'
import { type HuntOutcome, hunt } from '../../src/explore/hunt.ts'
import { searchesOf } from '../../src/explore/search.ts'
import { addStorm, addTally, emptyTally, type Tally } from '../../src/explore/tally.ts'
import type { LockDefinition } from '../../src/lock/lock.ts'
import { nxPlainDel } from '../../src/lock/nx-plain-del.ts'
import { setNxLua } from '../../src/lock/set-nx-lua.ts'
import { inMacrotask } from '../../src/sim/node/drain.ts'
import { lockSubject } from '../../src/subject/subject.ts'
import { memoryProvider, nodeEnvironment } from '../../src/world/node/environment.ts'
import type { Plan } from '../../src/world/plan.ts'
import { countsFromReply, lateFence } from '../check/mutants.ts'
import { counterPlan, fault, show } from '../check/worlds.ts'

const environment = nodeEnvironment('direct', memoryProvider())

async function outcomeOf(lock: LockDefinition): Promise<HuntOutcome> {
  const subject = lockSubject(lock)
  const bases = basePlans(subject, { ...DEFAULT_PARAMETERS, client: 'direct' })
  const explorer = new Explorer({ subject, environment, bases, isLossy: false })
  const searches = searchesOf({ bases, faults: 1, pairBudget: 0, given: null, runs: null })
  return hunt({ crew: soloCrew(explorer, inMacrotask), searches })
}

const named = ({ property, kind, cause }: Pick<Violation, 'property' | 'kind' | 'cause'>): string =>
  `${property}: ${kind}: ${causeKey(cause)}`

describe('a lock with one mistake has a finding of that name', () => {
  it.each([
    ['draws its fencing token in a second command', lateFence, 'fence-order: bug: fence-not-drawn-with-grant'],
    ['deletes without comparing', nxPlainDel, 'foreign-release: bug: token-not-compared deleted'],
    ['counts its lease from the reply', countsFromReply, 'overstated-lease: bug: counted-on-wrong-clock'],
  ])('that %s', async (_, lock, name) => {
    const { counterexamples } = await outcomeOf(lock)
    expect(counterexamples.map(({ violation }) => named(violation))).toContain(name)
    // Its own storm, in which it shows when it is replayed.
    const own = counterexamples.find(({ violation }) => named(violation) === name)!
    const { violations } = await show(lockSubject(lock), own.plan)
    expect(violations.map(named)).toContain(name)
    expect(own.necessary.every((isNecessary) => isNecessary)).toBe(true)
  })
})

describe('a lease that ended', () => {
  it('is one finding, whether its holder was paused, cut off, at work, or waited for a message', async () => {
    const { counterexamples } = await outcomeOf(setNxLua)
    const ended = counterexamples.filter(
      ({ violation: { property, cause } }) => property === 'mutual-exclusion' && cause.kind === 'lease-ended',
    )
    expect(ended).toHaveLength(1)
  })

  it.each([
    ['paused', 'pause', { process: 'A', for: '2s' }],
    ['cut off', 'partition', { groups: [['A'], ['redis-1', 'storage']], for: '2s' }],
    ['at work', 'slow-work', { process: 'A', by: '2s' }],
  ] as const)('has one cause: %s', async (_, kind, settings) => {
    const plan = counterPlan({ headStartUs: 5_000, faults: [fault(kind, { ...settings }, 'A after acquire')] })
    const { violations } = await show(lockSubject(setNxLua), plan)
    const both = violations.filter(({ property }) => property === 'mutual-exclusion')
    expect(both.map(named)).toEqual(['mutual-exclusion: limit: lease-ended'])
  })
})

/** A storm of so many pauses. */
const storm = (...us: readonly number[]): Plan =>
  counterPlan({
    faults: us.map((forUs) => ({
      ...fault('pause', { process: 'A', for: '1s' }, 'A after acquire'),
      settings: { process: 'A', for: forUs },
    })),
  })
const violation = (of: Partial<Violation>): Violation => ({
  property: 'mutual-exclusion',
  kind: 'bug',
  told: { kind: 'both-held', earlier: 'A', later: 'B', forUs: 1, statement: null },
  cause: { kind: 'granted-while-held', holder: 'A', later: 'B', isQuorum: false },
  atUs: 1,
  untilUs: 2,
  processes: ['A', 'B'],
  ...of,
})
const BOTH = violation({})
const FENCE = violation({
  property: 'fence-order',
  told: { kind: 'fence-not-higher', client: 'B', fence: 1, previous: 'A', previousFence: 2 },
  cause: { kind: 'fence-not-drawn-with-grant' },
})
const ENDED = violation({
  kind: 'limit',
  cause: { kind: 'lease-ended', client: 'A', leaseUs: 1, during: { when: 'before', circumstance: null } },
})

function tallyOf(storms: readonly (readonly [Plan, readonly Violation[]])[]): Tally {
  const tally = emptyTally()
  for (const [plan, violations] of storms) {
    const verdict =
      violations.length === 0 ? ({ status: 'valid' } as const) : ({ status: 'violated', violations } as const)
    addStorm(tally, plan, { verdict, sometimes: new Set() }, { endUs: 1, ledTo: new Map() })
  }
  return tally
}
const ranked = (tally: Tally): readonly RankedFinding[] => worstFirst(tally.findings.values(), tally)
const told = (tally: Tally) =>
  ranked(tally).map(({ violation: each, seen, consequences }) => [
    each.property,
    seen,
    consequences.map((other) => [other.violation.property, other.seen]),
  ])

describe('findings', () => {
  it('are all violations of a storm, the worst first', () => {
    expect(findingsOf(storm(1), [ENDED, FENCE, BOTH]).map(({ violation: each }) => named(each))).toEqual([
      'mutual-exclusion: bug: granted-while-held',
      'fence-order: bug: fence-not-drawn-with-grant',
      'mutual-exclusion: limit: lease-ended',
    ])
    expect(rankOf(BOTH)).toBeLessThan(rankOf(FENCE))
  })

  it('have as consequence what never showed without them', () => {
    expect(
      told(
        tallyOf([
          [storm(1), [BOTH, FENCE]],
          [storm(2), [BOTH]],
        ]),
      ),
    ).toEqual([['mutual-exclusion', 2, [['fence-order', 1]]]])
  })

  it('stand alone as soon as one storm shows them without the worse one', () => {
    expect(
      told(
        tallyOf([
          [storm(1), [BOTH, FENCE]],
          [storm(2), [FENCE]],
        ]),
      ),
    ).toEqual([
      ['mutual-exclusion', 1, []],
      ['fence-order', 2, []],
    ])
  })

  it('are shown in a storm in which nothing worse shows, even if a shorter one shows both', () => {
    const [, fence] = ranked(
      tallyOf([
        [storm(1_000), [BOTH, FENCE]],
        [storm(9_000), [FENCE]],
      ]),
    )
    expect(fence?.plan.faults[0]?.settings).toEqual({ process: 'A', for: 9_000 })
  })

  it('do not depend on how storms were shared out', () => {
    const storms: (readonly [Plan, readonly Violation[]])[] = [
      [storm(5_000), [BOTH, FENCE]],
      [storm(3_000), [ENDED]],
      [storm(4_000), [FENCE, ENDED]],
      [storm(1_000, 1_000), [BOTH]],
      [storm(2_000), []],
    ]
    const whole = tallyOf(storms)
    for (let cut = 0; cut <= storms.length; cut += 1) {
      const shared = tallyOf(storms.slice(0, cut))
      addTally(shared, tallyOf(storms.slice(cut)))
      expect(ranked(shared)).toEqual(ranked(whole))
    }
  })

  it('keep of two storms that are alike the first one', () => {
    const findings = new Map<string, Finding>()
    const [first, second] = [storm(1_000), storm(1_000)]
    for (const plan of [first, second]) for (const found of findingsOf(plan, [BOTH])) addFinding(findings, found)
    expect([...findings.values()].map(({ plan, seen }) => [plan === first, seen])).toEqual([[true, 2]])
  })
})
