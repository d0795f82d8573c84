/**
 * Ranges of a sorted set: ZRANGE with all its older spellings, ZRANGESTORE, ZREMRANGEBY….
 *
 * Source: https://redis.io/docs/latest/commands/zrange/
 */
import { integerArgument, isWord } from '../arguments.ts'
import { MISMATCH, shrunk, sortedSetAt, store } from '../collections.ts'
import type { Command, CommandContext } from '../command.ts'
import { type ErrorReply, errorOf, SYNTAX_ERROR, WRONG_TYPE } from '../errors.ts'
import type { KeyEvent } from '../keyspace-events.ts'
import type { Reply } from '../reply.ts'
import {
  itemsByLex,
  type LexRange,
  type RankRange,
  rangeByLex,
  rangeByScore,
  removeRange,
  type Scored,
  type ScoreRange,
  sortedSetOf,
} from '../sorted-set.ts'
import { parseLexRange, parseScoreRange } from '../sorted-set-range.ts'
import type { SortedSetValue } from '../value.ts'
import { ONE_KEY, TWO_KEYS } from './key-positions.ts'
import { withScores } from './score-replies.ts'

type Args = readonly string[]
type By = 'rank' | 'score' | 'lex'

const LIMIT_BY_RANK = errorOf('ERR syntax error, LIMIT is only supported in combination with either BYSCORE or BYLEX')
const SCORES_BY_LEX = errorOf('ERR syntax error, WITHSCORES not supported in combination with BYLEX')

/** What the name of a command fixes; what it leaves open (null) is an option. */
interface Spelling {
  readonly by: By | null
  readonly isReverse: boolean | null
}

export const sortedSetRanges: readonly Command[] = [
  { name: 'zrange', arity: -4, flags: ['readonly'], ...ONE_KEY, execute: answer({ by: null, isReverse: null }) },
  { name: 'zrevrange', arity: -4, flags: ['readonly'], ...ONE_KEY, execute: answer({ by: 'rank', isReverse: true }) },
  {
    name: 'zrangebyscore',
    arity: -4,
    flags: ['readonly'],
    ...ONE_KEY,
    execute: answer({ by: 'score', isReverse: false }),
  },
  {
    name: 'zrevrangebyscore',
    arity: -4,
    flags: ['readonly'],
    ...ONE_KEY,
    execute: answer({ by: 'score', isReverse: true }),
  },
  { name: 'zrangebylex', arity: -4, flags: ['readonly'], ...ONE_KEY, execute: answer({ by: 'lex', isReverse: false }) },
  {
    name: 'zrevrangebylex',
    arity: -4,
    flags: ['readonly'],
    ...ONE_KEY,
    execute: answer({ by: 'lex', isReverse: true }),
  },
  { name: 'zrangestore', arity: -5, flags: ['write', 'denyoom'], ...TWO_KEYS, execute: zrangestore },
  {
    name: 'zremrangebyrank',
    arity: 4,
    flags: ['write'],
    ...ONE_KEY,
    execute: remove(parseRanks, ranksOf, 'zremrangebyrank'),
  },
  {
    name: 'zremrangebyscore',
    arity: 4,
    flags: ['write'],
    ...ONE_KEY,
    execute: remove(parseScoreRange, rangeByScore, 'zremrangebyscore'),
  },
  {
    name: 'zremrangebylex',
    arity: 4,
    flags: ['write'],
    ...ONE_KEY,
    execute: remove(parseLexRange, rangeByLex, 'zremrangebylex'),
  },
]

/** The ends of a range by rank; negative ones count from the back. */
interface Ranks {
  readonly start: number
  readonly stop: number
}

type Bounds =
  | { readonly by: 'rank'; readonly ranks: Ranks }
  | { readonly by: 'score'; readonly scores: ScoreRange }
  | { readonly by: 'lex'; readonly lex: LexRange }

interface Query {
  readonly bounds: Bounds
  readonly isReverse: boolean
  readonly hasScores: boolean
  readonly offset: number
  /** Negative: all. */
  readonly count: number
}

function answer(spelling: Spelling) {
  return (args: Args, { keys, resp }: CommandContext): Reply => {
    const query = parseQuery(args, 2, spelling, true)
    if ('kind' in query) return query
    const found = sortedSetAt(keys, args[1]!)
    if (found === MISMATCH) return WRONG_TYPE
    const items = found === undefined ? [] : select(found, query)
    return query.hasScores ? withScores(items, resp) : items.map(({ member }) => member)
  }
}

function zrangestore(args: Args, { keys }: CommandContext): Reply {
  const query = parseQuery(args, 3, { by: null, isReverse: null }, false)
  if ('kind' in query) return query
  const found = keys.read(args[2]!)?.value
  if (found !== undefined && found.type !== 'zset') return WRONG_TYPE
  const items = found === undefined ? [] : select(found, query)
  const value = sortedSetOf(new Map(items.map(({ member, score }) => [member, score])), keys.compactLimits)
  return store(keys, args[1]!, { value, count: items.length, event: 'zrangestore' })
}

