/**
 * Writing and deleting a string that still is what the client believes: SET with IFEQ and its relatives, DELEX, DIGEST, MSETEX
 * (Redis 8.4), DELIFEQ (Valkey 9.0). A lock is released by one of them without a script.
 *
 * Written after the documentation: there is no such server to compare with where this was made.
 *
 * Source: https://redis.io/docs/latest/commands/set/, /delex/, /digest/, /msetex/; https://valkey.io/commands/delifeq/
 */
import { isWord, parseInteger } from '../arguments.ts'
import type { Command, CommandContext } from '../command.ts'
import { type ErrorReply, errorOf, SYNTAX_ERROR, WRONG_TYPE, wrongArity } from '../errors.ts'
import { expiryArgument } from '../expiry-argument.ts'
import type { Reply } from '../reply.ts'
import type { Milliseconds, Value } from '../value.ts'
import type { Feature } from '../version.ts'
import { xxh3 } from '../xxh3.ts'
import { ONE_KEY } from './key-positions.ts'
import { parseOptions, type StringOptions } from './string-options.ts'

type Args = readonly string[]

const BAD_DIGEST = errorOf('ERR digest must be exactly 16 hexadecimal characters')
const BAD_KEY_COUNT = errorOf('ERR invalid numkeys value')

/** By the word: the feature that brought it, and whether a value passes. */
const CONDITIONS = {
  ifeq: { feature: 'set-if-equal', isDigest: false, wantsEqual: true },
  ifne: { feature: 'digests', isDigest: false, wantsEqual: false },
  ifdeq: { feature: 'digests', isDigest: true, wantsEqual: true },
  ifdne: { feature: 'digests', isDigest: true, wantsEqual: false },
} as const satisfies Readonly<Record<string, Omit<Comparison, 'operand'> & { readonly feature: Feature }>>

type Word = keyof typeof CONDITIONS

/** `set ifeq`, and the feature that brought it. */
export const setConditions: readonly (readonly [words: string, Feature])[] = Object.entries(CONDITIONS).map(
  ([word, { feature }]) => [`set ${word}`, feature],
)

interface Comparison {
  readonly isDigest: boolean
  readonly wantsEqual: boolean
  readonly operand: string
}

export const comparingCommands: readonly (readonly [Feature, Command])[] = [
  ['digests', { name: 'delex', arity: -2, flags: ['write', 'fast'], ...ONE_KEY, execute: deleteIf }],
  ['digests', { name: 'digest', arity: 2, flags: ['readonly', 'fast'], ...ONE_KEY, execute: digest }],
  [
    'digests',
    {
      name: 'msetex',
      arity: -4,
      flags: ['write', 'denyoom', 'movablekeys'],
      firstKey: 0,
      lastKey: 0,
      keyStep: 0,
      keysOf: (args) => pairsOf(args)?.map(([key]) => key) ?? null,
      execute: setAll,
    },
  ],
  [
    'delifeq',
    {
      name: 'delifeq',
      arity: 3,
      flags: ['write', 'fast'],
      ...ONE_KEY,
      execute: (args, context) => removeIf(args[1]!, { isDigest: false, wantsEqual: true, operand: args[2]! }, context),
    },
  ],
]

/** The condition that `word` begins; undefined: none that these features have. */
function comparisonOf(word: string, operand: string, features: ReadonlySet<Feature>): Comparison | undefined {
  const name = (Object.keys(CONDITIONS) as Word[]).find((known) => isWord(word, known))
  if (name === undefined || !features.has(CONDITIONS[name].feature)) return undefined
  return { ...CONDITIONS[name], operand }
}

const isDigest = (text: string): boolean => /^[0-9a-f]{16}$/i.test(text)

/** Whether a string passes; a missing one passes where another value is wanted. */
function passes(text: string | null, { isDigest: byDigest, wantsEqual, operand }: Comparison): boolean {
  if (text === null) return !wantsEqual
  const isEqual = byDigest ? xxh3(text) === operand.toLowerCase() : text === operand
  return isEqual === wantsEqual
}

/** Whether the value may be compared at all. */
const isComparable = (value: Value | undefined): boolean => value === undefined || value.type === 'string'

/** A condition of SET taken out of its arguments, what is left of them, and whether it answers the old value. */
export interface ConditionalSet {
  readonly rest: Args
  readonly comparison: Comparison
}

