/** Durations, ranges and ratios as people write them. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  formatUs,
  parseDurationUs,
  parseRangeUs,
  parseRatio,
  parseSignedDurationUs,
  writeUs,
} from '../../src/sim/units.ts'

describe('durations', () => {
  it.each([
    ['250us', 250],
    ['250ms', 250_000],
    ['30s', 30_000_000],
    ['2m', 120_000_000],
    ['1h', 3_600_000_000],
    ['1.5s', 1_500_000],
    ['1.1s', 1_100_000],
    ['0.000001s', 1],
    ['0s', 0],
  ])('reads %s', (text, us) => {
    expect(parseDurationUs(text)).toBe(us)
  })

  it.each(['', '2', 's', '2 s', '2 seconds', '-2s', '+2s', '1e3s', '.5s', '2.s', '2S', '0x2s', '2s3ms', ' 2s', '２s'])(
    'refuses %j',
    (text) => {
      expect(parseDurationUs(text)).toBeNull()
    },
  )

  it('refuses what is not whole microseconds, and what a number cannot hold', () => {
    expect(parseDurationUs('0.5us')).toBeNull()
    expect(parseDurationUs('1.0000001s')).toBeNull()
    expect(parseDurationUs('9999999999999999h')).toBeNull()
  })

  it('reads back whatever it writes', () => {
    fc.assert(
      fc.property(fc.integer({ min: -1e12, max: 1e12 }), (us) => {
        expect(parseSignedDurationUs(writeUs(us))).toBe(us)
      }),
    )
  })

  it('reads a sign where a sign is asked for', () => {
    expect(parseSignedDurationUs('-5s')).toBe(-5_000_000)
    expect(parseSignedDurationUs('+5s')).toBe(5_000_000)
    expect(parseSignedDurationUs('5s')).toBe(5_000_000)
    expect(parseSignedDurationUs('--5s')).toBeNull()
    expect(Object.is(parseSignedDurationUs('-0s'), 0)).toBe(true)
  })
})

describe('ranges and ratios', () => {
  it('reads both ends, or one for both', () => {
    expect(parseRangeUs('100us..400us')).toEqual({ minUs: 100, maxUs: 400 })
    expect(parseRangeUs('1ms')).toEqual({ minUs: 1_000, maxUs: 1_000 })
  })

  it.each(['400us..100us', '100us..', '..100us', '1us..2us..3us', '100us-400us'])('refuses %s', (text) => {
    expect(parseRangeUs(text)).toBeNull()
  })

  it('reads a ratio of at most the whole', () => {
    expect(parseRatio('3/100')).toEqual({ num: 3, den: 100 })
    for (const text of ['3', '3/0', '4/3', '-1/2', '1.5/2', '3/100/2']) expect(parseRatio(text)).toBeNull()
  })
})

describe('in reports', () => {
  it.each([
    [0, '0 µs'],
    [350, '350 µs'],
    [1_500, '1.5 ms'],
    [40_000_000, '40 s'],
    [2_100_000, '2.1 s'],
    [2_100_400, '2.1 s'],
    [90_000_000, '90 s'],
    [120_000_000, '2 min'],
    [125_000_000, '125 s'],
    [-5_000_000, '-5 s'],
  ])('%i µs is %s', (us, text) => {
    expect(formatUs(us)).toBe(text)
  })
})
