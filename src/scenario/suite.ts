/**
 * Running a suite: every scenario against every subject it is made for, a number of worlds each, and what came out as a
 * report.
 *
 * A cell's verdict is the worst of its worlds: violated, else unknown, else valid, else vacuous. Each property is reported
 * once, with the first world that showed it; a definite violation is shown rather than one by contract.
 */
import type { Judgement } from '../check/judge.ts'
import { SOMETIMES, type Sometimes } from '../check/sometimes.ts'
import { PROPERTIES, type Violation } from '../check/verdict.ts'
import { faultKind } from '../fault/registry.ts'
import { History } from '../history/history.ts'
import { assert } from '../sim/assert.ts'
import { HostError } from '../sim/host-error.ts'
import { hashTrace } from '../sim/trace.ts'
import { formatUs } from '../sim/units.ts'
import { ENGINE_VERSION } from '../world/engine-version.ts'
import { type JudgedWorld, judgeWorld, tellWorld } from '../world/judged-world.ts'
import { type ClientKind, type Plan, WORKLOAD_SUBJECTS } from '../world/plan.ts'
import { type Environment, unfinishedRun, type WorldRun } from '../world/run-world.ts'
import { storyOf } from '../world/story.ts'
import type { Story } from '../world/story-data.ts'
import { clientOf, nodesOf, planFor, type Subject } from '../world/subject.ts'
import { describeAnchor } from './anchor.ts'
import type { Cell, Expectation, Report, ReportedViolation, ReportMaterial, Status } from './report.ts'
import { expectationFor, type Scenario } from './scenario.ts'
import { encodeToken, planChecksum } from './token.ts'

export interface SuiteOptions {
  readonly scenarios: readonly Scenario[]
  readonly subjects: readonly Subject[]
  readonly seed: string
  /** What subjects are given that do not say which client they need. */
  readonly client: ClientKind
  readonly environment: Environment
  /** Worlds a cell; default: what the scenario says. */
  readonly runs?: number
  /** Runs one piece of work at the bottom of a macrotask, where worlds can run. */
  readonly inMacrotask: <T>(task: () => T) => Promise<T>
  /** Called after each cell. */
  readonly onCell?: (cell: Cell, doneCount: number, totalCount: number) => void
  /** Asked before each cell: true ends the suite with what there is. */
  readonly shouldStop?: () => boolean
}

/**
 * Which subjects a scenario is made for: of the kind of its workload, and as far as they reach. One over several nodes is for
 * quorum locks; a lock that uses only the first node is run in it when the scenario says what to expect of it.
 */
export const subjectsFor = (scenario: Scenario, subjects: readonly Subject[]): readonly Subject[] => {
  const { workload, nodes } = scenario.plan('', 'direct')
  return subjects
    .filter((subject) => subject.kind === WORKLOAD_SUBJECTS[workload.kind])
    .filter((subject) => nodes === 1 || nodesOf(subject) > 1 || scenario.expect.has(subject.name))
    .filter(({ name, reach }) => {
      if (reach === 'all' || scenario.expect.has(name)) return true
      return reach === undefined && scenario.subjects === 'all'
    })
}

/** What a suite ends with. */
export interface SuiteResult extends ReportMaterial {
  /** The server that died, which ended the suite in the middle of its last cell; null: it ended by itself. */
  readonly failure: HostError | null
}

