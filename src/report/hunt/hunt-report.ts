/**
 * The report of a hunt: what `hunt --json` prints and `report.json` holds.
 *
 * Invariants
 * - The same hunt gives the same bytes, whatever the number of workers; a hunt with a time limit excepted.
 */

import { type FindingName, keyOf, nameOf } from '../../check/rank.ts'
import { SOMETIMES, type Sometimes } from '../../check/sometimes.ts'
import { type Acceptance, type Accepted, acceptanceOf, foundBy, type Terms } from '../../explore/accepted.ts'
import { describeBase } from '../../explore/base-plan.ts'
import { type Counterexample, unexplained } from '../../explore/counterexample.ts'
import type { Cure } from '../../explore/cure.ts'
import type { Finding } from '../../explore/finding.ts'
import type { HuntOutcome, Searched } from '../../explore/hunt.ts'
import type { Claim } from '../../explore/search.ts'
import { stormText } from '../../explore/storm-text.ts'
import { emptyTally, type Tally } from '../../explore/tally.ts'
import type { LostStorm } from '../../explore/unit.ts'
import { faultWords } from '../../scenario/fault-words.ts'
import { type WrittenPlan, writeFault, writePlan } from '../../scenario/plan-file.ts'
import type { Status } from '../../scenario/report.ts'
import { encodeStormToken } from '../../scenario/token.ts'
import { assertNever } from '../../sim/assert.ts'
import { counted, countText } from '../../text/time.ts'
import { type ToldViolation, tellViolation } from '../../words/told-violation.ts'
import { ENGINE_VERSION } from '../../world/engine-version.ts'
import { lostViolation } from '../../world/lost-world.ts'
import type { ClientKind, Plan } from '../../world/plan.ts'

export const HUNT_SCHEMA = 'lockstorm/hunt@2'

/** What the reports of a hunt and of a frontier begin with, after their schema. */
export interface HuntHead {
  readonly engine: string
  readonly lock: string
  readonly client: ClientKind
  /** What answered, in words. */
  readonly redis: string
  readonly deterministic: boolean
  readonly seed: string
  /** What `lockstorm replay` is given besides a token: `--lock` and the file of the lock. */
  readonly replayWith: readonly string[]
}

export interface HuntReport extends HuntHead {
  readonly schema: typeof HUNT_SCHEMA
  /** Where connections led that the code opened to hosts which are no machines of the world: `cache.internal:6380` to `redis-1`. */
  readonly hosts: Readonly<Record<string, string>>
  readonly verdict: Status
  /** One sentence: what was found, or what was tried without finding anything. */
  readonly statement: string
  /** What was exercised before any fault. */
  readonly bases: readonly { readonly words: string; readonly plan: WrittenPlan }[]
  readonly storms: {
    readonly tried: number
    /** The index is the number of faults. */
    readonly byFaultCount: readonly number[]
    readonly byKind: Readonly<Record<string, number>>
    readonly byVerdict: Readonly<Record<Status, number>>
    /** All storms of at most this many faults were run; null: not even those without any. */
    readonly exhaustiveUpTo: number | null
    /** How many storms of one fault there are; null: they were not counted. */
    readonly singles: number | null
    /** The same of two faults. */
    readonly pairs: number | null
    /** The same of three faults. */
    readonly triples: number | null
    /** How many more of either kind would differ from these only by faults that make no difference. */
    readonly merged: number
    /** There were more orders of simultaneous arrivals than were tried. */
    readonly ordersCut: boolean
    /** Storms of one fault were run in all magnitudes: up to 3.2 leases, one of those that led to one course. */
    readonly allMagnitudes: boolean
    /** Drawn, or mutants of drawn ones. */
    readonly random: number
    readonly virtualSeconds: number
  }
  readonly violations: readonly HuntViolation[]
  /** Different findings beyond those listed. */
  readonly moreViolations: number
  /** How many of all findings fail the hunt: those that nothing accepts. */
  readonly failing: number
  /** The replays that the project keeps, which were run first. */
  readonly replays: readonly KeptStorm[]
  /** Findings of the baseline that were not seen; null: there was no baseline. */
  readonly cured: readonly FindingName[] | null
  /** In how many storms each fact was seen. */
  readonly sometimes: Readonly<Record<Sometimes, number>>
  /** Limits that worlds reached, and in how many. */
  readonly unknown: Readonly<Record<string, number>>
  /** Why the search ended before its end. */
  readonly stoppedBy: HuntOutcome['stoppedBy']
}

