/** Storms for the mutants of the checks: over every built-in subject and every model of the catalogue, on the built package. */
import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { basePlans, DEFAULT_PARAMETERS } from '../../../dist/explore/base-plan.js'
import { drawStorms } from '../../../dist/explore/random-storm.js'
import { readStorm } from '../../../dist/explore/storm-text.js'
import { StormSource } from '../../../dist/explore/storms.js'
import * as api from '../../../dist/index.js'
import { bundledSubjects } from '../../../dist/scenario/bundled-subjects.js'
import { parseScenario } from '../../../dist/scenario/load.js'
import { loadScenarios } from '../../../dist/scenario/node/find-scenarios.js'
import { loadSubjects } from '../../../dist/scenario/node/load-subject.js'
import { planOfWorld } from '../../../dist/scenario/scenario.js'
import { decodeToken } from '../../../dist/scenario/token.js'
import { inMacrotask } from '../../../dist/sim/node/drain.js'
import { asksKeeper, definitionOf, nodesOf } from '../../../dist/subject/subject.js'
import { WORKLOADS, workloadOf } from '../../../dist/workload/registry.js'
import { memoryProvider, nodeEnvironment } from '../../../dist/world/node/environment.js'
import { canHave } from '../../../dist/world/plan.js'
import { runWorld } from '../../../dist/world/run-world.js'
import { USUAL_SENTINEL } from '../../../dist/world/topology.js'

const CATALOGUE = path.resolve(import.meta.dirname, '../../../catalogue/pitfalls')
const PER_USE = 400

const REPLICATED = { kind: 'replicated', replicas: 1 }
const ELSEWHERE = [
  { topology: REPLICATED },
  { persistence: { kind: 'aof-everysec' } },
  { topology: REPLICATED },
  { topology: USUAL_SENTINEL },
]

const environments = new Map()
function environmentFor(client) {
  if (!environments.has(client)) environments.set(client, nodeEnvironment(client, memoryProvider()))
  return environments.get(client)
}

const subjects = new Map(bundledSubjects().map((subject) => [subject.name, subject]))
for (const file of readdirSync(path.join(CATALOGUE, 'models')).sort()) {
  if (file === 'parts.ts') continue
  const models = await loadSubjects(path.join(CATALOGUE, 'models', file), api)
  for (const subject of models) subjects.set(`${file} ${subject.name}`, subject)
}

export const subjectOf = (name) => subjects.get(name)

/** Runs a world. */
export const runOf = (subject, plan) => inMacrotask(() => runWorld(plan, subject, environmentFor(plan.client)))

/** What a judgement says, for comparing. */
export const verdictText = ({ verdict, sometimes }) =>
  JSON.stringify([verdict.status, verdict.reason ?? verdict.missing ?? verdict.violations, [...sometimes].sort()])

/**
 * Scenarios first, then each subject in each of its uses in turn.
 * @param names subjects; none: all
 */
export async function* corpus(names) {
  const isMeant = (name) => names.length === 0 || names.includes(name)
  for (const world of [...tokenWorlds(), ...scenarioWorlds()]) if (isMeant(world.name)) yield world
  const streams = [...subjects].flatMap(([name, subject]) => (isMeant(name) ? usesOf(name, subject) : []))
  while (streams.length > 0) {
    for (const stream of [...streams]) {
      const next = await stream.next()
      if (next.done) streams.splice(streams.indexOf(stream), 1)
      else yield next.value
    }
  }
}

const clientsOf = (subject) => {
  const own = definitionOf(subject).client
  return own === undefined ? ['ioredis', 'direct'] : [own]
}

/** The storms that the tests of the checks name by their tokens. */
function* tokenWorlds() {
  const tests = path.resolve(import.meta.dirname, '..')
  for (const file of readdirSync(tests).filter((name) => name.endsWith('.test.ts'))) {
    for (const [token] of readFileSync(path.join(tests, file), 'utf8').matchAll(/L1\.[\w-]{20,}/g)) {
      const { storm, seed, client, subject } = decodeToken(token)
      yield { name: subject, subject: subjectOf(subject), plan: readStorm(storm, seed, client) }
    }
  }
}

/** Every scenario, and every storm of the catalogue, over each subject that its workload takes. */
function* scenarioWorlds() {
  const storms = readdirSync(path.join(CATALOGUE, 'storms'))
    .sort()
    .map((file) => parseScenario(readFileSync(path.join(CATALOGUE, 'storms', file), 'utf8'), file))
  for (const scenario of [...loadScenarios([]), ...storms]) {
    for (const [name, subject] of subjects) {
      const [client] = clientsOf(subject)
      const plan = planOfWorld(scenario, '1', 0, client)
      if (workloadOf(plan.workload).takes !== subject.kind || !canHave(plan.topology, subject)) continue
      yield { name, subject, plan }
    }
  }
}

const usesOf = (name, subject) =>
  clientsOf(subject).flatMap((client) =>
    WORKLOADS.filter(({ takes, hunts }) => takes === subject.kind && hunts !== undefined).flatMap(({ kind }) => [
      worldsOf(name, subject, client, kind),
      ...(nodesOf(subject) > 1 || asksKeeper(subject) ? [] : [worldsElsewhere(name, subject, client, kind)]),
    ]),
  )

/** Drawn storms of a use where servers follow others, or keep what they have. */
async function* worldsElsewhere(name, subject, client, workload) {
  for (let at = 0; at < PER_USE; at += 1) {
    const bases = basePlans(subject, { ...DEFAULT_PARAMETERS, client, workload, ...ELSEWHERE[at % ELSEWHERE.length] })
    for (const base of bases) yield* drawStorms(base, at, 1, true).map((plan) => ({ name, subject, plan }))
  }
}

/** A use of a subject: without faults, some storms of one fault, drawn ones. */
async function* worldsOf(name, subject, client, workload) {
  const world = (plan) => ({ name, subject, plan })
  const bases = basePlans(subject, { ...DEFAULT_PARAMETERS, client, workload })
  yield* bases.map(world)
  const source = new StormSource({ subject, environment: environmentFor(client), bases, isLossy: true })
  const singles = []
  for (let at = 0; at < PER_USE; at += 1) {
    for (const [index, base] of bases.entries()) {
      singles[index] ??= await inMacrotask(() => source.root(index).singles)
      const plan = singles[index][Math.floor((at * singles[index].length) / PER_USE)]
      if (plan !== undefined) yield world(plan)
      yield* drawStorms(base, at, 1, true).map(world)
    }
  }
}
