/** What holds for every clock, however it was stepped and re-based, over a day of virtual time. */
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { Clock, EPOCH_US } from '../../src/sim/clock.ts'

const DAY_US = 24 * 3_600_000_000
const ratePpm = fc.oneof(fc.constant(0), fc.integer({ min: -500_000, max: 500_000 }), fc.constantFrom(-1, 1, 333_333))
const stepUs = fc.integer({ min: -3_600_000_000, max: 3_600_000_000 })
const elapsedUs = fc.oneof(fc.nat(10), fc.nat(DAY_US / 8))

/** A clock with a past: changes at growing true times. */
const history = fc.array(fc.record({ afterUs: elapsedUs, ratePpm, stepUs }), { maxLength: 6 })

function play(changes: readonly { afterUs: number; ratePpm: number; stepUs: number }[]) {
  const clock = new Clock()
  let atUs = 0
  for (const change of changes) {
    atUs += change.afterUs
    clock.setRate(atUs, change.ratePpm)
    clock.step(change.stepUs)
  }
  return { clock, atUs }
}

it('the monotonic clock never goes back and counts whole microseconds', () => {
  fc.assert(
    fc.property(history, fc.array(elapsedUs, { minLength: 1, maxLength: 20 }), (changes, laters) => {
      const { clock, atUs } = play(changes)
      let trueUs = atUs
      let before = clock.monoUs(trueUs)
      for (const later of laters) {
        trueUs += later % (DAY_US / 32)
        const now = clock.monoUs(trueUs)
        expect(Number.isSafeInteger(now)).toBe(true)
        expect(now).toBeGreaterThanOrEqual(before)
        expect(clock.monoUs(trueUs + 1)).toBeGreaterThanOrEqual(now)
        before = now
      }
    }),
  )
})

it('a change of rate or a step leaves the monotonic clock where it is', () => {
  fc.assert(
    fc.property(history, fc.record({ afterUs: elapsedUs, ratePpm, stepUs }), (changes, change) => {
      const { clock, atUs } = play(changes)
      const nowUs = atUs + change.afterUs
      const before = clock.monoUs(nowUs)
      clock.setRate(nowUs, change.ratePpm)
      expect(clock.monoUs(nowUs)).toBe(before)
      clock.step(change.stepUs)
      expect(clock.monoUs(nowUs)).toBe(before)
    }),
  )
})

it('a step is exactly what the wall clock moves by', () => {
  fc.assert(
    fc.property(history, stepUs, elapsedUs, (changes, byUs, later) => {
      const { clock, atUs } = play(changes)
      const before = clock.wallUs(atUs + later)
      clock.step(byUs)
      expect(clock.wallUs(atUs + later) - before).toBe(byUs)
      expect(clock.wallUs(atUs) - clock.monoUs(atUs)).toBe(EPOCH_US + clock.offsetUs)
    }),
  )
})

it('trueUsWhenMono is the first instant that shows it', () => {
  fc.assert(
    fc.property(history, elapsedUs, (changes, aheadUs) => {
      const { clock, atUs } = play(changes)
      const target = clock.monoUs(atUs) + aheadUs
      const whenUs = clock.trueUsWhenMono(target)
      expect(clock.monoUs(whenUs)).toBeGreaterThanOrEqual(target)
      // The instant before, unless that lies before the last change: nobody may ask for the past.
      if (whenUs > atUs) expect(clock.monoUs(whenUs - 1)).toBeLessThan(target)
      expect(whenUs).toBeLessThanOrEqual(atUs + 2 * aheadUs + 2)
    }),
  )
})

it('trueUsWhenWall is the first instant that shows it', () => {
  fc.assert(
    fc.property(history, elapsedUs, (changes, aheadUs) => {
      const { clock, atUs } = play(changes)
      const target = clock.wallUs(atUs) + aheadUs
      const whenUs = clock.trueUsWhenWall(target)
      expect(clock.wallUs(whenUs)).toBeGreaterThanOrEqual(target)
      if (whenUs > atUs) expect(clock.wallUs(whenUs - 1)).toBeLessThan(target)
    }),
  )
})

it('two clocks of the same rate drift apart by no more than that rate', () => {
  fc.assert(
    fc.property(ratePpm, fc.nat(DAY_US), (rate, trueUs) => {
      const clock = new Clock()
      clock.setRate(0, rate)
      const exact = (BigInt(trueUs) * BigInt(1_000_000 + rate)) / 1_000_000n
      // The division of a negative bigint rounds towards zero, ours down; both are within a microsecond of the truth.
      expect(Math.abs(clock.monoUs(trueUs) - Number(exact))).toBeLessThanOrEqual(1)
    }),
  )
})
