/**
 * Running a cell: one subject in one scenario, a number of worlds.
 *
 * A cell's verdict is the worst of its worlds: violated, else unknown, else valid, else vacuous; vacuous, too, when a fault of
 * its story struck in none of them. Each property is reported once, with the first world that showed it; a bug is shown rather
 * than a limit.
 */

import type { Judgement } from '../check/judge.ts'
import { SOMETIMES, type Sometimes } from '../check/sometimes.ts'
import { PROPERTIES, type Violation } from '../check/verdict.ts'
import { History } from '../history/history.ts'
import type { RedisVersion } from '../redis/version.ts'
import { assert } from '../sim/assert.ts'
import { HostError } from '../sim/host-error.ts'
import { hashTrace } from '../sim/trace.ts'
import { clientOf, type Subject } from '../subject/subject.ts'
import { tellViolation } from '../words/told-violation.ts'
import type { LossReason } from '../worker/messages.ts'
import { type JudgedWorld, judgeWorld, tellWorld } from '../world/judged-world.ts'
import { lostViolation } from '../world/lost-world.ts'
import { type ClientKind, planFor } from '../world/plan.ts'
import { type Environment, unfinishedRun, type WorldRun } from '../world/run-world.ts'
import { storyOf } from '../world/story.ts'
import type { Story } from '../world/story-data.ts'
import { voterCount } from '../world/topology.ts'
import { addWorld, emptyWorldTally } from '../world/world-tally.ts'
import { expectationFor, isAsExpected } from './expectation.ts'
import { faultWords } from './fault-words.ts'
import type { Cell, ReportedViolation, Status } from './report.ts'
import { planOfWorld, type Scenario } from './scenario.ts'
import { encodeToken, planChecksum } from './token.ts'

/** What the cells of a suite have in common. */
export interface CellOptions {
  readonly seed: string
  /** What subjects are given that do not say which client they need. */
  readonly client: ClientKind
  readonly environment: Environment
  /** Worlds a cell; default: what the scenario says. */
  readonly runs?: number
  /** The version of Redis in each; default: what the scenario says. */
  readonly redisVersion?: RedisVersion
  /** What `lockstorm replay` is given besides a token of this scenario; default: nothing. */
  readonly replayWith?: (scenario: Scenario) => readonly string[]
  /** Called before each world with its number. */
  readonly onWorld?: (world: number) => void
  /** Asked before each world but the first: true ends the cell with what there is. */
  readonly shouldStop?: () => boolean
  /** A world that a worker did not survive: it is not run again, and ends the cell. */
  readonly lost?: { readonly world: number; readonly reason: LossReason }
}

/** What came of a cell: plain data. */
export interface CellResult {
  /** Null: the server died before anything was on record. */
  readonly cell: Cell | null
  /** The world that is shown; null: there is none to show. */
  readonly story: Story | null
  /** What the server said that died, which ends the suite; null: none did. */
  readonly failure: string | null
  /** Whether the world that is shown had the same history when it was run again. */
  readonly isRepeatable: boolean
}

/** So many worlds of a cell run in one step; short enough for what Node keeps of each until its event loop turns. */
const STEP_WORLDS = 100

