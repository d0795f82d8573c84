/**
 * One world from its plan: builds the stage, plays the scenes, and hands out the trace.
 *
 *   stage ── storm ── heal ── calm
 *
 * What is judged of the lock's liveness happens in the calm, its safety is judged everywhere.
 */
import type { HistoryRun } from '../history/history.ts'
import { HostError } from '../sim/host-error.ts'
import { hashTrace } from '../sim/trace.ts'
import { isBlocking, type Subject } from '../subject/subject.ts'
import type { AwaitingLoop, Environment } from './environment.ts'
import type { Plan } from './plan.ts'
import { rulesOf } from './rules.ts'
import { Scenes } from './scenes.ts'
import { Stage } from './stage.ts'

export type { Environment } from './environment.ts'

/** What a world leaves behind. */
export interface WorldRun extends HistoryRun {
  readonly plan: Plan
  readonly historyHash: string
  readonly turns: number
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

function runOf(
  { plan, subject, workload, driver, world, network, voters, callers, shards }: Stage,
  { storm, healedUs }: Scenes,
): WorldRun {
  const records = world.trace.sort()
  return {
    plan,
    records,
    historyHash: hashTrace(records),
    healedUs,
    endUs: world.nowUs,
    turns: world.turnCount,
    voters: voters.map(({ name }) => name),
    ...(shards.length === 0
      ? {}
      : { replicas: shards.flatMap(({ nodes }) => nodes.map(({ process }) => process.name)) }),
    isBlocking: isBlocking(subject),
    limitReached: world.limitReached ?? storm.leftOut,
    struck: storm.struck,
    subject: subject.kind,
    rules: rulesOf(plan, workload, driver, callers, subject.kind === 'lock' ? subject.lock.limit : undefined),
    choices: network.arrivalOrder?.widths ?? [],
    ledTo: network.ledTo,
  }
}
