/**
 * Lists: pushing, reading and editing; taking and moving, also for clients that wait, is in list-pops.ts.
 *
 * Source: https://redis.io/docs/latest/commands/?group=list
 */
import { integerArgument, isWord, positiveArgument } from '../arguments.ts'
import { listAt, MISMATCH, shrunk } from '../collections.ts'
import type { Command, CommandContext } from '../command.ts'
import { errorOf, INDEX_OUT_OF_RANGE, NO_SUCH_KEY, SYNTAX_ERROR, WRONG_TYPE } from '../errors.ts'
import { OK, type Reply } from '../reply.ts'
import { ONE_KEY } from './key-positions.ts'
import { listPops } from './list-pops.ts'

type Args = readonly string[]

const RANK_ZERO = errorOf(
  "ERR RANK can't be zero: use 1 to start from the first match, 2 from the second ... or use negative to start from the end of the list",
)

export const lists: readonly Command[] = [
  { name: 'lpush', arity: -3, flags: ['write', 'denyoom', 'fast'], ...ONE_KEY, execute: lpush },
  { name: 'rpush', arity: -3, flags: ['write', 'denyoom', 'fast'], ...ONE_KEY, execute: rpush },
  { name: 'lpushx', arity: -3, flags: ['write', 'denyoom', 'fast'], ...ONE_KEY, execute: lpushx },
  { name: 'rpushx', arity: -3, flags: ['write', 'denyoom', 'fast'], ...ONE_KEY, execute: rpushx },
  { name: 'llen', arity: 2, flags: ['readonly', 'fast'], ...ONE_KEY, execute: llen },
  { name: 'lrange', arity: 4, flags: ['readonly'], ...ONE_KEY, execute: lrange },
  { name: 'lindex', arity: 3, flags: ['readonly'], ...ONE_KEY, execute: lindex },
  { name: 'lset', arity: 4, flags: ['write', 'denyoom'], ...ONE_KEY, execute: lset },
  { name: 'linsert', arity: 5, flags: ['write', 'denyoom'], ...ONE_KEY, execute: linsert },
  { name: 'lrem', arity: 4, flags: ['write'], ...ONE_KEY, execute: lrem },
  { name: 'ltrim', arity: 4, flags: ['write'], ...ONE_KEY, execute: ltrim },
  { name: 'lpos', arity: -3, flags: ['readonly'], ...ONE_KEY, execute: lpos },
  ...listPops,
]

function lpush(args: Args, { keys }: CommandContext): Reply {
  const key = args[1]!
  const found = listAt(keys, key)
  if (found === MISMATCH) return WRONG_TYPE
  if (found === undefined) {
    keys.put(key, { type: 'list', items: args.slice(2).reverse() })
  } else {
    for (let index = 2; index < args.length; index++) found.items.unshift(args[index]!)
    keys.changed(key)
  }
  keys.wrote('lpush', key, args.length - 2)
  return found?.items.length ?? args.length - 2
}

function rpush(args: Args, { keys }: CommandContext): Reply {
  const key = args[1]!
  const found = listAt(keys, key)
  if (found === MISMATCH) return WRONG_TYPE
  if (found === undefined) {
    keys.put(key, { type: 'list', items: args.slice(2) })
  } else {
    for (let index = 2; index < args.length; index++) found.items.push(args[index]!)
    keys.changed(key)
  }
  keys.wrote('rpush', key, args.length - 2)
  return found?.items.length ?? args.length - 2
}

function lpushx(args: Args, context: CommandContext): Reply {
  return listAt(context.keys, args[1]!) === undefined ? 0 : lpush(args, context)
}

function rpushx(args: Args, context: CommandContext): Reply {
  return listAt(context.keys, args[1]!) === undefined ? 0 : rpush(args, context)
}

function llen(args: Args, { keys }: CommandContext): Reply {
  const found = listAt(keys, args[1]!)
  if (found === MISMATCH) return WRONG_TYPE
  return found?.items.length ?? 0
}

/** `start` and `stop` of LRANGE and LTRIM as a half open range of positions. */
function positions(start: number, stop: number, length: number): { readonly from: number; readonly to: number } {
  const from = Math.max(0, start < 0 ? length + start : start)
  const to = Math.min(length, (stop < 0 ? length + stop : stop) + 1)
  return { from, to: Math.max(from, to) }
}

function lrange(args: Args, { keys }: CommandContext): Reply {
  const start = integerArgument(args[2]!)
  if (typeof start !== 'number') return start
  const stop = integerArgument(args[3]!)
  if (typeof stop !== 'number') return stop
  const found = listAt(keys, args[1]!)
  if (found === MISMATCH) return WRONG_TYPE
  if (found === undefined) return []
  const { from, to } = positions(start, stop, found.items.length)
  return found.items.slice(from, to)
}

