/**
 * A suite: every scenario against every subject it is made for, and what came out as a report.
 *
 * Invariants
 * - The report does not depend on who runs the cells, or on how many at the same time; a suite that is stopped ends after
 *   the cells that were begun.
 */

import type { RedisVersion } from '../redis/version.ts'
import type { ServerProvider } from '../server/server.ts'
import { checkClient, definitionOf, neededClient, nodesOf, type Subject } from '../subject/subject.ts'
import type { InLanguages } from '../text/language.ts'
import { inOrder } from '../worker/in-order.ts'
import { workloadOf } from '../workload/registry.ts'
import { ENGINE_VERSION } from '../world/engine-version.ts'
import type { Environment } from '../world/environment.ts'
import { type ClientKind, canHave, type Plan } from '../world/plan.ts'
import type { Story } from '../world/story-data.ts'
import { hasRedis, voterCount } from '../world/topology.ts'
import { isNotAsked, whoAnswers, whyApart } from '../world/who-answers.ts'
import type { CellOptions, CellResult } from './cell.ts'
import { faultInWords } from './fault-words.ts'
import type { Cell, Report, ReportMaterial } from './report.ts'
import { onVersion, type Scenario } from './scenario.ts'

/**
 * Which subjects a scenario is made for: of the kind of its workload, and as far as they reach. One over several nodes is for
 * quorum locks; a lock that uses only the first node is run in it when the scenario says what to expect of it. A Cluster is for all
 * others.
 */
export const subjectsFor = (scenario: Scenario, subjects: readonly Subject[]): readonly Subject[] => {
  const { workload, topology } = scenario.plan('', 'direct')
  const { takes } = workloadOf(workload)
  return subjects
    .filter((subject) => subject.kind === takes)
    .filter((subject) => canHave(topology, subject) || scenario.expect.has(subject.name))
    .filter((subject) => voterCount(topology) === 1 || nodesOf(subject) > 1 || scenario.expect.has(subject.name))
    .filter(({ name, reach }) => {
      if (reach === 'all' || scenario.expect.has(name)) return true
      return reach === undefined && scenario.subjects === 'all'
    })
}

/** Why a kind of Redis cannot have the servers of a scenario, or their disks; null: it can. */
export function lackedBy(
  provider: Pick<ServerProvider, 'replicates' | 'hasKeeper' | 'persists' | 'description' | 'descriptionOf'>,
  scenario: Scenario,
  askedVersion?: RedisVersion,
): string | null {
  const { replicates = [], hasKeeper = false, persists = false, description } = provider
  const plan = onVersion(scenario.plan('', 'direct'), askedVersion)
  const apart = whyApart(provider, plan.topology)
  const isServed = hasKeeper || hasRedis(plan.topology)
  if (apart === null && isServed && (persists || plan.persistence === undefined)) return isNotAsked(provider, plan)
  if (replicates.length === 0) return `${description} has neither replicas nor disks here`
  return apart ?? `${description} has ${isServed ? 'no disk' : 'no coordination service'} here`
}

/** One subject in one scenario, to be run. */
export interface Pairing {
  readonly scenario: Scenario
  readonly subject: Subject
}

/** The cells of a suite, in the order of its report. */
export const pairingsOf = (scenarios: readonly Scenario[], subjects: readonly Subject[]): readonly Pairing[] =>
  scenarios.flatMap((scenario) => subjectsFor(scenario, subjects).map((subject) => ({ scenario, subject })))

/** What a report says of a suite besides what came of its cells: plain data. */
export interface SuiteOutline extends Pick<ReportMaterial, 'scenarios' | 'subjects'> {
  readonly cellCount: number
  /** Of all cells. */
  readonly worldCount: number
  readonly report: Pick<Report, 'seed' | 'redis' | 'client' | 'deterministic'>
}

