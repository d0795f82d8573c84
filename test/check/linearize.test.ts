/** The linearizability checker on textbook histories: legal beside illegal. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { linearize, type SequentialModel, type TimedOperation } from '../../src/check/linearize.ts'

type Register = { readonly write: number } | { readonly read: number }
const REGISTER: SequentialModel<number, Register> = {
  initial: 0,
  step: (state, input) => ('write' in input ? input.write : input.read === state ? state : undefined),
  key: String,
}
const at = (input: Register, invokedAt: number, endedAt: number | null): TimedOperation<Register> => ({
  input,
  invokedAt,
  endedAt,
})

describe('linearize', () => {
  // Herlihy & Wing 1990, figure 2: a read that overlaps a write may see either value.
  //   W(1) |----------|
  //   R         |--|       1 or 0
  it.each([0, 1])('lets a read that overlaps a write see %i', (seen) => {
    expect(linearize(REGISTER, [at({ write: 1 }, 0, 100), at({ read: seen }, 40, 60)])).toBe('yes')
  })

  //   W(1) |--|
  //   R          |--|      0
  it('refuses a read of the old value after the write has returned', () => {
    expect(linearize(REGISTER, [at({ write: 1 }, 0, 10), at({ read: 0 }, 20, 30)])).toBe('no')
  })

  //   W(1) |---------------|
  //   R1     |--| 1
  //   R2            |--| 0          once somebody has seen 1, nobody sees 0 after that
  it('refuses a second read that goes back in time', () => {
    expect(linearize(REGISTER, [at({ write: 1 }, 0, 100), at({ read: 1 }, 10, 20), at({ read: 0 }, 30, 40)])).toBe('no')
  })

  it('lets a write of unknown outcome take effect late, or never', () => {
    const unknown = at({ write: 7 }, 0, null)
    expect(linearize(REGISTER, [unknown, at({ read: 0 }, 10, 20), at({ read: 7 }, 30, 40)])).toBe('yes')
    expect(linearize(REGISTER, [unknown, at({ read: 0 }, 10, 20)])).toBe('yes')
    expect(linearize(REGISTER, [unknown, at({ read: 7 }, 10, 20), at({ read: 0 }, 30, 40)])).toBe('no')
  })

  it('accepts every history that was made by running operations one at a time', () => {
    const steps = fc.array(
      fc.record({ isWrite: fc.boolean(), value: fc.nat(3), before: fc.nat(50), after: fc.nat(50) }),
      { maxLength: 12 },
    )
    fc.assert(
      fc.property(steps, (made) => {
        let state = 0
        const history = made.map(({ isWrite, value, before, after }, index) => {
          const pointUs = index * 100
          if (isWrite) state = value
          return at(isWrite ? { write: value } : { read: state }, pointUs - before, pointUs + after)
        })
        expect(linearize(REGISTER, history)).toBe('yes')
      }),
    )
  })
})