/** Runs the suite. */
export async function runSuite(options: SuiteOptions): Promise<SuiteResult> {
  const { scenarios, subjects, seed, client, environment, inMacrotask } = options
  const todo = scenarios.flatMap((scenario) =>
    subjectsFor(scenario, subjects).map((subject) => ({ scenario, subject })),
  )
  // A driver that is not installed is said at once, not after an hour.
  for (const { subject } of todo) {
    if (subject.kind === 'lock' && subject.lock.client !== undefined) environment.driverFor?.(subject.lock.client)
  }
  const cells: Cell[] = []
  const histories = new Map<string, Story>()
  let failure: HostError | null = null
  for (const { scenario, subject } of todo) {
    if (options.shouldStop?.() === true) break
    const result = await inMacrotask(() => runCell(scenario, subject, options))
    failure = result.failure
    if (result.cell === null) break
    cells.push(result.cell)
    histories.set(`${scenario.name}/${subject.name}`, result.story)
    options.onCell?.(result.cell, cells.length, todo.length)
    if (failure !== null) break
  }
  return {
    report: {
      schema: 'lockstorm/report@1',
      engine: ENGINE_VERSION,
      seed,
      redis: environment.provider.description,
      client,
      deterministic: environment.provider.deterministic,
      cells,
      totals: totalsOf(cells),
    },
    scenarios: new Map(
      scenarios.map((scenario) => [
        scenario.name,
        { title: scenario.title, story: scenario.story, faults: faultsOf(scenario.plan(seed, client)) },
      ]),
    ),
    subjects: new Map(
      subjects.map((subject) => {
        const { title = '', commands = '' } = subject.kind === 'lock' ? subject.lock : (subject.app ?? subject.store)
        return [subject.name, { title, commands }]
      }),
    ),
    histories,
    failure,
  }
}

/** The plan of one world of a cell. */
export const planOfWorld = (scenario: Scenario, seed: string, world: number, client: ClientKind): Plan =>
  scenario.plan(`${seed}/${scenario.name}/${world}`, client)

/** A cell; `cell` null: the server died before anything was on record. */
type CellResult =
  | { readonly cell: Cell; readonly story: Story; readonly failure: HostError | null }
  | { readonly cell: null; readonly failure: HostError }

function runCell(scenario: Scenario, subject: Subject, options: SuiteOptions): CellResult {
  const { seed, environment } = options
  const client = clientOf(subject, options.client)
  const worldCount = options.runs ?? scenario.runs
  assert(worldCount > 0, 'a cell has at least one world')
  const checksum = planChecksum(scenario, subject)
  const { nodes } = planFor(scenario.plan('', client), subject)
  const hashes: string[] = []
  const facts = new Set<Sometimes>()
  const found = new Map<string, { readonly violation: Violation; readonly world: number }>()
  const statuses = new Map<Status, string>()
  let violatedWorlds = 0
  let shown: { readonly world: number; readonly rank: number } = { world: 0, rank: 0 }
  let failure: HostError | null = null
  for (let world = 0; world < worldCount; world += 1) {
    let judged: JudgedWorld
    try {
      judged = judgeWorld(planOfWorld(scenario, seed, world, client), subject, environment)
    } catch (error) {
      if (!(error instanceof HostError)) throw error
      failure = error
      break
    }
    const { run, judgement } = judged
    hashes.push(run.historyHash)
    for (const fact of judgement.sometimes) facts.add(fact)
    const { verdict } = judgement
    if (!statuses.has(verdict.status)) statuses.set(verdict.status, detailOf(judgement))
    if (verdict.status !== 'violated') continue
    violatedWorlds += 1
    for (const violation of verdict.violations) {
      const known = found.get(violation.property)
      if (known === undefined || (known.violation.kind === 'by-contract' && violation.kind === 'definite')) {
        found.set(violation.property, { violation, world })
      }
    }
    const rank = verdict.violations.some((violation) => violation.kind === 'definite') ? 2 : 1
    if (rank > shown.rank) shown = { world, rank }
  }
  let brokenOff: WorldRun | undefined
  if (failure !== null) {
    // Without its end a history proves nothing: a client that is waiting in it does not hang.
    brokenOff = unfinishedRun(failure)
    if (brokenOff === undefined) return { cell: null, failure }
    hashes.push(brokenOff.historyHash)
    statuses.set('unknown', shortReason(failure))
  }
  const status = (['violated', 'unknown', 'valid', 'vacuous'] as const).find((candidate) =>
    statuses.has(candidate),
  ) as Status
  const tokenOf = (world: number): string =>
    encodeToken({
      scenario: scenario.name,
      planChecksum: checksum,
      subject: subject.name,
      client,
      redis: environment.provider.kind,
      seed,
      world,
    })
  const violations = PROPERTIES.flatMap((property): ReportedViolation[] => {
    const seen = found.get(property)
    if (seen === undefined) return []
    return [{ ...seen.violation, token: tokenOf(seen.world) }]
  })
  const expected = expectationFor(scenario, subject.name, client)
  const cell: Cell = {
    scenario: scenario.name,
    lock: subject.name,
    client,
    workload: scenario.plan(seed, client).workload.kind,
    ...(nodes === 1 ? {} : { nodes }),
    verdict: status,
    detail: statuses.get(status) ?? '',
    expected,
    asExpected: expected === null || isAsExpected(expected, status, violations),
    worlds: hashes.length,
    violatedWorlds,
    historyHash: joinHashes(hashes),
    violations,
    history: `${scenario.name}.${subject.name}.ndjson`,
    sometimes: (Object.keys(SOMETIMES) as Sometimes[]).filter((fact) => facts.has(fact)).map((fact) => SOMETIMES[fact]),
  }
  if (brokenOff !== undefined) return { cell, story: storyOfBrokenOff(brokenOff, subject), failure }
  try {
    const story = tellWorld(planOfWorld(scenario, seed, shown.world, client), subject, environment)
    return { cell, story: { ...story, token: tokenOf(shown.world) }, failure }
  } catch (error) {
    if (!(error instanceof HostError)) throw error
    const run = unfinishedRun(error)
    return run === undefined
      ? { cell: null, failure: error }
      : { cell, story: storyOfBrokenOff(run, subject), failure: error }
  }
}

