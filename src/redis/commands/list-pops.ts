/**
 * Taking elements from either end of a list or moving them to another, also for clients that wait: LPOP, RPOP, LMPOP, LMOVE,
 * RPOPLPUSH, BLPOP, BRPOP, BLMPOP, BLMOVE, BRPOPLPUSH. How waiting works is told in blocking-pop.ts.
 *
 * Source: https://redis.io/docs/latest/commands/lpop/, /lmpop/, /lmove/, /blpop/, /blmove/
 */
import { isWord, positiveArgument, timeoutArgument } from '../arguments.ts'
import { listAt, MISMATCH, shrunk } from '../collections.ts'
import { BLOCKED, type Command, type CommandContext, type Outcome } from '../command.ts'
import { SYNTAX_ERROR, WRONG_TYPE, wrongArity } from '../errors.ts'
import type { Keyspace } from '../keyspace.ts'
import { NULL_ARRAY, type Reply } from '../reply.ts'
import type { ListValue } from '../value.ts'
import { parsePopQuery, popFirst, popOrWait } from './blocking-pop.ts'
import { KEYS_THEN_TIMEOUT, numberedKeys, ONE_KEY, TWO_KEYS } from './key-positions.ts'

type Args = readonly string[]
type End = 'left' | 'right'

const blocking = ['write', 'noscript', 'blocking'] as const
const blockingMove = ['write', 'denyoom', 'noscript', 'blocking'] as const

export const listPops: readonly Command[] = [
  { name: 'lpop', arity: -2, flags: ['write', 'fast'], ...ONE_KEY, execute: pop('lpop', 'left') },
  { name: 'rpop', arity: -2, flags: ['write', 'fast'], ...ONE_KEY, execute: pop('rpop', 'right') },
  { name: 'lmpop', arity: -4, flags: ['write', 'movablekeys'], ...numberedKeys(1), execute: lmpop },
  { name: 'lmove', arity: 5, flags: ['write', 'denyoom'], ...TWO_KEYS, execute: lmove },
  { name: 'rpoplpush', arity: 3, flags: ['write', 'denyoom'], ...TWO_KEYS, execute: rpoplpush },
  { name: 'blpop', arity: -3, flags: blocking, ...KEYS_THEN_TIMEOUT, execute: blockingPop('left') },
  { name: 'brpop', arity: -3, flags: blocking, ...KEYS_THEN_TIMEOUT, execute: blockingPop('right') },
  { name: 'blmpop', arity: -5, flags: ['write', 'blocking', 'movablekeys'], ...numberedKeys(2), execute: blmpop },
  { name: 'blmove', arity: 6, flags: blockingMove, ...TWO_KEYS, execute: blmove },
  { name: 'brpoplpush', arity: 4, flags: blockingMove, ...TWO_KEYS, execute: brpoplpush },
]

function pop(name: string, end: End) {
  return (args: Args, { keys }: CommandContext): Reply => {
    if (args.length > 3) return wrongArity(name)
    const count = args.length === 3 ? positiveArgument(args[2]!) : null
    if (count !== null && typeof count !== 'number') return count
    const found = listAt(keys, args[1]!)
    if (found === MISMATCH) return WRONG_TYPE
    if (found === undefined) return count === null ? null : NULL_ARRAY
    if (count === null) return takeOne(keys, args[1]!, found, end)
    return count === 0 ? [] : take(keys, args[1]!, found, end, count)
  }
}

function lmpop(args: Args, { keys }: CommandContext): Reply {
  const query = parsePopQuery(args, 1, parseEnd)
  if ('kind' in query) return query
  const { names, end, count } = query
  return popFirst(keys, names, listAt, (key, found) => [key, take(keys, key, found, end, count)]) ?? NULL_ARRAY
}

function lmove(args: Args, { keys }: CommandContext): Reply {
  const from = parseEnd(args[3]!)
  const to = parseEnd(args[4]!)
  return from === null || to === null ? SYNTAX_ERROR : move(keys, args[1]!, args[2]!, from, to)
}

