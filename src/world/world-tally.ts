/**
 * What became of many worlds, in numbers: verdicts, the facts that were seen, why there was no verdict. A cell of a suite
 * and a hunt count with it.
 *
 * Invariants
 * - Tallies of different worlds add up to the tally of all of them. Reasons stay in the order in which they were met.
 */
import type { Judgement } from '../check/judge.ts'
import type { Sometimes } from '../check/sometimes.ts'
import type { Verdict } from '../check/verdict.ts'

export interface WorldTally {
  /** How many worlds were run. */
  tried: number
  readonly byStatus: Map<Verdict['status'], number>
  /** Violated worlds in which there was a bug. */
  bugs: number
  /** In how many worlds each fact was seen. */
  readonly sometimes: Map<Sometimes, number>
  /** Why worlds had no verdict: the limits that were reached. */
  readonly unknown: Map<string, number>
  /** What was missing in worlds that tested nothing. */
  readonly vacuous: Map<string, number>
  /** Virtual time of all worlds, µs. */
  virtualUs: number
}

/** No world was run yet. */
export const emptyWorldTally = (): WorldTally => ({
  tried: 0,
  byStatus: new Map(),
  bugs: 0,
  sometimes: new Map(),
  unknown: new Map(),
  vacuous: new Map(),
  virtualUs: 0,
})

/** One more of `key`, or `by` more. */
export const count = <Key>(counts: Map<Key, number>, key: Key, by = 1): void => {
  counts.set(key, (counts.get(key) ?? 0) + by)
}

/** Adds one world. */
export function addWorld(tally: WorldTally, { verdict, sometimes }: Judgement, endUs: number): void {
  tally.tried += 1
  tally.virtualUs += endUs
  count(tally.byStatus, verdict.status)
  for (const fact of sometimes) count(tally.sometimes, fact)
  if (verdict.status === 'unknown') count(tally.unknown, verdict.reason)
  else if (verdict.status === 'vacuous') count(tally.vacuous, verdict.missing)
  else if (verdict.status === 'violated' && verdict.violations.some(({ kind }) => kind === 'bug')) {
    tally.bugs += 1
  }
}

/** Adds the worlds of `other`, which were run after those of `tally`. */
export function addWorlds(tally: WorldTally, other: WorldTally): void {
  tally.tried += other.tried
  tally.virtualUs += other.virtualUs
  tally.bugs += other.bugs
  for (const [status, added] of other.byStatus) count(tally.byStatus, status, added)
  for (const [fact, added] of other.sometimes) count(tally.sometimes, fact, added)
  for (const [reason, added] of other.unknown) count(tally.unknown, reason, added)
  for (const [missing, added] of other.vacuous) count(tally.vacuous, missing, added)
}
