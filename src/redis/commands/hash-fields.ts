/**
 * HEXPIRE and its relatives (Redis 7.4), HGETEX, HSETEX and HGETDEL (8.0): fields of a hash that end.
 *
 * Written after the documentation: there is no such server to compare with where this was made.
 *
 * Source: https://redis.io/docs/latest/commands/hexpire/, /hgetex/, /hsetex/, /hgetdel/
 */
import { isWord, parseInteger } from '../arguments.ts'
import { hashAt, MISMATCH, shrunk } from '../collections.ts'
import type { Command, CommandContext } from '../command.ts'
import { setField } from '../compact.ts'
import { cText, type ErrorReply, errorOf, NOT_AN_INTEGER, WRONG_TYPE } from '../errors.ts'
import { type ExpiryUnit, invalidExpiry } from '../expiry-argument.ts'
import { setDeadline } from '../hash-fields.ts'
import type { Reply } from '../reply.ts'
import type { HashValue } from '../value.ts'
import type { Feature } from '../version.ts'
import { ONE_KEY } from './key-positions.ts'

type Args = readonly string[]

const NEGATIVE_TIME = errorOf('ERR invalid expire time, must be >= 0')
const NO_FIELDS_WORD = errorOf('ERR Mandatory argument FIELDS is missing or not at the right position')
const BAD_COUNT_TO_SET = errorOf('ERR Parameter `numFields` should be greater than 0')
const BAD_COUNT = errorOf('ERR Number of fields must be a positive integer')
const OTHER_COUNT = errorOf('ERR The `numfields` parameter must match the number of arguments')
const MISSING_FIELDS = errorOf('ERR missing FIELDS argument')
const BAD_COUNT_OF_OPTIONS = errorOf('ERR invalid number of fields')
const WRONG_ARGUMENTS = errorOf('ERR wrong number of arguments')
const ONE_CONDITION = errorOf('ERR Only one of FXX or FNX arguments can be specified')
const ONE_EXPIRY_OR = (other: string): ErrorReply =>
  errorOf(`ERR Only one of EX, PX, EXAT, PXAT or ${other} arguments can be specified`)

/** Later than this no field may end. */
const DEADLINE_MS_MAX = 2 ** 46 - 1

const NO_FIELD = -2
const NO_DEADLINE = -1

/** How a command gives and takes times. */
interface Unit {
  readonly isSeconds: boolean
  readonly isAbsolute: boolean
}

const units: Readonly<Record<string, Unit>> = {
  hexpire: { isSeconds: true, isAbsolute: false },
  hpexpire: { isSeconds: false, isAbsolute: false },
  hexpireat: { isSeconds: true, isAbsolute: true },
  hpexpireat: { isSeconds: false, isAbsolute: true },
  httl: { isSeconds: true, isAbsolute: false },
  hpttl: { isSeconds: false, isAbsolute: false },
  hexpiretime: { isSeconds: true, isAbsolute: true },
  hpexpiretime: { isSeconds: false, isAbsolute: true },
}

const setter = (name: string): Command => ({
  name,
  arity: -6,
  flags: ['write', 'denyoom', 'fast'],
  ...ONE_KEY,
  execute: (args, context) => expireFields(args, context, name, units[name]!),
})

const getter = (name: string): Command => ({
  name,
  arity: -5,
  flags: ['readonly', 'fast'],
  ...ONE_KEY,
  execute: (args, context) => timesOf(args, context, units[name]!),
})

export const hashFieldCommands: readonly (readonly [Feature, Command])[] = [
  ...['hexpire', 'hpexpire', 'hexpireat', 'hpexpireat'].map((name) => ['hash-field-expiry', setter(name)] as const),
  ...['httl', 'hpttl', 'hexpiretime', 'hpexpiretime'].map((name) => ['hash-field-expiry', getter(name)] as const),
  ['hash-field-expiry', { name: 'hpersist', arity: -5, flags: ['write', 'fast'], ...ONE_KEY, execute: persist }],
  ['hash-field-options', { name: 'hgetex', arity: -5, flags: ['write', 'fast'], ...ONE_KEY, execute: getAndExpire }],
  [
    'hash-field-options',
    { name: 'hsetex', arity: -6, flags: ['write', 'denyoom', 'fast'], ...ONE_KEY, execute: setAndExpire },
  ],
  ['hgetdel', { name: 'hgetdel', arity: -5, flags: ['write', 'fast'], ...ONE_KEY, execute: getAndDelete }],
]

/** The fields after `FIELDS n` at `args[at]`, which must be all that is left. */
function fieldsAt(args: Args, at: number, badCount: ErrorReply): readonly string[] | ErrorReply {
  if (at >= args.length || !isWord(args[at]!, 'fields')) return NO_FIELDS_WORD
  const count = parseInteger(args[at + 1] ?? '')
  if (count === null || count < 1) return badCount
  const fields = args.slice(at + 2)
  return count === fields.length ? fields : OTHER_COUNT
}

