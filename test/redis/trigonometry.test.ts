/** Sines made of additions and multiplications alone, against those of this engine, which may be off by the last bit. */
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { arcSine, cosine, sine } from '../../src/redis/trigonometry.ts'

const EPSILON = 2 ** -52

/** Equal, or neighbours. */
const isClose = (a: number, b: number): boolean => Math.abs(a - b) <= EPSILON * Math.max(Math.abs(b), 2 ** -60)

it.each([
  [sine, Math.sin],
  [cosine, Math.cos],
])('agrees with the engine to the last bit but one for angles', (ours, theirs) => {
  fc.assert(fc.property(fc.double({ min: -700, max: 700, noNaN: true }), (x) => isClose(ours(x), theirs(x))))
})

it('agrees with the engine to the last bit but one for arc sines', () => {
  fc.assert(fc.property(fc.double({ min: 0, max: 1, noNaN: true }), (x) => isClose(arcSine(x), Math.asin(x))))
})

it('rounds where the engine and the C library of Redis differ', () => {
  // sin(64) = 0.920026038196790683…, between two doubles; musl takes the upper one, glibc the lower.
  expect(sine(64)).toBe(0.9200260381967906)
})
