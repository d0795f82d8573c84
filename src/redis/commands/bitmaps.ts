/**
 * Bitmaps: single bits of a string, counting, searching, combining. BITFIELD is in `bitfield.ts`.
 *
 * Bit 0 is the most significant bit of the first byte.
 *
 * Source: https://redis.io/docs/latest/commands/?group=bitmap
 */
import { isWord, parseInteger } from '../arguments.ts'
import { bitAt, byteAt, maxBitOffset, withBits } from '../bits.ts'
import { MISMATCH } from '../collections.ts'
import type { Command, CommandContext } from '../command.ts'
import { type ErrorReply, errorOf, NOT_AN_INTEGER, SYNTAX_ERROR, WRONG_TYPE } from '../errors.ts'
import type { Reply } from '../reply.ts'
import { overwrite, refuseLength, stringAt } from '../string-value.ts'
import { bitfields } from './bitfield.ts'
import { ONE_KEY } from './key-positions.ts'

const BAD_OFFSET = errorOf('ERR bit offset is not an integer or out of range')
const BAD_BIT = errorOf('ERR bit is not an integer or out of range')
const NOT_A_BIT = errorOf('ERR The bit argument must be 1 or 0.')
const NOT_TAKES_ONE = errorOf('ERR BITOP NOT must be called with a single source key.')

export const bitmaps: readonly Command[] = [
  { name: 'setbit', arity: 4, flags: ['write', 'denyoom'], ...ONE_KEY, execute: setbit },
  { name: 'getbit', arity: 3, flags: ['readonly', 'fast'], ...ONE_KEY, execute: getbit },
  { name: 'bitcount', arity: -2, flags: ['readonly'], ...ONE_KEY, execute: bitcount },
  { name: 'bitpos', arity: -3, flags: ['readonly'], ...ONE_KEY, execute: bitpos },
  { name: 'bitop', arity: -4, flags: ['write', 'denyoom'], firstKey: 2, lastKey: -1, keyStep: 1, execute: bitop },
  ...bitfields,
]

function parseOffset(text: string): number | ErrorReply {
  const offset = parseInteger(text)
  return offset === null || offset < 0 || offset > maxBitOffset ? BAD_OFFSET : offset
}

function setbit(args: readonly string[], { keys }: CommandContext): Reply {
  const offset = parseOffset(args[2]!)
  if (typeof offset !== 'number') return offset
  const bit = parseInteger(args[3]!)
  if (bit !== 0 && bit !== 1) return BAD_BIT
  const text = stringAt(keys, args[1]!) ?? ''
  if (text === MISMATCH) return WRONG_TYPE
  const refusal = refuseLength(Math.floor(offset / 8) + 1)
  if (refusal !== null) return refusal
  const old = bitAt(text, offset)
  if (old !== bit || Math.floor(offset / 8) >= text.length) {
    overwrite(keys, args[1]!, withBits(text, offset, [bit]), 'raw')
    keys.wrote('setbit', args[1]!)
  }
  return old
}

function getbit(args: readonly string[], { keys }: CommandContext): Reply {
  const offset = parseOffset(args[2]!)
  if (typeof offset !== 'number') return offset
  const text = stringAt(keys, args[1]!) ?? ''
  return text === MISMATCH ? WRONG_TYPE : bitAt(text, offset)
}

/** Bits of a range, both ends included; empty when `first > last`. */
interface BitRange {
  readonly first: number
  readonly last: number
}

function bitcount(args: readonly string[], { keys }: CommandContext): Reply {
  const text = stringAt(keys, args[1]!)
  if (text === undefined) return 0
  if (text === MISMATCH) return WRONG_TYPE
  if (args.length === 2) return countBits(text, { first: 0, last: text.length * 8 - 1 })
  if (args.length !== 4 && args.length !== 5) return SYNTAX_ERROR
  const start = parseInteger(args[2]!)
  const end = parseInteger(args[3]!)
  if (start === null || end === null) return NOT_AN_INTEGER
  if (start < 0 && end < 0 && start > end) return 0
  const bitsPerUnit = args.length === 5 ? parseUnit(args[4]!) : 8
  return typeof bitsPerUnit === 'number' ? countBits(text, toBits(text, start, end, bitsPerUnit)) : bitsPerUnit
}

