/**
 * The options of SET and GETEX.
 *
 * Source: t_string.c (`parseExtendedStringArgumentsOrReply`) of Redis 7.0.
 */
import { isWord } from '../arguments.ts'
import type { ExpiryUnit } from '../expiry-argument.ts'

/** What SET and GETEX may be told, in any order. */
export interface StringOptions {
  unit: ExpiryUnit | null
  amount: string
  onlyIf: 'absent' | 'present' | null
  keepsTtl: boolean
  persists: boolean
  getsOld: boolean
}

/** The options from `args[start]` on; null: a syntax error. `forSet` decides whether those of SET or of GETEX are allowed. */
export function parseOptions(args: readonly string[], start: number, forSet: boolean): StringOptions | null {
  const options: StringOptions = {
    unit: null,
    amount: '',
    onlyIf: null,
    keepsTtl: false,
    persists: false,
    getsOld: false,
  }
  for (let index = start; index < args.length; index++) {
    const option = args[index]!
    const hasExpiryOption = options.unit !== null
    const unit = expiryUnit(option)
    if (unit !== null && index + 1 < args.length) {
      if (options.keepsTtl || options.persists || (hasExpiryOption && options.unit !== unit)) return null
      options.unit = unit
      options.amount = args[++index]!
    } else if (forSet && isWord(option, 'nx') && options.onlyIf !== 'present') {
      options.onlyIf = 'absent'
    } else if (forSet && isWord(option, 'xx') && options.onlyIf !== 'absent') {
      options.onlyIf = 'present'
    } else if (forSet && isWord(option, 'get')) {
      options.getsOld = true
    } else if (forSet && isWord(option, 'keepttl') && !hasExpiryOption) {
      options.keepsTtl = true
    } else if (!forSet && isWord(option, 'persist') && !hasExpiryOption) {
      options.persists = true
    } else {
      return null
    }
  }
  return options
}

function expiryUnit(option: string): ExpiryUnit | null {
  if (isWord(option, 'px')) return 'px'
  if (isWord(option, 'ex')) return 'ex'
  if (isWord(option, 'pxat')) return 'pxat'
  if (isWord(option, 'exat')) return 'exat'
  return null
}
