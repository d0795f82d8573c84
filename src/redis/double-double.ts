/**
 * Numbers of about 106 bits: the sum of two doubles that do not overlap. Only additions and multiplications, which every
 * engine rounds alike; so are the sines made of them, which `Math.sin` is not.
 *
 * Source: T. J. Dekker, "A floating-point technique for extending the available precision", 1971
 */
export interface DoubleDouble {
  readonly high: number
  readonly low: number
}

export const ZERO: DoubleDouble = { high: 0, low: 0 }

/** The exact sum of two doubles. */
function twoSum(a: number, b: number): DoubleDouble {
  const high = a + b
  const rest = high - a
  return { high, low: a - (high - rest) + (b - rest) }
}

/** Splits a double into halves of 26 bits. */
const SPLITTER = 2 ** 27 + 1

/** The exact product of two doubles. */
function twoProduct(a: number, b: number): DoubleDouble {
  const high = a * b
  const aHigh = a * SPLITTER - (a * SPLITTER - a)
  const bHigh = b * SPLITTER - (b * SPLITTER - b)
  const aLow = a - aHigh
  const bLow = b - bHigh
  return { high, low: aLow * bLow - (high - aHigh * bHigh - aLow * bHigh - aHigh * bLow) }
}

export const of = (value: number): DoubleDouble => ({ high: value, low: 0 })

export function add(a: DoubleDouble, b: DoubleDouble): DoubleDouble {
  const sum = twoSum(a.high, b.high)
  return twoSum(sum.high, sum.low + a.low + b.low)
}

export const negate = ({ high, low }: DoubleDouble): DoubleDouble => ({ high: -high, low: -low })

export function multiply(a: DoubleDouble, b: DoubleDouble): DoubleDouble {
  const product = twoProduct(a.high, b.high)
  return twoSum(product.high, product.low + (a.high * b.low + a.low * b.high))
}

/** Divided by a whole number. */
export function divide(a: DoubleDouble, divisor: number): DoubleDouble {
  const quotient = a.high / divisor
  const product = twoProduct(quotient, divisor)
  return twoSum(quotient, (a.high - product.high - product.low + a.low) / divisor)
}

/** The square root of a number that is not negative. */
export function squareRoot(a: DoubleDouble): DoubleDouble {
  const root = Math.sqrt(a.high)
  if (root === 0) return ZERO
  const square = twoProduct(root, root)
  return twoSum(root, (a.high - square.high - square.low + a.low) / (2 * root))
}
