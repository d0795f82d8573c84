/**
 * Sorted sets: ZADD and its relatives. Semaphores and fair queues keep their holders here, with times as scores.
 * Ranges, pops and the algebra of several sets have files of their own.
 *
 * Source: https://redis.io/docs/latest/commands/?group=sorted-set
 */
import { floatArgument, isWord } from '../arguments.ts'
import { MISMATCH, shrunk, sortedSetAt } from '../collections.ts'
import type { Command, CommandContext } from '../command.ts'
import { formatDouble } from '../double.ts'
import { errorOf, OUT_OF_RANGE, SYNTAX_ERROR, WRONG_TYPE } from '../errors.ts'
import { fitsTwice, parsePickCount, pick } from '../random-picks.ts'
import type { Reply } from '../reply.ts'
import { matchesPattern, parseCursor, parseScanOptions, scanPage } from '../scan-page.ts'
import { countByLex, emptySortedSet, rangeByScore, rankOf, removeMember, setScore } from '../sorted-set.ts'
import { parseLexRange, parseScoreRange } from '../sorted-set-range.ts'
import { ONE_KEY } from './key-positions.ts'
import { withScores } from './score-replies.ts'
import { sortedSetAlgebra } from './sorted-set-algebra.ts'
import { sortedSetPops } from './sorted-set-pops.ts'
import { sortedSetRanges } from './sorted-set-ranges.ts'

type Args = readonly string[]

const NX_AND_XX = errorOf('ERR XX and NX options at the same time are not compatible')
const GT_AND_LT = errorOf('ERR GT, LT, and/or NX options at the same time are not compatible')
const INCR_OF_MANY = errorOf('ERR INCR option supports a single increment-element pair')
const NOT_A_NUMBER = errorOf('ERR resulting score is not a number (NaN)')

export const sortedSets: readonly Command[] = [
  {
    name: 'zadd',
    arity: -4,
    flags: ['write', 'denyoom', 'fast'],
    ...ONE_KEY,
    execute: (args, context) => addScores(args, 0, context),
  },
  {
    name: 'zincrby',
    arity: 4,
    flags: ['write', 'denyoom', 'fast'],
    ...ONE_KEY,
    execute: (args, context) => addScores(args, INCR, context),
  },
  { name: 'zrem', arity: -3, flags: ['write', 'fast'], ...ONE_KEY, execute: zrem },
  { name: 'zscore', arity: 3, flags: ['readonly', 'fast'], ...ONE_KEY, execute: zscore },
  { name: 'zmscore', arity: -3, flags: ['readonly', 'fast'], ...ONE_KEY, execute: zmscore },
  { name: 'zcard', arity: 2, flags: ['readonly', 'fast'], ...ONE_KEY, execute: zcard },
  { name: 'zcount', arity: 4, flags: ['readonly', 'fast'], ...ONE_KEY, execute: zcount },
  { name: 'zlexcount', arity: 4, flags: ['readonly', 'fast'], ...ONE_KEY, execute: zlexcount },
  { name: 'zrank', arity: 3, flags: ['readonly', 'fast'], ...ONE_KEY, execute: zrank },
  { name: 'zrevrank', arity: 3, flags: ['readonly', 'fast'], ...ONE_KEY, execute: zrevrank },
  { name: 'zrandmember', arity: -2, flags: ['readonly'], ...ONE_KEY, execute: zrandmember },
  { name: 'zscan', arity: -3, flags: ['readonly'], ...ONE_KEY, execute: zscan },
  ...sortedSetRanges,
  ...sortedSetPops,
  ...sortedSetAlgebra,
]

/** The options of ZADD as bits. */
const NX = 1
const XX = 2
const GT = 4
const LT = 8
const CH = 16
const INCR = 32
const OPTIONS: ReadonlyMap<string, number> = new Map([
  ['nx', NX],
  ['xx', XX],
  ['gt', GT],
  ['lt', LT],
  ['ch', CH],
  ['incr', INCR],
])
const OPTION_LENGTH_MAX = 4

