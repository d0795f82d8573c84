/**
 * Intersection, union and difference of sets, and their `…STORE` forms.
 *
 * Models  a missing key as an empty set, WRONGTYPE wherever the key of another type stands, results of integers ascending.
 *
 * Source: https://redis.io/docs/latest/commands/sinter/, /sunion/, /sdiff/
 */
import { isWord, positiveArgument, rangeArgument } from '../arguments.ts'
import { MISMATCH, store } from '../collections.ts'
import type { Command, CommandContext } from '../command.ts'
import { membersInOrder, setOf } from '../compact.ts'
import { errorOf, SYNTAX_ERROR, WRONG_TYPE } from '../errors.ts'
import type { Keyspace } from '../keyspace.ts'
import type { KeyEvent } from '../keyspace-events.ts'
import type { Reply } from '../reply.ts'
import { numberedKeys, ONLY_KEYS } from './key-positions.ts'

type Args = readonly string[]
type Members = ReadonlySet<string>
type Combine = (sets: readonly Members[]) => Set<string>

const TOO_MANY_KEYS = errorOf("ERR Number of keys can't be greater than number of args")
const NOTHING: Members = new Set()

export const setAlgebra: readonly Command[] = [
  { name: 'sinter', arity: -2, flags: ['readonly'], ...ONLY_KEYS, execute: answer(intersection) },
  { name: 'sintercard', arity: -3, flags: ['readonly', 'movablekeys'], ...numberedKeys(1), execute: sintercard },
  {
    name: 'sinterstore',
    arity: -3,
    flags: ['write', 'denyoom'],
    ...ONLY_KEYS,
    execute: keep(intersection, 'sinterstore'),
  },
  { name: 'sunion', arity: -2, flags: ['readonly'], ...ONLY_KEYS, execute: answer(union) },
  { name: 'sunionstore', arity: -3, flags: ['write', 'denyoom'], ...ONLY_KEYS, execute: keep(union, 'sunionstore') },
  { name: 'sdiff', arity: -2, flags: ['readonly'], ...ONLY_KEYS, execute: answer(difference) },
  { name: 'sdiffstore', arity: -3, flags: ['write', 'denyoom'], ...ONLY_KEYS, execute: keep(difference, 'sdiffstore') },
]

function answer(combine: Combine) {
  return (args: Args, { keys }: CommandContext): Reply => {
    const found = setsAt(keys, args, 1, args.length)
    return found === MISMATCH
      ? WRONG_TYPE
      : { kind: 'set', items: membersInOrder(setOf(combine(found), keys.compactLimits)) }
  }
}

function keep(combine: Combine, event: KeyEvent) {
  return (args: Args, { keys }: CommandContext): Reply => {
    const found = setsAt(keys, args, 2, args.length)
    if (found === MISMATCH) return WRONG_TYPE
    const members = combine(found)
    return store(keys, args[1]!, { value: setOf(members, keys.compactLimits), count: members.size, event })
  }
}

function sintercard(args: Args, { keys }: CommandContext): Reply {
  const count = rangeArgument(args[1]!, 1, Infinity, 'numkeys should be greater than 0')
  if (typeof count !== 'number') return count
  if (count > args.length - 2) return TOO_MANY_KEYS
  let limit = 0
  for (let index = 2 + count; index < args.length; index += 2) {
    const value = args[index + 1]
    if (value === undefined || !isWord(args[index]!, 'limit')) return SYNTAX_ERROR
    const parsed = positiveArgument(value, "LIMIT can't be negative")
    if (typeof parsed !== 'number') return parsed
    limit = parsed
  }
  const found = setsAt(keys, args, 2, 2 + count)
  if (found === MISMATCH) return WRONG_TYPE
  const { size } = intersection(found)
  return limit === 0 ? size : Math.min(size, limit)
}

/** The sets at the keys `args[from]` up to, not including, `args[to]`. */
function setsAt(keys: Keyspace, args: Args, from: number, to: number): Members[] | typeof MISMATCH {
  const found: Members[] = []
  for (let index = from; index < to; index++) {
    const value = keys.read(args[index]!)?.value
    if (value !== undefined && value.type !== 'set') return MISMATCH
    found.push(value?.members ?? NOTHING)
  }
  return found
}

function intersection(found: readonly Members[]): Set<string> {
  const [smallest, ...others] = found.toSorted((a, b) => a.size - b.size)
  const result = new Set<string>()
  for (const member of smallest!) if (others.every((other) => other.has(member))) result.add(member)
  return result
}

function union(found: readonly Members[]): Set<string> {
  const result = new Set<string>()
  for (const members of found) for (const member of members) result.add(member)
  return result
}

function difference([first, ...others]: readonly Members[]): Set<string> {
  const result = new Set<string>()
  for (const member of first!) if (!others.some((other) => other.has(member))) result.add(member)
  return result
}
