/**
 * Searches: each proposes units and is told what came of them before it proposes the next ones. This is all that
 * exhaustive, random and guided hunts differ in; a new kind of hunt is a new search.
 *
 *   levels   each use of the subject: no fault, other latencies ── one fault (in all its magnitudes); then
 *            no fault, orders of arrival (clients that do not ask their lease) ── two faults ── three
 *   random   drawn storms, a number of them or until a time is over
 *   guided   the same, but half of them are mutants of storms that led somewhere new
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
  /** How many storms are known to come, with this step's; null: that is not known. */
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
      /** How many storms of one fault there are; null: they were not counted, because none was to be run. */
      readonly singleCount: number | null
      /** How many storms of two faults there are (at most, where none was to be run); null: they were not counted. */
      readonly pairCount: number | null
      /** The same of three. */
      readonly tripleCount: number | null
      /** How many more of either kind there would be, if each storm of fewer faults were gone on with (`fresh`). */
      readonly mergedCount: number
      /** There are more orders of simultaneous arrivals than were tried. */
      readonly isOrderCut: boolean
      /** Storms of one fault were run in all magnitudes (`magnitudes.ts`). */
      readonly isEveryMagnitude: boolean
      /** How many of the storms without faults had clients that do not ask their lease. */
      readonly unaskedCount: number
    }
  | { readonly kind: 'random' | 'guided' }
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
  /**
   * All storms of at most this many faults; null: of one, and as many of two as `pairBudget` allows. Of worlds that cost very much
   * null means a part of the storms of one fault, and none of two.
   */
  readonly faults: FaultCount | null
  /** So many storms of two faults of common worlds, and fewer of those that cost more (`cost.ts`). */
  readonly pairBudget: number
  /** Whether storms of one fault are run in all magnitudes, not only in those of the menu; default: in those of the menu. */
  readonly isEveryMagnitude?: boolean
  /** Whether equivalent storms are gone on with once (`fresh`); default: they are. */
  readonly isPruned?: boolean
}

/** How many faults a storm of an exhaustive hunt may have. */
export type FaultCount = 0 | 1 | 2 | 3

const SEED_COUNT = 50
const ORDER_DEVIATIONS = 2
const ORDER_LIMIT = 500
/** So many orders of arrivals of common worlds, and fewer of those that cost more (`cost.ts`). */
const ORDER_BUDGET = 3_000
const SINGLES_PER_UNIT = 25
/**
 * All storms of one fault are run, unasked, when they are worth at most so many common worlds (`cost.ts`). Of others a part is that
 * is worth less, for one that leaves out little saves little.
 */
const SINGLES_WHOLE = 48_000
const SINGLES_SAMPLE = 10_000
/** What is added again and again, without its whole part, never comes near to where it was for long: the golden ratio. */
const GOLDEN = (Math.sqrt(5) - 1) / 2
/** Each stands for some hundred storms. */
const SIZED_PER_UNIT = 2
const RANDOM_PER_UNIT = 50
/** A guided unit learns from its own storms alone, so that it does not matter who runs it: it has more of them. */
const GUIDED_PER_UNIT = 1_000
/** Where a time ends the hunt, units that have begun hold it up. */
const GUIDED_PER_TIMED_UNIT = 250

/**
 * Exhaustive: by the number of faults, so that what is found first has as few as possible. Most violations need one fault and show
 * in the first use of a subject: that is gone through before its other uses, whose worlds may be far longer, and before the many
 * orders of arrivals.
 */
