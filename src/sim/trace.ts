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
 * What kind of record this is. `invoke`, `ok`, `fail` (certainly not applied) and `info` (nobody knows) are the
 * operations of clients; `belief` ends a believed hold; `truth` is what a Redis node holds; `effect` is what the
 * protected resource did; `fault` is what the storm did; `note` explains.
 */
export type TraceType = 'invoke' | 'ok' | 'fail' | 'info' | 'belief' | 'truth' | 'effect' | 'fault' | 'note'

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
    const last = records[records.length - 1]
    if (records.length >= this.#limit) {
      if (!this.#isFull) this.onLimit?.()
      this.#isFull = true
      return
    }
    const record: TraceRecord = { atUs, seq: this.#seq++, process, type, op, value }
    if (last !== undefined && atUs < last.atUs) this.#isSorted = false
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

// What is not a character of a text begins with a word that no character is: they end at 0xffff.
const TEXT_END = 0x10000
const INTEGER = 0x10001
const OTHER = 0x10002
const LIST = 0x20000

/**
 * A 64-bit fingerprint of a history, as 16 hex digits. Two FNV-1a lanes over the characters with different primes:
 * not for security, only to tell two histories apart; integer arithmetic, the same in every engine.
 */
export function hashTrace(records: readonly TraceRecord[]): string {
  let a = 0x811c9dc5 | 0
  let b = 0x1b873593 | 0
  const word = (n: number): void => {
    a = Math.imul(a ^ n, 0x01000193)
    b = Math.imul(b ^ n, 0x85ebca6b) ^ (b >>> 15)
  }
  const text = (s: string): void => {
    for (let i = 0; i < s.length; i += 1) word(s.charCodeAt(i))
    word(TEXT_END)
  }
  const atom = (value: Atom): void => {
    if (typeof value === 'string') text(value)
    else if (typeof value === 'number' && Number.isSafeInteger(value)) {
      word(INTEGER)
      word(value | 0)
      word(Math.floor(value / 4_294_967_296))
    } else {
      word(OTHER)
      text(String(value))
    }
  }
  for (const record of records) {
    atom(record.atUs)
    text(record.process)
    text(record.type)
    text(record.op)
    const { value } = record
    if (typeof value === 'object' && value !== null) {
      word(LIST + value.length)
      for (const item of value) atom(item)
    } else atom(value)
  }
  return (a >>> 0).toString(16).padStart(8, '0') + (b >>> 0).toString(16).padStart(8, '0')
}
