/**
 * The trace: what happened in a world, one small record an event, in the order of virtual time.
 *
 * The checkers, the reports and the history hash read nothing else. A record's `atUs` is the instant at which its
 * process did it; a process that was stopped in the middle of a turn does the rest of that turn after the pause, so
 * records may be appended out of order and are sorted by (atUs, seq) when the world ends.
 *
 * Invariants
 * - Values are plain (strings, numbers, booleans, null, or one flat array of these): they hash and print the same
 *   everywhere.
 * - At most `limit` records; one more ends the world as `unknown`.
 */

/** A plain value of a record. */
export type Atom = string | number | boolean | null

/**
 * What kind of record this is. `invoke`, `ok`, `fail` (certainly not applied) and `info` (unknown) are the
 * operations of clients; `belief` ends a believed hold; `truth` is what a Redis node holds, `copy` what its replicas hold; `effect` is what the
 * protected resource did; `fault` is what the storm did; `note` explains.
 */
export const TRACE_TYPES = [
  'invoke',
  'ok',
  'fail',
  'info',
  'belief',
  'truth',
  'copy',
  'effect',
  'fault',
  'note',
] as const
export type TraceType = (typeof TRACE_TYPES)[number]

export interface TraceRecord {
  readonly atUs: number
  readonly seq: number
  readonly process: string
  readonly type: TraceType
  readonly op: string
  readonly value: Atom | readonly Atom[]
}

/** Collects the records of one world. */
export class Trace {
  readonly records: TraceRecord[] = []
  readonly #limit: number
  #seq = 0
  #isSorted = true
  #isFull = false
  /** Told of each record as it happens: anchors of faults listen here. */
  onRecord: ((record: TraceRecord) => void) | null = null
  /** Told once, when the limit is reached. */
  onLimit: (() => void) | null = null

  constructor(limit: number) {
    this.#limit = limit
  }

  append(atUs: number, process: string, type: TraceType, op: string, value: Atom | readonly Atom[]): void {
    const { records } = this
    if (records.length >= this.#limit) {
      if (!this.#isFull) this.onLimit?.()
      this.#isFull = true
      return
    }
    const record: TraceRecord = { atUs, seq: this.#seq++, process, type, op, value }
    // Looked at only when there is one: reading before the beginning of an array makes V8 read it slowly from then on.
    if (records.length > 0 && atUs < (records[records.length - 1] as TraceRecord).atUs) this.#isSorted = false
    records.push(record)
    this.onRecord?.(record)
  }

  /** Takes back what a process was recorded to do after a time: it ended before it came to that. */
  retract(process: string, afterUs: number): void {
    const { records } = this
    const isUndone = (record: TraceRecord): boolean => record.process === process && record.atUs > afterUs
    if (!records.some(isUndone)) return
    const kept = records.filter((record) => !isUndone(record))
    records.length = 0
    records.push(...kept)
  }

  /** Puts the records into the order of virtual time. */
  sort(): readonly TraceRecord[] {
    if (!this.#isSorted) this.records.sort((a, b) => a.atUs - b.atUs || a.seq - b.seq)
    this.#isSorted = true
    return this.records
  }
}

/**
 * A 64-bit fingerprint of a history, as 16 hex digits: every atom becomes 32 bits, and two lanes with different
 * multipliers take them up in order. Not for security, only to tell two histories apart; integer arithmetic, the same in
 * every engine.
 */
export function hashTrace(records: readonly TraceRecord[]): string {
  let a = 0x811c9dc5 | 0
  let b = 0x1b873593 | 0
  for (const { atUs, process, type, op, value } of records) {
    const length = typeof value === 'object' && value !== null ? value.length : -1
    for (let index = 0; index < 5 + Math.max(0, length); index += 1) {
      let bits: number
      if (index === 0) bits = bitsOfNumber(atUs)
      else if (index === 1) bits = bitsOfText(process)
      else if (index === 2) bits = bitsOfText(type)
      else if (index === 3) bits = bitsOfText(op)
      else if (index === 4) bits = length < 0 ? bitsOf(value as Atom) : length
      else bits = bitsOf((value as readonly Atom[])[index - 5] as Atom)
      a = Math.imul(a ^ bits, 0x01000193)
      a ^= a >>> 15
      b = Math.imul(b ^ bits, 0x85ebca6b)
      b ^= b >>> 13
    }
  }
  return (a >>> 0).toString(16).padStart(8, '0') + (b >>> 0).toString(16).padStart(8, '0')
}

// Each kind of atom begins differently, so that 1, '1' and true are three things.
const TEXT = 0x3c6ef372
const NUMBER = 0x1f83d9ab
const OTHER = 0x5be0cd19

function bitsOf(value: Atom): number {
  if (typeof value === 'string') return bitsOfText(value)
  if (typeof value === 'number' && Number.isSafeInteger(value)) return bitsOfNumber(value)
  return Math.imul(bitsOfText(String(value)) ^ OTHER, 0x01000193)
}

function bitsOfNumber(value: number): number {
  const low = Math.imul(NUMBER ^ (value | 0), 0x01000193)
  return Math.imul(low ^ (low >>> 15) ^ Math.floor(value / 4_294_967_296), 0x85ebca6b)
}

function bitsOfText(text: string): number {
  let bits = TEXT ^ text.length
  for (let index = 0; index < text.length; index += 1) bits = Math.imul(bits ^ text.charCodeAt(index), 0x01000193)
  return bits ^ (bits >>> 15)
}
