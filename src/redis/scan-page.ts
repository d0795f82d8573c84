/**
 * HSCAN, SSCAN, ZSCAN (and SCAN): cursors, options, and which elements one call hands out.
 *
 * Models          the guarantees of SCAN without any state in the server: an element that is there during the whole
 *                 iteration is handed out exactly once, whatever else comes and goes. Elements are visited in the order of
 *                 a hash of their bytes, and the cursor is the hash to go on with, so nothing that changes moves an element.
 *                 Compact collections are handed out whole with cursor 0, as in Redis.
 * Does not model  Redis's own cursors, which depend on a random hash seed and on the size of the table.
 *
 * Source: https://redis.io/docs/latest/commands/scan/
 */
import { isWord, parseInteger } from './arguments.ts'
import { cText, type ErrorReply, INVALID_CURSOR, NOT_AN_INTEGER, SYNTAX_ERROR } from './errors.ts'
import { globMatches } from './glob.ts'

const COUNT_DEFAULT = 10
const UINT64_MAX = 18446744073709551615n
const HASH_BITS = 32
const CURSOR = /^([+-]?)([0-9]+)$/

/** What follows the cursor. */
export interface ScanOptions {
  /** Elements wanted in one call. */
  readonly count: number
  /** MATCH; null: everything. */
  readonly pattern: string | null
  /** TYPE of SCAN, lower case; null: every type. */
  readonly type: string | null
  /** NOVALUES of HSCAN: names alone. */
  readonly isBare: boolean
}

/** One call's share: the names of the elements (not yet matched against the pattern) and where to go on, 0 for the end. */
export interface ScanPage {
  readonly cursor: number
  readonly names: readonly string[]
}

/**
 * The cursor as `strtoul` reads it, up to a zero byte: a sign is fine, nothing at all is 0, more than 64 bits is not. Only
 * its lower bits are used, as Redis uses those that the size of its table needs.
 */
export function parseCursor(bytes: string): number | ErrorReply {
  const text = cText(bytes)
  if (text === '') return 0
  const match = CURSOR.exec(text)
  if (match === null) return INVALID_CURSOR
  const size = BigInt(match[2]!)
  if (size > UINT64_MAX) return INVALID_CURSOR
  return Number(BigInt.asUintN(HASH_BITS, match[1] === '-' ? -size : size))
}

/** Options from `args[start]` on; `allowsType` for SCAN alone, `allowsBare` for HSCAN of servers that have it. */
export function parseScanOptions(
  args: readonly string[],
  start: number,
  { allowsType = false, allowsBare = false } = {},
): ScanOptions | ErrorReply {
  let count = COUNT_DEFAULT
  let pattern: string | null = null
  let type: string | null = null
  let isBare = false
  for (let index = start; index < args.length; index += 2) {
    if (allowsBare && isWord(args[index]!, 'novalues')) {
      isBare = true
      index -= 1
      continue
    }
    const value = args[index + 1]
    if (value === undefined) return SYNTAX_ERROR
    if (isWord(args[index]!, 'count')) {
      const parsed = parseInteger(value)
      if (parsed === null) return NOT_AN_INTEGER
      if (parsed < 1) return SYNTAX_ERROR
      count = parsed
    } else if (isWord(args[index]!, 'match')) {
      pattern = value === '*' ? null : value
    } else if (allowsType && isWord(args[index]!, 'type')) {
      type = value.toLowerCase()
    } else {
      return SYNTAX_ERROR
    }
  }
  return { count, pattern, type, isBare }
}

/** The next `count` names from `cursor` on; names with equal hashes are never parted. */
export function scanPage(names: Iterable<string>, cursor: number, count: number): ScanPage {
  const found: { readonly name: string; readonly hash: number }[] = []
  for (const name of names) {
    const hash = hashOf(name)
    if (hash >= cursor) found.push({ name, hash })
  }
  found.sort((a, b) => a.hash - b.hash || (a.name < b.name ? -1 : 1))
  let end = Math.min(count, found.length)
  while (end > 0 && end < found.length && found[end]!.hash === found[end - 1]!.hash) end++
  return { cursor: found[end]?.hash ?? 0, names: found.slice(0, end).map(({ name }) => name) }
}

/** Whether a name passes the MATCH option. */
export const matchesPattern = (name: string, pattern: string | null): boolean =>
  pattern === null || globMatches(pattern, name)

/** FNV-1a, 32 bits, never 0: a cursor of 0 means the end. */
function hashOf(name: string): number {
  let hash = 0x811c9dc5
  for (let index = 0; index < name.length; index++) hash = Math.imul(hash ^ name.charCodeAt(index), 0x01000193)
  return hash >>> 0 || 1
}
