/**
 * SORT and SORT_RO: lists, sets and sorted sets, by number or by bytes, by weights in other keys, with LIMIT, GET, STORE.
 *
 * Does not model  collation by locale: ALPHA compares bytes, as a server in the C locale does.
 *
 * Source: https://redis.io/docs/latest/commands/sort/
 */
import { isWord, parseInteger } from '../arguments.ts'
import { store } from '../collections.ts'
import type { Command, CommandContext } from '../command.ts'
import { membersInOrder } from '../compact.ts'
import { parseDouble } from '../double.ts'
import { cText, type ErrorReply, errorOf, NOT_AN_INTEGER, SYNTAX_ERROR, WRONG_TYPE } from '../errors.ts'
import type { Keyspace } from '../keyspace.ts'
import type { Reply } from '../reply.ts'
import type { Value } from '../value.ts'
import { ONE_KEY } from './key-positions.ts'

const NOT_NUMBERS = errorOf("ERR One or more scores can't be converted into double")
/** The smallest double that is not subnormal; strtod calls everything below it out of range. */
const NORMAL_MIN = 2 ** -1022

export const sort: readonly Command[] = [
  {
    name: 'sort',
    arity: -2,
    flags: ['write', 'denyoom', 'movablekeys'],
    ...ONE_KEY,
    execute: (args, context) => run(args, context, { canStore: true }),
    keysOf: (args) => {
      const destination = storeKey(args)
      return destination === null ? [args[1]!] : [args[1]!, destination]
    },
  },
  {
    name: 'sort_ro',
    arity: -2,
    flags: ['readonly', 'movablekeys'],
    ...ONE_KEY,
    execute: (args, context) => run(args, context, { canStore: false }),
    keysOf: (args) => [args[1]!],
  },
]

interface Options {
  isDescending: boolean
  isAlphabetic: boolean
  offset: number
  count: number
  by: string | null
  readonly gets: string[]
  store: string | null
}

/** The last STORE option, as COMMAND GETKEYS finds it. */
function storeKey(args: readonly string[]): string | null {
  let found: string | null = null
  for (let index = 2; index < args.length; index++) {
    if (isWord(args[index]!, 'limit')) index += 2
    else if (isWord(args[index]!, 'get') || isWord(args[index]!, 'by')) index++
    else if (isWord(args[index]!, 'store') && index + 1 < args.length) found = args[++index]!
  }
  return found
}

function run(args: readonly string[], context: CommandContext, { canStore }: { readonly canStore: boolean }): Reply {
  const options = parseOptions(args, canStore)
  if ('kind' in options) return options
  const { keys } = context
  const value = keys.read(args[1]!)?.value
  if (value?.type === 'string' || value?.type === 'hash' || value?.type === 'stream') return WRONG_TYPE
  // Redis walks a sorted set by its hash table, which it makes for that purpose when there is none.
  if (value?.type === 'zset') value.isCompact = false
  const isConstant = options.by !== null && !options.by.includes('*')
  // Sets have no order of their own, so where the result must be the same everywhere (STORE, scripts) it is sorted after all.
  const mustSortSet = isConstant && value?.type === 'set' && (options.store !== null || context.mustSort)
  const by = mustSortSet ? null : options.by
  const isAlphabetic = options.isAlphabetic || mustSortSet
  const elements = value === undefined ? [] : elementsOf(value)
  let sorted: readonly string[] | null
  if (isConstant && !mustSortSet) {
    const isOrdered = value?.type === 'list' || value?.type === 'zset'
    sorted = options.isDescending && isOrdered ? elements.reverse() : elements
  } else {
    sorted = sortElements(elements, keys, { by, isAlphabetic, isDescending: options.isDescending })
  }
  if (sorted === null) return NOT_NUMBERS
  const { start, end } = limits(options, sorted.length)
  const output = sorted
    .slice(start, Math.max(end + 1, start))
    .flatMap((element): (string | null)[] =>
      options.gets.length === 0 ? [element] : options.gets.map((pattern) => lookUp(keys, pattern, element)),
    )
  if (options.store === null) return output
  const items = output.map((item) => item ?? '')
  // Redis counts a change for each element it stores.
  keys.changes += Math.max(0, items.length - 1)
  return store(keys, options.store, { value: { type: 'list', items }, count: items.length, event: 'sortstore' })
}