function bitpos(args: readonly string[], { keys }: CommandContext): Reply {
  const bit = parseInteger(args[2]!)
  if (bit === null) return NOT_AN_INTEGER
  if (bit !== 0 && bit !== 1) return NOT_A_BIT
  const text = stringAt(keys, args[1]!)
  if (text === undefined) return bit === 1 ? -1 : 0
  if (text === MISMATCH) return WRONG_TYPE
  if (args.length > 6) return SYNTAX_ERROR
  const start = args.length > 3 ? parseInteger(args[3]!) : 0
  if (start === null) return NOT_AN_INTEGER
  const bitsPerUnit = args.length === 6 ? parseUnit(args[5]!) : 8
  if (typeof bitsPerUnit !== 'number') return bitsPerUnit
  const end = args.length > 4 ? parseInteger(args[4]!) : text.length - 1
  if (end === null) return NOT_AN_INTEGER
  const range = toBits(text, start, end, bitsPerUnit)
  if (range.first > range.last) return -1
  const found = findBit(text, range, bit)
  // Without an end the string counts as followed by zeros for ever.
  return found === -1 && bit === 0 && args.length <= 4 ? range.last + 1 : found
}

/** `BYTE` or `BIT`: how many bits the ends of a range count in. */
function parseUnit(text: string): 8 | 1 | ErrorReply {
  if (isWord(text, 'byte')) return 8
  return isWord(text, 'bit') ? 1 : SYNTAX_ERROR
}

/** Ends that may be negative (counted from the end) or too large, as a range of bits inside the string. */
function toBits(text: string, start: number, end: number, bitsPerUnit: 8 | 1): BitRange {
  const length = (text.length * 8) / bitsPerUnit
  const first = Math.max(start < 0 ? length + start : start, 0)
  const last = Math.min(Math.max(end < 0 ? length + end : end, 0), length - 1)
  return { first: first * bitsPerUnit, last: (last + 1) * bitsPerUnit - 1 }
}

function countBits(text: string, { first, last }: BitRange): number {
  let count = 0
  for (let bit = first; bit <= last; ) {
    if (bit % 8 === 0 && bit + 7 <= last) {
      for (let byte = byteAt(text, bit / 8); byte !== 0; byte &= byte - 1) count++
      bit += 8
    } else {
      count += bitAt(text, bit)
      bit++
    }
  }
  return count
}

function findBit(text: string, { first, last }: BitRange, wanted: number): number {
  const skipped = wanted === 1 ? 0 : 0xff
  for (let bit = first; bit <= last; ) {
    if (bit % 8 === 0 && bit + 7 <= last && byteAt(text, bit / 8) === skipped) bit += 8
    else if (bitAt(text, bit) === wanted) return bit
    else bit++
  }
  return -1
}

const NOTHING = { type: 'string', text: '' } as const

type Combine = (a: number, b: number) => number

const OPERATIONS: ReadonlyMap<string, Combine> = new Map<string, Combine>([
  ['and', (a, b) => a & b],
  ['or', (a, b) => a | b],
  ['xor', (a, b) => a ^ b],
])

function bitop(args: readonly string[], { keys }: CommandContext): Reply {
  const name = args[1]!.toLowerCase()
  const isNot = name === 'not'
  const combine = OPERATIONS.get(name)
  if (combine === undefined && !isNot) return SYNTAX_ERROR
  if (isNot && args.length !== 4) return NOT_TAKES_ONE
  const sources: string[] = []
  for (const key of args.slice(3)) {
    const text = keys.read(key)?.value ?? NOTHING
    if (text.type !== 'string') return WRONG_TYPE
    sources.push(text.text)
  }
  const result = combine === undefined ? inverted(sources[0]!) : combined(sources, combine)
  if (result !== '') {
    keys.put(args[2]!, { type: 'string', text: result, form: 'raw' })
    keys.wrote('set', args[2]!)
  } else if (keys.remove(args[2]!)) {
    keys.wrote('del', args[2]!)
  }
  return result.length
}

/** Shorter strings count as padded with zeros. */
function combined(sources: readonly string[], combine: Combine): string {
  const length = Math.max(...sources.map((source) => source.length))
  const bytes: string[] = []
  for (let index = 0; index < length; index++) {
    let byte = byteAt(sources[0]!, index)
    for (let other = 1; other < sources.length; other++) byte = combine(byte, byteAt(sources[other]!, index))
    bytes.push(String.fromCharCode(byte))
  }
  return bytes.join('')
}

const inverted = (text: string): string =>
  Array.from(text, (char) => String.fromCharCode(~char.charCodeAt(0) & 0xff)).join('')
