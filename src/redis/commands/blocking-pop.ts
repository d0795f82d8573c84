/**
 * What the pops of lists and of sorted sets share: reading their arguments, and waiting.
 *
 * How waiting works: a blocking command that finds nothing parks its connection with the keys it waits for. After the
 * command, EXEC or script that made such a key appear (a push, LMOVE, RENAME, COPY, RESTORE, SORT STORE, …) the server asks
 * the connections blocked on that key, the longest waiting first, to try again with that very key:
 *
 *   A  BLPOP jobs 0     blocked ───────────────── [jobs, x]      A came first
 *   B  BLPOP other jobs 0       blocked ───────── [jobs, y]      B gets `jobs`, though `other` stands first
 *   C                           RPUSH jobs x y z  :3             z stays
 *
 * What a BLMOVE pushes may wake further clients. Inside MULTI and scripts nothing ever waits: there the answer is the one
 * of a timeout.
 *
 * Source: https://redis.io/docs/latest/commands/blpop/; blocked.c of Redis 7.0.
 */
import { isWord, rangeArgument, timeoutArgument } from '../arguments.ts'
import { MISMATCH } from '../collections.ts'
import { BLOCKED, type CommandContext, type Outcome } from '../command.ts'
import { type ErrorReply, SYNTAX_ERROR, WRONG_TYPE } from '../errors.ts'
import type { Keyspace } from '../keyspace.ts'
import { NULL_ARRAY, type Reply } from '../reply.ts'

/** Finds the collection that a pop takes from. */
type Find<Value> = (keys: Keyspace, key: string) => Value | undefined | typeof MISMATCH

/** What a pop does to the collection it found, and answers. */
type Answer<Value> = (key: string, found: Value) => Reply

/** Answers from the first of the keys that is there; undefined when none is. */
export function popFirst<Value>(
  keys: Keyspace,
  names: readonly string[],
  find: Find<Value>,
  answer: Answer<Value>,
): Reply | undefined {
  for (const key of names) {
    const found = find(keys, key)
    if (found === MISMATCH) return WRONG_TYPE
    if (found !== undefined) return answer(key, found)
  }
  return undefined
}

/** Answers from the first of the keys that is there, or waits until one appears. */
export function popOrWait<Value>(
  { keys, connection, mustNotBlock }: CommandContext,
  { names, timeout }: { readonly names: readonly string[]; readonly timeout: string },
  find: Find<Value>,
  answer: Answer<Value>,
): Outcome {
  const timeoutMs = timeoutArgument(timeout)
  if (timeoutMs !== null && typeof timeoutMs !== 'number') return timeoutMs
  const reply = popFirst(keys, names, find, answer)
  if (reply !== undefined) return reply
  if (mustNotBlock) return NULL_ARRAY
  const retry = (key: string): Outcome => {
    const found = find(keys, key)
    return found === undefined || found === MISMATCH ? BLOCKED : answer(key, found)
  }
  connection.block({ keys: names, timeoutMs, retry, onTimeout: NULL_ARRAY })
  return BLOCKED
}

/** The arguments of LMPOP and ZMPOP. */
export interface PopQuery<End> {
  readonly names: readonly string[]
  readonly end: End
  readonly count: number
}

/** `numkeys key [key …] end [COUNT count]`, with the number of keys at `args[index]`. */
export function parsePopQuery<End>(
  args: readonly string[],
  index: number,
  parseEnd: (word: string) => End | null,
): PopQuery<End> | ErrorReply {
  const keyCount = rangeArgument(args[index]!, 1, Infinity, 'numkeys should be greater than 0')
  if (typeof keyCount !== 'number') return keyCount
  const endAt = index + 1 + keyCount
  const end = parseEnd(args[endAt] ?? '')
  if (end === null) return SYNTAX_ERROR
  const query = { names: args.slice(index + 1, endAt), end }
  if (args.length === endAt + 1) return { ...query, count: 1 }
  if (args.length === endAt + 2 || !isWord(args[endAt + 1]!, 'count')) return SYNTAX_ERROR
  const count = rangeArgument(args[endAt + 2]!, 1, Infinity, 'count should be greater than 0')
  if (typeof count !== 'number') return count
  return args.length > endAt + 3 ? SYNTAX_ERROR : { ...query, count }
}
