/**
 * Hashes: HSET and its relatives. Reentrant locks keep one field an owner here.
 *
 * Models          everything, and `HSCAN … NOVALUES` of later versions. Fields keep the order in which they were added.
 * Does not model  the order of fields in a large hash, which in Redis depends on a random seed.
 *
 * Source: https://redis.io/docs/latest/commands/?group=hash
 */
import { INT64_MAX, INT64_MIN, isWord, parseInteger, parseInteger64 } from '../arguments.ts'
import { hashAt, MISMATCH, shrunk } from '../collections.ts'
import type { Command, CommandContext } from '../command.ts'
import { setField } from '../compact.ts'
import {
  errorOf,
  INCREMENT_NAN,
  INCREMENT_OVERFLOW,
  NOT_A_FLOAT,
  NOT_AN_INTEGER,
  OUT_OF_RANGE,
  SYNTAX_ERROR,
  WRONG_TYPE,
  wrongArity,
} from '../errors.ts'
import { setDeadline } from '../hash-fields.ts'
import { addLongDoubles, formatLongDouble, parseLongDouble } from '../long-double.ts'
import { elementAt, fitsTwice, parsePickCount, pick } from '../random-picks.ts'
import { OK, type Reply } from '../reply.ts'
import { matchesPattern, parseCursor, parseScanOptions, scanPage } from '../scan-page.ts'
import type { HashValue } from '../value.ts'
import { ONE_KEY } from './key-positions.ts'

type Args = readonly string[]

const INFINITE_INCREMENT = errorOf('ERR value is NaN or Infinity')
const NOT_AN_INTEGER_VALUE = errorOf('ERR hash value is not an integer')
const NOT_A_FLOAT_VALUE = errorOf('ERR hash value is not a float')
const EMPTY_MAP: Reply = { kind: 'map', entries: [] }

export const hashes: readonly Command[] = [
  { name: 'hset', arity: -4, flags: ['write', 'denyoom', 'fast'], ...ONE_KEY, execute: hset },
  { name: 'hmset', arity: -4, flags: ['write', 'denyoom', 'fast'], ...ONE_KEY, execute: hmset },
  { name: 'hsetnx', arity: 4, flags: ['write', 'denyoom', 'fast'], ...ONE_KEY, execute: hsetnx },
  { name: 'hget', arity: 3, flags: ['readonly', 'fast'], ...ONE_KEY, execute: hget },
  { name: 'hmget', arity: -3, flags: ['readonly', 'fast'], ...ONE_KEY, execute: hmget },
  { name: 'hgetall', arity: 2, flags: ['readonly'], ...ONE_KEY, execute: hgetall },
  { name: 'hkeys', arity: 2, flags: ['readonly'], ...ONE_KEY, execute: hkeys },
  { name: 'hvals', arity: 2, flags: ['readonly'], ...ONE_KEY, execute: hvals },
  { name: 'hlen', arity: 2, flags: ['readonly', 'fast'], ...ONE_KEY, execute: hlen },
  { name: 'hexists', arity: 3, flags: ['readonly', 'fast'], ...ONE_KEY, execute: hexists },
  { name: 'hdel', arity: -3, flags: ['write', 'fast'], ...ONE_KEY, execute: hdel },
  { name: 'hincrby', arity: 4, flags: ['write', 'denyoom', 'fast'], ...ONE_KEY, execute: hincrby },
  { name: 'hincrbyfloat', arity: 4, flags: ['write', 'denyoom', 'fast'], ...ONE_KEY, execute: hincrbyfloat },
  { name: 'hstrlen', arity: 3, flags: ['readonly', 'fast'], ...ONE_KEY, execute: hstrlen },
  { name: 'hrandfield', arity: -2, flags: ['readonly'], ...ONE_KEY, execute: hrandfield },
  { name: 'hscan', arity: -3, flags: ['readonly'], ...ONE_KEY, execute: hscan },
]

