/**
 * Linearizability: could the operations have happened one after the other, each at some instant between its call and its
 * return, so that every answer is right?
 *
 * The algorithm of Wing and Gong with Lowe's memory of visited configurations. An operation of unknown outcome may
 * take effect at any time after its call, or never.
 *
 * Invariants
 * - The verdict does not depend on time: the search is cut after a number of steps, and is `unknown` then.
 *
 * Sources: Wing & Gong 1993; Lowe 2017, "Testing for linearizability"; the shape follows anishathalye/porcupine.
 */

/** One operation on the object. */
export interface TimedOperation<Input> {
  readonly input: Input
  /** Its call, as a place in the one order of all calls and returns: two of one instant have an order too. */
  readonly invokedAt: number
  /** Its return. Null: it may never have taken effect, or at any time since. */
  readonly endedAt: number | null
}

/** The object's sequential specification, as data and pure functions. */
export interface SequentialModel<State, Input> {
  readonly initial: State
  /** The state after the operation; undefined when its answer would be wrong here. */
  step(state: State, input: Input): State | undefined
  /** A text that is equal for equal states. */
  key(state: State): string
}

/** At most this many configurations are looked at. */
export const STEPS_MAX = 50_000

/** Whether the operations are linearizable; `unknown` when the search was cut. */
export function linearize<State, Input>(
  model: SequentialModel<State, Input>,
  operations: readonly TimedOperation<Input>[],
): 'yes' | 'no' | 'unknown' {
  const sorted = [...operations].sort((a, b) => a.invokedAt - b.invokedAt)
  const count = sorted.length
  const isDone: boolean[] = sorted.map(() => false)
  // Configurations from which there is no way on: remembered when they fail, so a history that is right costs none.
  const failed = new Set<string>()
  let remaining = sorted.filter((operation) => operation.endedAt !== null).length
  let steps = 0

  function search(state: State): 'yes' | 'no' | 'unknown' {
    if (remaining === 0) return 'yes'
    steps += 1
    if (steps > STEPS_MAX) return 'unknown'
    if (failed.size > 0 && failed.has(place(state))) return 'no'
    // Whatever was called after the first return still outstanding cannot come before it.
    let firstReturnAt = Number.POSITIVE_INFINITY
    for (let index = 0; index < count; index += 1) {
      const { endedAt } = sorted[index] as TimedOperation<Input>
      if (!isDone[index] && endedAt !== null && endedAt < firstReturnAt) firstReturnAt = endedAt
    }
    for (let index = 0; index < count; index += 1) {
      const operation = sorted[index] as TimedOperation<Input>
      if (operation.invokedAt > firstReturnAt) break
      if (isDone[index]) continue
      const next = model.step(state, operation.input)
      if (next === undefined) continue
      isDone[index] = true
      if (operation.endedAt !== null) remaining -= 1
      const result = search(next)
      isDone[index] = false
      if (operation.endedAt !== null) remaining += 1
      if (result !== 'no') return result
    }
    failed.add(place(state))
    return 'no'
  }
  const place = (state: State): string => `${isDone.map((done) => (done ? '1' : '0')).join('')} ${model.key(state)}`
  return search(model.initial)
}
