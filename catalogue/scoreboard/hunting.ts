/**
 * Hunts one row of the scoreboard, and replays what it found on Redis in memory and on a real redis-server.
 *
 * Invariants
 * - What is listed was replayed on both with the same history, and the real one shows it too.
 * - A cell that says that something is wrong has a listed storm that shows it.
 */
import {
  PROPERTIES,
  type PropertyName,
  type Verdict,
  type Violation,
  type ViolationKind,
} from '../../src/check/verdict.ts'
import { basePlans } from '../../src/explore/base-plan.ts'
import type { Counterexample } from '../../src/explore/counterexample.ts'
import { type Crew, soloCrew } from '../../src/explore/crew.ts'
import { Explorer } from '../../src/explore/explorer.ts'
import { compareSizes, type Finding, sizeOf } from '../../src/explore/finding.ts'
import { type HuntOutcome, hunt } from '../../src/explore/hunt.ts'
import { levels } from '../../src/explore/search.ts'
import { readStorm } from '../../src/explore/storm-text.ts'
import { huntReport } from '../../src/report/hunt/hunt-report.ts'
import { decodeToken } from '../../src/scenario/token.ts'
import type { ServerProvider } from '../../src/server/server.ts'
import { inMacrotask } from '../../src/sim/node/drain.ts'
import { sentenceOf, whyOf } from '../../src/words/sentence.ts'
import { type JudgedWorld, judgeWorld, tellWorld } from '../../src/world/judged-world.ts'
import { memoryProvider, nodeEnvironment } from '../../src/world/node/environment.ts'
import type { Plan } from '../../src/world/plan.ts'
import type { Story } from '../../src/world/story-data.ts'
import { type Entry, parametersOf, versionsOf } from './entries.ts'

/** A property that is wrong in a storm: `mutual-exclusion: bug`. */
type Wrong = `${PropertyName}: ${ViolationKind}`

/** What a replay shows. */
export interface Shown {
  readonly historyHash: string
  readonly sentences: readonly string[]
  readonly shows: readonly Wrong[]
}

export interface ListedFinding extends Shown {
  readonly property: PropertyName
  readonly kind: ViolationKind
  readonly sentence: string
  readonly why: string
  /** The faults of the storm, in words. */
  readonly faults: readonly string[]
  readonly token: string
  readonly seen: number
}

/** A finding that is not claimed. */
export type Doubted = Pick<ListedFinding, 'property' | 'kind' | 'sentence' | 'why' | 'token'>

/** What came of hunting one row, as it is committed. */
export interface Hunted {
  readonly subject: string
  readonly versions: readonly string[]
  readonly client: string
  readonly storms: number
  /** Limits that worlds reached, and in how many. */
  readonly unknown: Readonly<Record<string, number>>
  /** The worst that was seen of each property, in any storm. */
  readonly wrong: readonly Wrong[]
  readonly findings: readonly ListedFinding[]
  /** What was found in memory, and not shown in the same way by the real one. */
  readonly different: readonly string[]
  /** What was found, and is not claimed. */
  readonly doubted: readonly Doubted[]
}

const memory = memoryProvider()

/** The plan of a token. */
export function planOf(token: string): Plan {
  const parts = decodeToken(token)
  if (!('storm' in parts)) throw new Error(`${token} is no token of a hunt`)
  return readStorm(parts.storm, parts.seed, parts.client)
}

/** Whether the row says that a violation is not claimed. */
const isDoubted = (violation: Violation, undecided: Entry['undecided']): boolean =>
  undecided.some(({ property, why }) => property === violation.property && why === whyOf(violation))

/** Runs a storm; what is doubted is left out. */
export async function replay(entry: Entry, plan: Plan, provider: ServerProvider = memory): Promise<Shown> {
  const { run, judgement } = await judged(entry, plan, provider)
  const violations = claimed(entry, judgement.verdict)
  const shows = violations.map(({ property, kind }): Wrong => `${property}: ${kind}`)
  return {
    historyHash: run.historyHash,
    sentences: violations.map((violation) => `${violation.property}: ${violation.kind}: ${sentenceOf(violation)}`),
    shows: [...new Set(shows)],
  }
}

/** A storm for a picture. */
export interface Told {
  readonly story: Story
  /** All that is claimed. */
  readonly violations: readonly Violation[]
}

/** Runs a storm in memory once more, to draw it. */
export async function tell(entry: Entry, plan: Plan): Promise<Told> {
  const { judgement } = await judged(entry, plan, memory)
  const story = await inMacrotask(() => tellWorld(plan, entry.subject, nodeEnvironment(plan.client, memory)))
  return { story, violations: claimed(entry, judgement.verdict) }
}

