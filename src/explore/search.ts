/**
 * Searches: each proposes units and is told what came of them before it proposes the next ones. This is all that
 * exhaustive, random and guided hunts differ in; a new kind of hunt is a new search.
 *
 *   levels   no fault: latencies, orders of arrival (clients that do not ask their lease) ── one fault ── two faults
 *   random   drawn storms, a number of them or until a time is over
 *   given    these storms, once more
 *
 * Invariants
 * - What a search proposes depends on its options and on the results it was told, never on who ran them.
 */
import type { Plan } from '../world/plan.ts'
import { unasked } from './base-plan.ts'
import type { Unit, UnitResult } from './unit.ts'

/** Units whose results the search waits for before it proposes more. */
export interface Step {
  readonly units: Iterable<Unit>
  /** How many storms they hold; null: that is not known. */
  readonly stormCount: number | null
  /** What comes next depends on the results: each part of a hunt that is shared out runs all units of this step. */
  readonly isShared?: true
  /** Asked before each unit is begun: true ends the step. */
  readonly isOver?: () => boolean
}

/** What came of a step, in the order of its units. */
export interface Taken {
  readonly results: readonly UnitResult[]
  /** The hunt ends in the middle of the step; the search says what it has done so far and proposes nothing more. */
  readonly isStopped: boolean
}

/** What a search has done when it ends. */
export type Claim =
  | {
      readonly kind: 'levels'
      /** All storms of at most this many faults were run; null: not even those without any. */
      readonly upTo: 0 | 1 | 2 | null
      /** How many storms of two faults there are; null: they were not counted. */
      readonly pairCount: number | null
      /** There are more orders of simultaneous arrivals than were tried. */
      readonly isOrderCut: boolean
      /** How many of the storms without faults had clients that do not ask their lease. */
      readonly unaskedCount: number
    }
  | { readonly kind: 'random' }
  | {
      readonly kind: 'given'
      readonly why: GivenWhy
      readonly count: number
      /** The keys of what each storm showed; null: it cost its worker. Shorter than `count`: the others were not run. */
      readonly shown: readonly (readonly string[] | null | undefined)[]
    }

/** Where given storms come from: the last hunt, or the replays that people keep. */
export type GivenWhy = 'failed-before' | 'kept'

export type Search = Generator<Step, Claim, Taken>

export interface LevelOptions {
  readonly bases: readonly Plan[]
  /** All storms of at most this many faults; null: of one, and as many of two as `pairBudget` allows. */
  readonly faults: 0 | 1 | 2 | null
  readonly pairBudget: number
}

const SEED_COUNT = 50
const ORDER_DEVIATIONS = 2
const ORDER_LIMIT = 500
const SINGLES_PER_UNIT = 25
const RANDOM_PER_UNIT = 50

/** Exhaustive: by the number of faults, so that what is found first has as few as possible. */
export function* levels({ bases, faults, pairBudget }: LevelOptions): Search {
  const calmUnits = unitsWithoutFaults(bases)
  const calm = yield { units: calmUnits, stormCount: null, isShared: true }
  const isOrderCut = calm.results.some((result) => result.kind === 'orders' && result.isCut)
  const calmClaim = { kind: 'levels', pairCount: null, isOrderCut, unaskedCount: 0 } as const
  if (calm.isStopped) return { ...calmClaim, upTo: null }
  const gaveUp = [...bases.keys()].filter((base) =>
    calm.results.some((result, index) => calmUnits[index]?.base === base && hasGivenUp(result)),
  )
  const toRepeat = gaveUp.filter((base) => isAsking(bases[base] as Plan))
  const claim = { ...calmClaim, unaskedCount: toRepeat.length * SEED_COUNT }
  if (toRepeat.length > 0 && (yield unaskedStep(toRepeat)).isStopped) return { ...claim, upTo: null }
  const counts = calm.results.flatMap((result) => (result.kind === 'count' ? [result.count] : []))
  // No worker survives the fault-free run of a base: no other storm can be made from it.
  const isCounted = counts.length === bases.length
  if (faults === 0 || !isCounted) return { ...claim, upTo: 0 }
  const one = singlesStep(counts)
  // With pairs to come, their number is asked for.
  const singles = yield { units: one, stormCount: sum(counts), ...(faults === 1 ? {} : { isShared: true as const }) }
  if (singles.isStopped) return { ...claim, upTo: 0 }
  const pairCounts = pairCountsOf(one, singles.results, bases.length)
  const pairCount = sum(pairCounts.flat())
  if (faults === 1) return { ...claim, upTo: 1, pairCount }
  const firsts = pairCounts.flatMap((ofBase, base) =>
    ofBase.flatMap((count, first) => (count === 0 ? [] : [{ base, first, count }])),
  )
  // Of too many, every nth: they are in the order of their sites, so each part of the run gets its share.
  const stride = faults === 2 ? 1 : Math.ceil(pairCount / pairBudget)
  const chosen = firsts.filter((_, index) => index % stride === 0)
  const pairs = yield {
    units: chosen.map(({ base, first }): Unit => ({ kind: 'pairs', base, first })),
    stormCount: sum(chosen.map(({ count }) => count)),
  }
  return { ...claim, upTo: stride <= 1 && !pairs.isStopped ? 2 : 1, pairCount }
}

