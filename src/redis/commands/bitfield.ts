/**
 * BITFIELD and BITFIELD_RO: integers of any width inside a string, with three ways to overflow.
 *
 * Source: https://redis.io/docs/latest/commands/bitfield/
 */
import { isWord, parseInteger, parseInteger64 } from '../arguments.ts'
import { bitAt, maxBitOffset, withBits } from '../bits.ts'
import { MISMATCH } from '../collections.ts'
import type { Command, CommandContext } from '../command.ts'
import { type ErrorReply, errorOf, NOT_AN_INTEGER, SYNTAX_ERROR, WRONG_TYPE } from '../errors.ts'
import { integerReply, type Reply } from '../reply.ts'
import { overwrite, refuseLength, stringAt } from '../string-value.ts'
import { ONE_KEY } from './key-positions.ts'

const BAD_TYPE = errorOf(
  'ERR Invalid bitfield type. Use something like i16 u8. Note that u64 is not supported but i64 is.',
)
const BAD_OFFSET = errorOf('ERR bit offset is not an integer or out of range')
const BAD_OVERFLOW = errorOf('ERR Invalid OVERFLOW type specified')
const ONLY_GET = errorOf('ERR BITFIELD_RO only supports the GET subcommand')

export const bitfields: readonly Command[] = [
  {
    name: 'bitfield',
    arity: -2,
    flags: ['write', 'denyoom'],
    ...ONE_KEY,
    execute: (args, context) => run(args, context, { onlyReads: false }),
  },
  {
    name: 'bitfield_ro',
    arity: -2,
    flags: ['readonly', 'fast'],
    ...ONE_KEY,
    execute: (args, context) => run(args, context, { onlyReads: true }),
  },
]

type Overflow = 'wrap' | 'sat' | 'fail'

/** Where an integer lies and how it is read. */
interface Field {
  readonly isSigned: boolean
  readonly bits: number
  readonly offset: number
}

interface Operation {
  readonly kind: 'get' | 'set' | 'incrby'
  readonly field: Field
  /** The value of SET, the increment of INCRBY. */
  readonly amount: bigint
  readonly overflow: Overflow
}

function run(args: readonly string[], { keys }: CommandContext, { onlyReads }: { readonly onlyReads: boolean }): Reply {
  const operations = parse(args)
  if ('kind' in operations) return operations
  const writes = operations.filter(({ kind }) => kind !== 'get')
  if (onlyReads && writes.length > 0) return ONLY_GET
  const stored = stringAt(keys, args[1]!)
  if (stored === MISMATCH) return WRONG_TYPE
  let text = stored ?? ''
  const end = Math.max(0, ...writes.map(({ field }) => Math.floor((field.offset + field.bits - 1) / 8) + 1))
  const refusal = refuseLength(end)
  if (refusal !== null) return refusal
  text = text.padEnd(end, '\0')
  const hasGrown = text.length > (stored?.length ?? 0)
  let changes = 0
  const replies = operations.map((operation): Reply => {
    const { reply, patch } = perform(operation, text)
    if (patch === null) return reply
    const before = text
    text = withBits(text, operation.field.offset, patch)
    if (hasGrown || text !== before) changes++
    return reply
  })
  if (changes > 0) overwrite(keys, args[1]!, text, 'raw')
  // OVERFLOW FAIL has refused every write after the string was made long enough for them.
  else if (hasGrown) keys.putUnseen(args[1]!, { type: 'string', text, form: 'raw' })
  if (changes > 0) keys.wrote('setbit', args[1]!, changes)
  return replies
}

function parse(args: readonly string[]): readonly Operation[] | ErrorReply {
  const operations: Operation[] = []
  let overflow: Overflow = 'wrap'
  for (let index = 2; index < args.length; ) {
    const left = args.length - index - 1
    if (isWord(args[index]!, 'overflow') && left >= 1) {
      const chosen = args[index + 1]!.toLowerCase()
      if (chosen !== 'wrap' && chosen !== 'sat' && chosen !== 'fail') return BAD_OVERFLOW
      overflow = chosen
      index += 2
      continue
    }
    const kind = args[index]!.toLowerCase()
    if (!(kind === 'get' && left >= 2) && !((kind === 'set' || kind === 'incrby') && left >= 3)) return SYNTAX_ERROR
    const field = parseField(args[index + 1]!, args[index + 2]!)
    if ('kind' in field) return field
    const amount = kind === 'get' ? 0n : parseInteger64(args[index + 3]!)
    if (amount === null) return NOT_AN_INTEGER
    operations.push({ kind, field, amount, overflow })
    index += kind === 'get' ? 3 : 4
  }
  return operations
}

function parseField(type: string, offsetText: string): Field | ErrorReply {
  const isSigned = type.startsWith('i')
  const bits = parseInteger(type.slice(1))
  if ((!isSigned && !type.startsWith('u')) || bits === null || bits < 1 || bits > (isSigned ? 64 : 63)) return BAD_TYPE
  const isMultiple = offsetText.startsWith('#')
  const parsed = parseInteger(isMultiple ? offsetText.slice(1) : offsetText)
  if (parsed === null) return BAD_OFFSET
  const offset = isMultiple ? parsed * bits : parsed
  return offset < 0 || offset > maxBitOffset ? BAD_OFFSET : { isSigned, bits, offset }
}

/** The reply, and the bits to write (null: none). */
function perform(
  { kind, field, amount, overflow }: Operation,
  text: string,
): { readonly reply: Reply; readonly patch: readonly number[] | null } {
  const old = read(field, text)
  if (kind === 'get') return { reply: integerReply(old), patch: null }
  const wanted = kind === 'incrby' ? old + amount : field.isSigned ? amount : BigInt.asUintN(64, amount)
  const fitted = fit(field, wanted, overflow)
  if (fitted === null) return { reply: null, patch: null }
  return { reply: integerReply(kind === 'incrby' ? fitted : old), patch: toBits(fitted, field.bits) }
}

function read({ isSigned, bits, offset }: Field, text: string): bigint {
  let value = 0n
  for (let bit = 0; bit < bits; bit++) value = (value << 1n) | BigInt(bitAt(text, offset + bit))
  return isSigned ? BigInt.asIntN(bits, value) : value
}

/** The value as the field can hold it; null: OVERFLOW FAIL and it cannot. */
function fit({ isSigned, bits }: Field, value: bigint, overflow: Overflow): bigint | null {
  const max = isSigned ? (1n << BigInt(bits - 1)) - 1n : (1n << BigInt(bits)) - 1n
  const min = isSigned ? -max - 1n : 0n
  if (value >= min && value <= max) return value
  if (overflow === 'fail') return null
  if (overflow === 'sat') return value > max ? max : min
  return isSigned ? BigInt.asIntN(bits, value) : BigInt.asUintN(bits, value)
}

function toBits(value: bigint, count: number): readonly number[] {
  const unsigned = BigInt.asUintN(count, value)
  return Array.from({ length: count }, (_, index) => Number((unsigned >> BigInt(count - 1 - index)) & 1n))
}
