/** Histories that are told by hand, in microseconds: what a rule says at its edges, which no storm hits. */
import type { PlannedFault } from '../../src/fault/fault.ts'
import { History, type HistoryRun } from '../../src/history/history.ts'
import type { Rules } from '../../src/history/rules.ts'
import type { Atom, TraceRecord, TraceType } from '../../src/sim/trace.ts'
import { fault } from './worlds.ts'

export const KEY = 'orders/42'
export const TTL_US = 1_000_000
export const END_US = 5_000_000

/** A record, and the fault that it tells of. */
export type Line = readonly [
  atUs: number,
  process: string,
  type: TraceType,
  op: string,
  value: Atom | readonly Atom[],
  struck?: PlannedFault,
]

/** A client's token (unless it is said: A's) on a node, with its deadline by that node's clock. */
export const granted = (atUs: number, node: string, deadlineUs: number | null = atUs + TTL_US, owner = 'A'): Line => [
  atUs,
  node,
  'truth',
  'granted',
  [KEY, owner, owner, `${owner}-1`, deadlineUs, deadlineUs === null ? null : TTL_US],
]

/** That key is gone; `by`: a client, or what made the node let it go. */
export const gone = (atUs: number, node: string, op: 'expired' | 'deleted', by: string, owner = 'A'): Line => [
  atUs,
  node,
  'truth',
  op,
  [KEY, by, owner],
]

/** A client, which asked at once, believes from `atUs` on; its lease says until when. */
export const believes = (atUs: number, statedUs: number | null = null, client = 'A'): Line[] => [
  [0, client, 'invoke', 'acquire', `${client}-1`],
  [atUs, client, 'ok', 'acquire', [`${client}-1`, null, statedUs, statedUs === null ? null : 'monotonic']],
]

/** A fault strikes. */
export const strikes = (atUs: number, kind: string, settings: Record<string, unknown>): Line => [
  atUs,
  'world',
  'fault',
  kind,
  ['', '', null],
  fault(kind, settings, `${atUs}us`),
]

/** What a history by hand may have otherwise. */
export type Run = Partial<Omit<HistoryRun, 'records' | 'struck' | 'rules'>> & { readonly rules?: Partial<Rules> }

const RULES: Rules = { ttlMs: 1000, checkFence: false, orphanUs: 100, firstReconnectUs: 50_000, reconnectUs: 2_000_000 }

/** The history of these records, which are sorted. */
export function historyOf(lines: readonly Line[], { rules, ...run }: Run = {}): History {
  const sorted = lines.map((line, seq) => ({ line, seq })).sort((a, b) => a.line[0] - b.line[0] || a.seq - b.seq)
  const records = sorted.map(
    ({ line: [atUs, process, type, op, value], seq }): TraceRecord => ({ atUs, seq, process, type, op, value }),
  )
  return new History({
    records,
    struck: sorted.flatMap(({ line }) => line[5] ?? []),
    healedUs: END_US,
    endUs: END_US,
    voters: ['redis-1'],
    isBlocking: false,
    limitReached: null,
    subject: 'lock',
    rules: { ...RULES, ...rules },
    plan: {},
    ...run,
  })
}

/** Of that many nodes. */
export const votersOf = (count: number): readonly string[] => ['redis-1', 'redis-2', 'redis-3'].slice(0, count)