/** Without faults; it also counts what the next step holds. */
function unitsWithoutFaults(bases: readonly Plan[]): readonly (Unit & { readonly base: number })[] {
  const half = SEED_COUNT / 2
  return [...bases.keys()].flatMap((base): readonly (Unit & { readonly base: number })[] => [
    { kind: 'seeds', base, from: 0, until: half },
    { kind: 'seeds', base, from: half, until: SEED_COUNT },
    { kind: 'orders', base, deviations: ORDER_DEVIATIONS, limit: ORDER_LIMIT },
    { kind: 'count', base },
  ])
}

const hasGivenUp = (result: UnitResult): boolean => 'tally' in result && result.tally.sometimes.has('gaveUp')
const isAsking = ({ workload }: Plan): boolean => unasked(workload) !== workload

/**
 * Without faults a holder gives up only because its work is longer than what its lease states. A client that asks is then safe
 * with any lease, and never done; one that does not ask, as many applications, shows what that lease is worth. Where no holder
 * gave up both would be the same worlds, so this costs nothing; with faults the question is the application's, not the lock's.
 */
const unaskedStep = (bases: readonly number[]): Step => ({
  units: bases.map((base): Unit => ({ kind: 'seeds', base, from: 0, until: SEED_COUNT, isUnasked: true })),
  stormCount: bases.length * SEED_COUNT,
  isShared: true,
})

type SinglesUnit = Extract<Unit, { readonly kind: 'singles' }>

/** The first storms of each base come first. */
function singlesStep(counts: readonly number[]): readonly SinglesUnit[] {
  const units = counts.map((count, base) =>
    Array.from({ length: Math.ceil(count / SINGLES_PER_UNIT) }, (_, index): SinglesUnit => {
      const from = index * SINGLES_PER_UNIT
      return { kind: 'singles', base, from, until: from + SINGLES_PER_UNIT }
    }),
  )
  return [...units.flatMap((ofBase) => ofBase.slice(0, 1)), ...units.flatMap((ofBase) => ofBase.slice(1))]
}

/** How many pairs begin with each single, for each base. */
const pairCountsOf = (
  units: readonly SinglesUnit[],
  results: readonly UnitResult[],
  baseCount: number,
): readonly (readonly number[])[] =>
  Array.from({ length: baseCount }, (_, base) =>
    results.flatMap((result, index) =>
      result.kind === 'singles' && units[index]?.base === base ? result.pairCounts : [],
    ),
  )

export interface RandomOptions {
  readonly bases: readonly Plan[]
  /** How many storms; null: until `isTimeUp`. */
  readonly runs: number | null
  readonly isTimeUp?: () => boolean
}

/** Drawn storms, each base in its turn. */
export function* random({ bases, runs, isTimeUp }: RandomOptions): Search {
  yield {
    units: randomUnits(bases.length, runs),
    stormCount: runs,
    ...(isTimeUp === undefined ? {} : { isOver: isTimeUp }),
  }
  return { kind: 'random' }
}

function* randomUnits(baseCount: number, runs: number | null): Iterable<Unit> {
  for (let done = 0; runs === null || done < runs; ) {
    const count = runs === null ? RANDOM_PER_UNIT : Math.min(RANDOM_PER_UNIT, runs - done)
    yield { kind: 'random', base: Math.floor(done / RANDOM_PER_UNIT) % baseCount, seed: done, count }
    done += count
  }
}

/** These storms, each a unit of its own: one that costs its worker keeps none of the others from being run. */
export function* given(plans: readonly Plan[], why: GivenWhy): Search {
  const units = plans.map((plan): Unit => ({ kind: 'given', plans: [plan] }))
  const { results } = yield { units, stormCount: plans.length }
  const shown = results.map((result) => (result.kind === 'given' ? (result.shown[0] ?? null) : null))
  return { kind: 'given', why, count: plans.length, shown }
}

export interface SearchOptions extends LevelOptions {
  /** Only these storms; null: search. */
  readonly given: readonly Plan[] | null
  /** Run before everything else. */
  readonly kept?: readonly Plan[]
  /** How many random storms follow; null: none, or until `isTimeUp`. */
  readonly runs: number | null
  readonly isTimeUp?: () => boolean
}

/** The searches of a hunt, in their order. Random storms take the place of pairs, unless `faults` asks for both. */
export function searchesOf(options: SearchOptions): readonly Search[] {
  if (options.given !== null) return [given(options.given, 'failed-before')]
  const { kept = [] } = options
  const isRandom = options.runs !== null || options.isTimeUp !== undefined
  return [
    ...(kept.length === 0 ? [] : [given(kept, 'kept')]),
    ...(isRandom ? [levels({ ...options, faults: options.faults ?? 1 }), random(options)] : [levels(options)]),
  ]
}

const sum = (counts: readonly number[]): number => counts.reduce((total, count) => total + count, 0)
