/**
 * From the text of a scenario file to a `Scenario`, or to a `UsageError` that lists everything wrong with it:
 *
 *   scenarios/gc.yaml:7:11 faults.0.pause.for: expected a duration such as 2s, got "2 seconds"
 *
 * Invariants
 * - Data never runs code: the file is parsed, checked and copied, nothing in it is called.
 * - All mistakes are reported at once, in the order of the file.
 */
import type { FaultKind } from '../fault/fault.ts'
import { FAULTS } from '../fault/registry.ts'
import { ELECTIONS } from '../leader/registry.ts'
import { ARTICLE_LOCKS } from '../lock/articles/registry.ts'
import { LOCKS } from '../lock/registry.ts'
import { SEMAPHORES } from '../lock/semaphore/registry.ts'
import { QUEUES } from '../queue/registry.ts'
import { READ_WRITE_LOCKS } from '../read-write/registry.ts'
import { ARTICLE_STORES } from '../session/articles/registry.ts'
import { SESSION_STORES } from '../session/registry.ts'
import { assert } from '../sim/assert.ts'
import { UsageError } from '../sim/usage-error.ts'
import { WORKLOADS } from '../workload/registry.ts'
import type { Plan } from '../world/plan.ts'
import { complaints, complaintWords } from './complaint.ts'
import { crossCheck, type Vocabulary } from './cross-check.ts'
import type { Expectation } from './expectation.ts'
import { planOf } from './plan-file.ts'
import type { Scenario } from './scenario.ts'
import { type ScenarioFile, scenarioSchema } from './schema.ts'
import { type Problem, YamlSource } from './yaml-source.ts'

/** A story longer than this is no story. */
export const SCENARIO_LENGTH_MAX = 1_000_000

/** At most this many mistakes are shown; the rest is counted. */
const PROBLEMS_SHOWN = 20

/** What comes with lockstorm. */
export const BUILT_IN: Vocabulary = {
  kinds: FAULTS,
  workloads: WORKLOADS,
  subjects: {
    lock: [...LOCKS, ...SEMAPHORES, ...ARTICLE_LOCKS].map(({ name }) => name),
    session: [...SESSION_STORES, ...ARTICLE_STORES].map(({ name }) => name),
    'job-queue': QUEUES.map(({ name }) => name),
    'leader-election': ELECTIONS.map(({ name }) => name),
    'read-write-lock': READ_WRITE_LOCKS.map(({ name }) => name),
  },
}

/**
 * Reads a scenario.
 * @param path as the user wrote it: its last part is the name, all of it the place in messages
 * @throws UsageError with every mistake in the file
 */
export function parseScenario(text: string, path: string, vocabulary: Vocabulary = BUILT_IN): Scenario {
  const name = scenarioName(path)
  if (text.length > SCENARIO_LENGTH_MAX) {
    throw new UsageError(path, `expected at most ${SCENARIO_LENGTH_MAX} characters, got ${text.length}`)
  }
  const source = new YamlSource(text)
  if (source.problems.length > 0) throw usageError(path, source.problems)
  if (source.value === null) {
    throw new UsageError(`${path}:1:1`, 'the file is empty', 'a scenario has at least a title, a story and a workload')
  }
  const schema = scenarioSchema(vocabulary.kinds, vocabulary.workloads)
  const result = schema.safeParse(source.value, { error: complaintWords })
  const found = [
    ...(result.success ? [] : complaints(schema, source.value, result.error.issues)),
    ...crossCheck(source.value, vocabulary),
  ].map((complaint) => source.problem(complaint.path, complaint.message, complaint.at))
  if (found.length > 0) throw usageError(path, found)
  assert(result.success, 'a scenario without problems has passed its schema')
  return toScenario(name, path, result.data, vocabulary.kinds)
}

/** The name of a scenario: its file name without `.yaml`. */
export function scenarioName(path: string): string {
  const file = path.split(/[/\\]/).pop() ?? ''
  const name = /^([A-Za-z0-9][A-Za-z0-9._-]*)\.yaml$/.exec(file)?.[1]
  if (name !== undefined) return name
  throw new UsageError(
    path,
    'expected the name of a scenario file: letters, digits, "-", "_" and ".", ending in .yaml',
    'rename the file, for its name is the name of the scenario',
  )
}

function usageError(file: string, problems: readonly Problem[]): UsageError {
  const sorted = [...problems].sort((a, b) => a.line - b.line || a.column - b.column)
  const places = sorted.map(
    ({ line, column, path }) => `${file}:${line}:${column}${path.length === 0 ? '' : ` ${path.map(String).join('.')}`}`,
  )
  const rest = sorted.slice(1, PROBLEMS_SHOWN).map((problem, index) => `${places[index + 1]}: ${problem.message}`)
  const more = sorted.length > PROBLEMS_SHOWN ? [`… and ${sorted.length - PROBLEMS_SHOWN} more`] : []
  return new UsageError(places[0] as string, [sorted[0]?.message, ...rest, ...more].join('\n'))
}

function toScenario(name: string, path: string, file: ScenarioFile, kinds: readonly FaultKind[]): Scenario {
  // With places for what each world has of its own: V8 fills a field of a copy at once, and needs 2 µs to add one.
  const plan: Plan = { ...planOf(name, file, kinds), seed: '', client: 'direct' }
  return {
    name,
    path,
    title: file.title,
    story: file.story,
    teaches: file.teaches,
    tags: file.tags,
    subjects: file.subjects,
    runs: file.runs,
    expect: new Map<string, Expectation>(Object.entries(file.expect)),
    expectDirect: new Map<string, Expectation>(Object.entries(file['expect-direct'])),
    plan: (seed, client) => ({ ...plan, seed, client }),
  }
}