/** A replay that the project keeps. */
export interface KeptStorm {
  readonly file: string
  /** The finding that it is green without. */
  readonly finding: FindingName
  /** Whether its finding is `gone` or still `there`; `lost`: the storm cost its worker; `not-run`: the hunt ended before. */
  readonly status: 'gone' | 'there' | 'lost' | 'not-run'
}

/** A finding that never showed without a worse one, under which it is told. */
export type Consequence = Pick<
  ToldViolation,
  'property' | 'kind' | 'weight' | 'cause' | 'told' | 'sentence' | 'why' | 'needs'
> & {
  /** In how many of the storms that were tried it happened. */
  readonly seen: number
  /** Replays its own smallest storm. */
  readonly token: string
  /** Null: it fails the hunt. */
  readonly accepted: Accepted | null
}

export interface HuntViolation extends ToldViolation {
  /** As scenario files write them. */
  readonly faults: readonly Readonly<Record<string, unknown>>[]
  /** The same in words. */
  readonly story: readonly string[]
  readonly token: string
  /** Below the folder of the report; empty for a storm that no worker survives: it cannot be replayed. */
  readonly replayFile: string
  readonly historyHash: string
  /** For each fault: whether the violation is gone without it; empty when its storm could not be run again. */
  readonly necessary: readonly boolean[]
  readonly cures: readonly Cure[]
  /** What never showed without it, the worst first. */
  readonly consequences: readonly Consequence[]
  readonly foundWithFaults: number
  /** What was left out or made smaller, in words, in this order, and how many storms were run for it. */
  readonly shrinking: { readonly steps: readonly string[]; readonly runs: number }
  /** Null: it fails the hunt. */
  readonly accepted: Accepted | null
  /** In how many of the storms that were tried it happened. */
  readonly seen: number
  /** The same among storms that were drawn each by itself, which say how often it is to be expected; null: there were none. */
  readonly random: {
    readonly seen: number
    readonly of: number
    /** After this many random storms without it, it is gone with 95 % confidence. */
    readonly cleanRunsNeeded: number | null
  } | null
}

/** What a report says that the outcome of a hunt does not know. */
export interface HuntContext extends Partial<Terms> {
  readonly subject: string
  readonly client: ClientKind
  readonly redis: string
  readonly redisKind: string
  readonly isDeterministic: boolean
  readonly seed: string
  readonly bases: readonly Plan[]
  /** Default: nothing. */
  readonly replayWith?: readonly string[]
  /** Default: none. */
  readonly replays?: readonly KeptStorm[]
}

/** The report. */
export function huntReport(outcome: HuntOutcome, context: HuntContext): HuntReport {
  const { tally, counterexamples, lost, searched } = outcome
  const { bases } = context
  const all = foundBy(outcome)
  const acceptance = acceptanceOf(outcome, { limitMax: 0, ...context })
  const levels = searched.map(({ claim }) => claim).find(isLevels)
  const named = [
    ...withFileNames(counterexamples.map((counterexample) => reported(counterexample, outcome, context, acceptance))),
    ...lostExamples(lost).map((example) => reported(example, outcome, context, acceptance)),
  ]
  const verdict = verdictOf(outcome, named.length)
  const seen = new Set(all.map(keyOf))
  const byVerdict = { violated: 0, unknown: 0, vacuous: 0, valid: 0 }
  for (const [status, count] of tally.byStatus) byVerdict[status] = count
  return {
    schema: HUNT_SCHEMA,
    ...huntHead(context),
    hosts: sorted(tally.ledTo),
    verdict,
    statement: statementOf(outcome, verdict, foundText(named, context), bases),
    bases: bases.map((plan) => ({ words: describeBase(plan).en, plan: writePlan(plan) })),
    storms: {
      tried: tally.tried + lost.length,
      byFaultCount: [...tally.byFaultCount],
      byKind: sorted(tally.byKind),
      byVerdict,
      exhaustiveUpTo: levels?.upTo ?? null,
      singles: levels?.singleCount ?? null,
      pairs: levels?.pairCount ?? null,
      triples: levels?.tripleCount ?? null,
      merged: levels?.mergedCount ?? 0,
      ordersCut: levels?.isOrderCut ?? false,
      allMagnitudes: levels?.isEveryMagnitude ?? false,
      random: (randomOf(outcome)?.tried ?? 0) + (guidedOf(outcome)?.tried ?? 0),
      virtualSeconds: Math.round(tally.virtualUs / 1_000_000),
    },
    violations: named,
    moreViolations: outcome.moreFindings,
    failing: acceptance.failing,
    replays: context.replays ?? [],
    cured: context.known?.filter((finding) => !seen.has(keyOf(finding))) ?? null,
    sometimes: Object.fromEntries(
      (Object.keys(SOMETIMES) as Sometimes[]).map((fact) => [fact, tally.sometimes.get(fact) ?? 0]),
    ) as Record<Sometimes, number>,
    unknown: sorted(tally.unknown),
    stoppedBy: outcome.stoppedBy,
  }
}

