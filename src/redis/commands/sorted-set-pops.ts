/**
 * Taking members from either end of a sorted set: ZPOPMIN, ZPOPMAX, ZMPOP, and the blocking BZPOPMIN, BZPOPMAX, BZMPOP.
 * How waiting works is told in blocking-pop.ts.
 *
 * Source: https://redis.io/docs/latest/commands/zpopmin/, /zmpop/, /bzmpop/
 */
import { isWord, positiveArgument } from '../arguments.ts'
import { MISMATCH, shrunk, sortedSetAt } from '../collections.ts'
import type { Command, CommandContext, Outcome } from '../command.ts'
import { SYNTAX_ERROR, WRONG_TYPE } from '../errors.ts'
import type { Keyspace } from '../keyspace.ts'
import { NULL_ARRAY, type Reply } from '../reply.ts'
import type { Scored } from '../sorted-set.ts'
import type { SortedSetValue } from '../value.ts'
import { parsePopQuery, popFirst, popOrWait } from './blocking-pop.ts'
import { KEYS_THEN_TIMEOUT, numberedKeys, ONE_KEY } from './key-positions.ts'
import { inPairs, inRow, withScores } from './score-replies.ts'

type Args = readonly string[]
type End = 'min' | 'max'

const blocking = ['write', 'noscript', 'blocking', 'fast'] as const

export const sortedSetPops: readonly Command[] = [
  { name: 'zpopmin', arity: -2, flags: ['write', 'fast'], ...ONE_KEY, execute: pop('min') },
  { name: 'zpopmax', arity: -2, flags: ['write', 'fast'], ...ONE_KEY, execute: pop('max') },
  { name: 'zmpop', arity: -4, flags: ['write', 'movablekeys'], ...numberedKeys(1), execute: zmpop },
  { name: 'bzpopmin', arity: -3, flags: blocking, ...KEYS_THEN_TIMEOUT, execute: blockingPop('min') },
  { name: 'bzpopmax', arity: -3, flags: blocking, ...KEYS_THEN_TIMEOUT, execute: blockingPop('max') },
  { name: 'bzmpop', arity: -5, flags: ['write', 'blocking', 'movablekeys'], ...numberedKeys(2), execute: bzmpop },
]

function pop(end: End) {
  return (args: Args, { keys, resp }: CommandContext): Reply => {
    if (args.length > 3) return SYNTAX_ERROR
    const count = args.length === 3 ? positiveArgument(args[2]!) : null
    if (count !== null && typeof count !== 'number') return count
    const found = sortedSetAt(keys, args[1]!)
    if (found === MISMATCH) return WRONG_TYPE
    if (found === undefined || count === 0) return []
    const items = take(keys, args[1]!, found, end, count ?? 1)
    return count === null ? inRow(items) : withScores(items, resp)
  }
}

function zmpop(args: Args, { keys }: CommandContext): Reply {
  const query = parsePopQuery(args, 1, parseEnd)
  if ('kind' in query) return query
  const { names, end, count } = query
  const answer = (key: string, found: SortedSetValue): Reply => [key, inPairs(take(keys, key, found, end, count))]
  return popFirst(keys, names, sortedSetAt, answer) ?? NULL_ARRAY
}

function blockingPop(end: End) {
  return (args: Args, context: CommandContext): Outcome => {
    const answer = (key: string, found: SortedSetValue): Reply => [
      key,
      ...inRow(take(context.keys, key, found, end, 1)),
    ]
    return popOrWait(context, { names: args.slice(1, -1), timeout: args.at(-1)! }, sortedSetAt, answer)
  }
}

function bzmpop(args: Args, context: CommandContext): Outcome {
  const query = parsePopQuery(args, 2, parseEnd)
  if ('kind' in query) return query
  const { names, end, count } = query
  const answer = (key: string, found: SortedSetValue): Reply => [
    key,
    inPairs(take(context.keys, key, found, end, count)),
  ]
  return popOrWait(context, { names, timeout: args[1]! }, sortedSetAt, answer)
}

/** Removes up to `count` members from one end, the outermost first. */
function take(keys: Keyspace, key: string, { order, scores }: SortedSetValue, end: End, count: number): Scored[] {
  const size = Math.min(count, order.length)
  const items = end === 'min' ? order.splice(0, size) : order.splice(order.length - size, size).reverse()
  for (const { member } of items) scores.delete(member)
  shrunk(keys, key, order.length, end === 'min' ? 'zpopmin' : 'zpopmax', size)
  return items
}

function parseEnd(word: string): End | null {
  if (isWord(word, 'min')) return 'min'
  return isWord(word, 'max') ? 'max' : null
}
