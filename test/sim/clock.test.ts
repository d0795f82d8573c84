/** The clocks of one machine. */
import { describe, expect, it } from 'vitest'
import { Clock, EPOCH_US } from '../../src/sim/clock.ts'

const SECOND = 1_000_000

describe('a clock that is right', () => {
  it('shows true time, from 2026-01-01', () => {
    const clock = new Clock()
    expect(clock.monoUs(0)).toBe(0)
    expect(clock.monoUs(5 * SECOND)).toBe(5 * SECOND)
    expect(clock.wallUs(0)).toBe(EPOCH_US)
    expect(clock.wallUs(5 * SECOND)).toBe(EPOCH_US + 5 * SECOND)
    expect(new Date(EPOCH_US / 1000).toISOString()).toBe('2026-01-01T00:00:00.000Z')
  })
})

describe('a step', () => {
  it('moves the wall clock, forwards and backwards, and never the monotonic clock', () => {
    const clock = new Clock()
    clock.step(-10 * SECOND)
    expect(clock.wallUs(3 * SECOND)).toBe(EPOCH_US - 7 * SECOND)
    expect(clock.monoUs(3 * SECOND)).toBe(3 * SECOND)
    clock.step(11 * SECOND)
    expect(clock.wallUs(3 * SECOND)).toBe(EPOCH_US + 4 * SECOND)
    expect(clock.offsetUs).toBe(SECOND)
  })

  it('moves the instant at which the wall clock shows a time', () => {
    const clock = new Clock()
    expect(clock.trueUsWhenWall(EPOCH_US + 9 * SECOND)).toBe(9 * SECOND)
    clock.step(2 * SECOND)
    expect(clock.trueUsWhenWall(EPOCH_US + 9 * SECOND)).toBe(7 * SECOND)
  })

  it('is a whole number of microseconds', () => {
    expect(() => new Clock().step(0.5)).toThrow('whole number of microseconds')
  })
})

describe('a rate', () => {
  it('is a gain in parts per million, on both clocks', () => {
    const clock = new Clock()
    clock.setRate(0, 1000)
    expect(clock.monoUs(10 * SECOND)).toBe(10 * SECOND + 10_000)
    expect(clock.wallUs(10 * SECOND)).toBe(EPOCH_US + 10 * SECOND + 10_000)
    expect(clock.ratePpm).toBe(1000)
  })

  it('counts from the moment at which it changes: what was gained stays', () => {
    const clock = new Clock()
    clock.setRate(0, 100_000)
    clock.setRate(10 * SECOND, -100_000)
    expect(clock.monoUs(10 * SECOND)).toBe(11 * SECOND)
    expect(clock.monoUs(20 * SECOND)).toBe(20 * SECOND)
    clock.setRate(20 * SECOND, 0)
    expect(clock.monoUs(21 * SECOND)).toBe(21 * SECOND)
  })

  it('rounds down, so that a slow clock stands still for some microseconds', () => {
    const clock = new Clock()
    clock.setRate(0, -500_000)
    expect([0, 1, 2, 3, 4].map((us) => clock.monoUs(us))).toEqual([0, 0, 1, 1, 2])
    expect(clock.trueUsWhenMono(1)).toBe(2)
    expect(clock.trueUsWhenMono(2)).toBe(4)
  })

  it('is within half and one and a half of true time', () => {
    expect(() => new Clock().setRate(0, 500_001)).toThrow('within ±500,000 ppm')
    expect(() => new Clock().setRate(0, 0.5)).toThrow('within ±500,000 ppm')
  })
})

describe('the listener', () => {
  it('is told after every change, when the clock already shows it', () => {
    const clock = new Clock()
    const seen: number[] = []
    clock.onChange = () => seen.push(clock.wallUs(2 * SECOND) - EPOCH_US)
    clock.step(SECOND)
    clock.setRate(0, 500_000)
    expect(seen).toEqual([3 * SECOND, 4 * SECOND])
  })
})