/** ZADD, and ZINCRBY, which is ZADD INCR. */
export function addScores(args: Args, presetOptions: number, { keys }: CommandContext): Reply {
  let options = presetOptions
  let first = 2
  for (; first < args.length; first++) {
    const bit = optionBit(args[first]!)
    if (bit === 0) break
    options |= bit
  }
  const count = args.length - first
  if (count === 0 || count % 2 === 1) return SYNTAX_ERROR
  if ((options & NX) !== 0 && (options & XX) !== 0) return NX_AND_XX
  if (((options & NX) !== 0 && (options & (GT | LT)) !== 0) || (options & (GT | LT)) === (GT | LT)) return GT_AND_LT
  if ((options & INCR) !== 0 && count > 2) return INCR_OF_MANY
  const scores: number[] = []
  for (let index = first; index < args.length; index += 2) {
    const score = floatArgument(args[index]!)
    if (typeof score !== 'number') return score
    scores.push(score)
  }
  const key = args[1]!
  const found = sortedSetAt(keys, key)
  if (found === MISMATCH) return WRONG_TYPE
  if (found === undefined && (options & XX) !== 0) return (options & INCR) !== 0 ? null : 0
  const zset = found ?? emptySortedSet(args[first + 1]!, keys.compactLimits)
  let added = 0
  let updated = 0
  let result: number | null = null
  for (let index = 0; index < scores.length; index++) {
    const member = args[first + 1 + 2 * index]!
    const old = zset.scores.get(member)
    result = newScore(old, scores[index]!, options)
    if (result === null) continue
    if (Number.isNaN(result)) return NOT_A_NUMBER
    if (old === undefined) added++
    else if (old !== result) updated++
    setScore(zset, member, result, keys.compactLimits)
  }
  if (found === undefined) keys.put(key, zset)
  else if (added + updated > 0) keys.changed(key)
  if (added + updated > 0) keys.wrote((options & INCR) !== 0 ? 'zincr' : 'zadd', key, added + updated)
  if ((options & INCR) !== 0) return result === null ? null : { kind: 'double', text: formatDouble(result) }
  return (options & CH) !== 0 ? added + updated : added
}

function optionBit(text: string): number {
  return text.length > OPTION_LENGTH_MAX ? 0 : (OPTIONS.get(text) ?? OPTIONS.get(text.toLowerCase()) ?? 0)
}

/** The score a member is to have; null when the options forbid to touch it. */
function newScore(old: number | undefined, score: number, options: number): number | null {
  if (old === undefined) return (options & XX) !== 0 ? null : score
  if ((options & NX) !== 0) return null
  const wanted = (options & INCR) !== 0 ? old + score : score
  if ((options & GT) !== 0 && wanted <= old) return null
  if ((options & LT) !== 0 && wanted >= old) return null
  return wanted
}

function zrem(args: Args, { keys }: CommandContext): Reply {
  const found = sortedSetAt(keys, args[1]!)
  if (found === MISMATCH) return WRONG_TYPE
  if (found === undefined) return 0
  let removed = 0
  for (let index = 2; index < args.length; index++) if (removeMember(found, args[index]!)) removed++
  if (removed > 0) shrunk(keys, args[1]!, found.order.length, 'zrem', removed)
  return removed
}

function zscore(args: Args, { keys }: CommandContext): Reply {
  const found = sortedSetAt(keys, args[1]!)
  if (found === MISMATCH) return WRONG_TYPE
  return scoreReply(found?.scores.get(args[2]!))
}

function zmscore(args: Args, { keys }: CommandContext): Reply {
  const found = sortedSetAt(keys, args[1]!)
  if (found === MISMATCH) return WRONG_TYPE
  return args.slice(2).map((member) => scoreReply(found?.scores.get(member)))
}

const scoreReply = (score: number | undefined): Reply =>
  score === undefined ? null : { kind: 'double', text: formatDouble(score) }

