/** Numbers as text, exactly as C and Redis read and write them. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseInteger, parseInteger64, rangeArgument, timeoutArgument } from '../../src/redis/arguments.ts'
import { formatDouble, parseDouble } from '../../src/redis/double.ts'
import { addLongDoubles, formatLongDouble, parseLongDouble } from '../../src/redis/long-double.ts'

describe('integers', () => {
  it.each([
    '',
    '-',
    '+1',
    '01',
    '-0',
    ' 1',
    '1 ',
    '1.0',
    '1e3',
    '0x1',
    '9223372036854775808',
    '-9223372036854775809',
    '99999999999999999999',
    'abc',
    '1\x00',
  ])('are not %j', (text) => {
    expect(parseInteger(text)).toBeNull()
    expect(parseInteger64(text)).toBeNull()
  })

  it('are read exactly, as a number or as a bigint', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), (value) => {
        expect(parseInteger64(String(value))).toBe(value)
        expect(parseInteger(String(value))).toBe(Number(value))
      }),
    )
  })

  it('are refused outside a range with the words of Redis', () => {
    expect(rangeArgument('17', 0, 16)).toEqual({
      kind: 'error',
      text: 'ERR value is out of range, value must between 0 and 16',
    })
    expect(rangeArgument('x', 0, 16)).toEqual({ kind: 'error', text: 'ERR value is not an integer or out of range' })
  })
})

describe('doubles', () => {
  it.each([
    ['1', 1],
    ['-1.5', -1.5],
    ['+3', 3],
    ['.5', 0.5],
    ['5.', 5],
    ['1e3', 1000],
    ['inf', Infinity],
    ['-Infinity', -Infinity],
    ['0x10', 16],
    ['0x1p-1', 0.5],
    ['0x.8', 0.5],
    ['-0', -0],
  ])('%s is %d', (text, value) => {
    expect(parseDouble(text)).toBe(value)
  })

  it.each([
    '',
    ' 1',
    '1 ',
    'nan',
    '1e',
    '1e400',
    '1e-400',
    '0x',
    'abc',
    '--1',
    '1..2',
    '0x1p99999',
    '.',
    'e5',
    'infin',
  ])('%j is none', (text) => {
    expect(parseDouble(text)).toBeNull()
  })

  it.each([
    [0.1, '0.10000000000000001'],
    [1.5, '1.5'],
    [3, '3'],
    [-0, '-0'],
    [1e17, '1e+17'],
    [1e16, '10000000000000000'],
    [2 ** 60, '1.152921504606847e+18'],
    [1e-5, '1.0000000000000001e-05'],
    [0.0001, '0.0001'],
    [Infinity, 'inf'],
    [-Infinity, '-inf'],
    [2 ** -25, '2.9802322387695312e-08'],
    [5e-324, '4.9406564584124654e-324'],
    [123456789.123, '123456789.123'],
  ])('%d is printed as %s', (value, text) => {
    expect(formatDouble(value)).toBe(text)
  })

  it('come back from what is printed', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
        expect(Number(formatDouble(value))).toBe(value)
      }),
    )
  })
})

describe('long doubles', () => {
  const sum = (a: string, b: string): string =>
    formatLongDouble(addLongDoubles(parseLongDouble(a)!, parseLongDouble(b)!)!)

  it.each([
    ['0.1', '0.2', '0.3'],
    ['10.50', '0.1', '10.6'],
    ['5.0e3', '2.0e2', '5200'],
    ['3', '1.0', '4'],
    ['-1.5', '1.5', '0'],
    ['1', '1e-18', '1'],
    ['123456789012345678901234567890', '0', '123456789012345678899921813504'],
    ['0x10', '1', '17'],
  ])('%s + %s is %s', (a, b, result) => {
    expect(sum(a, b)).toBe(result)
  })

  it.each(['', ' 1', 'nan', '1e5000', '1e-5000', 'abc', '.'])('%j is none', (text) => {
    expect(parseLongDouble(text)).toBeNull()
  })

  it('refuses infinity in sums', () => {
    expect(addLongDoubles(parseLongDouble('inf')!, parseLongDouble('1')!)).toBeNull()
  })
})

describe('timeouts of blocking commands', () => {
  it.each([
    ['0', null],
    ['0.001', 1],
    ['1.5', 1500],
    ['0.0001', 1],
    ['-0', null],
    ['1e3', 1_000_000],
  ])('%s s is %s ms', (text, ms) => {
    expect(timeoutArgument(text)).toBe(ms)
  })

  it('says what is wrong', () => {
    expect(timeoutArgument('abc')).toEqual({ kind: 'error', text: 'ERR timeout is not a float or out of range' })
    expect(timeoutArgument('-1')).toEqual({ kind: 'error', text: 'ERR timeout is negative' })
    expect(timeoutArgument('inf')).toEqual({ kind: 'error', text: 'ERR timeout is negative' })
  })
})
