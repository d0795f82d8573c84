/**
 * Which keys and channels a call touches, and what it does to them: from the key specifications of its command.
 *
 * Source: db.c (`getKeysUsingKeySpecs`, `setGetKeys`, `bitfieldGetKeys`, `sortGetKeys`, `commands_with_channels`) of Redis 7.0;
 * https://redis.io/docs/latest/develop/reference/key-specs/
 */
import { isWord, parseInteger } from '../arguments.ts'
import { factsOf } from '../commands/newer-facts.ts'

/** One key of a call. */
export interface KeyAccess {
  /** Where it stands among the arguments. */
  readonly at: number
  readonly flags: readonly string[]
}

interface Specification {
  readonly flags: readonly string[]
  readonly begin: readonly string[]
  readonly find: readonly string[]
}

const parsed = new Map<string, readonly Specification[]>()

function specificationsOf(name: string): readonly Specification[] {
  const before = parsed.get(name)
  if (before !== undefined) return before
  const specifications = (factsOf(name)?.[2] ?? []).map((text): Specification => {
    const [flags, begin, find] = text.split('|') as [string, string, string]
    return { flags: flags.split(' '), begin: begin.split(' '), find: find.split(' ') }
  })
  parsed.set(name, specifications)
  return specifications
}

const isKey = ({ flags }: Specification): boolean => !flags.includes('not_key')

/** Whether calls of this command can have keys. */
export const hasKeys = (name: string): boolean => specificationsOf(name).some(isKey)

/** The keys of a call; null: its arguments make no sense. */
export function keysOfCall(name: string, args: readonly string[]): readonly KeyAccess[] | null {
  if (name === 'set')
    return [{ at: 1, flags: args.slice(3).some((word) => isWord(word, 'get')) ? READ_WRITTEN : WRITTEN }]
  if (name === 'bitfield') return [{ at: 1, flags: onlyGets(args) ? ['RO', 'access'] : READ_WRITTEN }]
  if (name === 'sort' || name === 'sort_ro') return sortKeys(name, args)
  if (name === 'migrate') return migrateKeys(args)
  const keys: KeyAccess[] = []
  for (const specification of specificationsOf(name).filter(isKey)) {
    const found = positions(specification, args)
    if (found === null) return null
    for (const at of found) keys.push({ at, flags: specification.flags })
  }
  return keys
}

function migrateKeys(args: readonly string[]): readonly KeyAccess[] {
  const flags = ['RW', 'access', 'delete']
  const word = args.findIndex((arg, index) => index >= 6 && isWord(arg, 'keys'))
  if (word === -1) return [{ at: 3, flags }]
  return args[3] === '' ? args.slice(word + 1).map((_, index) => ({ at: word + 1 + index, flags })) : []
}

const READ_WRITTEN = ['RW', 'access', 'update']
const WRITTEN = ['OW', 'update']

function positions({ begin, find }: Specification, args: readonly string[]): readonly number[] | null {
  const start = beginning(begin, args)
  if (start === 'absent') return []
  const [kind, ...numbers] = find
  const [a, b, c] = numbers.map(Number) as [number, number, number]
  let first = start
  let last: number
  let step: number
  if (kind === 'range') {
    step = b
    last = a >= 0 ? first + a : c === 0 ? args.length + a : first + (Math.trunc((args.length - first) / c) + a)
  } else {
    const count = parseInteger(args[first + a] ?? '')
    if (count === null || count < 0) return null
    step = c
    first += b
    last = first + (count - 1) * step
  }
  if (last < first) return kind === 'range' ? null : []
  if (last >= args.length) return null
  const found: number[] = []
  for (let at = first; at <= last; at += step) found.push(at)
  return found
}

function beginning([kind, ...more]: readonly string[], args: readonly string[]): number | 'absent' {
  if (kind === 'index') return Number(more[0])
  const from = Number(more[1])
  const step = from > 0 ? 1 : -1
  for (let at = from > 0 ? from : args.length + from; at > 0 && at < args.length; at += step) {
    if (isWord(args[at]!, more[0]!.toLowerCase())) return at + 1
  }
  return 'absent'
}

function onlyGets(args: readonly string[]): boolean {
  for (let at = 2; at < args.length; at++) {
    const left = args.length - at - 1
    if (isWord(args[at]!, 'get') && left >= 2) at += 2
    else if (isWord(args[at]!, 'overflow') && left >= 1) at++
    else return false
  }
  return true
}

const SORT_OPTIONS: ReadonlyMap<string, number> = new Map([
  ['limit', 2],
  ['get', 1],
  ['by', 1],
])

function sortKeys(name: string, args: readonly string[]): readonly KeyAccess[] {
  const source = { at: 1, flags: ['RO', 'access'] }
  let target: KeyAccess | null = null
  for (let at = 2; at < args.length; at++) {
    const option = args[at]!.toLowerCase()
    if (option === 'store' && at + 1 < args.length) target = { at: at + 1, flags: WRITTEN }
    else at += SORT_OPTIONS.get(option) ?? 0
  }
  return target === null || name === 'sort_ro' ? [source] : [source, target]
}

/** The channels of commands that say or hear something; patterns are compared, not matched. */
const CHANNELS: Readonly<Record<string, { readonly isPattern: boolean; readonly takesAll: boolean }>> = {
  subscribe: { isPattern: false, takesAll: true },
  ssubscribe: { isPattern: false, takesAll: true },
  psubscribe: { isPattern: true, takesAll: true },
  publish: { isPattern: false, takesAll: false },
  spublish: { isPattern: false, takesAll: false },
}

/** Where channels stand; null: the command has none. */
export function channelsOfCall(
  name: string,
  args: readonly string[],
): { readonly isPattern: boolean; readonly count: number } | null {
  const channels = CHANNELS[name]
  return channels === undefined
    ? null
    : { isPattern: channels.isPattern, count: channels.takesAll ? args.length - 1 : Math.min(1, args.length - 1) }
}