/** Runs a cell, each step at the bottom of a macrotask. */
export function* runCell(scenario: Scenario, subject: Subject, options: CellOptions): Generator<void, CellResult> {
  const { seed, environment, lost, redisVersion } = options
  const client = clientOf(subject, options.client)
  const worldCount = options.runs ?? scenario.runs
  assert(worldCount > 0, 'a cell has at least one world')
  const tokenOf = tokens(scenario, subject, options)
  const tally = new CellTally()
  let failure: HostError | null = null
  for (let world = 0; world < worldCount; world += 1) {
    if (world > 0 && world % STEP_WORLDS === 0) yield
    if (world > 0 && options.shouldStop?.() === true) {
      tally.addStop(`stopped after ${world} of ${worldCount} worlds`)
      break
    }
    if (world === lost?.world) {
      tally.addLost(world, lostViolation(lost.reason))
      break
    }
    options.onWorld?.(world)
    try {
      tally.add(world, judgeWorld(planOfWorld(scenario, seed, world, client, redisVersion), subject, environment))
    } catch (error) {
      if (!(error instanceof HostError)) throw error
      failure = error
      break
    }
  }
  if (failure !== null) {
    // Without its end a history proves nothing: a client that is waiting in it does not hang.
    const brokenOff = unfinishedRun(failure)
    tally.addFailure(brokenOff, failure)
    const told = { failure: failure.message, isRepeatable: true }
    if (tally.hashes.length === 0) return { cell: null, story: null, ...told }
    const story = brokenOff === undefined ? null : storyOfBrokenOff(brokenOff, environment)
    return { cell: cellOf(scenario, subject, options, { tally, tokenOf }), story, ...told }
  }
  const cell = cellOf(scenario, subject, options, { tally, tokenOf })
  const shown = tally.shown.world
  if (shown === lost?.world) return { cell, story: null, failure: null, isRepeatable: true }
  options.onWorld?.(shown)
  try {
    const story = tellWorld(planOfWorld(scenario, seed, shown, client, redisVersion), subject, environment)
    const isRepeatable = !environment.provider.deterministic || hashTrace(story.records) === tally.hashes[shown]
    const token = tokenOf(shown)
    return { cell, story: { ...story, token, world: shown }, failure: null, isRepeatable }
  } catch (error) {
    if (!(error instanceof HostError)) throw error
    const run = unfinishedRun(error)
    const story = run === undefined ? null : storyOfBrokenOff(run, environment)
    return { cell, story, failure: error.message, isRepeatable: true }
  }
}

/** Begins the detail of a cell in which faults never struck; they follow. */
export const NEVER_CAME = 'its moment never came'

/** What the worlds of a cell showed. */
class CellTally {
  readonly worlds = emptyWorldTally()
  readonly hashes: string[] = []
  /** The planned faults, in words with their moment, and whether each struck in some world. */
  readonly #struck = new Map<string, boolean>()
  readonly found = new Map<string, { readonly violation: Violation; readonly world: number }>()
  /** Why the cell ended before its last world; null: it did not. */
  endedBy: string | null = null
  /** It was stopped: some of its worlds are missing. */
  isStopped = false
  /** The world to be shown: the first with the worst kind of violation. */
  shown = { world: 0, rank: 0 }

  add(world: number, { run, judgement }: JudgedWorld): void {
    this.hashes.push(run.historyHash)
    for (const fault of run.plan.faults) {
      const name = faultWords(fault)
      this.#struck.set(name, this.#struck.get(name) === true || run.struck.includes(fault))
    }
    this.#addJudgement(world, judgement, run.endUs)
  }

  addStop(detail: string): void {
    this.isStopped = true
    this.endedBy = detail
  }

  /** The server died, in the middle of a world or (undefined) between two. */
  addFailure(run: WorldRun | undefined, failure: HostError): void {
    // Without what the server wrote last.
    const reason = failure.message.split('; it wrote ')[0] as string
    this.endedBy = reason
    if (run === undefined) return
    this.hashes.push(run.historyHash)
    this.#addJudgement(this.worlds.tried, { verdict: { status: 'unknown', reason }, sometimes: NO_FACTS }, run.endUs)
  }

  /** A world that the worker did not survive. */
  addLost(world: number, violation: Violation): void {
    this.#addJudgement(world, { verdict: { status: 'violated', violations: [violation] }, sometimes: NO_FACTS }, 0)
  }