function rpoplpush(args: Args, { keys }: CommandContext): Reply {
  return move(keys, args[1]!, args[2]!, 'right', 'left')
}

function blockingPop(end: End) {
  return (args: Args, context: CommandContext): Outcome => {
    const answer = (key: string, found: ListValue): Reply => [key, takeOne(context.keys, key, found, end)]
    return popOrWait(context, { names: args.slice(1, -1), timeout: args.at(-1)! }, listAt, answer)
  }
}

function blmpop(args: Args, context: CommandContext): Outcome {
  const query = parsePopQuery(args, 2, parseEnd)
  if ('kind' in query) return query
  const { names, end, count } = query
  const answer = (key: string, found: ListValue): Reply => [key, take(context.keys, key, found, end, count)]
  return popOrWait(context, { names, timeout: args[1]! }, listAt, answer)
}

function blmove(args: Args, context: CommandContext): Outcome {
  const from = parseEnd(args[3]!)
  const to = parseEnd(args[4]!)
  return from === null || to === null ? SYNTAX_ERROR : moveOrWait(args, args[5]!, from, to, context)
}

function brpoplpush(args: Args, context: CommandContext): Outcome {
  return moveOrWait(args, args[3]!, 'right', 'left', context)
}

function moveOrWait(
  args: Args,
  timeout: string,
  from: End,
  to: End,
  { keys, connection, mustNotBlock }: CommandContext,
): Outcome {
  const timeoutMs = timeoutArgument(timeout)
  if (timeoutMs !== null && typeof timeoutMs !== 'number') return timeoutMs
  const [, source, destination] = args as readonly [string, string, string]
  if (keys.find(source) !== undefined) return move(keys, source, destination, from, to)
  // Not the null array of a timeout: a command that may not wait answers as LMOVE does.
  if (mustNotBlock) return null
  const retry = (): Outcome => {
    const found = listAt(keys, source)
    return found === undefined || found === MISMATCH ? BLOCKED : move(keys, source, destination, from, to)
  }
  connection.block({ keys: [source], timeoutMs, retry, onTimeout: NULL_ARRAY })
  return BLOCKED
}

/** LMOVE: one element from an end of one list to an end of another, which may be the same. */
function move(keys: Keyspace, from: string, to: string, fromEnd: End, toEnd: End): Reply {
  const source = listAt(keys, from)
  if (source === MISMATCH) return WRONG_TYPE
  if (source === undefined) return null
  const destination = listAt(keys, to)
  if (destination === MISMATCH) return WRONG_TYPE
  const element = (fromEnd === 'left' ? source.items.shift() : source.items.pop())!
  const items = destination === undefined ? [] : destination.items
  if (toEnd === 'left') items.unshift(element)
  else items.push(element)
  if (destination === undefined) keys.put(to, { type: 'list', items })
  else keys.changed(to)
  keys.wrote(toEnd === 'left' ? 'lpush' : 'rpush', to, 0)
  shrunk(keys, from, source.items.length, popEvent(fromEnd), 1)
  return element
}

function takeOne(keys: Keyspace, key: string, { items }: ListValue, end: End): string {
  const element = (end === 'left' ? items.shift() : items.pop())!
  shrunk(keys, key, items.length, popEvent(end), 1)
  return element
}

const popEvent = (end: End): 'lpop' | 'rpop' => (end === 'left' ? 'lpop' : 'rpop')

/** Removes up to `count` elements from one end, the outermost first. */
function take(keys: Keyspace, key: string, { items }: ListValue, end: End, count: number): string[] {
  const size = Math.min(count, items.length)
  const taken = end === 'left' ? items.splice(0, size) : items.splice(items.length - size, size).reverse()
  shrunk(keys, key, items.length, popEvent(end), size)
  return taken
}

function parseEnd(word: string): End | null {
  if (isWord(word, 'left')) return 'left'
  return isWord(word, 'right') ? 'right' : null
}