export function* levels({
  bases,
  faults,
  pairBudget,
  isEveryMagnitude = false,
  isPruned = true,
}: LevelOptions): Search {
  let claim: LevelClaim = NOTHING_CLAIMED
  const countUnits = [...bases.keys()].map((base): Unit => ({ kind: 'count', base }))
  const counted = yield { units: countUnits, stormCount: null, isShared: true }
  if (counted.isStopped) return claim
  const roots = counted.results.flatMap((result, base): readonly CountedRoot[] =>
    result.kind === 'count' ? [{ base, path: [], ...result }] : [],
  )
  // No worker survives the fault-free run of a base: no other storm can be made from it.
  const isCalmAll = faults === 0 || roots.length < bases.length
  const share = faults === null && !isEveryMagnitude ? singlesShare(roots) : 1
  const singlesUnits = isCalmAll ? [] : share < 1 ? sampledUnits(roots, share) : roots.flatMap(singlesUnitsOf)
  const singles: UnitResult[] = []
  const gaveUp = new Set<number>()
  let toCome = bases.length * SEED_COUNT + sum(singlesUnits.map(stormsIn))
  claim = { ...claim, singleCount: isCalmAll ? null : countOf(roots) }
  for (const base of bases.keys()) {
    const seeds = yield { units: seedsUnits(base), stormCount: toCome, isShared: true }
    if (seeds.isStopped) return claim
    if (seeds.results.some(showsGivingUp)) gaveUp.add(base)
    toCome -= SEED_COUNT
    const units = singlesUnits.filter((unit) => unit.base === base)
    if (units.length === 0) continue
    // With pairs to come, what follows each is asked for.
    const taken = yield { units, stormCount: toCome, ...shared(faults !== 1 && share === 1) }
    if (taken.isStopped) return claim
    singles.push(...taken.results)
    toCome -= sum(units.map(stormsIn))
    const sized = isEveryMagnitude ? roots.filter((root) => root.base === base).flatMap(magnitudeUnits) : []
    if (sized.length > 0 && (yield { units: sized, stormCount: null }).isStopped) return claim
  }

  const weights = new Map(roots.map(({ base, weight }) => [base, weight]))
  const ordersUnits = [...bases.keys()].map((base) => ordersUnit(base, weights.get(base) ?? 1))
  const orders = yield { units: ordersUnits, stormCount: null, isShared: true }
  claim = { ...claim, isOrderCut: orders.results.some((result) => result.kind === 'orders' && result.isCut) }
  if (orders.isStopped) return claim
  for (const [base, result] of orders.results.entries()) if (showsGivingUp(result)) gaveUp.add(base)
  const toRepeat = [...bases.keys()].filter((base) => gaveUp.has(base) && isAsking(bases[base] as Plan))
  claim = { ...claim, unaskedCount: toRepeat.length * SEED_COUNT }
  if (toRepeat.length > 0 && (yield unaskedStep(toRepeat)).isStopped) return claim
  claim = { ...claim, upTo: 0 }
  if (isCalmAll || share < 1) return claim
  claim = { ...claim, isEveryMagnitude }

  const known = new Set(roots.map(knownAs))
  const firsts = begunBy(singlesUnits, singles)
  // A part of a hunt does not know the courses of the others: where no pair is run, all of them are counted.
  if (faults === 1) return { ...claim, upTo: 1, pairCount: countOf(firsts) }
  let begun = fresh(firsts, known, isPruned)
  claim = { ...claim, upTo: 1, pairCount: countOf(begun.kept), mergedCount: begun.mergedCount }
  // Of too many, every nth: they are in the order of their sites, so each part of the run gets its share.
  const stride = faults === null ? Math.ceil(weighed(begun.kept, roots) / pairBudget) : 1
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

const NOTHING_CLAIMED: LevelClaim = {
  kind: 'levels',
  upTo: null,
  singleCount: null,
  pairCount: null,
  tripleCount: null,
  mergedCount: 0,
  isOrderCut: false,
  isEveryMagnitude: false,
  unaskedCount: 0,
}

/** A storm with which longer ones begin. */
interface Begun extends Next {
  readonly base: number
  /** As in a unit of them; empty: the run without faults. */
  readonly path: readonly number[]
}

/** The run without faults. */
type CountedRoot = Begun & { readonly sizedCount: number; readonly weight: number }

/** How many storms go on from every nth of these. */
const countOf = (begun: readonly Begun[], stride = 1): number =>
  sum(begun.map(({ count }, index) => (index % stride === 0 ? count : 0)))

/** The same, each storm with the weight of its base. */
const weighed = (begun: readonly Begun[], roots: readonly CountedRoot[]): number =>
  sum(roots.map(({ base, weight }) => weight * countOf(begun.filter((each) => each.base === base))))

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

const seedsUnits = (base: number): readonly Unit[] => [
  { kind: 'seeds', base, from: 0, until: SEED_COUNT / 2 },
  { kind: 'seeds', base, from: SEED_COUNT / 2, until: SEED_COUNT },
]

const ordersUnit = (base: number, weight: number): Unit => ({
  kind: 'orders',
  base,
  deviations: ORDER_DEVIATIONS,
  limit: Math.min(ORDER_LIMIT, Math.ceil(ORDER_BUDGET / weight)),
})

const showsGivingUp = (result: UnitResult): boolean => 'tally' in result && result.tally.sometimes.has('gaveUp')
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

const singlesUnitsOf = ({ base, count }: Begun): readonly SinglesUnit[] =>
  Array.from({ length: Math.ceil(count / SINGLES_PER_UNIT) }, (_, index): SinglesUnit => {
    const from = index * SINGLES_PER_UNIT
    return { kind: 'singles', base, from, until: Math.min(count, from + SINGLES_PER_UNIT) }
  })

const stormsIn = ({ from, until }: SinglesUnit): number => until - from

/** Which share of the storms of one fault is run unasked. */
function singlesShare(roots: readonly CountedRoot[]): number {
  const worth = weighed(roots, roots)
  return worth <= SINGLES_WHOLE ? 1 : SINGLES_SAMPLE / worth
}

/**
 * About this share of the storms of one fault, each a unit of its own. Neighbours are of one site, and come back in the same order at
 * the next one: every nth would be of the same kinds.
 */
const sampledUnits = (roots: readonly CountedRoot[], share: number): readonly SinglesUnit[] =>
  roots.flatMap(({ base, count }) =>
    Array.from({ length: count }, (_, from): SinglesUnit => ({ kind: 'singles', base, from, until: from + 1 })).filter(
      ({ from }) => (from * GOLDEN) % 1 < share,
    ),
  )

const magnitudeUnits = ({ base, sizedCount }: CountedRoot): readonly Unit[] =>
  Array.from({ length: Math.ceil(sizedCount / SIZED_PER_UNIT) }, (_, index): Unit => {
    const from = index * SIZED_PER_UNIT
    return { kind: 'magnitudes', base, from, until: Math.min(sizedCount, from + SIZED_PER_UNIT) }
  })

export interface RandomOptions {
  readonly bases: readonly Plan[]
  /** How many storms; null: until `isTimeUp`. */
  readonly runs: number | null
  readonly isTimeUp?: () => boolean
  /** Whether half of them are mutants of storms that led somewhere new; default: all are drawn. */
  readonly isGuided?: boolean
}

/** Random storms, each base in its turn. */
export function* random({ bases, runs, isTimeUp, isGuided = false }: RandomOptions): Search {
  const kind = isGuided ? 'guided' : 'random'
  yield {
    units: randomUnits(kind, bases.length, runs),
    stormCount: runs,
    ...(isTimeUp === undefined ? {} : { isOver: isTimeUp }),
  }
  return { kind }
}

function* randomUnits(kind: 'random' | 'guided', baseCount: number, runs: number | null): Iterable<Unit> {
  const guided = runs === null ? GUIDED_PER_TIMED_UNIT : GUIDED_PER_UNIT
  const most = kind === 'guided' ? guided : RANDOM_PER_UNIT
  for (let done = 0; runs === null || done < runs; ) {
    const count = runs === null ? most : Math.min(most, runs - done)
    yield { kind, base: Math.floor(done / most) % baseCount, seed: done, count }
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

export interface SearchOptions extends LevelOptions, Pick<RandomOptions, 'runs' | 'isTimeUp' | 'isGuided'> {
  /** Only these storms; null: search. */
  readonly given: readonly Plan[] | null
  /** Run before everything else. */
  readonly kept?: readonly Plan[]
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
