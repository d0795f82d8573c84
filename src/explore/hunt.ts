/**
 * A hunt: runs what its searches propose, then makes small, explains and replays what was found.
 *
 *   search ⇄ units ── crew ── results in order ── tally ── explain ── replay
 *
 * Invariants
 * - Results are taken in the order of the units, whichever was done first, so the answer depends on the options alone: not on
 *   the number of workers, nor on their speed. A time limit and an interruption are the exceptions.
 * - Of a finding the smallest storm is kept, so it has as few faults as possible.
 * - What is reported was replayed by a worker that had run nothing before.
 */
import { rankOf } from '../check/rank.ts'
import { AHEAD, inOrder } from '../worker/in-order.ts'
import { type Counterexample, unexplained } from './counterexample.ts'
import type { Crew } from './crew.ts'
import { type Finding, type RankedFinding, worstFirst } from './finding.ts'
import type { Claim, Search, Step } from './search.ts'
import type { Shard } from './shard.ts'
import { addTally, emptyTally, type Tally } from './tally.ts'
import type { LostStorm, ResultOf, Unit, UnitResult } from './unit.ts'

/** Required: crew and searches; the others have no default limit. */
export interface HuntOptions {
  readonly crew: Crew
  /** One after the other. */
  readonly searches: Iterable<Search>
  /** Ends the search at this many different findings; null: no limit. */
  readonly maxFailures?: number | null
  /** Which part of the hunt this is: every `count`-th unit is its own; default: all are. */
  readonly shard?: Shard
  /** Called with the number of each unit of this part, and what came of it. */
  readonly onUnit?: (ordinal: number, result: UnitResult) => void
  /** Whether counterexamples are made small; default: they are. */
  readonly shrinks?: boolean
  /** When it resolves, the search ends; what was found by then is explained and reported. */
  readonly interrupted?: Promise<unknown>
  /** Called with each new finding, before it is made small. */
  readonly onFinding?: (finding: Finding) => void
  /**
   * Called with the first finding when it is made small and explained, while the search goes on; again with each that is worse.
   * At its end the hunt may know smaller storms.
   */
  readonly onExplained?: (counterexample: Counterexample) => void
  /** Called with what was tried so far; `plannedCount` null: it is not known how many there will be. */
  readonly onProgress?: (tally: Tally, plannedCount: number | null) => void
}

/** What one search has done, and what its storms came to. */
export interface Searched {
  readonly claim: Claim
  readonly tally: Tally
}

/** What the searches of a hunt have found, before anything is explained. */
export interface Explored {
  /** Of all searches. */
  readonly tally: Tally
  readonly searched: readonly Searched[]
  /** Storms that their worker did not survive. */
  readonly lost: readonly LostStorm[]
  /** Why the search ended before its end: enough findings, an interruption, workers that did not survive, or parts that are missing. */
  readonly stoppedBy: 'failures' | 'interrupt' | 'lost' | 'missing' | null
}

export interface HuntOutcome extends Explored {
  readonly counterexamples: readonly Counterexample[]
  /** Findings beyond those that are explained and reported. */
  readonly moreFindings: number
  /** Counterexamples whose replay gave another history: the harness, or the code under test, is not deterministic. */
  readonly diverged: readonly Counterexample[]
}

const EXPLAINED_MAX = 20
/** Each lost storm costs a worker, and the ten seconds in which it was given up. */
const LOST_MAX = 8
/** What spins in one storm of so many spins in most that come. */
const TRIED_PER_LOST = 30

/** Whether a search is given up, for the code under test costs one worker after the other. */
export const isGivenUp = (lost: number, tried: number): boolean =>
  lost >= LOST_MAX || (lost >= 2 && lost * TRIED_PER_LOST >= tried)

/** Runs a hunt to its end. */
export const hunt = async (options: HuntOptions): Promise<HuntOutcome> => explainFound(await explore(options), options)

/** Runs the searches of a hunt. */
export async function explore(options: HuntOptions): Promise<Explored> {
  const state = new HuntState(options)
  const searched: Searched[] = []
  for (const search of options.searches) {
    if (state.stoppedBy === null) searched.push(await runSearch(search, options, state))
  }
  const { tally, lost, stoppedBy } = state
  return { tally, searched, lost, stoppedBy }
}

/** Makes small, explains and replays what was found. */
export async function explainFound(
  explored: Explored,
  options: Pick<HuntOptions, 'crew' | 'shrinks'>,
): Promise<HuntOutcome> {
  const { tally } = explored
  const lost = [...explored.lost]
  const found = worstFirst(tally.findings.values(), tally)
  const counterexamples = await explainAll(found.slice(0, EXPLAINED_MAX), options, lost)
  const hashes = await options.crew.replay(counterexamples.map(({ plan }) => plan))
  return {
    ...explored,
    lost,
    counterexamples,
    moreFindings: Math.max(0, found.length - EXPLAINED_MAX),
    diverged: counterexamples.filter(({ historyHash }, index) => (hashes[index] ?? '') !== historyHash),
  }
}

/** Runs the steps of a search. */
async function runSearch(search: Search, options: HuntOptions, state: HuntState): Promise<Searched> {
  const tally = emptyTally()
  let next = search.next()
  while (next.done !== true) {
    const results: UnitResult[] = []
    state.beginStep(next.value)
    for await (const { result, isOwn } of sharedOut(next.value, options, state)) {
      results.push(result)
      if (isOwn && 'tally' in result) addTally(tally, result.tally)
      state.take(result, isOwn)
      if (state.stoppedBy !== null) break
    }
    next = search.next({ results, isStopped: state.stoppedBy !== null })
  }
  return { claim: next.value, tally }
}