/** `3 findings, 2 of them known` */
function foundText(violations: readonly HuntViolation[], { known }: HuntContext): string {
  const count = `${violations.length} ${violations.length === 1 ? 'finding' : 'findings'}`
  if (known === undefined) return count
  const knownCount = violations.filter(({ accepted }) => accepted === 'baseline').length
  return knownCount === violations.length ? `${count}, all known,` : `${count}, ${knownCount} of them known,`
}

const isLevels = (claim: Claim): claim is Extract<Claim, { readonly kind: 'levels' }> => claim.kind === 'levels'

/** What a search of this kind came to; undefined: it tried nothing. */
const triedBy =
  (kind: Claim['kind']) =>
  ({ searched }: Pick<HuntOutcome, 'searched'>): Tally | undefined =>
    searched.find(({ claim, tally }) => claim.kind === kind && tally.tried > 0)?.tally

const randomOf = triedBy('random')
const guidedOf = triedBy('guided')

function reported(
  counterexample: Counterexample,
  outcome: Pick<HuntOutcome, 'tally' | 'searched'>,
  context: HuntContext,
  acceptance: Pick<Acceptance, 'of'>,
): HuntViolation {
  const { violation, plan } = counterexample
  const random = randomOf(outcome)
  return {
    ...tellViolation(violation),
    faults: plan.faults.map(writeFault),
    story: stormStory(plan),
    token: tokenOf(plan, context),
    replayFile: '',
    historyHash: counterexample.historyHash,
    necessary: counterexample.necessary,
    cures: counterexample.cures,
    consequences: counterexample.consequences.map((finding) => consequenceOf(finding, outcome, context, acceptance)),
    foundWithFaults: counterexample.foundWithFaults,
    shrinking: {
      steps: counterexample.shrinking.steps.map(({ en }) => en),
      runs: counterexample.shrinking.runs,
    },
    accepted: acceptance.of(nameOf(violation)),
    seen: outcome.tally.keys.get(counterexample.key) ?? counterexample.seen,
    random: random === undefined ? null : frequencyIn(random, counterexample.key),
  }
}

/** A finding that is explained while the search goes on: how often it is seen is not known yet. */
export function reportedEarly(counterexample: Counterexample, context: HuntContext): HuntViolation {
  const outcome = { tally: emptyTally(), searched: [] }
  return reported({ ...counterexample, consequences: [] }, outcome, context, { of: () => null })
}

function consequenceOf(
  { key, violation, plan, seen }: Finding,
  { tally }: Pick<HuntOutcome, 'tally'>,
  context: HuntContext,
  acceptance: Pick<Acceptance, 'of'>,
): Consequence {
  const { atUs: _from, untilUs: _until, processes: _who, ...told } = tellViolation(violation)
  const accepted = acceptance.of(nameOf(violation))
  return { ...told, seen: tally.keys.get(key) ?? seen, token: tokenOf(plan, context), accepted }
}

/** What is known before the first storm. */
export const huntHead = ({
  subject,
  client,
  redis,
  isDeterministic,
  seed,
  replayWith = [],
}: HuntContext): HuntHead => ({
  engine: ENGINE_VERSION,
  lock: subject,
  client,
  redis,
  deterministic: isDeterministic,
  seed,
  replayWith,
})

/** The faults of a storm, each in words. */
export const stormStory = ({ faults }: Plan): readonly string[] => faults.map((fault) => faultWords(fault))

/** The token that replays a storm. */
export const tokenOf = (plan: Plan, { subject, redisKind }: HuntContext): string =>
  encodeStormToken({ storm: stormText(plan), subject, client: plan.client, redis: redisKind, seed: plan.seed })

function frequencyIn({ keys, tried }: Tally, key: string): HuntViolation['random'] {
  const seen = keys.get(key) ?? 0
  return { seen, of: tried, cleanRunsNeeded: cleanRuns(seen, tried) }
}

/** How many runs without a violation rule out, with 95 % confidence, that it still happens as often as before. */
function cleanRuns(seen: number, of: number): number | null {
  if (seen === 0) return null
  return seen === of ? 1 : Math.ceil(Math.log(0.05) / Math.log(1 - seen / of))
}

