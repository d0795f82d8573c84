/**
 * Strings: SET and GET with all their options, counters, ranges.
 *
 * Source: https://redis.io/docs/latest/commands/?group=string
 */
import { INT64_MAX, INT64_MIN, parseInteger, parseInteger64 } from '../arguments.ts'
import { MISMATCH } from '../collections.ts'
import type { Command, CommandContext } from '../command.ts'
import {
  errorOf,
  INCREMENT_NAN,
  INCREMENT_OVERFLOW,
  NOT_A_FLOAT,
  NOT_AN_INTEGER,
  OFFSET_OUT_OF_RANGE,
  SYNTAX_ERROR,
  WRONG_TYPE,
  wrongArity,
} from '../errors.ts'
import { type ExpiryUnit, expiryArgument } from '../expiry-argument.ts'
import type { Keyspace } from '../keyspace.ts'
import { addLongDoubles, formatLongDouble, parseLongDouble } from '../long-double.ts'
import { OK, type Reply } from '../reply.ts'
import { overwrite, refuseLength, stringAt } from '../string-value.ts'
import type { Milliseconds } from '../value.ts'
import { conditionalSet, mayWrite } from './comparing.ts'
import { lcs } from './lcs.ts'
import { parseOptions } from './string-options.ts'

const DECREMENT_OVERFLOW = errorOf('ERR decrement would overflow')
const ZERO = { m: 0n, e: 0 }

const oneKey = { firstKey: 1, lastKey: 1, keyStep: 1 }
const write = ['write', 'denyoom'] as const
const fastWrite = ['write', 'denyoom', 'fast'] as const
const fastRead = ['readonly', 'fast'] as const

export const strings: readonly Command[] = [
  { name: 'set', arity: -3, flags: write, ...oneKey, execute: set },
  { name: 'get', arity: 2, flags: fastRead, ...oneKey, execute: get },
  { name: 'getset', arity: 3, flags: fastWrite, ...oneKey, execute: getset },
  { name: 'getdel', arity: 2, flags: ['write', 'fast'], ...oneKey, execute: getdel },
  { name: 'getex', arity: -2, flags: ['write', 'fast'], ...oneKey, execute: getex },
  { name: 'setnx', arity: 3, flags: fastWrite, ...oneKey, execute: setnx },
  {
    name: 'setex',
    arity: 4,
    flags: write,
    ...oneKey,
    execute: (args, context) => setWithExpiry(args, context, 'ex', 'setex'),
  },
  {
    name: 'psetex',
    arity: 4,
    flags: write,
    ...oneKey,
    execute: (args, context) => setWithExpiry(args, context, 'px', 'psetex'),
  },
  { name: 'mget', arity: -2, flags: fastRead, firstKey: 1, lastKey: -1, keyStep: 1, execute: mget },
  { name: 'mset', arity: -3, flags: write, firstKey: 1, lastKey: -1, keyStep: 2, execute: mset },
  { name: 'msetnx', arity: -3, flags: write, firstKey: 1, lastKey: -1, keyStep: 2, execute: msetnx },
  { name: 'append', arity: 3, flags: fastWrite, ...oneKey, execute: append },
  { name: 'strlen', arity: 2, flags: fastRead, ...oneKey, execute: strlen },
  { name: 'incr', arity: 2, flags: fastWrite, ...oneKey, execute: (args, context) => increment(args[1]!, context, 1) },
  { name: 'decr', arity: 2, flags: fastWrite, ...oneKey, execute: (args, context) => increment(args[1]!, context, -1) },
  { name: 'incrby', arity: 3, flags: fastWrite, ...oneKey, execute: incrby },
  { name: 'decrby', arity: 3, flags: fastWrite, ...oneKey, execute: decrby },
  { name: 'incrbyfloat', arity: 3, flags: fastWrite, ...oneKey, execute: incrbyfloat },
  { name: 'getrange', arity: 4, flags: ['readonly'], ...oneKey, execute: getrange },
  { name: 'substr', arity: 4, flags: ['readonly'], ...oneKey, execute: getrange },
  { name: 'setrange', arity: 4, flags: write, ...oneKey, execute: setrange },
  { name: 'lcs', arity: -3, flags: ['readonly'], firstKey: 1, lastKey: 2, keyStep: 1, execute: lcs },
]