/** Stands for a unit that another part of the hunt runs. */
const ELSEWHERE: UnitResult = { kind: 'given-up', lost: [] }

/** The results of a step in the order of its units; of a hunt that is shared out, with which of them are this part's. */
async function* sharedOut(
  step: Step,
  options: HuntOptions,
  state: HuntState,
): AsyncGenerator<{ readonly result: UnitResult; readonly isOwn: boolean }> {
  const { shard = { index: 1, count: 1 } } = options
  const first = state.nextOrdinal
  const owned: boolean[] = []
  const isRun: boolean[] = []
  function* units(): Generator<Unit> {
    for (const unit of step.units) {
      const isOwn = (first + owned.length) % shard.count === shard.index - 1
      owned.push(isOwn)
      isRun.push(isOwn || step.isShared === true)
      if (isRun.at(-1) === true) yield unit
    }
  }
  let at = 0
  for await (const result of resultsOf({ ...step, units: units() }, options)) {
    for (; isRun[at] !== true; at += 1) yield { result: ELSEWHERE, isOwn: false }
    yield { result, isOwn: owned[at] as boolean }
    at += 1
  }
  if (state.stoppedBy !== null) return
  for (; at < owned.length; at += 1) yield { result: ELSEWHERE, isOwn: false }
}

/** Makes findings small and explains them; adds to `lost` what cost a worker by the way. */
async function explainAll(
  findings: readonly RankedFinding[],
  { crew, shrinks = true }: Pick<HuntOptions, 'crew' | 'shrinks'>,
  lost: LostStorm[],
): Promise<readonly Counterexample[]> {
  const results = await Promise.all(findings.map((finding) => crew.run({ kind: 'explain', finding, shrinks })))
  return results.map((result, index) => {
    lost.push(...result.lost)
    const counterexample = result.kind === 'explain' ? result.counterexample : null
    return counterexample ?? unexplained(findings[index] as RankedFinding)
  })
}

/** What comes of units, in their order, until it is interrupted; then no worker is at any of them. */
export const resultsOf = <Of extends Unit>(
  { units, isOver }: { readonly units: Iterable<Of>; readonly isOver?: () => boolean },
  { crew, interrupted }: Pick<HuntOptions, 'crew' | 'interrupted'>,
): AsyncGenerator<ResultOf<Of['kind']>, void> =>
  inOrder({
    items: units,
    atOnce: crew.size * AHEAD,
    begin: (unit) => crew.run(unit),
    abandon: () => crew.abandon(),
    ...(isOver === undefined ? {} : { isOver }),
    ...(interrupted === undefined ? {} : { interrupted }),
  })

/** What is known while a hunt runs. */
class HuntState {
  readonly tally = emptyTally()
  readonly lost: LostStorm[] = []
  stoppedBy: Explored['stoppedBy'] = null
  /** Of the next unit: they are counted through all steps and searches. */
  nextOrdinal = 0
  readonly #options: HuntOptions
  readonly #told = new Set<string>()
  #explainedRank = Number.POSITIVE_INFINITY
  #plannedCount: number | null = null

  constructor(options: HuntOptions) {
    this.#options = options
    options.interrupted?.then(() => {
      this.stoppedBy ??= 'interrupt'
    })
  }

  beginStep({ stormCount }: Step): void {
    this.#plannedCount = stormCount === null ? null : this.tally.tried + stormCount
  }

  take(result: UnitResult, isOwn: boolean): void {
    const { maxFailures = null, onFinding, onProgress, onUnit } = this.#options
    const ordinal = this.nextOrdinal
    this.nextOrdinal += 1
    if (!isOwn) return
    onUnit?.(ordinal, result)
    this.lost.push(...result.lost)
    if ('tally' in result) {
      addTally(this.tally, result.tally)
      for (const finding of result.tally.findings.values()) {
        if (this.#told.has(finding.key)) continue
        this.#told.add(finding.key)
        onFinding?.(finding)
      }
    }
    onProgress?.(this.tally, this.#plannedCount)
    const ranked = worstFirst(this.tally.findings.values(), this.tally)
    if (ranked[0] !== undefined) this.#explainEarly(ranked[0])
    const failureCount = ranked.length + this.lost.length
    if (maxFailures !== null && failureCount >= maxFailures) this.stoppedBy = 'failures'
    if (isGivenUp(this.lost.length, this.tally.tried)) this.stoppedBy = 'lost'
  }

  /** Has the worst finding so far explained, if it is worse than the last one that was. */
  #explainEarly(finding: RankedFinding): void {
    const { crew, shrinks = true, onExplained } = this.#options
    const rank = rankOf(finding.violation)
    if (onExplained === undefined || rank >= this.#explainedRank) return
    this.#explainedRank = rank
    crew.run({ kind: 'explain', finding, shrinks }).then(
      (result) => {
        const counterexample = result.kind === 'explain' ? result.counterexample : null
        if (counterexample !== null && rank === this.#explainedRank) onExplained(counterexample)
      },
      // It is asked for once more at the end of the hunt, which then fails.
      () => {},
    )
  }
}
