/**
 * One world from its plan: builds the stage, plays the scenes, and hands out the trace.
 *
 *   stage ── storm ── heal ── calm
 *
 * What is judged of the lock's liveness happens in the calm, its safety is judged everywhere.
 */
import type { PlannedFault } from '../fault/fault.ts'
import type { HistoryRun, Service } from '../history/history.ts'
import type { Rules } from '../history/rules.ts'
import { HostError } from '../sim/host-error.ts'
import { hashTrace, type TraceRecord } from '../sim/trace.ts'
import { isBlocking, type Subject } from '../subject/subject.ts'
import type { AwaitingLoop, Environment } from './environment.ts'
import type { Plan } from './plan.ts'
import { rulesOf } from './rules.ts'
import { Scenes } from './scenes.ts'
import { Stage } from './stage.ts'
import { hasRedis } from './topology.ts'

export type { Environment } from './environment.ts'

/** What a world leaves behind. */
export interface WorldRun extends HistoryRun {
  readonly plan: Plan
  /** Of its records; made when it is asked for, which a hunt does for its findings alone. */
  readonly historyHash: string
  /** How many turns of its processes it took. */
  readonly turns: number
  /** How many modules its processes evaluated for themselves. */
  readonly modules: number
  /** Of a plan with an order: from how many connections the first could be chosen, at each choice. */
  readonly choices: readonly number[]
  /** The machines that were led to under other names than their own. */
  readonly ledTo: ReadonlyMap<string, string>
}

/** Runs one world. A HostError that ends it leaves its history with `unfinishedRun`. */
export function runWorld(plan: Plan, subject: Subject, environment: Environment): WorldRun {
  const stage = new Stage(plan, subject, environment)
  const scenes = new Scenes(stage, environment.watch)
  let mustRepeat: unknown
  try {
    mustRepeat = environment.loop(stage.world)
  } catch (error) {
    if (error instanceof HostError) unfinished.set(error, runOf(stage, scenes))
    throw error
  } finally {
    stage.clear()
  }
  return mustRepeat === true ? runWorld(plan, subject, environment) : runOf(stage, scenes)
}

/** The same where the host has no synchronous drain: `loop` awaits a macrotask after each turn. */
export async function runWorldAwaiting(
  plan: Plan,
  subject: Subject,
  environment: Environment<AwaitingLoop>,
): Promise<WorldRun> {
  const stage = new Stage(plan, subject, environment)
  const scenes = new Scenes(stage, environment.watch)
  try {
    await environment.loop(stage.world)
  } finally {
    stage.clear()
  }
  return runOf(stage, scenes)
}

const unfinished = new WeakMap<HostError, WorldRun>()

/** What there was of a world when a server that it ran on died; undefined for any other error. */
export const unfinishedRun = (error: HostError): WorldRun | undefined => unfinished.get(error)

const runOf = (stage: Stage, scenes: Scenes): WorldRun => new Run(stage, scenes)

class Run implements WorldRun {
  readonly plan: Plan
  readonly records: readonly TraceRecord[]
  readonly healedUs: number
  readonly endUs: number
  readonly turns: number
  readonly modules: number
  readonly voters: readonly string[]
  readonly replicas: readonly string[] | undefined
  readonly service: Service | undefined
  readonly isBlocking: boolean
  readonly limitReached: string | null
  readonly struck: readonly PlannedFault[]
  readonly subject: Subject['kind']
  readonly rules: Rules
  readonly choices: readonly number[]
  readonly ledTo: ReadonlyMap<string, string>
  #hash: string | null = null

  constructor(stage: Stage, { storm, healedUs }: Scenes) {
    const { plan, subject, workload, driver, world, network, voters, callers, shards } = stage
    this.plan = plan
    this.records = world.trace.sort()
    this.healedUs = healedUs
    this.endUs = world.nowUs
    this.turns = world.turnCount
    this.modules = world.moduleCount
    this.voters = voters.map(({ name }) => name)
    this.replicas =
      shards.length === 0 ? undefined : shards.flatMap(({ nodes }) => nodes.map(({ process }) => process.name))
    this.service = hasRedis(plan.topology) ? undefined : 'keeper'
    this.isBlocking = isBlocking(subject)
    this.limitReached = world.limitReached ?? storm.leftOut
    this.struck = storm.struck
    this.subject = subject.kind
    this.rules = rulesOf(plan, workload, driver, callers, subject.kind === 'lock' ? subject.lock.limit : undefined)
    this.choices = network.arrivalOrder?.widths ?? []
    this.ledTo = network.ledTo
  }

  get historyHash(): string {
    this.#hash ??= hashTrace(this.records)
    return this.#hash
  }
}
