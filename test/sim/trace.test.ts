/** The record of a world and its fingerprint. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Atom, hashTrace, Trace, type TraceRecord, type TraceType } from '../../src/sim/trace.ts'

const record = (value: Atom | readonly Atom[], op = 'op', process = 'A', atUs = 0): TraceRecord => ({
  atUs,
  seq: 0,
  process,
  type: 'note',
  op,
  value,
})

const hashOf = (...values: (Atom | readonly Atom[])[]): string => hashTrace(values.map((value) => record(value)))

describe('a trace', () => {
  it('keeps records in the order of time, and at one instant in the order in which they were made', () => {
    const trace = new Trace(10)
    trace.append(20, 'A', 'note', 'second', null)
    trace.append(30, 'B', 'note', 'third', null)
    // A turn that was split by a pause records its rest late, among what others did meanwhile.
    trace.append(10, 'C', 'note', 'first', null)
    trace.append(30, 'A', 'note', 'fourth', null)
    expect(trace.sort().map(({ op }) => op)).toEqual(['first', 'second', 'third', 'fourth'])
  })

  it('sorts again when late records come after a sort', () => {
    const trace = new Trace(10)
    trace.append(20, 'A', 'note', 'second', null)
    trace.append(10, 'A', 'note', 'first', null)
    trace.sort()
    trace.append(15, 'A', 'note', 'between', null)
    expect(trace.sort().map(({ op }) => op)).toEqual(['first', 'between', 'second'])
  })

  it('tells its listener of each record as it happens', () => {
    const trace = new Trace(10)
    const heard: string[] = []
    trace.onRecord = ({ op }) => heard.push(op)
    trace.append(20, 'A', 'note', 'one', null)
    trace.append(10, 'A', 'note', 'two', null)
    expect(heard).toEqual(['one', 'two'])
  })

  it('stops at its limit and says so once', () => {
    const trace = new Trace(2)
    let told = 0
    trace.onLimit = () => {
      told += 1
    }
    for (let i = 0; i < 5; i += 1) trace.append(i, 'A', 'note', `n${i}`, null)
    expect(trace.records.map(({ op }) => op)).toEqual(['n0', 'n1'])
    expect(told).toBe(1)
  })
})

describe('the hash', () => {
  it('is 16 hex digits and the same for the same records', () => {
    expect(hashOf('x')).toMatch(/^[0-9a-f]{16}$/)
    expect(hashOf('x')).toBe(hashOf('x'))
    expect(hashTrace([])).toBe('811c9dc51b873593')
  })

  it('sees every field and the order of records', () => {
    const base = [record('x'), record('y')]
    const variants: (readonly TraceRecord[])[] = [
      base,
      [record('y'), record('x')],
      [record('x')],
      [record('x', 'other'), record('y')],
      [record('x', 'op', 'B'), record('y')],
      [record('x', 'op', 'A', 1), record('y')],
      [{ ...record('x'), type: 'fault' }, record('y')],
      [record('x'), record('z')],
    ]
    expect(new Set(variants.map(hashTrace)).size).toBe(variants.length)
  })

  it.each<[string, Atom | readonly Atom[], Atom | readonly Atom[]]>([
    ['a number and its text', 1, '1'],
    ['a list of two and their concatenation', ['a', 'b'], ['ab']],
    ['where a list is cut', ['a', 'bc'], ['ab', 'c']],
    ['a value and a list of it', 'a', ['a']],
    ['no value and an empty list', null, []],
    ['null and its text', null, 'null'],
    ['null in a list and its text', ['x', null], ['x', 'null']],
    ['true and its text', true, 'true'],
    ['true and 1', true, 1],
    ['false and 0', false, 0],
    ['false and null', false, null],
    ['the empty text and null', '', null],
    ['a fraction and its text', 1.5, '1.5'],
    ['numbers that differ above 32 bits', 1, 1 + 2 ** 32],
    ['a number and its negative', 1, -1],
    ['NaN and its text', Number.NaN, 'NaN'],
    ['null and what it might be written as', null, '\u0001null'],
    ['true and what it might be written as', true, '\u0001true'],
    ['a text that looks like the end of another', ['a\u1f00', 'b'], ['a', '\u1f00b']],
    ['a list and a text that looks like the beginning of one', ['a', 'b'], '\u1f04a\u1f00b'],
    ['a number and a text that looks like one', [5, 'x'], '\u1f04\u1f01\u0005\u0000x'],
  ])('tells %s apart', (_what, one, other) => {
    expect(hashOf(one)).not.toBe(hashOf(other))
  })

  it('tells apart where the text of one field ends and the next begins, whatever the text', () => {
    const one = hashTrace([record('c', 'a\u1f00b')])
    const other = hashTrace([record('b\u1f00c', 'a')])
    expect(one).not.toBe(other)
    // Two records that could be read as one with more in it.
    expect(hashTrace([record('x'), record('y')])).not.toBe(hashTrace([record('x\u1f00\u1f01\u0000\u0000A')]))
  })

  it('tells any two different histories apart', () => {
    const text = fc.string({
      unit: fc.constantFrom('a', 'b', '\u0000', '\u0001', '\u1f00', '\u1f01', '\u1f02', '\u1f03'),
    })
    const atom = fc.oneof(
      text,
      fc.constantFrom<Atom>(null, true, false, 0, 1, -1, 2 ** 32, 2 ** 31, 0.5, Number.NaN),
      fc.maxSafeInteger(),
      fc.double(),
    )
    const anyRecord = fc.record({
      atUs: fc.oneof(fc.nat(3), fc.nat()),
      seq: fc.constant(0),
      process: text,
      type: fc.constantFrom<TraceType>('invoke', 'ok', 'note'),
      op: text,
      value: fc.oneof(atom, fc.array(atom, { maxLength: 3 })),
    })
    // -0 and 0 are one value to everything that reads a trace.
    const written = (records: readonly TraceRecord[]): string =>
      JSON.stringify(records, (_key, value) =>
        typeof value === 'number' && !Number.isFinite(value) ? `number ${value}` : value,
      )
    fc.assert(
      fc.property(fc.array(anyRecord, { maxLength: 3 }), fc.array(anyRecord, { maxLength: 3 }), (one, other) => {
        expect(hashTrace(one) === hashTrace(other)).toBe(written(one) === written(other))
      }),
      { numRuns: 2000 },
    )
  })
})