function ltrim(args: Args, { keys }: CommandContext): Reply {
  const start = integerArgument(args[2]!)
  if (typeof start !== 'number') return start
  const stop = integerArgument(args[3]!)
  if (typeof stop !== 'number') return stop
  const found = listAt(keys, args[1]!)
  if (found === MISMATCH) return WRONG_TYPE
  if (found === undefined) return OK
  const { from, to } = positions(start, stop, found.items.length)
  const sizeBefore = found.items.length
  found.items.splice(to)
  found.items.splice(0, from)
  shrunk(keys, args[1]!, found.items.length, 'ltrim', sizeBefore - found.items.length)
  return OK
}

function lindex(args: Args, { keys }: CommandContext): Reply {
  const found = listAt(keys, args[1]!)
  if (found === MISMATCH) return WRONG_TYPE
  if (found === undefined) return null
  const index = integerArgument(args[2]!)
  if (typeof index !== 'number') return index
  return found.items.at(index) ?? null
}

function lset(args: Args, { keys }: CommandContext): Reply {
  const found = listAt(keys, args[1]!)
  if (found === MISMATCH) return WRONG_TYPE
  if (found === undefined) return NO_SUCH_KEY
  const index = integerArgument(args[2]!)
  if (typeof index !== 'number') return index
  const position = index < 0 ? found.items.length + index : index
  if (position < 0 || position >= found.items.length) return INDEX_OUT_OF_RANGE
  found.items[position] = args[3]!
  keys.changed(args[1]!)
  keys.wrote('lset', args[1]!)
  return OK
}

function linsert(args: Args, { keys }: CommandContext): Reply {
  const isAfter = isWord(args[2]!, 'after')
  if (!isAfter && !isWord(args[2]!, 'before')) return SYNTAX_ERROR
  const found = listAt(keys, args[1]!)
  if (found === MISMATCH) return WRONG_TYPE
  if (found === undefined) return 0
  const pivot = found.items.indexOf(args[3]!)
  if (pivot === -1) return -1
  found.items.splice(isAfter ? pivot + 1 : pivot, 0, args[4]!)
  keys.changed(args[1]!)
  keys.wrote('linsert', args[1]!)
  return found.items.length
}

function lrem(args: Args, { keys }: CommandContext): Reply {
  const count = integerArgument(args[2]!)
  if (typeof count !== 'number') return count
  const found = listAt(keys, args[1]!)
  if (found === MISMATCH) return WRONG_TYPE
  if (found === undefined) return 0
  const removed = removeItems(found.items, args[3]!, count)
  if (removed > 0) shrunk(keys, args[1]!, found.items.length, 'lrem', removed)
  return removed
}

/** Removes the first `count` occurrences, the last ones when it is negative, all when it is 0; tells how many. */
function removeItems(items: string[], element: string, count: number): number {
  const limit = count === 0 ? Infinity : Math.abs(count)
  if (count < 0) items.reverse()
  let kept = 0
  let removed = 0
  for (const item of items) {
    if (item === element && removed < limit) removed++
    else items[kept++] = item
  }
  items.length = kept
  if (count < 0) items.reverse()
  return removed
}

function lpos(args: Args, { keys }: CommandContext): Reply {
  let rank = 1
  let count: number | null = null
  let lengthMax = 0
  for (let index = 3; index < args.length; index += 2) {
    const value = args[index + 1]
    if (value === undefined) return SYNTAX_ERROR
    if (isWord(args[index]!, 'rank')) {
      const parsed = integerArgument(value)
      if (typeof parsed !== 'number') return parsed
      if (parsed === 0) return RANK_ZERO
      rank = parsed
    } else if (isWord(args[index]!, 'count')) {
      const parsed = positiveArgument(value, "COUNT can't be negative")
      if (typeof parsed !== 'number') return parsed
      count = parsed
    } else if (isWord(args[index]!, 'maxlen')) {
      const parsed = positiveArgument(value, "MAXLEN can't be negative")
      if (typeof parsed !== 'number') return parsed
      lengthMax = parsed
    } else {
      return SYNTAX_ERROR
    }
  }
  const found = listAt(keys, args[1]!)
  if (found === MISMATCH) return WRONG_TYPE
  if (found === undefined) return count === null ? null : []
  const matches = matchesOf(found.items, args[2]!, { rank, count: count ?? 1, lengthMax })
  return count === null ? (matches[0] ?? null) : matches
}

/** Positions of an element: from the |rank|-th match on, `count` of them (0: all), among the first `lengthMax` compared (0: all). */
function matchesOf(
  items: readonly string[],
  element: string,
  { rank, count, lengthMax }: { readonly rank: number; readonly count: number; readonly lengthMax: number },
): number[] {
  const positionsFound: number[] = []
  const compared = lengthMax === 0 ? items.length : Math.min(lengthMax, items.length)
  let toSkip = Math.abs(rank) - 1
  for (let step = 0; step < compared; step++) {
    const position = rank > 0 ? step : items.length - 1 - step
    if (items[position] !== element || toSkip-- > 0) continue
    positionsFound.push(position)
    if (positionsFound.length === count) break
  }
  return positionsFound
}