function zcard(args: Args, { keys }: CommandContext): Reply {
  const found = sortedSetAt(keys, args[1]!)
  if (found === MISMATCH) return WRONG_TYPE
  return found?.order.length ?? 0
}

function zcount(args: Args, { keys }: CommandContext): Reply {
  const range = parseScoreRange(args[2]!, args[3]!)
  if ('kind' in range) return range
  const found = sortedSetAt(keys, args[1]!)
  if (found === MISMATCH) return WRONG_TYPE
  if (found === undefined) return 0
  const { from, to } = rangeByScore(found, range)
  return to - from
}

function zlexcount(args: Args, { keys }: CommandContext): Reply {
  const range = parseLexRange(args[2]!, args[3]!)
  if ('kind' in range) return range
  const found = sortedSetAt(keys, args[1]!)
  if (found === MISMATCH) return WRONG_TYPE
  if (found === undefined) return 0
  return countByLex(found, range)
}

function zrank(args: Args, { keys }: CommandContext): Reply {
  const found = sortedSetAt(keys, args[1]!)
  if (found === MISMATCH) return WRONG_TYPE
  return found === undefined ? null : rankOf(found, args[2]!)
}

function zrevrank(args: Args, { keys }: CommandContext): Reply {
  const found = sortedSetAt(keys, args[1]!)
  if (found === MISMATCH) return WRONG_TYPE
  const rank = found === undefined ? null : rankOf(found, args[2]!)
  return rank === null ? null : found!.order.length - 1 - rank
}

function zrandmember(args: Args, { keys, server, resp }: CommandContext): Reply {
  if (args.length === 2) {
    const found = sortedSetAt(keys, args[1]!)
    if (found === MISMATCH) return WRONG_TYPE
    return found === undefined ? null : found.order[server.random.below(found.order.length)]!.member
  }
  const hasScores = args.length > 3
  const count = parsePickCount(args[2]!)
  if (typeof count !== 'number') return count
  if (args.length > 4 || (hasScores && !isWord(args[3]!, 'withscores'))) return SYNTAX_ERROR
  if (hasScores && !fitsTwice(args[2]!)) return OUT_OF_RANGE
  const found = sortedSetAt(keys, args[1]!)
  if (found === MISMATCH) return WRONG_TYPE
  if (found === undefined || count === 0) return []
  const picked = pick(found.order.length, count, server.random)
  if ('kind' in picked) return picked
  // Redis hands out a whole sorted set from its highest score down.
  const items = picked.map((position) => found.order.at(-1 - position)!)
  return hasScores ? withScores(items, resp) : items.map(({ member }) => member)
}

function zscan(args: Args, { keys }: CommandContext): Reply {
  const cursor = parseCursor(args[2]!)
  if (typeof cursor !== 'number') return cursor
  const found = sortedSetAt(keys, args[1]!)
  if (found === MISMATCH) return WRONG_TYPE
  if (found === undefined) return ['0', []]
  const options = parseScanOptions(args, 3)
  if ('kind' in options) return options
  const { scores, order } = found
  const isWhole = found.isCompact
  const page = isWhole
    ? { cursor: 0, names: order.map(({ member }) => member) }
    : scanPage(scores.keys(), cursor, options.count)
  const matching = page.names.filter((name) => matchesPattern(name, options.pattern))
  const format = isWhole ? formatCompactScore : formatDouble
  return [String(page.cursor), matching.flatMap((member) => [member, format(scores.get(member)!)])]
}

const COMPACT_INTEGER_MAX = 2 ** 62

/** In its compact encoding Redis keeps integers as integers, and ZSCAN shows them so: 1e17 as 100000000000000000. */
function formatCompactScore(score: number): string {
  const isInteger = Number.isInteger(score) && Math.abs(score) <= COMPACT_INTEGER_MAX
  return isInteger ? BigInt(score).toString() : formatDouble(score)
}