/** Storms that no worker survives, as violations: the first storm of each reason. */
function lostExamples(lost: readonly LostStorm[]): readonly Counterexample[] {
  const reasons = new Set(lost.map(({ reason }) => reason))
  return [...reasons].map((key) => {
    const storms = lost.filter(({ reason }) => reason === key)
    const { plan } = storms[0] as LostStorm
    return unexplained({ key, violation: lostViolation(key), plan, seen: storms.length, consequences: [] })
  })
}

/** `1-mutual-exclusion.replay.json` */
const withFileNames = (violations: readonly HuntViolation[]): readonly HuntViolation[] =>
  violations.map((violation, index) => ({
    ...violation,
    replayFile: `replays/${index + 1}-${violation.property}.replay.json`,
  }))

function verdictOf({ tally, stoppedBy }: HuntOutcome, violationCount: number): Status {
  if (violationCount > 0) return 'violated'
  if (stoppedBy === 'missing') return 'unknown'
  if ((tally.byStatus.get('unknown') ?? 0) > 0 || tally.tried === 0) return 'unknown'
  return (tally.byStatus.get('valid') ?? 0) === 0 ? 'vacuous' : 'valid'
}

/** `no violation in all 41,212 storms of up to 2 faults over counter, 3 clients × 2 rounds` */
function statementOf(outcome: HuntOutcome, verdict: Status, findings: string, bases: readonly Plan[]): string {
  const { tally, searched } = outcome
  const found =
    verdict === 'violated'
      ? findings
      : verdict === 'vacuous'
        ? tally.sometimes.has('done')
          ? 'nothing was exercised'
          : 'nothing was done'
        : verdict === 'unknown'
          ? `no violation, but ${countText(tally.byStatus.get('unknown') ?? 0)} storms reached a limit,`
          : 'no violation'
  const parts = searched.flatMap(partsOf)
  const where = bases.map((plan) => describeBase(plan).en).join(' and ')
  return `${found} in ${parts.length === 0 ? 'no storms' : parts.join(', ')} over ${where}`
}

/** What a search has tried, in words. */
function partsOf({ claim, tally: { byFaultCount, tried } }: Searched): readonly string[] {
  switch (claim.kind) {
    case 'given':
      return [GIVEN_WORDS[claim.why](countText(claim.count))]
    case 'random':
      return tried === 0 ? [] : [`${countText(tried)} random storms`]
    case 'guided':
      return tried === 0 ? [] : [`${countText(tried)} guided random storms`]
    case 'levels': {
      const { upTo, singleCount, pairCount, tripleCount, isEveryMagnitude, unaskedCount } = claim
      // Stopped before the storms without faults were all run: what was run is told, and nothing is claimed.
      if (upTo === null) return byFaultCount.flatMap((count, of) => (count > 0 ? [stormsOf(count, of)] : []))
      const whole = byFaultCount.slice(0, upTo + 1).reduce((sum, count) => sum + count, 0)
      const unasked = unaskedCount === 0 ? '' : ` (${countText(unaskedCount)} by clients that do not ask their lease)`
      const magnitudes = isEveryMagnitude ? (upTo === 1 ? ', all magnitudes,' : ', one alone of all magnitudes,') : ''
      const all = `all ${countText(whole)} storms ${UP_TO[upTo]}${magnitudes}${unasked}`
      const beyond = tried - whole
      if (beyond === 0) return [all]
      const next = [singleCount, pairCount, tripleCount][upTo] ?? null
      return [
        all,
        `${countText(beyond)} of the ${next === null ? 'next' : `${countText(next)} of ${counted(upTo + 1, 'fault')}`}`,
      ]
    }
    default:
      return assertNever(claim)
  }
}

const stormsOf = (count: number, faults: number): string =>
  `${countText(count)} ${count === 1 ? 'storm' : 'storms'} ${faults === 0 ? 'without faults' : `of ${faults} ${faults === 1 ? 'fault' : 'faults'}`}`

const GIVEN_WORDS = {
  'failed-before': (count: string) => `the ${count} storms that failed before`,
  kept: (count: string) => (count === '1' ? 'the kept replay' : `the ${count} kept replays`),
} as const

const UP_TO = ['without faults', 'of up to 1 fault', 'of up to 2 faults', 'of up to 3 faults'] as const

const sorted = <Value>(values: ReadonlyMap<string, Value>): Readonly<Record<string, Value>> =>
  Object.fromEntries([...values].sort(([a], [b]) => (a < b ? -1 : 1)))
