/**
 * A hunt: storms without faults, with one fault, with two, then random ones; what was found is made small and explained.
 *
 *   orders and seeds ── singles ── pairs ── random ── explain ── replay
 *
 * Invariants
 * - Results are taken in the order of the units, whoever finished first, so the answer depends on the options alone: not
 *   on the number of workers, nor on their speed. A time limit and a signal are the exceptions.
 * - Of a finding the smallest storm is kept, so it has as few faults as possible.
 * - What is reported was replayed by somebody who had run nothing before.
 */
import type { Plan } from '../world/plan.ts'
import type { Counterexample } from './counterexample.ts'
import type { Crew, UnitOutcome } from './crew.ts'
import { type Finding, type RankedFinding, worstFirst } from './finding.ts'
import { addTally, emptyTally, type Tally } from './tally.ts'
import type { LostStorm, Unit, UnitResult } from './unit.ts'

export interface HuntOptions {
  readonly bases: readonly Plan[]
  readonly crew: Crew
  /** All storms of up to so many faults; null: of one, and as many of two as `pairBudget` allows. */
  readonly faults: 0 | 1 | 2 | null
  readonly pairBudget: number
  /** Only these storms, once more; null: search. */
  readonly given: readonly Plan[] | null
  /** So many random storms; null: none, or until `isTimeUp`. */
  readonly runs: number | null
  /** Random storms until it says so; null: there is no time limit. */
  readonly isTimeUp: (() => boolean) | null
  /** Ends the search when so many different findings are there. */
  readonly maxFailures: number | null
  /** Whether counterexamples are made small. */
  readonly shrinks: boolean
  /** Resolves when somebody wants the hunt to end; what was found by then is explained and reported. */
  readonly interrupted: Promise<void>
  /** Called with each new finding, before it is made small. */
  readonly onFinding?: (finding: Finding) => void
  /** Called with what was tried so far; `plannedCount` null: nobody knows how many there will be. */
  readonly onProgress?: (tally: Tally, plannedCount: number | null) => void
}

/** What must be said; what is not said limits nothing. */
export type HuntRequest = Pick<HuntOptions, 'bases' | 'crew' | 'faults' | 'pairBudget'> & Partial<HuntOptions>

export interface HuntOutcome {
  readonly tally: Tally
  /** All storms of up to so many faults were run; -1: not even those without any. */
  readonly exhaustiveUpTo: number
  /** How many storms of two faults there are; null: not counted. */
  readonly pairCount: number | null
  /** There were more orders of arrivals than were tried. */
  readonly isOrderCut: boolean
  /** Storms of the exhaustive part, by their number of faults. */
  readonly exhaustive: readonly number[]
  /** Storms that were given; null: it was a search. */
  readonly givenCount: number | null
  readonly randomCount: number
  /** In how many of the random storms each thing went wrong, by its key. */
  readonly randomKeys: ReadonlyMap<string, number>
  readonly counterexamples: readonly Counterexample[]
  /** Findings that were neither explained nor reported: there were too many. */
  readonly moreFindings: number
  /** Storms that their worker did not survive, with their plans. */
  readonly lost: readonly LostStorm[]
  /** Counterexamples whose replay gave another history: the harness, or the code under test, is not deterministic. */
  readonly diverged: readonly Counterexample[]
  /** Why the search ended before its end: findings enough, somebody's wish, or workers that did not survive. */
  readonly stoppedBy: 'failures' | 'interrupt' | 'lost' | null
}

const SEED_COUNT = 50
const ORDER_DEVIATIONS = 2
const ORDER_LIMIT = 500
const SINGLES_PER_UNIT = 25
const RANDOM_PER_UNIT = 50
const EXPLAINED_MAX = 20
const LOST_MAX = 2
/** So many units are begun before the first of them has ended, for each member of the crew. */
const AHEAD = 3

/** Runs a hunt to its end. */
export const hunt = (options: HuntRequest): Promise<HuntOutcome> =>
  new Hunt({
    given: null,
    runs: null,
    isTimeUp: null,
    maxFailures: null,
    shrinks: true,
    interrupted: new Promise(() => {}),
    ...options,
  }).run()

class Hunt {
  readonly #options: HuntOptions
  readonly #tally = emptyTally()
  readonly #lost: LostStorm[] = []
  readonly #told = new Set<string>()
  readonly #interrupted: Promise<null>
  #isOrderCut = false
  #planned: number | null = null
  #stoppedBy: HuntOutcome['stoppedBy'] = null