function set(args: readonly string[], context: CommandContext): Reply {
  const key = args[1]!
  const value = { type: 'string', text: args[2]!, form: 'chosen' } as const
  const { keys } = context
  if (args.length === 3) {
    keys.put(key, value)
    keys.wrote('set', key)
    return OK
  }
  const options = parseOptions(args, 3, true)
  if (options === null) return setIf(args, context)
  let expireAtMs: Milliseconds | null = null
  if (options.unit !== null) {
    const atMs = expiryArgument(options.amount, options.unit, context.nowMs, 'set')
    if (typeof atMs === 'object') return atMs
    expireAtMs = atMs
  }
  const entry = options.getsOld ? keys.read(key) : keys.find(key)
  if (options.getsOld && entry !== undefined && entry.value.type !== 'string') return WRONG_TYPE
  const old = options.getsOld && entry?.value.type === 'string' ? entry.value.text : null
  if (options.onlyIf === 'absent' ? entry !== undefined : options.onlyIf === 'present' && entry === undefined)
    return old
  keys.replace(key, entry, value, options.keepsTtl ? (entry?.expireAtMs ?? null) : expireAtMs)
  keys.wrote('set', key)
  if (expireAtMs !== null) keys.wrote('expire', key, 0)
  return options.getsOld ? old : OK
}

/** SET with an option that is unknown to Redis 7.0. */
function setIf(args: readonly string[], context: CommandContext): Reply {
  const conditional = conditionalSet(args, context.server.features)
  const options = conditional === null ? null : parseOptions(conditional.rest, 3, true)
  if (conditional === null || options === null) return SYNTAX_ERROR
  const may = mayWrite(args, conditional.comparison, options, context)
  return may === true ? set(conditional.rest, context) : may
}

function get(args: readonly string[], { keys }: CommandContext): Reply {
  const entry = keys.find(args[1]!)
  if (entry === undefined) return null
  return entry.value.type === 'string' ? entry.value.text : WRONG_TYPE
}

function getset(args: readonly string[], { keys }: CommandContext): Reply {
  const old = keys.read(args[1]!)?.value
  if (old !== undefined && old.type !== 'string') return WRONG_TYPE
  setText(keys, args[1]!, args[2]!)
  return old?.text ?? null
}

function getdel(args: readonly string[], { keys }: CommandContext): Reply {
  const entry = keys.read(args[1]!)
  if (entry === undefined) return null
  if (entry.value.type !== 'string') return WRONG_TYPE
  const { text } = entry.value
  keys.remove(args[1]!)
  keys.wrote('del', args[1]!)
  return text
}

function getex(args: readonly string[], { keys, nowMs }: CommandContext): Reply {
  const options = parseOptions(args, 2, false)
  if (options === null) return SYNTAX_ERROR
  const key = args[1]!
  const entry = keys.read(key)
  if (entry === undefined) return null
  if (entry.value.type !== 'string') return WRONG_TYPE
  const { text } = entry.value
  if (options.unit !== null) {
    const atMs = expiryArgument(options.amount, options.unit, nowMs, 'getex')
    if (typeof atMs === 'object') return atMs
    if (atMs <= nowMs) {
      keys.remove(key)
      keys.wrote('del', key)
      return text
    }
    entry.expireAtMs = atMs
    keys.changed(key)
    keys.wrote('expire', key)
  } else if (options.persists && entry.expireAtMs !== null) {
    entry.expireAtMs = null
    keys.changed(key)
    keys.wrote('persist', key)
  }
  return text
}

function setnx(args: readonly string[], { keys }: CommandContext): Reply {
  if (keys.find(args[1]!) !== undefined) return 0
  setText(keys, args[1]!, args[2]!)
  return 1
}

function setWithExpiry(args: readonly string[], context: CommandContext, unit: ExpiryUnit, command: string): Reply {
  const atMs = expiryArgument(args[2]!, unit, context.nowMs, command)
  if (typeof atMs === 'object') return atMs
  const key = args[1]!
  context.keys.put(key, { type: 'string', text: args[3]!, form: 'chosen' }, atMs)
  context.keys.wrote('set', key)
  context.keys.wrote('expire', key, 0)
  return OK
}

/** A whole string without a TTL. */
function setText(keys: Keyspace, key: string, text: string): void {
  keys.put(key, { type: 'string', text, form: 'chosen' })
  keys.wrote('set', key)
}

function mget(args: readonly string[], { keys }: CommandContext): Reply {
  return args.slice(1).map((key) => {
    const value = keys.find(key)?.value
    return value?.type === 'string' ? value.text : null
  })
}

function mset(args: readonly string[], { keys }: CommandContext): Reply {
  if (args.length % 2 === 0) return wrongArity('mset')
  for (let index = 1; index < args.length; index += 2) setText(keys, args[index]!, args[index + 1]!)
  return OK
}

function msetnx(args: readonly string[], { keys }: CommandContext): Reply {
  if (args.length % 2 === 0) return wrongArity('msetnx')
  for (let index = 1; index < args.length; index += 2) if (keys.find(args[index]!) !== undefined) return 0
  for (let index = 1; index < args.length; index += 2) setText(keys, args[index]!, args[index + 1]!)
  return 1
}