const judged = ({ subject }: Entry, plan: Plan, provider: ServerProvider): Promise<JudgedWorld> =>
  inMacrotask(() => judgeWorld(plan, subject, nodeEnvironment(plan.client, provider)))

const claimed = ({ undecided }: Entry, verdict: Verdict): readonly Violation[] =>
  verdict.status === 'violated' ? verdict.violations.filter((one) => !isDoubted(one, undecided)) : []

/** Hunts a row with all storms of up to one fault. */
export async function huntEntry(entry: Entry, real: ServerProvider): Promise<Hunted> {
  const { subject, client } = entry
  const parameters = parametersOf(entry)
  const bases = basePlans(subject, parameters)
  // What the real server cannot have could not be shown there.
  const tried = real.lacks === undefined ? memory : { ...memory, lacks: real.lacks }
  const environment = nodeEnvironment(client, tried)
  const explorer = new Explorer({ subject, environment, bases, isLossy: parameters.isLossy })
  const crew = soloCrew(explorer, inMacrotask)
  const outcome = await hunt({ crew, searches: [levels({ bases, faults: 1, pairBudget: 0 })] })
  if (outcome.diverged.length > 0) throw new Error(`${subject.name} is not deterministic`)
  const context = {
    subject: subject.name,
    client,
    redis: '',
    redisKind: 'memory',
    isDeterministic: true,
    seed: '1',
    bases,
  }
  const report = huntReport(outcome, context)
  const wrong = worstOf(outcome)
  const first = await listed(entry, outcome, context, real)
  const shown = new Set(first.findings.flatMap(({ shows }) => shows))
  const missing = wrong.filter((one) => !shown.has(one))
  const others = missing.length === 0 ? [] : await alone(missing, outcome, crew)
  const second = await listed(entry, { ...outcome, counterexamples: others }, context, real)
  return {
    subject: subject.name,
    versions: versionsOf(entry),
    client,
    storms: report.storms.tried,
    unknown: report.unknown,
    wrong,
    findings: [...first.findings, ...second.findings],
    different: [...first.different, ...second.different],
    doubted: [
      ...first.doubted,
      ...second.doubted.filter(({ token }) => first.doubted.every((other) => other.token !== token)),
    ],
  }
}

/** A bug is worse than a limit. */
function worstOf({ tally }: HuntOutcome): readonly Wrong[] {
  const seen = new Set([...tally.keys.keys()].map(wrongOf))
  return PROPERTIES.flatMap((property): Wrong[] => {
    if (seen.has(`${property}: bug`)) return [`${property}: bug`]
    return seen.has(`${property}: limit`) ? [`${property}: limit`] : []
  })
}

/** A key begins with property and kind. */
function wrongOf(key: string): Wrong {
  const [property, kind] = key.split(' · ')
  return `${property}: ${kind}` as Wrong
}

/** Replays counterexamples on both. */
async function listed(
  entry: Entry,
  outcome: HuntOutcome,
  context: Parameters<typeof huntReport>[1],
  real: ServerProvider,
): Promise<Pick<Hunted, 'findings' | 'different' | 'doubted'>> {
  const findings: ListedFinding[] = []
  const different: string[] = []
  const doubted: Doubted[] = []
  for (const violation of huntReport(outcome, context).violations) {
    const { property, kind, sentence, why, story, token, historyHash, seen } = violation
    const plan = planOf(token)
    const [ours, theirs] = [await replay(entry, plan), await replay(entry, plan, real)]
    const isSame = [ours, theirs].every((shown) => shown.historyHash === historyHash)
    const isShown = [ours, theirs].every(({ sentences }) => sentences.includes(`${property}: ${kind}: ${sentence}`))
    if (isSame && !isShown) doubted.push({ property, kind, sentence, why, token })
    else if (!isSame) different.push(`${property}: ${kind}: ${sentence} (${token})`)
    else {
      findings.push({ property, kind, sentence, why, faults: story, token, ...ours, seen })
    }
  }
  return { findings, different, doubted }
}

/** Counterexamples of what came along with something worse in a storm that was made small without it. */
async function alone(
  missing: readonly Wrong[],
  { tally }: HuntOutcome,
  crew: Crew,
): Promise<readonly Counterexample[]> {
  const found = [...tally.findings.values()].sort((a, b) => compareSizes(sizeOf(a.plan), sizeOf(b.plan)))
  const smallest = missing.flatMap((wrong): Finding[] => found.filter(({ key }) => wrongOf(key) === wrong).slice(0, 1))
  const counterexamples: Counterexample[] = []
  for (const finding of smallest) {
    const result = await crew.run({ kind: 'explain', finding: { ...finding, consequences: [] }, shrinks: true })
    if (result.kind === 'explain' && result.counterexample !== null) counterexamples.push(result.counterexample)
  }
  return counterexamples
}
