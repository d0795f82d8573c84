/**
 * A scenario: one story of what breaks, and what it must show about each subject. Read from YAML by `load.ts`.
 */
import type { RedisVersion } from '../redis/version.ts'
import type { ClientKind, Plan } from '../world/plan.ts'
import { hasRedis } from '../world/topology.ts'
import type { Expectation } from './expectation.ts'

export interface Scenario {
  /** Its file name without `.yaml`. */
  readonly name: string
  /** Where it was read from, as the user wrote it. */
  readonly path: string
  /** One line. */
  readonly title: string
  /** What happens, for the reader. */
  readonly story: string
  /** What it teaches: numbers of pitfalls. */
  readonly teaches: readonly string[]
  /** What it can be chosen by (`tagged`): what it is about, what goes wrong in it. */
  readonly tags: readonly string[]
  /** `named`: only the subjects that `expect` names, and the user's own. */
  readonly subjects: 'all' | 'named'
  /** Worlds for each subject, unless the run says otherwise. */
  readonly runs: number
  /** The plan of one world. */
  plan(seed: string, client: ClientKind): Plan
  /** By the subject's name: what must come out. */
  readonly expect: ReadonlyMap<string, Expectation>
  /** What differs when the code under test uses the direct client. */
  readonly expectDirect: ReadonlyMap<string, Expectation>
}

/**
 * The plan of one world of a cell.
 * @param redisVersion on which it runs whatever the scenario says; missing: as that says
 */
export const planOfWorld = (
  scenario: Scenario,
  seed: string,
  world: number,
  client: ClientKind,
  redisVersion?: RedisVersion,
): Plan => onVersion(scenario.plan(`${seed}/${scenario.name}/${world}`, client), redisVersion)

/** A plan on another version of Redis, if it has a Redis and there is a word of one. */
export const onVersion = (plan: Plan, redisVersion: RedisVersion | undefined): Plan =>
  redisVersion === undefined || !hasRedis(plan.topology) ? plan : { ...plan, redisVersion }