/** The bounds at `args[first]` and after, and the options behind them. */
function parseQuery(args: Args, first: number, spelling: Spelling, allowsScores: boolean): Query | ErrorReply {
  let { by, isReverse } = spelling
  let hasScores = false
  let offset = 0
  let count = -1
  for (let index = first + 2; index < args.length; index++) {
    const option = args[index]!
    if (allowsScores && isWord(option, 'withscores')) {
      hasScores = true
    } else if (isWord(option, 'limit') && args.length - index > 2) {
      const parsedOffset = integerArgument(args[index + 1]!)
      if (typeof parsedOffset !== 'number') return parsedOffset
      const parsedCount = integerArgument(args[index + 2]!)
      if (typeof parsedCount !== 'number') return parsedCount
      offset = parsedOffset
      count = parsedCount
      index += 2
    } else if (isReverse === null && isWord(option, 'rev')) {
      isReverse = true
    } else if (by === null && isWord(option, 'bylex')) {
      by = 'lex'
    } else if (by === null && isWord(option, 'byscore')) {
      by = 'score'
    } else {
      return SYNTAX_ERROR
    }
  }
  by ??= 'rank'
  isReverse ??= false
  if (by === 'rank' && count !== -1) return LIMIT_BY_RANK
  if (by === 'lex' && hasScores) return SCORES_BY_LEX
  // Walked backwards, a range of scores or members is given as max, min; ranks then count from the back.
  const isSwapped = isReverse && by !== 'rank'
  const bounds = parseBounds(by, args[isSwapped ? first + 1 : first]!, args[isSwapped ? first : first + 1]!)
  return 'kind' in bounds ? bounds : { bounds, isReverse, hasScores, offset, count }
}

function parseBounds(by: By, min: string, max: string): Bounds | ErrorReply {
  switch (by) {
    case 'rank': {
      const ranks = parseRanks(min, max)
      return 'kind' in ranks ? ranks : { by, ranks }
    }
    case 'score': {
      const scores = parseScoreRange(min, max)
      return 'kind' in scores ? scores : { by, scores }
    }
    case 'lex': {
      const lex = parseLexRange(min, max)
      return 'kind' in lex ? lex : { by, lex }
    }
  }
}

function parseRanks(start: string, stop: string): Ranks | ErrorReply {
  const parsedStart = integerArgument(start)
  if (typeof parsedStart !== 'number') return parsedStart
  const parsedStop = integerArgument(stop)
  return typeof parsedStop !== 'number' ? parsedStop : { start: parsedStart, stop: parsedStop }
}

/** The members a query asks for, in the order of the reply. */
function select(zset: SortedSetValue, { bounds, isReverse, offset, count }: Query): readonly Scored[] {
  switch (bounds.by) {
    case 'rank': {
      const { from, to } = ranksOf(zset, bounds.ranks)
      const { length } = zset.order
      return isReverse ? zset.order.slice(length - to, length - from).reverse() : zset.order.slice(from, to)
    }
    case 'score': {
      if (offset < 0) return []
      const { from, to } = rangeByScore(zset, bounds.scores)
      const items = zset.order.slice(from, to)
      if (isReverse) items.reverse()
      return offset === 0 && count < 0 ? items : items.slice(offset, count < 0 ? items.length : offset + count)
    }
    case 'lex':
      return itemsByLex(zset, bounds.lex, { isReverse, offset, count })
  }
}

/** Ranks from 0, cut to what is there. */
function ranksOf({ order }: SortedSetValue, { start, stop }: Ranks): RankRange {
  const { length } = order
  const from = Math.max(0, start < 0 ? length + start : start)
  const to = Math.min(length, (stop < 0 ? length + stop : stop) + 1)
  return { from, to: Math.max(from, to) }
}

/** ZREMRANGEBYRANK, ZREMRANGEBYSCORE, ZREMRANGEBYLEX. */
function remove<Range extends object>(
  parse: (min: string, max: string) => Range | ErrorReply,
  find: (zset: SortedSetValue, range: Range) => RankRange,
  event: KeyEvent,
) {
  return (args: Args, { keys }: CommandContext): Reply => {
    const range = parse(args[2]!, args[3]!)
    if ('kind' in range) return range
    const found = sortedSetAt(keys, args[1]!)
    if (found === MISMATCH) return WRONG_TYPE
    if (found === undefined) return 0
    const removed = removeRange(found, find(found, range))
    if (removed > 0) shrunk(keys, args[1]!, found.order.length, event, removed)
    return removed
  }
}