function append(args: readonly string[], { keys }: CommandContext): Reply {
  const old = stringAt(keys, args[1]!)
  if (old === MISMATCH) return WRONG_TYPE
  const refusal = refuseLength((old?.length ?? 0) + args[2]!.length)
  if (refusal !== null) return refusal
  const text = (old ?? '') + args[2]!
  overwrite(keys, args[1]!, text, old === undefined ? 'chosen' : 'raw')
  keys.wrote('append', args[1]!)
  return text.length
}

function strlen(args: readonly string[], { keys }: CommandContext): Reply {
  const text = stringAt(keys, args[1]!)
  return text === MISMATCH ? WRONG_TYPE : (text?.length ?? 0)
}

function incrby(args: readonly string[], context: CommandContext): Reply {
  const amount = parseInteger(args[2]!)
  if (amount === null) return NOT_AN_INTEGER
  return increment(args[1]!, context, Number.isSafeInteger(amount) ? amount : BigInt(args[2]!))
}

function decrby(args: readonly string[], context: CommandContext): Reply {
  const amount = parseInteger(args[2]!)
  if (amount === null) return NOT_AN_INTEGER
  if (Number.isSafeInteger(amount)) return increment(args[1]!, context, -amount)
  const exact = BigInt(args[2]!)
  return exact === INT64_MIN ? DECREMENT_OVERFLOW : increment(args[1]!, context, -exact)
}

function increment(key: string, { keys }: CommandContext, amount: number | bigint): Reply {
  const text = stringAt(keys, key)
  if (text === MISMATCH) return WRONG_TYPE
  const old = text === undefined ? 0 : parseInteger(text)
  if (old === null) return NOT_AN_INTEGER
  if (typeof amount === 'number' && Number.isSafeInteger(old)) {
    const sum = old + amount
    if (Number.isSafeInteger(sum)) {
      overwrite(keys, key, String(sum), 'chosen')
      keys.wrote('incrby', key)
      return sum
    }
  }
  const sum = (text === undefined ? 0n : (parseInteger64(text) ?? 0n)) + BigInt(amount)
  if (sum > INT64_MAX || sum < INT64_MIN) return INCREMENT_OVERFLOW
  overwrite(keys, key, String(sum), 'chosen')
  keys.wrote('incrby', key)
  return sum
}

function incrbyfloat(args: readonly string[], { keys }: CommandContext): Reply {
  const text = stringAt(keys, args[1]!)
  if (text === MISMATCH) return WRONG_TYPE
  const old = text === undefined ? ZERO : parseLongDouble(text)
  const amount = parseLongDouble(args[2]!)
  if (old === null || amount === null) return NOT_A_FLOAT
  const sum = addLongDoubles(old, amount)
  if (sum === null) return INCREMENT_NAN
  const result = formatLongDouble(sum)
  overwrite(keys, args[1]!, result, 'text')
  keys.wrote('incrbyfloat', args[1]!)
  return result
}

function getrange(args: readonly string[], { keys }: CommandContext): Reply {
  const first = parseInteger(args[2]!)
  const last = parseInteger(args[3]!)
  if (first === null || last === null) return NOT_AN_INTEGER
  const text = stringAt(keys, args[1]!)
  if (text === undefined) return ''
  if (text === MISMATCH) return WRONG_TYPE
  if (first < 0 && last < 0 && first > last) return ''
  const start = Math.max(first < 0 ? text.length + first : first, 0)
  const end = Math.min(Math.max(last < 0 ? text.length + last : last, 0), text.length - 1)
  return start > end ? '' : text.slice(start, end + 1)
}

function setrange(args: readonly string[], { keys }: CommandContext): Reply {
  const offset = parseInteger(args[2]!)
  if (offset === null) return NOT_AN_INTEGER
  if (offset < 0) return OFFSET_OUT_OF_RANGE
  const old = stringAt(keys, args[1]!)
  if (old === MISMATCH) return WRONG_TYPE
  const patch = args[3]!
  if (patch === '') return old?.length ?? 0
  const refusal = refuseLength(offset + patch.length)
  if (refusal !== null) return refusal
  const text = patched(old ?? '', offset, patch)
  overwrite(keys, args[1]!, text, 'raw')
  keys.wrote('setrange', args[1]!)
  return text.length
}

/** `patch` written over `text` at `offset`; a gap is filled with zero bytes. */
function patched(text: string, offset: number, patch: string): string {
  return text.slice(0, offset).padEnd(offset, '\0') + patch + text.slice(offset + patch.length)
}
