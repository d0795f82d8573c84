/**
 * Searches: each proposes units and is told what came of them before it proposes the next ones. This is all that
 * exhaustive, random and guided hunts differ in; a new kind of hunt is a new search.
 *
 *   levels   no fault: latencies, orders of arrival (clients that do not ask their lease) ── one fault ── two ── three
 *   random   drawn storms, a number of them or until a time is over
 *   given    these storms, once more
 *
 * Invariants
 * - What a search proposes depends on its options and on the results it was told, never on who ran them.
 */
import type { Plan } from '../world/plan.ts'
import { unasked } from './base-plan.ts'
import type { Next, Unit, UnitResult } from './unit.ts'

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
      readonly upTo: FaultCount | null
      /** How many storms of two faults there are (at most, where none was to be run); null: they were not counted. */
      readonly pairCount: number | null
      /** The same of three. */
      readonly tripleCount: number | null
      /** How many more of either kind there would be, if each storm of fewer faults were gone on with (`fresh`). */
      readonly mergedCount: number
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
  readonly faults: FaultCount | null
  readonly pairBudget: number
  /** Whether equivalent storms are gone on with once (`fresh`); default: they are. */
  readonly isPruned?: boolean
}

/** How many faults a storm of an exhaustive hunt may have. */
export type FaultCount = 0 | 1 | 2 | 3

const SEED_COUNT = 50
const ORDER_DEVIATIONS = 2
const ORDER_LIMIT = 500
const SINGLES_PER_UNIT = 25
const RANDOM_PER_UNIT = 50

/** Exhaustive: by the number of faults, so that what is found first has as few as possible. */
export function* levels({ bases, faults, pairBudget, isPruned = true }: LevelOptions): Search {
  const calmUnits = unitsWithoutFaults(bases)
  const calm = yield { units: calmUnits, stormCount: null, isShared: true }
  const isOrderCut = calm.results.some((result) => result.kind === 'orders' && result.isCut)
  const calmClaim: LevelClaim = {
    kind: 'levels',
    upTo: null,
    pairCount: null,
    tripleCount: null,
    mergedCount: 0,
    isOrderCut,
    unaskedCount: 0,
  }
  if (calm.isStopped) return calmClaim
  const gaveUp = [...bases.keys()].filter((base) =>
    calm.results.some((result, index) => calmUnits[index]?.base === base && hasGivenUp(result)),
  )
  const toRepeat = gaveUp.filter((base) => isAsking(bases[base] as Plan))
  const unaskedClaim = { ...calmClaim, unaskedCount: toRepeat.length * SEED_COUNT }
  if (toRepeat.length > 0 && (yield unaskedStep(toRepeat)).isStopped) return unaskedClaim
  const roots = calm.results.flatMap((result, index): readonly Begun[] => {
    const base = calmUnits[index]?.base
    return result.kind === 'count' && base !== undefined ? [{ base, path: [], ...result }] : []
  })
  let claim: LevelClaim = { ...unaskedClaim, upTo: 0 }
  // No worker survives the fault-free run of a base: no other storm can be made from it.
  if (faults === 0 || roots.length < bases.length) return claim
  const one = singlesStep(roots)
  // With pairs to come, what follows each is asked for.
  const singles = yield { units: one, stormCount: countOf(roots), ...shared(faults !== 1) }
  if (singles.isStopped) return claim
  const known = new Set(roots.map(knownAs))
  const firsts = begunBy(one, singles.results)
  // A part of a hunt does not know the courses of the others: where no pair is run, all of them are counted.
  if (faults === 1) return { ...claim, upTo: 1, pairCount: countOf(firsts) }
  let begun = fresh(firsts, known, isPruned)
  claim = { ...claim, upTo: 1, pairCount: countOf(begun.kept), mergedCount: begun.mergedCount }
  // Of too many, every nth: they are in the order of their sites, so each part of the run gets its share.
  const stride = faults === null ? Math.ceil(countOf(begun.kept) / pairBudget) : 1
  const two = longerUnits(begun.kept, stride, faults !== 3)
  const pairs = yield { units: two, stormCount: countOf(begun.kept, stride), ...shared(faults === 3) }
  if (stride > 1 || pairs.isStopped) return claim
  claim = { ...claim, upTo: 2 }
  if (faults !== 3) return claim
  begun = fresh(begunBy(two, pairs.results), known, isPruned)
  claim = { ...claim, tripleCount: countOf(begun.kept), mergedCount: claim.mergedCount + begun.mergedCount }
  const triples = yield { units: longerUnits(begun.kept, 1, true), stormCount: countOf(begun.kept) }
  return triples.isStopped ? claim : { ...claim, upTo: 3 }
}

