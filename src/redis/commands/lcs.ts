/**
 * LCS: the longest common subsequence of two strings, its length, or the ranges that match.
 *
 * Source: https://redis.io/docs/latest/commands/lcs/
 */
import { isWord, parseInteger } from '../arguments.ts'
import { MISMATCH } from '../collections.ts'
import type { CommandContext } from '../command.ts'
import { errorOf, NOT_AN_INTEGER, SYNTAX_ERROR } from '../errors.ts'
import type { Reply } from '../reply.ts'
import { stringAt } from '../string-value.ts'

const NOT_STRINGS = errorOf('ERR The specified keys must contain string values')
const LENGTH_AND_INDEXES = errorOf('ERR If you want both the length and indexes, please just use IDX.')
const TOO_LARGE = errorOf('ERR Insufficient memory, transient memory for LCS exceeds proto-max-bulk-len')
const TABLE_BYTES_MAX = 512 * 1024 * 1024

interface Options {
  wantsLength: boolean
  wantsRanges: boolean
  withLengths: boolean
  lengthMin: number
}

/** A run of matching bytes: `length` of them end at `endA` in the one string and at `endB` in the other. */
interface Range {
  readonly startA: number
  readonly startB: number
  readonly length: number
}

export function lcs(args: readonly string[], { keys }: CommandContext): Reply {
  const a = stringAt(keys, args[1]!) ?? ''
  const b = stringAt(keys, args[2]!) ?? ''
  if (a === MISMATCH || b === MISMATCH) return NOT_STRINGS
  const options = parseOptions(args)
  if ('kind' in options) return options
  if (options.wantsLength && options.wantsRanges) return LENGTH_AND_INDEXES
  const width = b.length + 1
  if ((a.length + 1) * width * 4 > TABLE_BYTES_MAX) return TOO_LARGE
  const table = lengths(a, b)
  const total = table[a.length * width + b.length]!
  if (options.wantsLength) return total
  const { text, ranges } = walkBack(a, b, table)
  if (!options.wantsRanges) return text
  const matches = ranges
    .filter(({ length }) => options.lengthMin === 0 || length >= options.lengthMin)
    .map((range) => describe(range, options.withLengths))
  return {
    kind: 'map',
    entries: [
      ['matches', matches],
      ['len', total],
    ],
  }
}

function parseOptions(args: readonly string[]): Options | { readonly kind: 'error'; readonly text: string } {
  const options: Options = { wantsLength: false, wantsRanges: false, withLengths: false, lengthMin: 0 }
  for (let index = 3; index < args.length; index++) {
    const option = args[index]!
    if (isWord(option, 'idx')) options.wantsRanges = true
    else if (isWord(option, 'len')) options.wantsLength = true
    else if (isWord(option, 'withmatchlen')) options.withLengths = true
    else if (isWord(option, 'minmatchlen') && index + 1 < args.length) {
      const parsed = parseInteger(args[++index]!)
      if (parsed === null) return NOT_AN_INTEGER
      options.lengthMin = Math.max(parsed, 0)
    } else return SYNTAX_ERROR
  }
  return options
}

/** Row i, column j: the length of the LCS of the first i bytes of `a` and the first j bytes of `b`. */
function lengths(a: string, b: string): Uint32Array {
  const width = b.length + 1
  const table = new Uint32Array((a.length + 1) * width)
  for (let i = 1; i <= a.length; i++) {
    for (let j = 1; j <= b.length; j++) {
      table[i * width + j] =
        a[i - 1] === b[j - 1]
          ? table[(i - 1) * width + j - 1]! + 1
          : Math.max(table[(i - 1) * width + j]!, table[i * width + j - 1]!)
    }
  }
  return table
}

/** From the end of both strings to their beginning: the subsequence, and its ranges from last to first. */
function walkBack(a: string, b: string, table: Uint32Array): { readonly text: string; readonly ranges: Range[] } {
  const width = b.length + 1
  const ranges: Range[] = []
  const chars: string[] = []
  let run: Range | null = null
  let i = a.length
  let j = b.length
  while (i > 0 && j > 0) {
    if (a[i - 1] === b[j - 1]) {
      chars.push(a[i - 1]!)
      i--
      j--
      run = { startA: i, startB: j, length: run === null ? 1 : run.length + 1 }
      if (i === 0 || j === 0) {
        ranges.push(run)
        run = null
      }
      continue
    }
    if (run !== null) ranges.push(run)
    run = null
    if (table[(i - 1) * width + j]! > table[i * width + j - 1]!) i--
    else j--
  }
  return { text: chars.reverse().join(''), ranges }
}

function describe({ startA, startB, length }: Range, withLength: boolean): Reply {
  const ends = [
    [startA, startA + length - 1],
    [startB, startB + length - 1],
  ]
  return withLength ? [...ends, length] : ends
}
