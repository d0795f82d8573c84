/**
 * What a job needs in the thread that does it: subjects, plans, the Redis that answers. A worker opens it for files and names,
 * the calling process for subjects that are objects of its own.
 */
import { realpathSync } from 'node:fs'
import { basePlans, DEFAULT_PARAMETERS, type HuntParameters } from '../explore/base-plan.ts'
import { Explorer } from '../explore/explorer.ts'
import { watchBuiltIns } from '../host/built-ins.ts'
import { guardCallersClients } from '../host/callers-clients.ts'
import { BUILT_IN_GRAPH, graphOf, joinedGraph, type ModuleGraph } from '../host/modules/graph.ts'
import { sealConnections, unsealConnections } from '../host/net.ts'
import { filesRead, hearReadings } from '../host/readings.ts'
import type { RedisVersion } from '../redis/version.ts'
import type { ReplayedWorld } from '../report/replay/replay-report.ts'
import { type CellOptions, type CellResult, runCell } from '../scenario/cell.ts'
import { loadScenarios, ownFile } from '../scenario/node/find-scenarios.ts'
import { onVersion, type Scenario } from '../scenario/scenario.ts'
import { checkClients, lackedBy, outlineOf, type Pairing, pairingsOf } from '../scenario/suite.ts'
import { tagged } from '../scenario/tagged.ts'
import { shown } from '../sim/shown.ts'
import type { Steps } from '../sim/steps.ts'
import { UsageError } from '../sim/usage-error.ts'
import { subjectCode } from '../subject/node/subject-code.ts'
import { checkClient, isBuiltIn, type Subject } from '../subject/subject.ts'
import { judgeWorld, tellWorld } from '../world/judged-world.ts'
// Installs virtual time, before any code of the user's.
import { nodeEnvironment } from '../world/node/environment.ts'
import { usualTopology } from '../world/plan.ts'
import type { Story } from '../world/story-data.ts'
import { topologyOf } from '../world/topology.ts'
import { whoAnswers } from '../world/who-answers.ts'
import { isTouched } from './changes.ts'
import type { HuntOpening, ReplayOpening, SuiteJob, SuiteOpening } from './job.ts'
import { type ProviderChoice, type StartedProvider, startProvider } from './provider.ts'
import { replaySource } from './replay-source.ts'
import { onlySubjects, vocabularyOf } from './subjects.ts'
import { type Ready, type Trial, triedOut } from './trial.ts'

/** What answers, and to which names. */
export interface Ground extends StartedProvider {
  readonly hosts: Readonly<Record<string, string>>
}

/** What was opened, and how it ends. */
export type Open<What> = What & { close(): Promise<void> }

/**
 * Starts what answers, and opens something on it. When that cannot be, nothing stays running.
 * @param isSealed from before code of the user's is loaded until it ends, nobody but lockstorm opens real sockets in this thread:
 *   only where no other code has a right to them
 * @throws UsageError and UnavailableError
 */
export async function openOn<What extends object>(
  choice: ProviderChoice,
  open: (ground: Ground) => What | Promise<What>,
  isSealed = false,
): Promise<Open<What>> {
  const started = await startProvider(choice)
  const close = (): Promise<void> => {
    unsealConnections()
    return started.provider.close()
  }
  if (isSealed) sealConnections()
  else {
    guardCallersClients()
    watchBuiltIns()
  }
  try {
    return { ...(await open({ ...started, hosts: choice.hosts })), close }
  } catch (error) {
    await close()
    throw error
  }
}

/** An open hunt. */
export interface OpenHunt {
  readonly opening: HuntOpening
  readonly explorer: Explorer
}

