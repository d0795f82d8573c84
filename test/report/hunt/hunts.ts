/** Hunts of all shapes, for the tests of their report files. */
import { SOMETIMES } from '../../../src/check/sometimes.ts'
import { HUNT_SCHEMA, type HuntReport, type HuntViolation } from '../../../src/report/hunt/hunt-report.ts'
import type { HuntMaterial } from '../../../src/report/hunt/material.ts'
import { gcPause, HOSTILE_LOCK, hostile, naiveInterleaving } from '../stories.ts'

const BASE = {
  words: 'counter, 3 clients × 2 rounds',
  plan: { workload: { counter: { rounds: 2, work: '20ms' } }, ttl: '200ms' },
}

/** A report in which nothing was found, but for what is given. */
export function huntReportOf(more: Partial<HuntReport> = {}): HuntReport {
  return {
    schema: HUNT_SCHEMA,
    engine: '1',
    lock: 'mine',
    client: 'direct',
    redis: 'in-memory Redis (7.0.15)',
    deterministic: true,
    seed: '7',
    replayWith: [],
    hosts: { 'cache.internal:6380': 'redis-1' },
    verdict: 'valid',
    statement: 'no violation in all 608 storms of up to 1 fault over counter, 3 clients × 2 rounds',
    bases: [BASE],
    storms: {
      tried: 608,
      byFaultCount: [57, 551],
      byKind: { pause: 150, 'lose-reply': 30 },
      byVerdict: { violated: 0, unknown: 0, vacuous: 0, valid: 608 },
      exhaustiveUpTo: 1,
      singles: 551,
      pairs: 102_081,
      triples: null,
      merged: 0,
      ordersCut: false,
      allMagnitudes: false,
      random: 0,
      virtualSeconds: 170,
    },
    violations: [],
    moreViolations: 0,
    failing: 0,
    replays: [],
    cured: null,
    sometimes: Object.fromEntries(
      Object.keys(SOMETIMES).map((fact, index) => [fact, fact === 'done' ? 5 : (index - 1) * 10]),
    ) as never,
    unknown: {},
    stoppedBy: null,
    ...more,
  }
}

/** A violation whose story is a fixture's. */
export function huntViolation(
  fixture: ReturnType<typeof gcPause>,
  number: number,
  more: Partial<HuntViolation> = {},
): HuntViolation {
  const [first] = fixture.violations
  return {
    ...first!,
    faults: [{ pause: { process: 'A', for: '40s' }, at: 'A before send 2' }],
    story: ['pause A for 40 s (A before send 2)'],
    replayFile: `replays/${number}-${first!.property}.replay.json`,
    historyHash: '0e4008964dfb11e2',
    necessary: [true],
    cures: [
      { repair: 'renewal', advice: 'renew the lease', outcome: 'still' },
      { repair: 'fencing', advice: 'draw a number', outcome: 'cured' },
      { repair: 'longer-ttl', advice: 'a lease 10 times as long', outcome: 'changed' },
    ],
    consequences: [
      {
        property: 'stale-write',
        kind: 'limit',
        weight: 'harm',
        cause: { kind: 'not-takeable' },
        told: { kind: 'not-takeable', forUs: 1_000 },
        needs: 'Needs fencing: no lock with a lease can prevent this by itself.',
        sentence: 'A wrote 2 although B had taken the lock 10 s before',
        why: 'It did not know.',
        seen: 3,
        token: 'L1.c3RhbGU',
        accepted: null,
      },
    ],
    foundWithFaults: 2,
    shrinking: { steps: ['without: crash A (A before send 2)', '3 clients → 2'], runs: 31 },
    accepted: null,
    seen: 25,
    random: null,
    ...more,
  }
}

/** A limit first, then two bugs in one storm, one of them without a replay file; a hostile name everywhere. */
export function violatedHunt(): HuntMaterial {
  const [paused, naive, strange] = [gcPause(), naiveInterleaving(), hostile()]
  const violations = [
    huntViolation(paused, 1, { random: { seen: 3, of: 500, cleanRunsNeeded: 498 } }),
    huntViolation(naive, 2, { faults: [], story: [], necessary: [], foundWithFaults: 0, consequences: [] }),
    huntViolation(strange, 3, {
      token: naive.violations[0]!.token,
      kind: 'bug',
      story: ['pause <img src=x onerror=alert(1)> for 1 s (A before send 1)', 'crash A (A before send 2)'],
      necessary: [true, false],
      cures: [{ repair: 'fencing', advice: '<b>do</b> | it', outcome: 'still' }],
    }),
    huntViolation(naive, 4, {
      property: 'hang',
      kind: 'bug',
      weight: 'blocked-for-ever',
      cause: { kind: 'not-takeable' },
      told: { kind: 'not-takeable', forUs: 1_000 },
      needs: null,
      sentence: 'the code under test ran for ever without waiting for anything',
      why: 'A turn of its event loop never ended.',
      token: 'L1.aGFuZw',
      historyHash: '',
      cures: [],
      consequences: [],
      foundWithFaults: 1,
    }),
  ]
  const report = huntReportOf({
    lock: HOSTILE_LOCK,
    verdict: 'violated',
    statement: '4 findings in all 608 storms of up to 1 fault over counter, 3 clients × 2 rounds',
    violations,
    moreViolations: 2,
    unknown: { 'the history reached <100000> records': 2 },
    stoppedBy: 'failures',
    storms: {
      ...huntReportOf().storms,
      byVerdict: { violated: 30, unknown: 2, vacuous: 1, valid: 575 },
      random: 500,
      ordersCut: true,
    },
  })
  return {
    report,
    stories: [paused.story, naive.story, strange.story],
    cured: [paused.story, null, null],
    replayCount: 3,
  }
}

/** A hunt that found nothing. */
export const cleanHunt = (): HuntMaterial => ({ report: huntReportOf(), stories: [], cured: [], replayCount: 0 })

/** A hunt in which only a limit was found. */
export function contractHunt(): HuntMaterial {
  const paused = gcPause()
  const violations = [huntViolation(paused, 1)]
  const storms = { ...huntReportOf().storms, byVerdict: { violated: 25, unknown: 0, vacuous: 0, valid: 583 } }
  return {
    report: huntReportOf({ verdict: 'violated', statement: '1 finding', violations, storms }),
    stories: [paused.story],
    cured: [],
    replayCount: 1,
  }
}

/** Twelve stories, as many as are ever drawn. */
export function largeHunt(): HuntMaterial {
  const fixtures = Array.from({ length: 12 }, (_, index) => gcPause(`L1.large${index}`))
  const violations = fixtures.map((fixture, index) => huntViolation(fixture, index + 1))
  return {
    ...contractHunt(),
    report: { ...contractHunt().report, violations },
    stories: fixtures.map(({ story }) => story),
    replayCount: 12,
  }
}

/** The same hunt where limits are allowed. */
export function withLimitsAllowed({ report, ...others }: HuntMaterial): HuntMaterial {
  const accepted = <Told extends { readonly kind: string }>(told: Told) => ({
    ...told,
    accepted: told.kind === 'limit' ? ('limit' as const) : null,
  })
  const violations = report.violations.map((violation) => ({
    ...accepted(violation),
    consequences: violation.consequences.map(accepted),
  }))
  return { report: { ...report, violations }, ...others }
}
