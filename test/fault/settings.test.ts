/** The types that settings are made of say what they expected and what they got. */
import { describe, expect, it } from 'vitest'
import type { z } from 'zod'
import {
  durationOrZeroUs,
  durationUs,
  ppm,
  processList,
  processName,
  rangeUs,
  ratio,
  signedDurationUs,
} from '../../src/fault/settings.ts'
import { shown } from '../../src/sim/shown.ts'

/** The value that comes out, or the complaints. */
const read = (schema: z.ZodType, input: unknown): unknown => {
  const result = schema.safeParse(input)
  return result.success ? result.data : result.error.issues.map(({ message }) => message)
}

describe('settings that are right', () => {
  it.each<[z.ZodType, unknown, unknown]>([
    [durationUs, '2s', 2_000_000],
    [durationOrZeroUs, '0s', 0],
    [signedDurationUs, '-5s', -5_000_000],
    [signedDurationUs, '+5s', 5_000_000],
    [rangeUs, '100us..400us', { minUs: 100, maxUs: 400 }],
    [ratio, '3/100', { num: 3, den: 100 }],
    [processName, 'A', 'A'],
    [processName, 'AA', 'AA'],
    [processName, 'redis-12', 'redis-12'],
    [processName, 'storage', 'storage'],
    [processList, ['A', 'redis-1'], ['A', 'redis-1']],
    [ppm, -5000, -5000],
  ])('%#: come out as the simulation wants them', (schema, input, output) => {
    expect(read(schema, input)).toEqual(output)
  })
})

describe('settings that are wrong', () => {
  it.each<[z.ZodType, unknown, string]>([
    [durationUs, '2 seconds', 'expected a duration such as 2s, got "2 seconds"'],
    [durationUs, '0s', 'expected a duration such as 2s, got "0s"'],
    [durationUs, '0.1us', 'expected a duration such as 2s, got "0.1us"'],
    [durationUs, 2, 'expected a duration such as 2s, got 2'],
    [durationUs, undefined, 'missing, expected a duration such as 2s'],
    [durationUs, null, 'expected a duration such as 2s, got null'],
    [durationUs, '-2s', 'expected a duration such as 2s, got "-2s"'],
    [signedDurationUs, '0s', 'expected a duration with a sign such as +5s or -5s, got "0s"'],
    [rangeUs, '4us..1us', 'expected a range of durations such as 100us..400us, got "4us..1us"'],
    [ratio, '101/100', 'expected a ratio such as 3/100, got "101/100"'],
    [processName, 'a', 'expected a process such as A, redis-1 or storage, got "a"'],
    [processName, 'redis-0', 'expected a process such as A, redis-1 or storage, got "redis-0"'],
    [processList, [], 'expected a list of processes such as [A, redis-1], got []'],
    [processList, 'A', 'expected a list of processes such as [A, redis-1], got "A"'],
    [processList, ['A', 'A'], 'expected each process once, got ["A","A"]'],
    [ppm, 0, 'expected parts per million such as 5000 or -5000, at most 500000, got 0'],
    [ppm, 1.5, 'expected parts per million such as 5000 or -5000, at most 500000, got 1.5'],
    [ppm, 1e6, 'expected parts per million such as 5000 or -5000, at most 500000, got 1000000'],
  ])('%#: are refused in one sentence', (schema, input, message) => {
    expect(read(schema, input)).toEqual([message])
  })

  it('are cut where they would fill the line', () => {
    expect(shown('x'.repeat(100))).toBe(`"${'x'.repeat(56)}...`)
  })
})
