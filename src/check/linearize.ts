/**
 * Linearizability: could the operations have happened one after the other, each at some instant between its call and its
 * return, so that every answer is right?
 *
 * The algorithm of Wing and Gong with Lowe's memory of visited configurations. An operation whose outcome nobody knows may
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
  readonly invokedUs: number
  /** Null: it may never have taken effect, or at any time since. */
  readonly endedUs: number | null
}

/** The object's sequential specification, as data and pure functions. */
export interface SequentialModel<State, Input> {
  readonly initial: State
  /** The state after the operation; undefined when its answer would be wrong here. */
  step(state: State, input: Input): State | undefined
  /** A text that is equal for equal states. */
  key(state: State): string
}

const STEPS_MAX = 50_000

/** Whether the operations are linearizable; `unknown` when the search was cut. */
export function linearize<State, Input>(
  model: SequentialModel<State, Input>,
  operations: readonly TimedOperation<Input>[],
): 'yes' | 'no' | 'unknown' {
  const sorted = [...operations].sort((a, b) => a.invokedUs - b.invokedUs)
  const count = sorted.length
  const isDone: boolean[] = sorted.map(() => false)
  // Configurations from which there is no way on: remembered when they fail, so a history that is right costs none.
  const failed = new Set<string>()
  let remaining = sorted.filter((operation) => operation.endedUs !== null).length
  let steps = 0

  function search(state: State): 'yes' | 'no' | 'unknown' {
    if (remaining === 0) return 'yes'
    steps += 1
    if (steps > STEPS_MAX) return 'unknown'
    if (failed.size > 0 && failed.has(place(state))) return 'no'
    // Whatever was called after the first return still outstanding cannot come before it.
    let firstReturnUs = Number.POSITIVE_INFINITY
    for (let index = 0; index < count; index += 1) {
      const { endedUs } = sorted[index] as TimedOperation<Input>
      if (!isDone[index] && endedUs !== null && endedUs < firstReturnUs) firstReturnUs = endedUs
    }
    for (let index = 0; index < count; index += 1) {
      const operation = sorted[index] as TimedOperation<Input>
      if (operation.invokedUs > firstReturnUs) break
      if (isDone[index]) continue
      const next = model.step(state, operation.input)
      if (next === undefined) continue
      isDone[index] = true
      if (operation.endedUs !== null) remaining -= 1
      const result = search(next)
      isDone[index] = false
      if (operation.endedUs !== null) remaining += 1
      if (result !== 'no') return result
    }
    failed.add(place(state))
    return 'no'
  }
  const place = (state: State): string => `${isDone.map((done) => (done ? '1' : '0')).join('')} ${model.key(state)}`
  return search(model.initial)
}