/** Sets the pairs that begin at `args[2]` and tells how many fields are new. */
function setFields(args: Args, { keys }: CommandContext): number | typeof WRONG_TYPE {
  const key = args[1]!
  const found = hashAt(keys, key)
  if (found === MISMATCH) return WRONG_TYPE
  const hash: HashValue = found ?? { type: 'hash', fields: new Map<string, string>(), isCompact: true }
  const sizeBefore = hash.fields.size
  for (let index = 2; index < args.length; index += 2) {
    setField(hash, args[index]!, args[index + 1]!, keys.compactLimits)
    if (keys.hasEndingFields) setDeadline(keys, hash, args[index]!, null)
  }
  if (found === undefined) keys.put(key, hash)
  else keys.changed(key)
  keys.wrote('hset', key, (args.length - 2) / 2)
  return hash.fields.size - sizeBefore
}

function hset(args: Args, context: CommandContext): Reply {
  return args.length % 2 === 1 ? wrongArity('hset') : setFields(args, context)
}

function hmset(args: Args, context: CommandContext): Reply {
  if (args.length % 2 === 1) return wrongArity('hmset')
  const added = setFields(args, context)
  return typeof added === 'number' ? OK : added
}

function hsetnx(args: Args, context: CommandContext): Reply {
  const found = hashAt(context.keys, args[1]!)
  if (found === MISMATCH) return WRONG_TYPE
  return found?.fields.has(args[2]!) ? 0 : setFields(args, context)
}

function hget(args: Args, { keys }: CommandContext): Reply {
  const found = hashAt(keys, args[1]!)
  if (found === MISMATCH) return WRONG_TYPE
  return found?.fields.get(args[2]!) ?? null
}

function hmget(args: Args, { keys }: CommandContext): Reply {
  const found = hashAt(keys, args[1]!)
  if (found === MISMATCH) return WRONG_TYPE
  return args.slice(2).map((field) => found?.fields.get(field) ?? null)
}

function hgetall(args: Args, { keys }: CommandContext): Reply {
  const found = hashAt(keys, args[1]!)
  if (found === MISMATCH) return WRONG_TYPE
  return found === undefined ? EMPTY_MAP : { kind: 'map', entries: [...found.fields] }
}

function hkeys(args: Args, { keys }: CommandContext): Reply {
  const found = hashAt(keys, args[1]!)
  if (found === MISMATCH) return WRONG_TYPE
  return found === undefined ? [] : [...found.fields.keys()]
}

function hvals(args: Args, { keys }: CommandContext): Reply {
  const found = hashAt(keys, args[1]!)
  if (found === MISMATCH) return WRONG_TYPE
  return found === undefined ? [] : [...found.fields.values()]
}

function hlen(args: Args, { keys }: CommandContext): Reply {
  const found = hashAt(keys, args[1]!)
  if (found === MISMATCH) return WRONG_TYPE
  return found?.fields.size ?? 0
}

function hexists(args: Args, { keys }: CommandContext): Reply {
  const found = hashAt(keys, args[1]!)
  if (found === MISMATCH) return WRONG_TYPE
  return found?.fields.has(args[2]!) ? 1 : 0
}

function hdel(args: Args, { keys }: CommandContext): Reply {
  const found = hashAt(keys, args[1]!)
  if (found === MISMATCH) return WRONG_TYPE
  if (found === undefined) return 0
  let removed = 0
  for (let index = 2; index < args.length; index++) if (found.fields.delete(args[index]!)) removed++
  if (keys.hasEndingFields) for (const field of args.slice(2)) setDeadline(keys, found, field, null)
  if (removed > 0) shrunk(keys, args[1]!, found.fields.size, 'hdel', removed)
  return removed
}

