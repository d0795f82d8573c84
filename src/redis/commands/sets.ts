/**
 * Sets: SADD and its relatives; the algebra of several sets is in set-algebra.ts.
 *
 * Models          sets of integers list their members in ascending order, as Redis's intset does.
 * Does not model  the order of other sets, which in Redis depends on a random seed: here members keep the order in which
 *                 they were added.
 *
 * Source: https://redis.io/docs/latest/commands/?group=set
 */
import { positiveArgument } from '../arguments.ts'
import { MISMATCH, setAt, shrunk } from '../collections.ts'
import type { Command, CommandContext } from '../command.ts'
import { addMember, membersInOrder, setOf } from '../compact.ts'
import { SYNTAX_ERROR, WRONG_TYPE } from '../errors.ts'
import { elementAt, parsePickCount, pick, pickDistinct } from '../random-picks.ts'
import type { Reply } from '../reply.ts'
import { matchesPattern, parseCursor, parseScanOptions, scanPage } from '../scan-page.ts'
import { ONE_KEY, TWO_KEYS } from './key-positions.ts'
import { setAlgebra } from './set-algebra.ts'

type Args = readonly string[]

export const sets: readonly Command[] = [
  { name: 'sadd', arity: -3, flags: ['write', 'denyoom', 'fast'], ...ONE_KEY, execute: sadd },
  { name: 'srem', arity: -3, flags: ['write', 'fast'], ...ONE_KEY, execute: srem },
  { name: 'smembers', arity: 2, flags: ['readonly'], ...ONE_KEY, execute: smembers },
  { name: 'sismember', arity: 3, flags: ['readonly', 'fast'], ...ONE_KEY, execute: sismember },
  { name: 'smismember', arity: -3, flags: ['readonly', 'fast'], ...ONE_KEY, execute: smismember },
  { name: 'scard', arity: 2, flags: ['readonly', 'fast'], ...ONE_KEY, execute: scard },
  { name: 'smove', arity: 4, flags: ['write', 'fast'], ...TWO_KEYS, execute: smove },
  { name: 'spop', arity: -2, flags: ['write', 'fast'], ...ONE_KEY, execute: spop },
  { name: 'srandmember', arity: -2, flags: ['readonly'], ...ONE_KEY, execute: srandmember },
  { name: 'sscan', arity: -3, flags: ['readonly'], ...ONE_KEY, execute: sscan },
  ...setAlgebra,
]

function sadd(args: Args, { keys }: CommandContext): Reply {
  const key = args[1]!
  const found = setAt(keys, key)
  if (found === MISMATCH) return WRONG_TYPE
  const set = found ?? { type: 'set', members: new Set<string>(), isCompact: true }
  let added = 0
  for (let index = 2; index < args.length; index++) if (addMember(set, args[index]!, keys.compactLimits)) added++
  if (found === undefined) keys.put(key, set)
  else if (added > 0) keys.changed(key)
  if (added > 0) keys.wrote('sadd', key, added)
  return added
}

function srem(args: Args, { keys }: CommandContext): Reply {
  const found = setAt(keys, args[1]!)
  if (found === MISMATCH) return WRONG_TYPE
  if (found === undefined) return 0
  let removed = 0
  for (let index = 2; index < args.length; index++) if (found.members.delete(args[index]!)) removed++
  if (removed > 0) shrunk(keys, args[1]!, found.members.size, 'srem', removed)
  return removed
}

function smembers(args: Args, { keys }: CommandContext): Reply {
  const found = setAt(keys, args[1]!)
  if (found === MISMATCH) return WRONG_TYPE
  return { kind: 'set', items: found === undefined ? [] : membersInOrder(found) }
}

function sismember(args: Args, { keys }: CommandContext): Reply {
  const found = setAt(keys, args[1]!)
  if (found === MISMATCH) return WRONG_TYPE
  return found?.members.has(args[2]!) ? 1 : 0
}

function smismember(args: Args, { keys }: CommandContext): Reply {
  const found = setAt(keys, args[1]!)
  if (found === MISMATCH) return WRONG_TYPE
  return args.slice(2).map((member) => (found?.members.has(member) ? 1 : 0))
}

function scard(args: Args, { keys }: CommandContext): Reply {
  const found = setAt(keys, args[1]!)
  if (found === MISMATCH) return WRONG_TYPE
  return found?.members.size ?? 0
}

function smove(args: Args, { keys }: CommandContext): Reply {
  const [, from, to, member] = args as readonly [string, string, string, string]
  const source = setAt(keys, from)
  if (source === undefined) return 0
  const destination = setAt(keys, to)
  if (source === MISMATCH || destination === MISMATCH) return WRONG_TYPE
  if (from === to) return source.members.has(member) ? 1 : 0
  if (!source.members.delete(member)) return 0
  shrunk(keys, from, source.members.size, 'srem', 1)
  if (destination === undefined) keys.put(to, setOf(new Set([member]), keys.compactLimits))
  else if (addMember(destination, member, keys.compactLimits)) keys.changed(to)
  else return 1
  keys.wrote('sadd', to)
  return 1
}

function spop(args: Args, { keys, server }: CommandContext): Reply {
  if (args.length > 3) return SYNTAX_ERROR
  const count = args.length === 3 ? positiveArgument(args[2]!) : null
  if (count !== null && typeof count !== 'number') return count
  const found = setAt(keys, args[1]!)
  if (found === MISMATCH) return WRONG_TYPE
  if (count === null) {
    if (found === undefined) return null
    const member = elementAt(found.members, server.random.below(found.members.size))
    found.members.delete(member)
    shrunk(keys, args[1]!, found.members.size, 'spop', 1)
    return member
  }
  if (found === undefined || count === 0) return { kind: 'set', items: [] }
  const members = membersInOrder(found)
  if (count >= members.length) {
    shrunk(keys, args[1]!, 0, 'spop', members.length)
    keys.hits++
    return { kind: 'set', items: members }
  }
  const popped = pickDistinct(members.length, count, server.random).map((position) => members[position]!)
  for (const member of popped) found.members.delete(member)
  shrunk(keys, args[1]!, found.members.size, 'spop', count)
  return { kind: 'set', items: popped }
}

function srandmember(args: Args, { keys, server }: CommandContext): Reply {
  if (args.length > 3) return SYNTAX_ERROR
  const count = args.length === 3 ? parsePickCount(args[2]!) : null
  if (count !== null && typeof count !== 'number') return count
  const found = setAt(keys, args[1]!)
  if (found === MISMATCH) return WRONG_TYPE
  if (count === null) {
    return found === undefined ? null : elementAt(found.members, server.random.below(found.members.size))
  }
  if (found === undefined || count === 0) return []
  const picked = pick(found.members.size, count, server.random)
  if ('kind' in picked) return picked
  const members = membersInOrder(found)
  return picked.map((position) => members[position]!)
}

function sscan(args: Args, { keys }: CommandContext): Reply {
  const cursor = parseCursor(args[2]!)
  if (typeof cursor !== 'number') return cursor
  const found = setAt(keys, args[1]!)
  if (found === MISMATCH) return WRONG_TYPE
  if (found === undefined) return ['0', []]
  const options = parseScanOptions(args, 3)
  if ('kind' in options) return options
  const page = found.isCompact
    ? { cursor: 0, names: membersInOrder(found) }
    : scanPage(found.members, cursor, options.count)
  return [String(page.cursor), page.names.filter((name) => matchesPattern(name, options.pattern))]
}
