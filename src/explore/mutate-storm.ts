/**
 * A storm that differs a little from one that led somewhere: one fault more, less, elsewhere or of another size, other latencies,
 * with faults of a second storm, or among other clients.
 *
 * Invariants
 * - It is a plan as any other: tokens and replay files hold it.
 * - It depends on the two storms and the random stream alone.
 */
import fc from 'fast-check'
import type { Anchor, PlannedFault } from '../fault/fault.ts'
import { processesOf, sizeUs, withSize } from '../fault/planned-fault.ts'
import type { RandomStream } from '../sim/random.ts'
import { castOf } from '../world/cast.ts'
import type { Plan } from '../world/plan.ts'
import { FAULTS_MAX, faultsArbitrary } from './random-storm.ts'

/** What mutants are made with. */
export interface Mutation {
  readonly random: RandomStream
  /** A storm to take faults from. */
  readonly other: Plan
  /** What storms are drawn from. */
  readonly storms: fc.Arbitrary<Plan>
  /** Of the latencies, where these change. */
  readonly seed: string
  readonly isLossy: boolean
}

/** At most this many changes at a time. */
const CHANGES_MAX = 2
/** By how many messages or operations a fault is moved at most. */
const MOVED_MAX = 3
/** Sizes, in percent of the lease: well below it, around it, and longer. */
const PERCENTS = [1, 10, 50, 90, 99, 100, 101, 110, 120, 200, 300] as const

/** One storm that differs from this one; where no change fits, by its latencies. */
export function mutate(plan: Plan, mutation: Mutation): Plan {
  let mutant = plan
  for (let left = mutation.random.between(1, CHANGES_MAX); left > 0; left -= 1) {
    const change = CHANGES[mutation.random.below(CHANGES.length)] as Change
    mutant = change(mutant, mutation) ?? mutant
  }
  // A fault may be given the size that it has, or be dropped again.
  const isSame = mutant.seed === plan.seed && JSON.stringify(mutant.faults) === JSON.stringify(plan.faults)
  return isSame ? reseed(plan, mutation) : mutant
}

/** Null: it does not fit. */
type Change = (plan: Plan, mutation: Mutation) => Plan | null

const add: Change = (plan, mutation) =>
  plan.faults.length < FAULTS_MAX ? withFaults(plan, [...plan.faults, drawnFault(plan, mutation)]) : null

const drop: Change = (plan, { random }) =>
  plan.faults.length > 1 ? withFaults(plan, plan.faults.toSpliced(random.below(plan.faults.length), 1)) : null

const move: Change = (plan, mutation) =>
  changeOne(plan, mutation, (fault) => {
    const { random } = mutation
    const { at } = fault
    if (at.kind === 'time' || random.below(2) === 0) return { ...fault, at: drawnFault(plan, mutation).at }
    const by = random.between(1, MOVED_MAX) * (random.below(2) === 0 ? -1 : 1)
    return { ...fault, at: { ...at, count: Math.max(1, at.count + by) } }
  })

const resize: Change = (plan, mutation) =>
  changeOne(plan, mutation, (fault) => {
    const percent = PERCENTS[mutation.random.below(PERCENTS.length)] as number
    return sizeUs(fault) === 0 ? null : withSize(fault, plan.ttlMs * 10 * percent)
  })

function reseed(plan: Plan, { seed }: Mutation): Plan {
  return { ...plan, seed }
}

/** Some faults of both. */
const splice: Change = (plan, { random, other }) => {
  const faults = [...plan.faults, ...fitting(other.faults, plan)]
  while (faults.length > FAULTS_MAX || (faults.length > 1 && random.below(3) === 0)) {
    faults.splice(random.below(faults.length), 1)
  }
  return withFaults(plan, faults)
}

/** Its faults, as many as fit, in a world of other clients, leases and latencies. */
const replant: Change = (plan, { random, storms, seed }) => {
  const ground = drawn(storms, random)
  const faults = fitting(plan.faults, ground)
  return faults.length === 0 ? null : { ...ground, seed, faults }
}

const CHANGES: readonly Change[] = [add, drop, move, resize, reseed, splice, replant]

/** Those that are about clients and nodes of this plan. */
function fitting(faults: readonly PlannedFault[], plan: Plan): readonly PlannedFault[] {
  const names = new Set(castOf(plan).map(({ name }) => name))
  const isThere = ({ at }: { readonly at: Anchor }): boolean => at.kind === 'time' || names.has(at.process)
  return faults.filter((fault) => isThere(fault) && processesOf(fault).every((name) => names.has(name)))
}

/** Changes one of its faults; null: there is none, or it cannot be changed. */
function changeOne(
  plan: Plan,
  { random }: Mutation,
  change: (fault: PlannedFault) => PlannedFault | null,
): Plan | null {
  const { faults } = plan
  if (faults.length === 0) return null
  const index = random.below(faults.length)
  const changed = change(faults[index] as PlannedFault)
  return changed === null ? null : withFaults(plan, faults.with(index, changed))
}

const drawnFault = (plan: Plan, { random, isLossy }: Mutation): PlannedFault =>
  drawn(faultsArbitrary(plan, isLossy), random)[0] as PlannedFault

/** One value, from the stream. */
export const drawn = <Value>(arbitrary: fc.Arbitrary<Value>, random: RandomStream): Value =>
  fc.sample(arbitrary, { seed: random.below(2 ** 31), numRuns: 1 })[0] as Value

const withFaults = (plan: Plan, faults: readonly PlannedFault[]): Plan => ({ ...plan, faults })
