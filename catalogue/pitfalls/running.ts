/**
 * Doing the runs of the registry the way the command line does them: the same loader of lock files, the same seed, the
 * same number of worlds.
 */
import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import type { Violation } from '../../src/check/verdict.ts'
import * as api from '../../src/index.ts'
import { ARTICLE_LOCKS } from '../../src/lock/articles/registry.ts'
import { LOCKS } from '../../src/lock/registry.ts'
import type { Run } from '../../src/pitfall/pitfall.ts'
import { parseScenario } from '../../src/scenario/load.ts'
import { loadSubjects } from '../../src/scenario/node/load-subject.ts'
import type { Scenario } from '../../src/scenario/scenario.ts'
import { planOfWorld } from '../../src/scenario/scenario.ts'
import type { ServerProvider } from '../../src/server/server.ts'
import { ARTICLE_STORES } from '../../src/session/articles/registry.ts'
import { SESSION_STORES } from '../../src/session/registry.ts'
import { inMacrotask } from '../../src/sim/node/drain.ts'
import { lockSubject, type Subject, sessionSubject } from '../../src/subject/subject.ts'
import { type JudgedWorld, judgeWorld } from '../../src/world/judged-world.ts'
import { nodeEnvironment } from '../../src/world/node/environment.ts'

const ROOT = path.resolve(import.meta.dirname, '../..')
const BUILT_IN: readonly Subject[] = [
  ...[...LOCKS, ...ARTICLE_LOCKS].map(lockSubject),
  ...[...SESSION_STORES, ...ARTICLE_STORES].map(sessionSubject),
]
/** The seed of `lockstorm run` when none is given. */
export const SEED = '1'

/** The storm of a run, from the root of the repository. */
export function stormPath({ storm }: Run): string {
  const folders = ['scenarios', 'scenarios/articles', 'catalogue/pitfalls/storms']
  const found = folders.map((folder) => `${folder}/${storm}.yaml`).find((file) => existsSync(path.join(ROOT, file)))
  if (found === undefined) throw new Error(`there is no storm ${storm} in ${folders.join(', ')}`)
  return found
}

/** The file of a run's subject, from the root of the repository; null: it is built in. */
export const modelPath = ({ model }: Run): string | null =>
  model === undefined ? null : `catalogue/pitfalls/models/${model}.ts`

/** The command that does a run, and the cure's where it takes the same storm. */
export function commandOf(run: Run, cure?: Run): string {
  const both = cure !== undefined && cure.storm === run.storm && cure.client === run.client ? [run, cure] : [run]
  const models = new Set(both.map(modelPath).filter((file) => file !== null))
  return [
    'lockstorm run',
    stormPath(run),
    ...[...models].map((file) => `--lock ${file}`),
    ...both.map(({ subject }) => `--only ${subject}`),
    ...(run.client === undefined ? [] : [`--client ${run.client}`]),
  ].join(' ')
}

/** The scenario of a run. */
export function scenarioOf(run: Run): Scenario {
  const file = stormPath(run)
  return parseScenario(readFileSync(path.join(ROOT, file), 'utf8'), file)
}

/** The code of a run. */
export async function subjectOf(run: Run): Promise<Subject> {
  const file = modelPath(run)
  const subjects = file === null ? BUILT_IN : await loadSubjects(path.join(ROOT, file), { ...api })
  const found = subjects.find(({ name }) => name === run.subject)
  if (found === undefined) throw new Error(`${file ?? 'lockstorm'} has no subject ${run.subject}`)
  return found
}

/** The subjects of a model's file. */
export const subjectNames = async (model: string): Promise<readonly string[]> =>
  (await loadSubjects(path.join(ROOT, 'catalogue/pitfalls/models', model), { ...api })).map(({ name }) => name)

/** What the worlds of a run came to. */
export interface Outcome {
  /** Of each world. */
  readonly statuses: readonly string[]
  /** Of each world: `property: kind`, sorted, each once. */
  readonly found: readonly (readonly string[])[]
  readonly violations: readonly Violation[]
  readonly hashes: readonly string[]
  /** The history of the first world, so that a failing test shows the first differing event. */
  readonly lines: readonly string[]
}

/** Does a run: as many worlds as its scenario says, or at most `worldsMax`. */
export async function outcomeOf(
  run: Run,
  provider: ServerProvider,
  { worldsMax = Number.POSITIVE_INFINITY, seed = SEED }: { readonly worldsMax?: number; readonly seed?: string } = {},
): Promise<Outcome> {
  const scenario = scenarioOf(run)
  const subject = await subjectOf(run)
  const client = run.client ?? 'ioredis'
  const environment = nodeEnvironment(client, provider)
  const worlds: JudgedWorld[] = []
  for (let world = 0; world < Math.min(scenario.runs, worldsMax); world += 1) {
    worlds.push(await inMacrotask(() => judgeWorld(planOfWorld(scenario, seed, world, client), subject, environment)))
  }
  const verdicts = worlds.map(({ judgement }) => judgement.verdict)
  const violations = verdicts.map((verdict) => (verdict.status === 'violated' ? verdict.violations : []))
  return {
    statuses: verdicts.map(({ status }) => status),
    found: violations.map((each) => [...new Set(each.map(({ property, kind }) => `${property}: ${kind}`))].sort()),
    violations: violations.flat(),
    hashes: worlds.map((world) => world.run.historyHash),
    lines: (worlds[0]?.run.records ?? []).map(
      ({ atUs, process, type, op, value }) => `${atUs} ${process} ${type} ${op} ${JSON.stringify(value)}`,
    ),
  }
}
