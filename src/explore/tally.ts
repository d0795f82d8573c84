/**
 * What was tried: counts of storms by the number and the kinds of their faults, verdicts, facts that were seen. Two
 * tallies of different storms add up to the tally of all of them, in any order.
 */
import type { Judgement } from '../check/judge.ts'
import type { Sometimes } from '../check/sometimes.ts'
import type { Verdict } from '../check/verdict.ts'
import type { Plan } from '../world/plan.ts'
import { addFinding, type Finding, findingsOf } from './finding.ts'

export interface Tally {
  tried: number
  /** By how many faults a storm had; the index is the number. */
  readonly byFaultCount: number[]
  readonly byKind: Map<string, number>
  readonly byStatus: Map<Verdict['status'], number>
  /** In how many storms each fact was seen. */
  readonly sometimes: Map<Sometimes, number>
  /** Why worlds had no verdict: the limits that were reached. */
  readonly unknown: Map<string, number>
  readonly findings: Map<string, Finding>
  /** In how many storms each thing went wrong, by its key; also what only came along. */
  readonly keys: Map<string, number>
  /** In how many storms each of these showed with each worse one. */
  readonly together: Map<string, Map<string, number>>
  /** Virtual time of all worlds, µs. */
  virtualUs: number
}

/** Nothing was tried yet. */
export const emptyTally = (): Tally => ({
  tried: 0,
  byFaultCount: [],
  byKind: new Map(),
  byStatus: new Map(),
  sometimes: new Map(),
  unknown: new Map(),
  findings: new Map(),
  keys: new Map(),
  together: new Map(),
  virtualUs: 0,
})

const count = <Key>(counts: Map<Key, number>, key: Key, by = 1): void => {
  counts.set(key, (counts.get(key) ?? 0) + by)
}

/** Adds one storm and what came of it. */
export function addStorm(tally: Tally, plan: Plan, { verdict, sometimes }: Judgement, endUs: number): void {
  tally.tried += 1
  tally.virtualUs += endUs
  const faultCount = plan.faults.length
  for (let index = tally.byFaultCount.length; index <= faultCount; index += 1) tally.byFaultCount.push(0)
  tally.byFaultCount[faultCount] = (tally.byFaultCount[faultCount] as number) + 1
  for (const kind of new Set(plan.faults.map((fault) => fault.kind))) count(tally.byKind, kind)
  count(tally.byStatus, verdict.status)
  for (const fact of sometimes) count(tally.sometimes, fact)
  if (verdict.status === 'unknown') count(tally.unknown, verdict.reason)
  if (verdict.status === 'violated') {
    const worse: string[] = []
    for (const finding of findingsOf(plan, verdict.violations)) {
      const { key } = finding
      count(tally.keys, key)
      for (const other of worse) countTogether(tally, key, other)
      worse.push(key)
      addFinding(tally.findings, finding)
    }
  }
}

function countTogether(tally: Tally, key: string, worse: string, by = 1): void {
  let counts = tally.together.get(key)
  if (counts === undefined) {
    counts = new Map()
    tally.together.set(key, counts)
  }
  count(counts, worse, by)
}

/** Adds `other`, which was tried after `tally`. */
export function addTally(tally: Tally, other: Tally): void {
  tally.tried += other.tried
  tally.virtualUs += other.virtualUs
  for (const [index, added] of other.byFaultCount.entries())
    tally.byFaultCount[index] = (tally.byFaultCount[index] ?? 0) + added
  for (const [kind, added] of other.byKind) count(tally.byKind, kind, added)
  for (const [status, added] of other.byStatus) count(tally.byStatus, status, added)
  for (const [fact, added] of other.sometimes) count(tally.sometimes, fact, added)
  for (const [reason, added] of other.unknown) count(tally.unknown, reason, added)
  for (const finding of other.findings.values()) addFinding(tally.findings, finding)
  for (const [key, added] of other.keys) count(tally.keys, key, added)
  for (const [key, counts] of other.together) {
    for (const [worse, added] of counts) countTogether(tally, key, worse, added)
  }
}