const isError = (value: object): value is ErrorReply => 'kind' in value

/** When fields end that are given a time, or the error of a time that is none. */
function deadline(text: string, { isSeconds, isAbsolute }: Unit, nowMs: number, command: string): number | ErrorReply {
  const amount = parseInteger(text)
  if (amount === null) return NOT_AN_INTEGER
  if (amount < 0) return NEGATIVE_TIME
  const atMs = (isSeconds ? amount * 1000 : amount) + (isAbsolute ? 0 : nowMs)
  return atMs > DEADLINE_MS_MAX ? invalidExpiry(command) : atMs
}

const CONDITIONS = ['nx', 'xx', 'gt', 'lt'] as const

type Condition = (typeof CONDITIONS)[number]

/** A field without a deadline counts as one that ends never. */
function isMet(condition: Condition | undefined, present: number | undefined, atMs: number): boolean {
  switch (condition) {
    case undefined:
      return true
    case 'nx':
      return present === undefined
    case 'xx':
      return present !== undefined
    case 'gt':
      return present !== undefined && atMs > present
    case 'lt':
      return present === undefined || atMs < present
  }
}

function expireFields(args: Args, { keys, nowMs }: CommandContext, command: string, unit: Unit): Reply {
  const key = args[1]!
  const hash = hashAt(keys, key)
  if (hash === MISMATCH) return WRONG_TYPE
  const atMs = deadline(args[2]!, unit, nowMs, command)
  if (typeof atMs !== 'number') return atMs
  const condition = CONDITIONS.find((word) => isWord(args[3]!, word))
  const fields = fieldsAt(args, condition === undefined ? 3 : 4, BAD_COUNT_TO_SET)
  if (isError(fields)) return fields
  if (hash === undefined) return fields.map(() => NO_FIELD)
  let deletedCount = 0
  let expiredCount = 0
  const codes = fields.map((field) => {
    if (!hash.fields.has(field)) return NO_FIELD
    if (!isMet(condition, hash.deadlines?.get(field), atMs)) return 0
    if (atMs <= nowMs) {
      deletedCount++
      setDeadline(keys, hash, field, null)
      hash.fields.delete(field)
      return 2
    }
    expiredCount++
    setDeadline(keys, hash, field, atMs)
    return 1
  })
  if (expiredCount > 0) {
    keys.changed(key)
    keys.wrote('hexpire', key, expiredCount)
  }
  if (deletedCount > 0) shrunk(keys, key, hash.fields.size, 'hdel', deletedCount)
  return codes
}

function timesOf(args: Args, { keys, nowMs }: CommandContext, { isSeconds, isAbsolute }: Unit): Reply {
  const hash = hashAt(keys, args[1]!)
  if (hash === MISMATCH) return WRONG_TYPE
  const fields = fieldsAt(args, 2, BAD_COUNT)
  if (isError(fields)) return fields
  return fields.map((field) => {
    if (hash === undefined || !hash.fields.has(field)) return NO_FIELD
    const atMs = hash.deadlines?.get(field)
    if (atMs === undefined) return NO_DEADLINE
    const ms = atMs - (isAbsolute ? 0 : nowMs)
    return isSeconds ? Math.ceil(ms / 1000) : ms
  })
}

function persist(args: Args, { keys }: CommandContext): Reply {
  const key = args[1]!
  const hash = hashAt(keys, key)
  if (hash === MISMATCH) return WRONG_TYPE
  const fields = fieldsAt(args, 2, BAD_COUNT)
  if (isError(fields)) return fields
  let count = 0
  const codes = fields.map((field) => {
    if (hash === undefined || !hash.fields.has(field)) return NO_FIELD
    if (hash.deadlines?.has(field) !== true) return NO_DEADLINE
    setDeadline(keys, hash, field, null)
    count++
    return 1
  })
  if (count > 0) {
    keys.changed(key)
    keys.wrote('hpersist', key, count)
  }
  return codes
}

/** What HGETEX and HSETEX are told before and after their fields. */
interface Options {
  /** `keep`: as they are; null: none. */
  atMs: number | 'keep' | null
  hasExpiry: boolean
  condition: 'fnx' | 'fxx' | null
  /** Fields, for HSETEX with their values. */
  items: readonly string[] | null
}

const EXPIRY_UNITS: readonly ExpiryUnit[] = ['ex', 'px', 'exat', 'pxat']

