/**
 * Union, intersection and difference of sorted sets (plain sets count with score 1), and their `…STORE` forms.
 *
 * Models  the order in which Redis adds scores (from the smallest set to the largest), which decides the last digit;
 *         inf − inf and 0 · inf as 0.
 *
 * Source: https://redis.io/docs/latest/commands/zunionstore/, /zinter/, /zdiff/
 */
import { floatArgument, integerArgument, isWord, positiveArgument } from '../arguments.ts'
import { store } from '../collections.ts'
import type { Command, CommandContext } from '../command.ts'
import { type ErrorReply, errorOf, SYNTAX_ERROR, WRONG_TYPE } from '../errors.ts'
import type { Keyspace } from '../keyspace.ts'
import type { KeyEvent } from '../keyspace-events.ts'
import type { Reply } from '../reply.ts'
import { compare, sortedSetOf } from '../sorted-set.ts'
import type { Value } from '../value.ts'
import { DESTINATION_AND_NUMBERED_KEYS, numberedKeys } from './key-positions.ts'
import { withScores } from './score-replies.ts'

type Args = readonly string[]
type Scores = ReadonlyMap<string, number>
type Aggregate = (sum: number, score: number) => number

/** One input: its scores and the factor they are multiplied with. */
interface Source {
  readonly scores: Scores
  weight: number
}

interface Operation {
  readonly name: string
  /** Where the number of keys stands. */
  readonly index: 1 | 2
  readonly kind: 'union' | 'inter' | 'diff' | 'card'
}

const ZUNION: Operation = { name: 'zunion', index: 1, kind: 'union' }
const ZINTER: Operation = { name: 'zinter', index: 1, kind: 'inter' }
const ZDIFF: Operation = { name: 'zdiff', index: 1, kind: 'diff' }
const ZINTERCARD: Operation = { name: 'zintercard', index: 1, kind: 'card' }
const ZUNIONSTORE: Operation = { name: 'zunionstore', index: 2, kind: 'union' }
const ZINTERSTORE: Operation = { name: 'zinterstore', index: 2, kind: 'inter' }
const ZDIFFSTORE: Operation = { name: 'zdiffstore', index: 2, kind: 'diff' }

export const sortedSetAlgebra: readonly Command[] = [
  { name: 'zunion', arity: -3, flags: ['readonly', 'movablekeys'], ...numberedKeys(1), execute: answer(ZUNION) },
  { name: 'zinter', arity: -3, flags: ['readonly', 'movablekeys'], ...numberedKeys(1), execute: answer(ZINTER) },
  { name: 'zdiff', arity: -3, flags: ['readonly', 'movablekeys'], ...numberedKeys(1), execute: answer(ZDIFF) },
  { name: 'zintercard', arity: -3, flags: ['readonly', 'movablekeys'], ...numberedKeys(1), execute: zintercard },
  {
    name: 'zunionstore',
    arity: -4,
    flags: ['write', 'denyoom', 'movablekeys'],
    ...DESTINATION_AND_NUMBERED_KEYS,
    execute: keep(ZUNIONSTORE, 'zunionstore'),
  },
  {
    name: 'zinterstore',
    arity: -4,
    flags: ['write', 'denyoom', 'movablekeys'],
    ...DESTINATION_AND_NUMBERED_KEYS,
    execute: keep(ZINTERSTORE, 'zinterstore'),
  },
  {
    name: 'zdiffstore',
    arity: -4,
    flags: ['write', 'denyoom', 'movablekeys'],
    ...DESTINATION_AND_NUMBERED_KEYS,
    execute: keep(ZDIFFSTORE, 'zdiffstore'),
  },
]

function answer(operation: Operation) {
  return (args: Args, { keys, resp }: CommandContext): Reply => {
    const query = parseQuery(args, operation, keys)
    if ('kind' in query) return query
    const items = Array.from(combine(operation, query), ([member, score]) => ({ member, score })).sort(compare)
    return query.hasScores ? withScores(items, resp) : items.map(({ member }) => member)
  }
}

function keep(operation: Operation, event: KeyEvent) {
  return (args: Args, { keys }: CommandContext): Reply => {
    const query = parseQuery(args, operation, keys)
    if ('kind' in query) return query
    const value = sortedSetOf(combine(operation, query), keys.compactLimits)
    return store(keys, args[1]!, { value, count: value.order.length, event })
  }
}

function zintercard(args: Args, { keys }: CommandContext): Reply {
  const query = parseQuery(args, ZINTERCARD, keys)
  if ('kind' in query) return query
  const { size } = combine(ZINTERCARD, query)
  return query.limit === 0 ? size : Math.min(size, query.limit)
}