/** As far as it went; it cannot be run again with an ear on the network. */
const storyOfBrokenOff = (run: WorldRun, subject: Subject): Story => storyOf(new History(run), [], subject.kind)

/** Without what the server wrote last. */
const shortReason = ({ message }: HostError): string => message.split('; it wrote ')[0] as string

function detailOf({ verdict }: Judgement): string {
  return verdict.status === 'unknown' ? verdict.reason : verdict.status === 'vacuous' ? verdict.missing : ''
}

/** Whether a cell shows exactly what its scenario says: these properties, each with this kind, and no other. */
export function isAsExpected(
  expected: Expectation,
  status: Status,
  violations: readonly { readonly property: string; readonly kind: string }[],
): boolean {
  if (typeof expected === 'string') return status === expected
  const wanted = Object.entries(expected)
  return (
    status === 'violated' &&
    wanted.length === violations.length &&
    wanted.every(([property, kind]) =>
      violations.some((violation) => violation.property === property && violation.kind === kind),
    )
  )
}

/** One hash over the hashes of a cell's worlds; of one world: its own. */
function joinHashes(hashes: readonly string[]): string {
  if (hashes.length === 1) return hashes[0] as string
  return hashTrace(hashes.map((hash, seq) => ({ atUs: 0, seq, process: '', type: 'note', op: 'hash', value: hash })))
}

function totalsOf(cells: readonly Cell[]): Report['totals'] {
  const count = (predicate: (cell: Cell) => boolean): number => cells.filter(predicate).length
  return {
    cells: cells.length,
    asExpected: count((cell) => cell.asExpected),
    notAsExpected: count((cell) => !cell.asExpected),
    valid: count((cell) => cell.verdict === 'valid'),
    violated: count((cell) => cell.verdict === 'violated'),
    unknown: count((cell) => cell.verdict === 'unknown'),
    vacuous: count((cell) => cell.verdict === 'vacuous'),
    worlds: cells.reduce((sum, cell) => sum + cell.worlds, 0),
  }
}

const faultsOf = (plan: Plan): readonly string[] =>
  plan.faults.map((fault) => {
    const kind = faultKind(fault.kind)
    assert(kind !== undefined, `a planned fault is registered: ${fault.kind}`)
    return `${kind.describe(fault.settings as never)} (${describeAnchor(fault.at, formatUs)})`
  })