  /** The worst of the worlds, and what was missing or in the way. */
  get verdict(): { readonly status: Status; readonly detail: string } {
    const { byStatus, unknown, vacuous } = this.worlds
    if (byStatus.has('violated')) return { status: 'violated', detail: '' }
    if (this.endedBy !== null) return { status: 'unknown', detail: this.endedBy }
    const [[reason] = []] = unknown
    if (reason !== undefined) return { status: 'unknown', detail: reason }
    const missed = [...this.#struck].filter(([, hasStruck]) => !hasStruck).map(([name]) => name)
    if (missed.length > 0) return { status: 'vacuous', detail: `${NEVER_CAME}: ${missed.join('; ')}` }
    if (byStatus.has('valid')) return { status: 'valid', detail: '' }
    const [[missing = ''] = []] = vacuous
    return { status: 'vacuous', detail: missing }
  }

  #addJudgement(world: number, judgement: Judgement, endUs: number): void {
    addWorld(this.worlds, judgement, endUs)
    const { verdict } = judgement
    if (verdict.status !== 'violated') return
    for (const violation of verdict.violations) {
      const known = this.found.get(violation.property)
      if (known === undefined || (known.violation.kind === 'limit' && violation.kind === 'bug')) {
        this.found.set(violation.property, { violation, world })
      }
    }
    const rank = verdict.violations.some((violation) => violation.kind === 'bug') ? 2 : 1
    if (rank > this.shown.rank) this.shown = { world, rank }
  }
}

const NO_FACTS: ReadonlySet<never> = new Set()

function cellOf(
  scenario: Scenario,
  subject: Subject,
  options: CellOptions,
  { tally, tokenOf }: { readonly tally: CellTally; readonly tokenOf: (world: number) => string },
): Cell {
  const { seed } = options
  const client = clientOf(subject, options.client)
  const { worlds, found, hashes, verdict } = tally
  const { status, detail } = verdict
  const nodes = voterCount(planFor(scenario.plan('', client), subject).topology)
  const violations = PROPERTIES.flatMap((property): ReportedViolation[] => {
    const seen = found.get(property)
    return seen === undefined ? [] : [{ ...tellViolation(seen.violation), token: tokenOf(seen.world) }]
  })
  const expected = expectationFor(scenario, subject.name, client)
  const replayWith = options.replayWith?.(scenario) ?? []
  return {
    scenario: scenario.name,
    lock: subject.name,
    client,
    workload: scenario.plan(seed, client).workload.kind,
    ...(nodes === 1 ? {} : { nodes }),
    ...(replayWith.length === 0 ? {} : { replayWith }),
    verdict: status,
    detail,
    expected,
    asExpected: isAsExpected(expected, status, violations, tally.isStopped),
    worlds: worlds.tried,
    violatedWorlds: worlds.byStatus.get('violated') ?? 0,
    historyHash: joinHashes(hashes),
    violations,
    history: `${scenario.name}.${subject.name}.ndjson`,
    sometimes: (Object.keys(SOMETIMES) as Sometimes[])
      .filter((fact) => worlds.sometimes.has(fact))
      .map((fact) => SOMETIMES[fact]),
  }
}

/** What gives the worlds of a cell their tokens. */
function tokens(scenario: Scenario, subject: Subject, { seed, client, environment, redisVersion }: CellOptions) {
  const parts = {
    scenario: scenario.name,
    planChecksum: planChecksum(scenario, subject),
    subject: subject.name,
    client: clientOf(subject, client),
    redis: environment.provider.kind,
    seed,
    ...(redisVersion === undefined ? {} : { redisVersion }),
  }
  return (world: number): string => encodeToken({ ...parts, world })
}

/** As far as it went; it cannot be run again with an ear on the network. */
const storyOfBrokenOff = (run: WorldRun, { workloads }: Environment): Story =>
  storyOf(new History(run), [], run.plan, workloads)

/** One hash over the hashes of a cell's worlds; of one world: its own; of none: empty. */
function joinHashes(hashes: readonly string[]): string {
  if (hashes.length <= 1) return hashes[0] ?? ''
  return hashTrace(hashes.map((hash, seq) => ({ atUs: 0, seq, process: '', type: 'note', op: 'hash', value: hash })))
}