const shared = (isShared: boolean): Pick<Step, 'isShared'> => (isShared ? { isShared } : {})

type LevelClaim = Extract<Claim, { readonly kind: 'levels' }>

/** A storm with which longer ones begin. */
interface Begun extends Next {
  readonly base: number
  /** As in a unit of them; empty: the run without faults. */
  readonly path: readonly number[]
}

/** How many storms go on from every nth of these. */
const countOf = (begun: readonly Begun[], stride = 1): number =>
  sum(begun.map(({ count }, index) => (index % stride === 0 ? count : 0)))

const longerUnits = (begun: readonly Begun[], stride: number, isLast: boolean): readonly LongerUnit[] =>
  begun.flatMap(({ base, path }, index) => (index % stride === 0 ? [{ kind: 'longer', base, path, isLast }] : []))

/** What follows the storms of units; of a unit that was given up nothing is known. */
const begunBy = (units: readonly (SinglesUnit | LongerUnit)[], results: readonly UnitResult[]): readonly Begun[] => {
  const begun = results.flatMap((result, index): readonly Begun[] => {
    const unit = units[index]
    if (unit === undefined || (result.kind !== 'singles' && result.kind !== 'longer')) return []
    return result.nexts.map((next, at) => ({
      base: unit.base,
      path: unit.kind === 'singles' ? [unit.from + at] : [...unit.path, at],
      ...next,
    }))
  })
  // Units of singles begin with the first of each base; what follows them goes base by base.
  return begun.sort((a, b) => a.base - b.base || comparePaths(a.path, b.path))
}

const comparePaths = (a: readonly number[], b: readonly number[]): number => {
  const at = a.findIndex((index, place) => index !== b[place])
  return at < 0 ? 0 : (a[at] as number) - (b[at] as number)
}

/**
 * Equivalent storms are gone on with once: where the course of a world is that of one with fewer faults, or that of an earlier one
 * with as many from which as many storms follow, the storms that follow are the same, but for faults that made no difference.
 * `known` has what was gone on with before, and gets what is.
 */
function fresh(
  begun: readonly Begun[],
  known: Set<string>,
  isPruned: boolean,
): { readonly kept: readonly Begun[]; readonly mergedCount: number } {
  const now = new Set<string>()
  const kept = begun.filter((each) => {
    const own = `${knownAs(each)} ${each.count}`
    const isKnown = known.has(knownAs(each)) || now.has(own)
    now.add(own)
    return each.count > 0 && !(isPruned && isKnown)
  })
  for (const each of kept) known.add(knownAs(each))
  return { kept, mergedCount: countOf(begun) - countOf(kept) }
}

const knownAs = ({ base, course }: Begun): string => `${base} ${course}`

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
type LongerUnit = Extract<Unit, { readonly kind: 'longer' }>

/** The first storms of each base come first. */
function singlesStep(roots: readonly Begun[]): readonly SinglesUnit[] {
  const units = roots.map(({ base, count }) =>
    Array.from({ length: Math.ceil(count / SINGLES_PER_UNIT) }, (_, index): SinglesUnit => {
      const from = index * SINGLES_PER_UNIT
      return { kind: 'singles', base, from, until: from + SINGLES_PER_UNIT }
    }),
  )
  return [...units.flatMap((ofBase) => ofBase.slice(0, 1)), ...units.flatMap((ofBase) => ofBase.slice(1))]
}

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