/** Opens a hunt for storms that break a subject. */
export async function openHunt(
  given: Subject,
  ground: Ground,
  parameters: HuntParameters,
  onStorm: (ordinal: number) => void = () => {},
  trial: Trial = triedOut,
): Promise<OpenHunt> {
  checkClient(given, parameters.client)
  const { provider, hosts } = ground
  // Before the trial, which runs in memory.
  const redis = whoAnswers(provider, { redisVersion: parameters.redisVersion, topology: usualTopology(given) })
  const { subject, notices, parameters: fitting } = await trial(given, ground, parameters)
  const bases = basePlans(subject, fitting)
  const environment = nodeEnvironment(parameters.client, provider, hosts)
  const code = codeOf(given)
  return {
    opening: {
      subject: {
        name: subject.name,
        kind: subject.kind,
        ...(code === undefined ? {} : { code }),
        ...(subject.kind === 'lock' && subject.lease !== undefined ? { lease: subject.lease } : {}),
      },
      bases,
      graph: graphOfSubject(given),
      redis,
      redisKind: provider.kind,
      isDeterministic: provider.deterministic,
      notices,
    },
    explorer: new Explorer({ subject, environment, bases, isLossy: parameters.isLossy, onStorm }),
  }
}

/** The code of a subject that comes with lockstorm; of another one nobody knows where it begins and ends. */
const codeOf = (subject: Subject): readonly string[] | undefined =>
  isBuiltIn(subject) ? subjectCode(subject.name) : undefined

/** What a subject loads, by now. */
function graphOfSubject({ file }: Subject): ModuleGraph {
  if (file === undefined) return BUILT_IN_GRAPH
  const { files, packages } = graphOf(file)
  return { files: [...files, ...filesRead()], packages }
}

/** An open suite. */
export interface OpenSuite {
  readonly opening: SuiteOpening
  /** Runs the cell with this number, only where worlds can run. */
  runCell(index: number, lost?: CellOptions['lost']): Steps<CellResult>
}

/**
 * Opens a suite of scenarios.
 * @throws UsageError when there is nothing to run
 */
export async function openSuite(
  all: readonly Subject[],
  ground: Ground,
  { words, tags, lockFiles, only, seed, client, runs, redisVersion: asked, changes }: Omit<SuiteJob, 'kind' | 'choice'>,
  hooks: Pick<CellOptions, 'onWorld' | 'shouldStop'> = {},
  trial: Trial = triedOut,
): Promise<OpenSuite> {
  const given = onlySubjects(all, only)
  const { provider, hosts } = ground
  const redisVersion = asked ?? undefined
  if (redisVersion !== undefined) whoAnswers(provider, { redisVersion, topology: topologyOf(1) })
  const found = tagged(loadScenarios(words, vocabularyOf(all)), tags)
  // Who names a scenario is told that it cannot be; who asks for many gets those that can.
  const lacks = new Map(found.map((scenario) => [scenario, lackedBy(provider, scenario, redisVersion)]))
  const scenarios = found.filter((scenario) => words.includes(scenario.name) || lacks.get(scenario) === null)
  const leftOut = found.filter((scenario) => !scenarios.includes(scenario))
  const reasons = [...new Set(leftOut.map((scenario) => lacks.get(scenario) as string))]
  if (scenarios.length === 0 && reasons.length > 0) {
    for (const scenario of leftOut) whoAnswers(provider, onVersion(scenario.plan('', client), redisVersion))
    throw new UsageError('topology', reasons.join('; '), 'use --redis memory')
  }
  const wanted = pairingsOf(scenarios, given)
  if (wanted.length === 0) {
    throw new UsageError(
      '--only',
      'no scenario has anything to run: session stores go with carts, what asks a coordination service where there is one, locks with everything else',
      'lockstorm list scenarios',
    )
  }
  const environment = nodeEnvironment(client, provider, hosts)
  checkClients(wanted, client, environment)
  const trialVersion = redisVersion ?? versionOfAll(scenarios)
  const parameters = { ...DEFAULT_PARAMETERS, client, isPaceGiven: true, redisVersion: trialVersion }
  const tried: Ready[] = []
  // One after the other: a thread has one world at a time.
  for (const subject of given) tried.push(await trial(subject, ground, parameters))
  const subjects = tried.map(({ subject }) => subject)
  const notices = [...new Set(tried.flatMap((each) => each.notices))]
  for (const reason of reasons) {
    const names = leftOut.filter((scenario) => lacks.get(scenario) === reason).map(({ name }) => name)
    notices.push(`left out, because ${reason}: ${names.join(', ')}`)
  }
  const graphs = new Map(subjects.map((subject) => [subject.name, graphOfSubject(subject)]))
  const isWanted = ({ scenario, subject }: Pairing): boolean => {
    if (changes === null) return true
    const file = ownFile(scenario)
    const graph = graphs.get(subject.name) as ModuleGraph
    return isTouched(graph, changes) || (file !== null && changes.files.includes(realpathSync(file)))
  }
  const pairings = pairingsOf(scenarios, subjects).filter(isWanted)
  const ownFiles = scenarios
    .map(ownFile)
    .filter((file) => file !== null)
    .map((file) => realpathSync(file))
  const replayWith = (scenario: Scenario): readonly string[] => {
    const file = ownFile(scenario)
    return [...(file === null ? [] : [file]), ...lockFiles.flatMap((each) => ['--lock', each])]
  }
  const options: CellOptions = {
    seed,
    client,
    environment,
    replayWith,
    ...(runs === null ? {} : { runs }),
    ...(redisVersion === undefined ? {} : { redisVersion }),
    ...hooks,
  }
  return {
    opening: {
      outline: outlineOf(pairings, scenarios, subjects, options, codeOf),
      graph: joinedGraph([{ files: ownFiles, packages: [] }, ...graphs.values()]),
      notices,
    },
    runCell(index, lost) {
      const { scenario, subject } = pairings[index] as Pairing
      return runCell(scenario, subject, lost === undefined ? options : { ...options, lost })
    },
  }
}

