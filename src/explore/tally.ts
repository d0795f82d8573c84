/**
 * What was tried: the tally of the worlds, and what storms have besides: how many faults, of which kinds, what they showed.
 * Two tallies of different storms add up to the tally of all of them, in any order.
 */
import type { Judgement } from '../check/judge.ts'
import type { Plan } from '../world/plan.ts'
import type { WorldRun } from '../world/run-world.ts'
import { addWorld, addWorlds, count, emptyWorldTally, type WorldTally } from '../world/world-tally.ts'
import { addFinding, type Finding, findingsOf } from './finding.ts'

export interface Tally extends WorldTally {
  /** By how many faults a storm had; the index is the number. */
  readonly byFaultCount: number[]
  readonly byKind: Map<string, number>
  readonly findings: Map<string, Finding>
  /** In how many storms each thing went wrong, by its key; also what only came along. */
  readonly keys: Map<string, number>
  /** In how many storms each of these showed with each worse one. */
  readonly together: Map<string, Map<string, number>>
  /** The machines that were led to under other names than their own. */
  readonly ledTo: Map<string, string>
}

/** What is counted of a run besides its verdict. */
type StormRun = Pick<WorldRun, 'endUs' | 'ledTo'>

/** Nothing was tried yet. */
export const emptyTally = (): Tally => ({
  ...emptyWorldTally(),
  byFaultCount: [],
  byKind: new Map(),
  findings: new Map(),
  keys: new Map(),
  together: new Map(),
  ledTo: new Map(),
})

/** Adds one storm and what came of it. */
export function addStorm(tally: Tally, plan: Plan, judgement: Judgement, { endUs, ledTo }: StormRun): void {
  addWorld(tally, judgement, endUs)
  for (const [name, machine] of ledTo) tally.ledTo.set(name, machine)
  const faultCount = plan.faults.length
  for (let index = tally.byFaultCount.length; index <= faultCount; index += 1) tally.byFaultCount.push(0)
  tally.byFaultCount[faultCount] = (tally.byFaultCount[faultCount] as number) + 1
  for (const kind of new Set(plan.faults.map((fault) => fault.kind))) count(tally.byKind, kind)
  const { verdict } = judgement
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
  addWorlds(tally, other)
  for (const [index, added] of other.byFaultCount.entries())
    tally.byFaultCount[index] = (tally.byFaultCount[index] ?? 0) + added
  for (const [kind, added] of other.byKind) count(tally.byKind, kind, added)
  for (const finding of other.findings.values()) addFinding(tally.findings, finding)
  for (const [key, added] of other.keys) count(tally.keys, key, added)
  for (const [name, machine] of other.ledTo) tally.ledTo.set(name, machine)
  for (const [key, counts] of other.together) {
    for (const [worse, added] of counts) countTogether(tally, key, worse, added)
  }
}