interface Query {
  readonly sources: readonly Source[]
  readonly aggregate: Aggregate
  readonly hasScores: boolean
  /** LIMIT of ZINTERCARD; 0: none. */
  readonly limit: number
}

// Not Math.min and Math.max: a score that is not a number (0 · inf) must lose against the sum.
const AGGREGATES: ReadonlyMap<string, Aggregate> = new Map<string, Aggregate>([
  ['sum', (sum, score) => orZero(sum + score)],
  ['min', (sum, score) => (score < sum ? score : sum)],
  ['max', (sum, score) => (score > sum ? score : sum)],
])

function parseQuery(args: Args, { name, index, kind }: Operation, keys: Keyspace): Query | ErrorReply {
  const count = integerArgument(args[index]!)
  if (typeof count !== 'number') return count
  if (count < 1) return errorOf(`ERR at least 1 input key is needed for '${name}' command`)
  if (count > args.length - index - 1) return SYNTAX_ERROR
  const first = index + 1
  const sources: Source[] = []
  for (const key of args.slice(first, first + count)) {
    const scores = scoresOf(keys.read(key)?.value)
    if (scores === null) return WRONG_TYPE
    sources.push({ scores, weight: 1 })
  }
  const canWeigh = kind === 'union' || kind === 'inter'
  let aggregate = AGGREGATES.get('sum')!
  let hasScores = false
  let limit = 0
  for (let at = first + count; at < args.length; at++) {
    const option = args[at]!
    const left = args.length - at
    if (canWeigh && left > count && isWord(option, 'weights')) {
      for (const source of sources) {
        const weight = floatArgument(args[++at]!, 'weight value is not a float')
        if (typeof weight !== 'number') return weight
        source.weight = weight
      }
    } else if (canWeigh && left >= 2 && isWord(option, 'aggregate')) {
      const chosen = AGGREGATES.get(args[++at]!.toLowerCase())
      if (chosen === undefined) return SYNTAX_ERROR
      aggregate = chosen
    } else if (index === 1 && kind !== 'card' && isWord(option, 'withscores')) {
      hasScores = true
    } else if (kind === 'card' && left >= 2 && isWord(option, 'limit')) {
      const parsed = positiveArgument(args[++at]!, "LIMIT can't be negative")
      if (typeof parsed !== 'number') return parsed
      limit = parsed
    } else {
      return SYNTAX_ERROR
    }
  }
  return { sources, aggregate, hasScores, limit }
}

const NOTHING: Scores = new Map()

/** The scores of a sorted set, 1 for each member of a set; null for another type. */
function scoresOf(value: Value | undefined): Scores | null {
  if (value === undefined) return NOTHING
  if (value.type === 'zset') return value.scores
  return value.type === 'set' ? new Map(Array.from(value.members, (member) => [member, 1])) : null
}

function combine({ kind }: Operation, { sources, aggregate }: Query): Map<string, number> {
  switch (kind) {
    case 'union':
      return union(bySize(sources), aggregate)
    case 'inter':
    case 'card':
      return intersection(bySize(sources), aggregate)
    case 'diff':
      return difference(sources)
  }
}

/** From the smallest to the largest; equal ones keep the order of the arguments. */
const bySize = (sources: readonly Source[]): readonly Source[] =>
  sources.toSorted((a, b) => a.scores.size - b.scores.size)

function union(sources: readonly Source[], aggregate: Aggregate): Map<string, number> {
  const result = new Map<string, number>()
  for (const { scores, weight } of sources) {
    for (const [member, score] of scores) {
      const weighed = orZero(weight * score)
      const sum = result.get(member)
      result.set(member, sum === undefined ? weighed : aggregate(sum, weighed))
    }
  }
  return result
}

function intersection([smallest, ...others]: readonly Source[], aggregate: Aggregate): Map<string, number> {
  const result = new Map<string, number>()
  for (const [member, score] of smallest!.scores) {
    if (!others.every(({ scores }) => scores.has(member))) continue
    let sum = orZero(smallest!.weight * score)
    for (const { scores, weight } of others) sum = aggregate(sum, weight * scores.get(member)!)
    result.set(member, sum)
  }
  return result
}

function difference([first, ...others]: readonly Source[]): Map<string, number> {
  const result = new Map<string, number>()
  for (const [member, score] of first!.scores) {
    if (!others.some(({ scores }) => scores.has(member))) result.set(member, score)
  }
  return result
}

/** inf − inf and 0 · inf count as 0. */
const orZero = (score: number): number => (Number.isNaN(score) ? 0 : score)
