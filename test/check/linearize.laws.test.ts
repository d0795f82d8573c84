/** The search for an order finds the same as trying every order. */
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { linearize, type SequentialModel, type TimedOperation } from '../../src/check/linearize.ts'
import {
  MUTEX,
  type RegisterInput,
  type RegisterState,
  register,
  TEXT,
  UNBOUND,
} from '../../src/check/sequential-models.ts'

/** Every order in which each operation comes after all that had returned before its call; those without a return may be missing. */
function someOrder<State, Input>(
  model: SequentialModel<State, Input>,
  operations: readonly TimedOperation<Input>[],
): boolean {
  const from = (state: State, rest: readonly TimedOperation<Input>[]): boolean =>
    rest.every(({ endedAt }) => endedAt === null) ||
    rest.some((operation) => {
      if (rest.some(({ endedAt }) => endedAt !== null && endedAt < operation.invokedAt)) return false
      const next = model.step(state, operation.input)
      return (
        next !== undefined &&
        from(
          next,
          rest.filter((other) => other !== operation),
        )
      )
    })
  return from(model.initial, operations)
}

/** Up to seven operations; each call and each return has a place of its own. */
const histories = <Input>(input: fc.Arbitrary<Input>) =>
  fc
    .array(fc.record({ input, from: fc.nat(20), length: fc.nat(12), isOpen: fc.boolean() }), { maxLength: 7 })
    .map((all) =>
      all.map(({ input: each, from, length, isOpen }, index) => ({
        input: each,
        invokedAt: from * 10 + index,
        endedAt: isOpen && index % 2 === 0 ? null : (from + length) * 10 + 10 + index,
      })),
    )

const value = fc.constantFrom(null, '0', '1')
const registerInput: fc.Arbitrary<RegisterInput> = fc.oneof(
  fc.record({ op: fc.constantFrom('read' as const, 'write' as const), value }),
  fc.record({ op: fc.constant('cas' as const), from: value, to: value, isDone: fc.constantFrom(true, false, null) }),
)

it.each<RegisterState>([null, '0', UNBOUND])('for a register that begins with %s', (initial) => {
  fc.assert(
    fc.property(histories(registerInput), (operations) => {
      expect(linearize(register(initial), operations)).toBe(someOrder(register(initial), operations) ? 'yes' : 'no')
    }),
    { numRuns: 3_000 },
  )
})

it('for a mutex', () => {
  const input = fc.record({ op: fc.constantFrom('acquire' as const, 'release' as const) })
  fc.assert(
    fc.property(histories(input), (operations) => {
      expect(linearize(MUTEX, operations)).toBe(someOrder(MUTEX, operations) ? 'yes' : 'no')
    }),
    { numRuns: 3_000 },
  )
})

it('for a text', () => {
  const input = fc.record({
    op: fc.constantFrom('get' as const, 'put' as const, 'append' as const),
    value: fc.constantFrom('', 'a', 'b', 'ab'),
  })
  fc.assert(
    fc.property(histories(input), (operations) => {
      expect(linearize(TEXT, operations)).toBe(someOrder(TEXT, operations) ? 'yes' : 'no')
    }),
    { numRuns: 3_000 },
  )
})
