/**
 * Jobs: what a worker is started for, what it opens with, what it is asked and what it answers. Plain data.
 */
import { CLUSTER_PACE, DEFAULT_PARAMETERS, type HuntParameters, SENTINEL_PACE } from '../explore/base-plan.ts'
import type { RepairName } from '../explore/repair.ts'
import type { Unit, UnitResult } from '../explore/unit.ts'
import type { ModuleGraph } from '../host/modules/graph.ts'
import type { RedisVersion } from '../redis/version.ts'
import type { ReplayedWorld } from '../report/replay/replay-report.ts'
import type { CellResult } from '../scenario/cell.ts'
import type { SuiteOutline } from '../scenario/suite.ts'
import { assertNever } from '../sim/assert.ts'
import type { LeaseRule, Subject } from '../subject/subject.ts'
import type { Loss } from '../worker/messages.ts'
import type { ClientKind, Plan } from '../world/plan.ts'
import type { Story } from '../world/story-data.ts'
import { type Topology, USUAL_CLUSTER, USUAL_SENTINEL } from '../world/topology.ts'
import type { Changes } from './changes.ts'
import type { ProviderChoice } from './provider.ts'
import type { ReplaySource } from './replay-source.ts'
import type { Settings } from './settings.ts'

/** Scenarios against subjects. */
export interface SuiteJob {
  readonly kind: 'suite'
  /** Which scenarios; none: all that come with lockstorm. */
  readonly words: readonly string[]
  readonly tags: readonly string[]
  readonly lockFiles: readonly string[]
  readonly only: readonly string[]
  readonly choice: ProviderChoice
  readonly seed: string
  readonly client: ClientKind
  /** Worlds a cell; null: what each scenario says. */
  readonly runs: number | null
  /** The version of Redis; null: what each scenario says. */
  readonly redisVersion: RedisVersion | null
  /** Only what these touch; null: all. */
  readonly changes: Changes | null
}

/** Storms against one subject: a hunt or a frontier. */
export interface HuntJob {
  readonly kind: 'hunt'
  /** A lock file, or the name of a built-in subject. */
  readonly lock: string
  readonly only: readonly string[]
  readonly choice: ProviderChoice
  readonly parameters: HuntParameters
}

/** One world, run again: a token or a replay file, and the scenario files that it needs. */
export interface ReplayJob {
  readonly kind: 'replay'
  readonly word: string
  readonly files: readonly string[]
  readonly lockFiles: readonly string[]
  readonly choice: ProviderChoice
  /** The version of Redis; null: that of the world. */
  readonly redisVersion: RedisVersion | null
}

export type Job = SuiteJob | HuntJob | ReplayJob

/** What a worker says when it has loaded scenarios and subjects. */
export interface SuiteOpening {
  /** What the user's subjects load, the user's scenarios among the files. */
  readonly graph: ModuleGraph
  readonly outline: SuiteOutline
  /** What is told before anything is found: what the Redis cannot do, which keys were learned. */
  readonly notices: readonly string[]
}

/** What a worker says when it has loaded its subject. */
export interface HuntOpening {
  /** What the subject loads. */
  readonly graph: ModuleGraph
  readonly subject: {
    readonly name: string
    readonly kind: Subject['kind']
    readonly lease?: LeaseRule
    /** Line by line; missing: it is not known. */
    readonly code?: readonly string[]
  }
  readonly bases: readonly Plan[]
  /** In words, and as tokens name it. */
  readonly redis: string
  readonly redisKind: string
  readonly isDeterministic: boolean
  readonly notices: readonly string[]
}

/** What a worker says when it knows which world to run again. */
export interface ReplayOpening {
  readonly token: string
  readonly subject: string
  readonly plan: Plan
  /** What answers now, as tokens name it. */
  readonly redis: string
  /** Where the world comes from, in words. */
  readonly origin: string
  readonly recorded: ReplaySource['recorded']
  readonly isAsItWas: ReplaySource['isAsItWas']
  readonly isDeterministic: boolean
  readonly notices: readonly string[]
}

interface Openings {
  readonly suite: SuiteOpening
  readonly hunt: HuntOpening
  readonly replay: ReplayOpening
}

/** What a worker says when it is ready for a job. */
export type OpeningOf<Of extends Job> = Openings[Of['kind']]

/** What a worker can be asked for. */
export type Item =
  /** The cell with this number. */
  | { readonly kind: 'cell'; readonly index: number }
  | { readonly kind: 'unit'; readonly unit: Unit }
  /** The storm that a unit begins with. */
  | { readonly kind: 'first-storm'; readonly unit: Unit }
  | { readonly kind: 'story'; readonly plan: Plan; readonly repair?: RepairName }
  /** The one world of a replay. */
  | { readonly kind: 'world' }

/** `losses`: what of the item cost a worker before. */
export interface Request {
  readonly item: Item
  readonly losses: readonly Loss[]
}

/** The answer to an item of each kind. */
export interface Answers {
  readonly cell: CellResult
  readonly unit: UnitResult
  readonly 'first-storm': Plan | null
  readonly story: Story
  readonly world: ReplayedWorld
}

export type Answer = Answers[Item['kind']]

/** Which Redis answers. */
export const choiceOf = ({ redis, redisBinary, image, hosts }: Settings): ProviderChoice => ({
  redis,
  redisBinary,
  image,
  hosts,
})

/** Scenarios against subjects, as settings say. */
export const suiteJob = (
  words: readonly string[],
  lockFiles: readonly string[],
  settings: Settings,
  changes: Changes | null,
): SuiteJob => ({
  kind: 'suite',
  words,
  tags: settings.tag,
  lockFiles,
  only: settings.only,
  choice: choiceOf(settings),
  seed: settings.seed,
  client: settings.client,
  runs: settings.runs,
  redisVersion: settings.redisVersion,
  changes,
})

function paceIn(topology: Settings['topology']): Pick<HuntParameters, 'ttlMs' | 'workUs' | 'retryUs'> {
  if (topology === 'cluster') return CLUSTER_PACE
  return topology === 'sentinel' ? SENTINEL_PACE : DEFAULT_PARAMETERS
}

/** How the clients of a hunt work, as settings say. */
export function parametersOf(settings: Settings): HuntParameters {
  const usual = paceIn(settings.topology)
  return {
    seed: settings.seed,
    client: settings.client,
    clients: settings.clients,
    callers: settings.callers,
    rounds: settings.rounds,
    ttlMs: settings.ttl ?? usual.ttlMs,
    workUs: settings.work ?? usual.workUs,
    retryUs: settings.retry ?? usual.retryUs,
    isPaceGiven: settings.ttl !== null || settings.work !== null || settings.retry !== null,
    latency: settings.latency,
    isLossy: settings.lossy,
    topology: topologyNamed(settings.topology),
    persistence: settings.persistence === null ? undefined : { kind: settings.persistence },
    redisVersion: settings.redisVersion ?? undefined,
    workload: settings.workload ?? undefined,
  }
}

function topologyNamed(name: Settings['topology']): Topology | undefined {
  switch (name) {
    case 'single':
      return undefined
    case 'replicated':
      return { kind: name, replicas: 1 }
    case 'sentinel':
      return USUAL_SENTINEL
    case 'cluster':
      return USUAL_CLUSTER
    default:
      return assertNever(name)
  }
}

/** Storms against one subject: a file or a built-in name. */
export const huntJob = (lock: string, settings: Settings): HuntJob => ({
  kind: 'hunt',
  lock,
  only: settings.only,
  choice: choiceOf(settings),
  parameters: parametersOf(settings),
})