/** @param codeOf the code of a subject as it is written; undefined: it is not known */
export function outlineOf(
  pairings: readonly Pairing[],
  scenarios: readonly Scenario[],
  subjects: readonly Subject[],
  { seed, client, environment, runs, redisVersion }: CellOptions,
  codeOf: (subject: Subject) => readonly string[] | undefined = () => undefined,
): SuiteOutline {
  const { provider } = environment
  const { deterministic } = provider
  const plans = pairings.map(({ scenario }) => onVersion(scenario.plan('', client), redisVersion))
  const redis = [...new Set(plans.map((plan) => whoAnswers(provider, plan)))].join(', ')
  return {
    cellCount: pairings.length,
    worldCount: pairings.reduce((sum, { scenario }) => sum + (runs ?? scenario.runs), 0),
    report: { seed, redis, client, deterministic },
    scenarios: new Map(
      scenarios.map((scenario) => [
        scenario.name,
        {
          title: scenario.title,
          story: scenario.story,
          faults: faultsOf(scenario.plan(seed, client)),
          teaches: scenario.teaches,
        },
      ]),
    ),
    subjects: new Map(
      subjects.map((subject) => {
        const { title = '', commands = '' } = definitionOf(subject)
        const code = codeOf(subject)
        return [subject.name, { title, commands, ...(code === undefined ? {} : { code }) }]
      }),
    ),
  }
}

export interface SuiteConduct {
  /** Runs the cell with this number. */
  readonly runCell: (index: number) => Promise<CellResult>
  /** How many cells are begun before the first of them has ended. */
  readonly atOnce: number
  /** Called after each cell, in the order of the report. */
  readonly onCell?: (cell: Cell, doneCount: number, totalCount: number) => void
  /** Asked after each cell: true ends the suite with what there is. */
  readonly shouldStop?: () => boolean
}

/** What a suite ends with. */
export interface SuiteResult extends ReportMaterial {
  /** What the server said that died, which ended the suite in the middle of its last cell; null: it ended by itself. */
  readonly failure: string | null
  /** Cells in which the same plan gave two histories. */
  readonly unrepeatable: readonly Cell[]
}

/** Has the cells of a suite run, and puts together what came of them. */
export async function conductSuite(outline: SuiteOutline, conduct: SuiteConduct): Promise<SuiteResult> {
  const { cellCount, report, scenarios, subjects } = outline
  const cells: Cell[] = []
  const unrepeatable: Cell[] = []
  const histories = new Map<string, Story>()
  let failure: string | null = null
  const belt = { items: Array.from({ length: cellCount }).keys(), atOnce: conduct.atOnce, begin: conduct.runCell }
  for await (const result of inOrder(belt)) {
    const { cell, story } = result
    failure = result.failure
    if (cell !== null) {
      cells.push(cell)
      if (story !== null) histories.set(`${cell.scenario}/${cell.lock}`, story)
      if (!result.isRepeatable) unrepeatable.push(cell)
      conduct.onCell?.(cell, cells.length, cellCount)
    }
    if (failure !== null || conduct.shouldStop?.() === true) break
  }
  return {
    report: { schema: 'lockstorm/report@2', engine: ENGINE_VERSION, ...report, cells, totals: totalsOf(cells) },
    scenarios,
    subjects,
    histories,
    failure,
    unrepeatable,
  }
}

/**
 * `--max-limit`: where more cells than this show limits that no scenario expects (of locks of the user's), they should have been
 * valid.
 */
export function withLimitMax(result: SuiteResult, limitMax: number): SuiteResult {
  const isLimit = ({ expected, asExpected, verdict }: Cell): boolean =>
    expected === null && asExpected && verdict === 'violated'
  if (result.report.cells.filter(isLimit).length <= limitMax) return result
  const cells = result.report.cells.map(
    (cell): Cell => (isLimit(cell) ? { ...cell, expected: 'valid', asExpected: false } : cell),
  )
  return { ...result, report: { ...result.report, cells, totals: totalsOf(cells) } }
}

/**
 * Looks whether subjects speak to the client that they are given, and for the drivers that they ask for: one that is not
 * installed is said at once, not after an hour.
 * @throws UsageError
 */
export function checkClients(pairings: readonly Pairing[], client: ClientKind, environment: Environment): void {
  for (const { subject } of pairings) {
    checkClient(subject, client)
    const needed = neededClient(subject)
    if (needed !== undefined) environment.driverFor?.(needed)
  }
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

const faultsOf = (plan: Plan): readonly InLanguages[] => plan.faults.map(faultInWords)