function hincrby(args: Args, context: CommandContext): Reply {
  const increment = parseInteger(args[3]!)
  if (increment === null) return NOT_AN_INTEGER
  const found = hashAt(context.keys, args[1]!)
  if (found === MISMATCH) return WRONG_TYPE
  const text = found?.fields.get(args[2]!)
  const value = text === undefined ? 0 : parseInteger(text)
  if (value === null) return NOT_AN_INTEGER_VALUE
  const sum = value + increment
  if (Number.isSafeInteger(value) && Number.isSafeInteger(increment) && Number.isSafeInteger(sum)) {
    increased(args, String(sum), found, context, 'hincrby')
    return sum
  }
  const exact = parseInteger64(text ?? '0')! + parseInteger64(args[3]!)!
  if (exact > INT64_MAX || exact < INT64_MIN) return INCREMENT_OVERFLOW
  increased(args, String(exact), found, context, 'hincrby')
  return Number.isSafeInteger(Number(exact)) ? Number(exact) : exact
}

function hincrbyfloat(args: Args, context: CommandContext): Reply {
  const increment = parseLongDouble(args[3]!)
  if (increment === null) return NOT_A_FLOAT
  if (typeof increment === 'string') return INFINITE_INCREMENT
  const found = hashAt(context.keys, args[1]!)
  if (found === MISMATCH) return WRONG_TYPE
  const value = parseLongDouble(found?.fields.get(args[2]!) ?? '0')
  if (value === null) return NOT_A_FLOAT_VALUE
  const sum = addLongDoubles(value, increment)
  if (sum === null) return INCREMENT_NAN
  const text = formatLongDouble(sum)
  increased(args, text, found, context, 'hincrbyfloat')
  return text
}

/** Writes the result of HINCRBY or HINCRBYFLOAT; the hash is there or not. */
function increased(
  args: Args,
  text: string,
  found: HashValue | undefined,
  { keys }: CommandContext,
  event: 'hincrby' | 'hincrbyfloat',
): void {
  const [, key, field] = args as readonly [string, string, string]
  const hash = found ?? { type: 'hash', fields: new Map<string, string>(), isCompact: true }
  setField(hash, field, text, keys.compactLimits)
  if (found === undefined) keys.put(key, hash)
  else keys.changed(key)
  keys.wrote(event, key)
}

function hstrlen(args: Args, { keys }: CommandContext): Reply {
  const found = hashAt(keys, args[1]!)
  if (found === MISMATCH) return WRONG_TYPE
  return found?.fields.get(args[2]!)?.length ?? 0
}

function hrandfield(args: Args, { keys, server, resp }: CommandContext): Reply {
  if (args.length === 2) {
    const found = hashAt(keys, args[1]!)
    if (found === MISMATCH) return WRONG_TYPE
    return found === undefined ? null : elementAt(found.fields.keys(), server.random.below(found.fields.size))
  }
  const hasValues = args.length > 3
  const count = parsePickCount(args[2]!)
  if (typeof count !== 'number') return count
  if (args.length > 4 || (hasValues && !isWord(args[3]!, 'withvalues'))) return SYNTAX_ERROR
  if (hasValues && !fitsTwice(args[2]!)) return OUT_OF_RANGE
  const found = hashAt(keys, args[1]!)
  if (found === MISMATCH) return WRONG_TYPE
  if (found === undefined || count === 0) return []
  const picked = pick(found.fields.size, count, server.random)
  if ('kind' in picked) return picked
  const pairs = [...found.fields]
  if (!hasValues) return picked.map((position) => pairs[position]![0])
  return resp === 2 ? picked.flatMap((position) => pairs[position]!) : picked.map((position) => pairs[position]!)
}

function hscan(args: Args, { keys, server }: CommandContext): Reply {
  const cursor = parseCursor(args[2]!)
  if (typeof cursor !== 'number') return cursor
  const found = hashAt(keys, args[1]!)
  if (found === MISMATCH) return WRONG_TYPE
  if (found === undefined) return ['0', []]
  const options = parseScanOptions(args, 3, { allowsBare: server.features.has('hash-names') })
  if ('kind' in options) return options
  const { fields } = found
  const page = found.isCompact
    ? { cursor: 0, names: [...fields.keys()] }
    : scanPage(fields.keys(), cursor, options.count)
  const matching = page.names.filter((name) => matchesPattern(name, options.pattern))
  return [String(page.cursor), options.isBare ? matching : matching.flatMap((name) => [name, fields.get(name)!])]
}