/** The condition among the options of SET; null: there is none, or more than one, or NX or XX beside it. */
export function conditionalSet(args: Args, features: ReadonlySet<Feature>): ConditionalSet | null {
  const rest: string[] = args.slice(0, 3)
  let comparison: Comparison | null = null
  for (let index = 3; index < args.length; index++) {
    const word = args[index]!
    const found = index + 1 < args.length ? comparisonOf(word, args[index + 1]!, features) : undefined
    if (found !== undefined) {
      if (comparison !== null) return null
      comparison = found
      index++
    } else if (isWord(word, 'nx') || isWord(word, 'xx')) return null
    else {
      rest.push(word)
      const takesNext = ['ex', 'px', 'exat', 'pxat'].some((unit) => isWord(word, unit))
      if (takesNext && index + 1 < args.length) rest.push(args[++index]!)
    }
  }
  return comparison === null ? null : { rest, comparison }
}

/** Whether SET may go on: true, or what it answers instead. */
export function mayWrite(
  args: Args,
  comparison: Comparison,
  options: StringOptions,
  { keys }: CommandContext,
): true | Reply {
  if (comparison.isDigest && !isDigest(comparison.operand)) return BAD_DIGEST
  const value = keys.read(args[1]!)?.value
  if (!isComparable(value)) return WRONG_TYPE
  const text = value?.type === 'string' ? value.text : null
  return passes(text, comparison) ? true : options.getsOld ? text : null
}

function removeIf(key: string, comparison: Comparison, { keys }: CommandContext): Reply {
  const entry = keys.find(key)
  if (entry === undefined) return 0
  const { value } = entry
  if (value.type !== 'string') return WRONG_TYPE
  if (!passes(value.text, comparison)) return 0
  keys.remove(key)
  keys.wrote('del', key)
  return 1
}

function deleteIf(args: Args, context: CommandContext): Reply {
  const key = args[1]!
  const { keys, server } = context
  if (args.length === 2) {
    if (!keys.remove(key)) return 0
    keys.wrote('del', key)
    return 1
  }
  if (args.length !== 4) return wrongArity('delex')
  const comparison = comparisonOf(args[2]!, args[3]!, server.features)
  if (comparison === undefined) return errorOf('ERR Invalid condition. Use IFEQ, IFNE, IFDEQ, or IFDNE')
  if (comparison.isDigest && !isDigest(comparison.operand)) return BAD_DIGEST
  return removeIf(key, comparison, context)
}

function digest(args: Args, { keys }: CommandContext): Reply {
  const value = keys.find(args[1]!)?.value
  if (value === undefined) return null
  return value.type === 'string' ? xxh3(value.text) : WRONG_TYPE
}

/** The keys and values of MSETEX; null: their number makes no sense. */
function pairsOf(args: Args): readonly (readonly [string, string])[] | null {
  const count = parseInteger(args[1]!)
  if (count === null || count < 1 || 2 + count * 2 > args.length) return null
  return Array.from({ length: count }, (_, index) => [args[2 + index * 2]!, args[3 + index * 2]!] as const)
}

function setAll(args: Args, { keys, nowMs }: CommandContext): Reply {
  const count = parseInteger(args[1]!)
  if (count === null || count < 1) return BAD_KEY_COUNT
  const pairs = pairsOf(args)
  if (pairs === null) return errorOf('ERR wrong number of key-value pairs')
  const options = parseOptions(args, 2 + count * 2, true)
  if (options === null || options.getsOld) return SYNTAX_ERROR
  const atMs = deadlineOf(options, nowMs)
  if (atMs !== null && typeof atMs === 'object') return atMs
  const isThere = (key: string): boolean => keys.find(key) !== undefined
  const { onlyIf } = options
  if (onlyIf === 'absent' && pairs.some(([key]) => isThere(key))) return 0
  if (onlyIf === 'present' && !pairs.every(([key]) => isThere(key))) return 0
  for (const [key, text] of pairs) {
    const entry = keys.find(key)
    const value = { type: 'string', text, form: 'chosen' } as const
    keys.replace(key, entry, value, options.keepsTtl ? (entry?.expireAtMs ?? null) : atMs)
    keys.wrote('set', key)
    if (atMs !== null) keys.wrote('expire', key, 0)
  }
  return 1
}

const deadlineOf = ({ unit, amount }: StringOptions, nowMs: number): Milliseconds | null | ErrorReply =>
  unit === null ? null : expiryArgument(amount, unit, nowMs, 'msetex')
