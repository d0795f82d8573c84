/**
 * Sine, cosine and arc sine, rounded from twice the precision of a double: the same in every engine, and nearly always what
 * the C library of Redis's machine gives.
 *
 * Does not model  angles of more than some million radians, whose last digits are lost.
 */

import type { DoubleDouble } from './double-double.ts'
import * as dd from './double-double.ts'

/** π/2 in three doubles. */
const HALF_PI: DoubleDouble = { high: 1.5707963267948966, low: 6.123233995736766e-17 }
const HALF_PI_REST = -1.4973849048591833e-33

/** Terms of the series until they no longer count for an angle of π/4. */
const TERMS = 14

export function sine(angle: number): number {
  const { quarter, rest } = reduce(angle)
  return rounded(quarter % 2 === 0 ? sineSeries(rest) : cosineSeries(rest), quarter >= 2)
}

export function cosine(angle: number): number {
  const { quarter, rest } = reduce(angle)
  return rounded(quarter % 2 === 0 ? cosineSeries(rest) : sineSeries(rest), quarter === 1 || quarter === 2)
}

const rounded = ({ high }: DoubleDouble, isNegative: boolean): number => (isNegative ? -high : high)

/** The angle as a number of quarter turns (0 to 3) and what is left, between -π/4 and π/4. */
function reduce(angle: number): { readonly quarter: number; readonly rest: DoubleDouble } {
  const turns = Math.round(angle / HALF_PI.high)
  const whole = dd.multiply(HALF_PI, dd.of(turns))
  const rest = dd.add(dd.add(dd.of(angle), dd.negate(whole)), dd.of(-turns * HALF_PI_REST))
  return { quarter: ((turns % 4) + 4) % 4, rest }
}

function sineSeries(x: DoubleDouble): DoubleDouble {
  const square = dd.negate(dd.multiply(x, x))
  let term = x
  let sum = x
  for (let index = 1; index < TERMS; index++) {
    term = dd.divide(dd.multiply(term, square), 2 * index * (2 * index + 1))
    sum = dd.add(sum, term)
  }
  return sum
}

function cosineSeries(x: DoubleDouble): DoubleDouble {
  const square = dd.negate(dd.multiply(x, x))
  let term = dd.of(1)
  let sum = term
  for (let index = 1; index < TERMS; index++) {
    term = dd.divide(dd.multiply(term, square), (2 * index - 1) * (2 * index))
    sum = dd.add(sum, term)
  }
  return sum
}

/** The arc sine of a number between 0 and 1. */
export function arcSine(value: number): number {
  if (!(value <= 1)) return Number.NaN
  if (value <= 0.5) return arcSineSeries(dd.of(value)).high
  // asin(x) = π/2 − 2 asin(√((1 − x) / 2)), whose argument is at most 1/2 again.
  const half = dd.divide(dd.add(dd.of(1), dd.of(-value)), 2)
  const angle = dd.multiply(arcSineSeries(dd.squareRoot(half)), dd.of(-2))
  return dd.add(HALF_PI, angle).high
}

const ARC_TERMS = 60

function arcSineSeries(x: DoubleDouble): DoubleDouble {
  const square = dd.multiply(x, x)
  let power = x
  let sum = x
  for (let index = 1; index < ARC_TERMS; index++) {
    power = dd.divide(dd.multiply(dd.multiply(power, square), dd.of(2 * index - 1)), 2 * index)
    const term = dd.divide(power, 2 * index + 1)
    sum = dd.add(sum, term)
    if (Math.abs(term.high) < Math.abs(sum.high) * 2 ** -110) break
  }
  return sum
}
