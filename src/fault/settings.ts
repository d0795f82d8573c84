/**
 * The zod types that settings of faults (and of scenarios) are made of: what YAML holds goes in, what the simulation
 * wants comes out, and back (`z.encode`), so that a storm that was found can be written down as a scenario would write it.
 * Each says what it expected and what it got.
 */
import * as z from 'zod'
import type { Ending } from '../redis/persistence/persistence.ts'
import type { Kept } from '../server/server.ts'
import { expectedGot, shown } from '../sim/shown.ts'
import {
  DURATION_PATTERN,
  parseDurationUs,
  parseRangeUs,
  parseRatio,
  parseSignedDurationUs,
  RANGE_PATTERN,
  RATIO_PATTERN,
  SIGNED_DURATION_PATTERN,
  writeUs,
} from '../sim/units.ts'

/** How a client (`A`, `AA`), a Redis node (`redis-1`), a Sentinel (`sentinel-1`) or the resource (`storage`) is called. */
export const PROCESS = '([A-Z]+|(?:redis|sentinel|keeper)-[1-9]\\d*|storage)'
const PROCESS_PATTERN = new RegExp(`^${PROCESS}$`)

/** Whether a process may be called so. */
export const isProcessName = (text: string): boolean => PROCESS_PATTERN.test(text)

/** A string that `parse` understands and `write` writes; `pattern` is what editors see of it in the JSON Schema. */
function parsed<Value>(
  expected: string,
  pattern: RegExp,
  parse: (text: string) => Value | null,
  write: (value: Value) => string,
) {
  const error = (issue: { readonly input?: unknown }) => expectedGot(expected, issue.input)
  return z.codec(z.string({ error }).regex(pattern, { error }), z.custom<Value>(), {
    decode: (text, context) => {
      const value = parse(text)
      if (value !== null) return value
      context.issues.push({ code: 'custom', message: expectedGot(expected, text), input: text })
      return z.NEVER
    },
    encode: write,
  })
}

/** `250us`, `1.5s`: whole microseconds, more than none. */
export const durationUs = parsed(
  'a duration such as 2s',
  DURATION_PATTERN,
  (text) => parseDurationUs(text) || null,
  writeUs,
)

/** A duration that may be nothing: `0s`. */
export const durationOrZeroUs = parsed('a duration such as 20ms, or 0s', DURATION_PATTERN, parseDurationUs, writeUs)

/** As `durationUs`, in whole milliseconds: what Redis takes. */
export const wholeMs = durationUs.refine((us) => us % 1_000 === 0, {
  error: 'expected whole milliseconds, such as 1s or 1500ms',
})

/** `-5s`, `+5s`: ahead or behind, never nothing. */
export const signedDurationUs = parsed(
  'a duration with a sign such as +5s or -5s',
  SIGNED_DURATION_PATTERN,
  (text) => parseSignedDurationUs(text) || null,
  (us) => `${us > 0 ? '+' : ''}${writeUs(us)}`,
)

/** `100us..400us`, or one duration for both ends. */
export const rangeUs = parsed('a range of durations such as 100us..400us', RANGE_PATTERN, parseRangeUs, writeRange)

function writeRange({ minUs, maxUs }: { readonly minUs: number; readonly maxUs: number }): string {
  return minUs === maxUs ? writeUs(minUs) : `${writeUs(minUs)}..${writeUs(maxUs)}`
}

/** `3/100`: three times in a hundred. */
export const ratio = parsed('a ratio such as 3/100', RATIO_PATTERN, parseRatio, ({ num, den }) => `${num}/${den}`)

const processExpected = 'a process such as A, redis-1 or storage'

/** The name of a client, of a Redis node, of a Sentinel, of a coordination service, or `storage`. */
export const processName = z
  .string({ error: (issue) => expectedGot(processExpected, issue.input) })
  .regex(PROCESS_PATTERN, { error: (issue) => expectedGot(processExpected, issue.input) })

/** Whether a node that starts again has its data; missing: as its persistence says, and without one it has none. */
export const keptData = z.boolean().optional()

/** What a node has that starts again; `ending` is what became of its machine. */
export const keptAfter = (
  { 'keep-data': keepsData }: { readonly 'keep-data'?: boolean | undefined },
  ending: Ending,
): Kept => (keepsData === undefined ? ending : keepsData ? 'all' : 'nothing')

const keyError = (issue: { readonly input?: unknown }): string => expectedGot('a key such as orders/42', issue.input)

/** The name of a key. */
export const keyName = z.string({ error: keyError }).min(1, { error: keyError })

const listError = (issue: { readonly input?: unknown }): string =>
  expectedGot('a list of processes such as [A, redis-1]', issue.input)

/** One or more processes, none of them twice. */
export const processList = z
  .array(processName, { error: listError })
  .min(1, { error: listError })
  .refine((names) => new Set(names).size === names.length, {
    error: (issue) => `expected each process once, got ${shown(issue.input)}`,
  })

const PPM_MAX = 500_000
const ppmError = (issue: { readonly input?: unknown }): string =>
  expectedGot(`parts per million such as 5000 or -5000, at most ${PPM_MAX}`, issue.input)

/** How much faster (or slower) a clock runs, in parts per million; half as fast again is the most. */
export const ppm = z
  .int({ error: ppmError })
  .min(-PPM_MAX, { error: ppmError })
  .max(PPM_MAX, { error: ppmError })
  .refine((value) => value !== 0, { error: ppmError })

/** A whole number from `min` to `max`. */
export function wholeNumber(min: number, max: number) {
  const error = (issue: { readonly input?: unknown }) =>
    expectedGot(`a whole number from ${min} to ${max}`, issue.input)
  return z.int({ error }).min(min, { error }).max(max, { error })
}
