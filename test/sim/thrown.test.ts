import { describe, expect, it } from 'vitest'
import { readThrown, thrownText } from '../../src/sim/thrown.ts'

const trap = new Proxy({}, { get: () => fail(), getPrototypeOf: () => fail() })
const fail = (): never => {
  throw new Error('trap')
}
const error = (properties: PropertyDescriptorMap): Error => Object.defineProperties(new Error('x'), properties)

describe('what code under test throws', () => {
  it.each<[string, unknown, string]>([
    ['an error', new TypeError('no'), 'no'],
    ['a text', 'no', 'no'],
    ['nothing', undefined, 'undefined'],
    ['a symbol', Symbol('no'), 'Symbol(no)'],
    ['a message that throws', error({ message: { get: fail } }), 'something that cannot be read'],
    ['a message that is no text', error({ message: { value: 5 } }), '5'],
    ['an object without a prototype', Object.create(null), 'something that cannot be read'],
    ['a trap', trap, 'something that cannot be read'],
  ])('is read: %s', (_, thrown, text) => {
    expect(thrownText(thrown)).toBe(text)
    expect(readThrown(thrown).message).toBe(text)
  })

  it('has the name, the stack and the code of an error, and nothing of what cannot be read', () => {
    const thrown = Object.assign(new TypeError('no'), { code: 'E', stack: 'at x' })
    expect(readThrown(thrown)).toEqual({ name: 'TypeError', message: 'no', stack: 'at x', code: 'E' })
    const broken = error({ stack: { value: 5 }, name: { get: fail }, code: { get: fail } })
    expect(readThrown(broken)).toEqual({ name: '', message: 'x', stack: '5', code: '' })
  })
})
