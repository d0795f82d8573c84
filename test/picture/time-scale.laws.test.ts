/** The scale of pictures and timelines: what holds for all of them. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createTimeScale } from '../../src/picture/time-scale.ts'

const sorted = (values: readonly number[]): number[] => [...new Set(values)].sort((a, b) => a - b)
const INSTANTS = fc
  .array(fc.oneof(fc.nat(1_000), fc.nat(1_000_000), fc.nat(60_000_000)), { minLength: 1, maxLength: 60 })
  .map(sorted)

describe('a time scale', () => {
  it('gives a longer stretch more room, and the shortest one its minimum', () => {
    const scale = createTimeScale({ landmarks: [0, 500, 30_000_500, 30_001_000], width: 300, gapMin: 20 })
    const widths = [0, 500, 30_000_500, 30_001_000].map((us) => scale.x(us)).map((x, i, all) => x - (all[i - 1] ?? 0))
    // Fourth roots 4.73, 74.01 and 4.73 share the 240 columns that the three minima leave: 20 + 13.6, 20 + 212.8.
    expect(widths.map(Math.round)).toEqual([0, 34, 233, 34])
    // 30 s are drawn 8,700 times denser than the half milliseconds beside them, so there is a break.
    expect(scale.breaks.map(({ lengthUs }) => lengthUs)).toEqual([30_000_000])
  })

  it('never goes back, begins at 0 and ends at its width', () => {
    fc.assert(
      fc.property(INSTANTS, INSTANTS, (landmarks, details) => {
        const scale = createTimeScale({ landmarks, details, width: 1000, gapMin: 10 })
        const instants = sorted([...landmarks, ...details])
        const places = instants.map((us) => scale.x(us))
        expect(places.every((x, index) => x >= (places[index - 1] ?? 0) && x <= 1000)).toBe(true)
        expect(scale.x(landmarks[0]!)).toBe(0)
        if (landmarks.length > 1) expect(scale.x(landmarks.at(-1)!)).toBe(1000)
      }),
    )
  })

  it('keeps landmarks apart as far as the width allows, however many details there are', () => {
    fc.assert(
      fc.property(INSTANTS, INSTANTS, (landmarks, details) => {
        const scale = createTimeScale({ landmarks, details, width: 1000, gapMin: 10 })
        const least = Math.min(10, 1000 / (landmarks.length - 1))
        for (const [index, us] of landmarks.entries()) {
          if (index > 0) expect(scale.x(us) - scale.x(landmarks[index - 1]!)).toBeGreaterThanOrEqual(least - 1e-6)
        }
      }),
    )
  })

  it('breaks where nothing happens, and at most six times', () => {
    fc.assert(
      fc.property(INSTANTS, INSTANTS, (landmarks, details) => {
        const scale = createTimeScale({ landmarks, details, width: 1000, gapMin: 10 })
        const places = [...landmarks, ...details].map((us) => scale.x(us))
        expect(scale.breaks.length).toBeLessThanOrEqual(6)
        for (const { fromX, untilX } of scale.breaks) {
          expect(places.some((x) => x > fromX + 1e-6 && x < untilX - 1e-6)).toBe(false)
        }
      }),
    )
  })
})