function parseOptions(args: readonly string[], canStore: boolean): Options | ErrorReply {
  const options: Options = {
    isDescending: false,
    isAlphabetic: false,
    offset: 0,
    count: -1,
    by: null,
    gets: [],
    store: null,
  }
  for (let index = 2; index < args.length; index++) {
    const option = args[index]!
    const next = args[index + 1]
    if (isWord(option, 'asc')) options.isDescending = false
    else if (isWord(option, 'desc')) options.isDescending = true
    else if (isWord(option, 'alpha')) options.isAlphabetic = true
    else if (isWord(option, 'limit') && index + 2 < args.length) {
      const offset = parseInteger(next!)
      const count = parseInteger(args[index + 2]!)
      if (offset === null || count === null) return NOT_AN_INTEGER
      options.offset = offset
      options.count = count
      index += 2
    } else if (next === undefined) return SYNTAX_ERROR
    else if (canStore && isWord(option, 'store')) options.store = args[++index]!
    else if (isWord(option, 'by')) options.by = args[++index]!
    else if (isWord(option, 'get')) options.gets.push(args[++index]!)
    else return SYNTAX_ERROR
  }
  return options
}

function elementsOf(value: Value): string[] {
  switch (value.type) {
    case 'list':
      return [...value.items]
    case 'set':
      return membersInOrder(value)
    case 'zset':
      return value.order.map(({ member }) => member)
    case 'string':
    case 'hash':
    case 'stream':
      return []
  }
}

interface Order {
  readonly by: string | null
  readonly isAlphabetic: boolean
  readonly isDescending: boolean
}

/** Sorted elements, or null when one of the numbers is none. */
function sortElements(elements: readonly string[], keys: Keyspace, order: Order): string[] | null {
  const { by, isAlphabetic, isDescending } = order
  const weighed = elements.map((element) => {
    const weight = by === null ? element : lookUp(keys, by, element)
    return { element, weight, score: isAlphabetic ? 0 : weight === null ? 0 : scoreOf(weight) }
  })
  if (weighed.some(({ score }) => score === null)) return null
  const compare = isAlphabetic
    ? (a: (typeof weighed)[0], b: (typeof weighed)[0]) => compareWeights(a.weight, b.weight)
    : (a: (typeof weighed)[0], b: (typeof weighed)[0]) =>
        compareScores(a.score!, b.score!) || compareBytes(a.element, b.element)
  weighed.sort(isDescending ? (a, b) => -compare(a, b) : compare)
  return weighed.map(({ element }) => element)
}

/** strtod of the whole text: blanks before the number are fine, and nothing at all is 0. */
function scoreOf(bytes: string): number | null {
  const text = cText(bytes)
  if (text === '') return 0
  const score = parseDouble(text.replace(/^[ \t\n\v\f\r]+/, ''))
  const isSubnormal = score !== null && score !== 0 && Math.abs(score) < NORMAL_MIN
  // A subnormal number in decimals had to be rounded, one in hexadecimals is what it says.
  return isSubnormal && !text.includes('x') ? null : score
}

const compareScores = (a: number, b: number): number => (a > b ? 1 : a < b ? -1 : 0)

const compareBytes = (a: string, b: string): number => (a > b ? 1 : a < b ? -1 : 0)

/** A missing weight comes first. */
function compareWeights(a: string | null, b: string | null): number {
  if (a === null || b === null) return a === b ? 0 : a === null ? -1 : 1
  return compareBytes(a, b)
}

/** LIMIT, clamped as Redis does it; `end` is inclusive and below `start` when nothing is left. */
function limits({ offset, count }: Options, length: number): { readonly start: number; readonly end: number } {
  const start = Math.min(Math.max(offset, 0), length)
  const wanted = Math.min(Math.max(count, -1), length)
  const end = wanted < 0 ? length - 1 : start + wanted - 1
  if (start >= length) return { start: 0, end: -1 }
  return { start, end: Math.min(end, length - 1) }
}

/** `#`, `weight_*` or `object_*->field` for one element; null when there is no such value. */
function lookUp(keys: Keyspace, pattern: string, element: string): string | null {
  if (pattern === '#') return element
  const star = pattern.indexOf('*')
  if (star === -1) return null
  const arrow = pattern.indexOf('->', star + 1)
  const hasField = arrow !== -1 && arrow + 2 < pattern.length
  const key = pattern.slice(0, star) + element + pattern.slice(star + 1, hasField ? arrow : undefined)
  const value = keys.read(key)?.value
  if (hasField) return value?.type === 'hash' ? (value.fields.get(pattern.slice(arrow + 2)) ?? null) : null
  return value?.type === 'string' ? value.text : null
}