/** The version of Redis that every scenario asks for; undefined: they differ, or ask for none. */
function versionOfAll(scenarios: readonly Scenario[]): RedisVersion | undefined {
  const [version, ...others] = new Set(scenarios.map((scenario) => scenario.plan('', 'direct').redisVersion))
  return others.length === 0 ? version : undefined
}

/** An open replay. */
export interface OpenReplay {
  readonly opening: ReplayOpening
  /** Runs its world, only where worlds can run. */
  run(): ReplayedWorld
  tell(): Story
}

/**
 * Opens the world that a token or a replay file names.
 * @throws UsageError when there is none, or its subject is not there
 */
export async function openReplay(
  word: string,
  files: readonly string[],
  redisVersion: RedisVersion | null,
  subjects: readonly Subject[],
  ground: Ground,
  trial: Trial = triedOut,
): Promise<OpenReplay> {
  const source = await replaySource(word, files, redisVersion ?? undefined)
  const { token, words: origin, recorded, isAsItWas } = source
  const given = subjects.find(({ name }) => name === source.subject)
  if (given === undefined) {
    const what = `it names ${shown(source.subject)}, which is none of the built-in subjects`
    // The file is named, not loaded: a replay file is data, and runs no code.
    const file = recorded === null || recorded.file === '' ? 'FILE' : recorded.file
    throw new UsageError(recorded === null ? 'token' : word, what, `add --lock ${file}`)
  }
  const plan = source.plan(subjects)
  checkClient(given, plan.client)
  const { provider, hosts } = ground
  whoAnswers(provider, plan)
  const environment = nodeEnvironment(plan.client, provider, hosts)
  const { subject, notices } = await trial(given, ground, {
    ...DEFAULT_PARAMETERS,
    client: plan.client,
    isPaceGiven: true,
    redisVersion: plan.redisVersion,
  })
  return {
    opening: {
      token,
      subject: subject.name,
      plan,
      redis: provider.kind,
      origin,
      recorded,
      isAsItWas,
      isDeterministic: provider.deterministic,
      notices,
    },
    run() {
      const { result, readings } = hearReadings(() => judgeWorld(plan, subject, environment))
      const { run, judgement } = result
      const { verdict, sometimes } = judgement
      const { historyHash, records } = run
      return {
        plan: run.plan,
        readings,
        verdict,
        sometimes: [...sometimes],
        historyHash,
        records,
        hosts: Object.fromEntries(run.ledTo),
      }
    },
    tell: () => tellWorld(plan, subject, environment),
  }
}