function parseOptions(args: Args, nowMs: number, command: 'hgetex' | 'hsetex'): Options | ErrorReply {
  const isSetting = command === 'hsetex'
  const options: Options = { atMs: isSetting ? null : 'keep', hasExpiry: false, condition: null, items: null }
  for (let index = 2; index < args.length; index++) {
    const word = args[index]!
    const unit = EXPIRY_UNITS.find((name) => isWord(word, name))
    const isLast = index + 1 === args.length
    if (unit !== undefined && !isLast) {
      if (options.hasExpiry) return ONE_EXPIRY_OR(isSetting ? 'KEEPTTL' : 'PERSIST')
      const of: Unit = { isSeconds: unit.startsWith('ex'), isAbsolute: unit.endsWith('at') }
      const atMs = deadline(args[++index]!, of, nowMs, command)
      if (typeof atMs !== 'number') return atMs
      options.atMs = atMs
      options.hasExpiry = true
    } else if (isWord(word, isSetting ? 'keepttl' : 'persist')) {
      if (options.hasExpiry) return ONE_EXPIRY_OR(isSetting ? 'KEEPTTL' : 'PERSIST')
      options.atMs = isSetting ? 'keep' : null
      options.hasExpiry = true
    } else if (isSetting && (isWord(word, 'fnx') || isWord(word, 'fxx'))) {
      if (options.condition !== null) return ONE_CONDITION
      options.condition = isWord(word, 'fnx') ? 'fnx' : 'fxx'
    } else if (isWord(word, 'fields') && options.items === null) {
      const count = parseInteger(args[index + 1] ?? '')
      if (count === null || count < 1) return BAD_COUNT_OF_OPTIONS
      const length = isSetting ? count * 2 : count
      if (index + 2 + length > args.length) return WRONG_ARGUMENTS
      options.items = args.slice(index + 2, index + 2 + length)
      index += 1 + length
    } else return errorOf(`ERR unknown argument: ${cText(word)}`)
  }
  return options.items === null ? MISSING_FIELDS : options
}

function getAndExpire(args: Args, { keys, nowMs }: CommandContext): Reply {
  const key = args[1]!
  const hash = hashAt(keys, key)
  if (hash === MISMATCH) return WRONG_TYPE
  const options = parseOptions(args, nowMs, 'hgetex')
  if (isError(options)) return options
  const fields = options.items!
  if (hash === undefined) return fields.map(() => null)
  const values = fields.map((field) => hash.fields.get(field) ?? null)
  if (options.atMs !== 'keep') touch(hash, fields, options.atMs, key, { keys, nowMs })
  return values
}

/** Gives fields that are there a deadline, or none; a deadline that has passed deletes them. */
function touch(
  hash: HashValue,
  fields: readonly string[],
  atMs: number | null,
  key: string,
  { keys, nowMs }: Pick<CommandContext, 'keys' | 'nowMs'>,
): void {
  let count = 0
  const ends = atMs !== null && atMs <= nowMs
  for (const field of fields) {
    if (!hash.fields.has(field) || (atMs === null && hash.deadlines?.has(field) !== true)) continue
    count++
    setDeadline(keys, hash, field, ends ? null : atMs)
    if (ends) hash.fields.delete(field)
  }
  if (count === 0) return
  if (ends) shrunk(keys, key, hash.fields.size, 'hdel', count)
  else {
    keys.changed(key)
    keys.wrote(atMs === null ? 'hpersist' : 'hexpire', key, count)
  }
}

function setAndExpire(args: Args, { keys, nowMs }: CommandContext): Reply {
  const key = args[1]!
  const found = hashAt(keys, key)
  if (found === MISMATCH) return WRONG_TYPE
  const options = parseOptions(args, nowMs, 'hsetex')
  if (isError(options)) return options
  const { condition, atMs } = options
  const items = options.items!
  const fields = items.filter((_, index) => index % 2 === 0)
  const isThere = (field: string): boolean => found?.fields.has(field) === true
  if (condition === 'fnx' ? fields.some(isThere) : condition === 'fxx' && !fields.every(isThere)) return 0
  const hash = found ?? { type: 'hash' as const, fields: new Map<string, string>(), isCompact: true }
  for (let index = 0; index < items.length; index += 2) {
    setField(hash, items[index]!, items[index + 1]!, keys.compactLimits)
    if (atMs !== 'keep') setDeadline(keys, hash, items[index]!, null)
  }
  if (found === undefined) keys.put(key, hash)
  else keys.changed(key)
  keys.wrote('hset', key, fields.length)
  if (typeof atMs === 'number') touch(hash, fields, atMs, key, { keys, nowMs })
  return 1
}

function getAndDelete(args: Args, { keys }: CommandContext): Reply {
  const key = args[1]!
  const hash = hashAt(keys, key)
  if (hash === MISMATCH) return WRONG_TYPE
  const fields = fieldsAt(args, 2, BAD_COUNT)
  if (isError(fields)) return fields
  if (hash === undefined) return fields.map(() => null)
  let count = 0
  const values = fields.map((field) => {
    const value = hash.fields.get(field) ?? null
    setDeadline(keys, hash, field, null)
    if (hash.fields.delete(field)) count++
    return value
  })
  if (count > 0) shrunk(keys, key, hash.fields.size, 'hdel', count)
  return values
}