  constructor(options: HuntOptions) {
    this.#options = options
    this.#interrupted = options.interrupted.then(() => null)
  }

  async run(): Promise<HuntOutcome> {
    const { given, runs, isTimeUp, crew, bases } = this.#options
    let exhaustiveUpTo = -1
    let pairCount: number | null = null
    if (given === null) ({ exhaustiveUpTo, pairCount } = await this.#exhaustive())
    else await this.#runAll([{ kind: 'given', plans: given }])
    const before = this.#tally.tried
    const keysBefore = new Map(this.#tally.keys)
    const exhaustive = [...this.#tally.byFaultCount]
    if (this.#stoppedBy === null && given === null && (runs !== null || isTimeUp !== null)) {
      this.#planned = runs === null ? null : before + runs
      await this.#runAll(randomUnits(bases.length, runs), isTimeUp ?? undefined)
    }
    const randomCount = this.#tally.tried - before
    const found = worstFirst(this.#tally.findings.values(), this.#tally)
    const counterexamples = await this.#explain(found.slice(0, EXPLAINED_MAX))
    const hashes = await crew.replay(counterexamples.map(({ plan }) => plan))
    return {
      tally: this.#tally,
      exhaustiveUpTo,
      pairCount,
      isOrderCut: this.#isOrderCut,
      exhaustive,
      givenCount: given === null ? null : given.length,
      randomCount,
      randomKeys: new Map([...this.#tally.keys].map(([key, seen]) => [key, seen - (keysBefore.get(key) ?? 0)])),
      counterexamples,
      moreFindings: Math.max(0, found.length - EXPLAINED_MAX),
      lost: this.#lost,
      diverged: counterexamples.filter(({ historyHash }, index) => hashes[index] !== historyHash),
      stoppedBy: this.#stoppedBy,
    }
  }

  async #exhaustive(): Promise<Pick<HuntOutcome, 'exhaustiveUpTo' | 'pairCount'>> {
    const { faults } = this.#options
    await this.#level0()
    if (this.#stoppedBy !== null) return { exhaustiveUpTo: -1, pairCount: null }
    if (faults === 0) return { exhaustiveUpTo: 0, pairCount: null }
    const pairCounts = await this.#level1()
    if (this.#stoppedBy !== null) return { exhaustiveUpTo: 0, pairCount: null }
    const pairCount = pairCounts.flat().reduce((sum, count) => sum + count, 0)
    const isWhole = faults !== 1 && (await this.#level2(pairCounts, pairCount))
    return { exhaustiveUpTo: isWhole ? 2 : 1, pairCount }
  }

  #level0(): Promise<unknown> {
    const half = SEED_COUNT / 2
    return this.#runAll(
      [...this.#options.bases.keys()].flatMap((base): Unit[] => [
        { kind: 'seeds', base, from: 0, until: half },
        { kind: 'seeds', base, from: half, until: SEED_COUNT },
        { kind: 'orders', base, deviations: ORDER_DEVIATIONS, limit: ORDER_LIMIT },
      ]),
    )
  }

  /** How many pairs begin with each single, for each base. */
  async #level1(): Promise<readonly (readonly number[])[]> {
    const bases = [...this.#options.bases.keys()]
    const single = (base: number, from: number): Unit => ({
      kind: 'singles',
      base,
      from,
      until: from + SINGLES_PER_UNIT,
    })
    // How many there are is known when the first have been run.
    const counts = await this.#runAll(bases.map((base) => single(base, 0)))
    const total = counts.reduce((sum, { result }) => sum + result.singleCount, 0)
    this.#planned = this.#tally.tried + total - counts.length * SINGLES_PER_UNIT
    const rest = counts.flatMap(({ result }, base) =>
      range(SINGLES_PER_UNIT, result.singleCount, SINGLES_PER_UNIT).map((from) => single(base, from)),
    )
    const others = await this.#runAll(rest)
    return bases.map((base) => [
      ...(counts[base]?.result.pairCounts ?? []),
      ...others.flatMap(({ unit, result }) => (unit.kind === 'singles' && unit.base === base ? result.pairCounts : [])),
    ])
  }

  /** True: all pairs were run. */
  async #level2(pairCounts: readonly (readonly number[])[], total: number): Promise<boolean> {
    const { faults, pairBudget } = this.#options
    const all = pairCounts.flatMap((counts, base) =>
      counts.flatMap((count, first) => (count === 0 ? [] : [{ base, first, count }])),
    )
    // Of too many, every nth: they are in the order of their sites, so each part of the run gets its share.
    const stride = faults === 2 ? 1 : Math.ceil(total / pairBudget)
    const chosen = all.filter((_, index) => index % stride === 0)
    this.#planned = this.#tally.tried + chosen.reduce((sum, { count }) => sum + count, 0)
    await this.#runAll(chosen.map(({ base, first }): Unit => ({ kind: 'pairs', base, first })))
    return stride <= 1 && this.#stoppedBy === null
  }

  async #explain(findings: readonly RankedFinding[]): Promise<readonly Counterexample[]> {
    const { crew, shrinks } = this.#options
    const outcomes = await Promise.all(findings.map((finding) => crew.run({ kind: 'explain', finding, shrinks })))
    return outcomes.flatMap(({ result, lost }, index) => {
      this.#lost.push(...lost)
      return result.counterexample ?? unexplained(findings[index] as RankedFinding)
    })
  }

  /**
   * Runs units, a few ahead of the one whose result is taken next.
   */
  async #runAll(units: Iterable<Unit>, isOver: () => boolean = () => false): Promise<readonly Taken[]> {
    const { crew } = this.#options
    const queue = units[Symbol.iterator]()
    const running: { readonly unit: Unit; readonly outcome: Promise<UnitOutcome> }[] = []
    const taken: Taken[] = []
    while (this.#stoppedBy === null) {
      while (running.length < crew.size * AHEAD && !isOver()) {
        const { value: unit, done } = queue.next()
        if (done === true) break
        const outcome = crew.run(unit)
        // It is awaited in its turn; until then its failure is nobody's.
        outcome.catch(() => {})
        running.push({ unit, outcome })
      }
      const next = running.shift()
      if (next === undefined) break
      const outcome = await Promise.race([next.outcome, this.#interrupted])
      if (outcome === null) this.#stoppedBy = 'interrupt'
      else {
        taken.push({ unit: next.unit, result: outcome.result })
        this.#take(outcome)
      }
    }
    if (running.length > 0 || this.#stoppedBy === 'interrupt') await crew.abandon()
    return taken
  }

  #take({ result, lost }: UnitOutcome): void {
    const { maxFailures, onFinding, onProgress } = this.#options
    addTally(this.#tally, result.tally)
    this.#isOrderCut ||= result.isCut
    this.#lost.push(...lost)
    for (const finding of result.tally.findings.values()) {
      if (this.#told.has(finding.key)) continue
      this.#told.add(finding.key)
      onFinding?.(finding)
    }
    onProgress?.(this.#tally, this.#planned)
    const failureCount = worstFirst(this.#tally.findings.values(), this.#tally).length + this.#lost.length
    if (maxFailures !== null && failureCount >= maxFailures) this.#stoppedBy = 'failures'
    // Each costs a worker and the time in which it was given up: what spins once spins in most storms.
    if (this.#lost.length >= LOST_MAX) this.#stoppedBy = 'lost'
  }
}

interface Taken {
  readonly unit: Unit
  readonly result: UnitResult
}

const range = (from: number, until: number, step: number): readonly number[] =>
  Array.from({ length: Math.max(0, Math.ceil((until - from) / step)) }, (_, index) => from + index * step)

/** Random units, each base in its turn; `runs` null: without end. */
function* randomUnits(bases: number, runs: number | null): Iterable<Unit> {
  for (let done = 0; runs === null || done < runs; ) {
    const count = runs === null ? RANDOM_PER_UNIT : Math.min(RANDOM_PER_UNIT, runs - done)
    yield { kind: 'random', base: Math.floor(done / RANDOM_PER_UNIT) % bases, seed: done, count }
    done += count
  }
}

/** A finding whose storm did not show it again, or took its worker along: it is reported as it was found. */
const unexplained = ({ key, violation, plan, seen, consequences }: RankedFinding): Counterexample => ({
  key,
  violation,
  plan,
  historyHash: '',
  foundWithFaults: plan.faults.length,
  necessary: [],
  cures: [],
  consequences,
  seen,
})
