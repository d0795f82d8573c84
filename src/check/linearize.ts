/**
 * Linearizability: could the operations have happened one after the other, each at some instant between its call and its
 * return, so that every answer is right?
 *
 * The algorithm of Wing and Gong with Lowe's memory of visited configurations. An operation of unknown outcome may
 * take effect at any time after its call, or never.
 *
 * Two choices are no choices. An operation that never changes anything and is right now may be taken now: wherever else it could
 * stand, the others do not miss it. Of several operations of unknown outcome that do the same, the one that was called first is taken first.
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
  /** Whether an operation changes no state whatever; without it the search is slower. */
  isQuery?(input: Input): boolean
}

/** At most this many configurations are looked at. */
export const STEPS_MAX = 50_000

export interface SearchOptions<Input> {
  readonly stepsMax?: number
  /** Told, when there is no order, which operation must have been over where no order went on: the latest of them. */
  onStuck?(operation: TimedOperation<Input>): void
}

/** An operation in the list of those that are not taken yet, which is sorted by calls. */
interface Node<Input> {
  readonly operation: TimedOperation<Input>
  readonly index: number
  previous: Node<Input> | null
  next: Node<Input> | null
  isDone: boolean
}

/** Operations of unknown outcome that do the same, by their calls. */
interface Twins<Input> {
  readonly operations: readonly TimedOperation<Input>[]
  done: number
}

/** One configuration on the way, and what is tried from it. */
interface Frame<State, Input> {
  readonly state: State
  /** Null until it is needed: a history that is right remembers nothing. */
  readonly choices: readonly Choice<State, Input>[]
  tried: number
}

interface Choice<State, Input> {
  readonly take: Node<Input> | Twins<Input>
  readonly next: State
}

/** Whether the operations are linearizable; `unknown` when the search was cut. */
export function linearize<State, Input>(
  model: SequentialModel<State, Input>,
  operations: readonly TimedOperation<Input>[],
  { stepsMax = STEPS_MAX, onStuck }: SearchOptions<Input> = {},
): 'yes' | 'no' | 'unknown' {
  const sorted = [...operations].sort((a, b) => a.invokedAt - b.invokedAt)
  const head: Node<Input> = { operation: NO_OPERATION, index: -1, previous: null, next: null, isDone: true }
  const nodes: Node<Input>[] = []
  const open: TimedOperation<Input>[] = []
  for (const operation of sorted) {
    if (operation.endedAt === null) open.push(operation)
    else append(nodes, head, operation)
  }
  const twins = twinsOf(open)
  // Configurations from which there is no way on: remembered when they fail, so a history that is right costs none.
  const failed = new Set<string>()
  let remaining = nodes.length
  let steps = 0
  let stuckAt = Number.NEGATIVE_INFINITY
  let stuck: TimedOperation<Input> | null = null

  /** What can come next in this state; null: nothing has to come any more. */
  function choicesIn(state: State): readonly Choice<State, Input>[] {
    // Whatever was called after the first return still outstanding cannot come before it.
    let firstReturnAt = Number.POSITIVE_INFINITY
    let first: TimedOperation<Input> | null = null
    for (let node = head.next; node !== null && node.operation.invokedAt <= firstReturnAt; node = node.next) {
      const endedAt = node.operation.endedAt as number
      if (endedAt >= firstReturnAt) continue
      firstReturnAt = endedAt
      first = node.operation
    }
    if (firstReturnAt > stuckAt) {
      stuckAt = firstReturnAt
      stuck = first
    }
    const choices: Choice<State, Input>[] = []
    for (let node = head.next; node !== null && node.operation.invokedAt <= firstReturnAt; node = node.next) {
      const next = model.step(state, node.operation.input)
      if (next === undefined) continue
      if (model.isQuery?.(node.operation.input)) return [{ take: node, next }]
      choices.push({ take: node, next })
    }
    for (const twin of twins) {
      const operation = twin.operations[twin.done]
      if (operation === undefined || operation.invokedAt > firstReturnAt) continue
      const next = model.step(state, operation.input)
      // What changes nothing need not have happened.
      if (next !== undefined && !Object.is(next, state)) choices.push({ take: twin, next })
    }
    return choices
  }

  /** The configuration: everything before the first operation that is not taken is taken, and some after it. */
  function place(state: State): string {
    const firstIndex = head.next?.index ?? nodes.length
    let taken = ''
    let last = nodes.length
    while (last > firstIndex && !(nodes[last - 1] as Node<Input>).isDone) last -= 1
    for (let index = firstIndex; index < last; index += 1) taken += (nodes[index] as Node<Input>).isDone ? '1' : '0'
    let unknown = ''
    for (const { done } of twins) unknown += ` ${done}`
    return `${firstIndex} ${taken}${unknown} ${model.key(state)}`
  }

  const stack: Frame<State, Input>[] = []
  let state = model.initial
  for (;;) {
    if (remaining === 0) return 'yes'
    steps += 1
    if (steps > stepsMax) return 'unknown'
    const isKnown = failed.size > 0 && failed.has(place(state))
    stack.push({ state, choices: isKnown ? [] : choicesIn(state), tried: 0 })
    // Back to the last configuration in which something is left to try.
    for (;;) {
      const frame = stack[stack.length - 1] as Frame<State, Input>
      const choice = frame.choices[frame.tried]
      if (choice !== undefined) {
        frame.tried += 1
        remaining -= take(choice.take)
        state = choice.next
        break
      }
      failed.add(place(frame.state))
      stack.pop()
      const before = stack[stack.length - 1]
      if (before === undefined) {
        if (stuck !== null) onStuck?.(stuck)
        return 'no'
      }
      remaining += giveBack((before.choices[before.tried - 1] as Choice<State, Input>).take)
    }
  }
}

const NO_OPERATION: TimedOperation<never> = { input: undefined as never, invokedAt: 0, endedAt: 0 }

function append<Input>(nodes: Node<Input>[], head: Node<Input>, operation: TimedOperation<Input>): void {
  const previous = nodes[nodes.length - 1] ?? head
  const node: Node<Input> = { operation, index: nodes.length, previous, next: null, isDone: false }
  previous.next = node
  nodes.push(node)
}

function twinsOf<Input>(open: readonly TimedOperation<Input>[]): Twins<Input>[] {
  const byInput = new Map<string, TimedOperation<Input>[]>()
  for (const operation of open) {
    const key = JSON.stringify(operation.input)
    const same = byInput.get(key)
    if (same === undefined) byInput.set(key, [operation])
    else same.push(operation)
  }
  return [...byInput.values()].map((operations) => ({ operations, done: 0 }))
}

/** Takes it out of the list; how many fewer have to come. */
function take<Input>(taken: Node<Input> | Twins<Input>): number {
  if ('done' in taken) {
    taken.done += 1
    return 0
  }
  taken.isDone = true
  if (taken.previous !== null) taken.previous.next = taken.next
  if (taken.next !== null) taken.next.previous = taken.previous
  return 1
}

/** Puts it back where it was; how many more have to come. */
function giveBack<Input>(taken: Node<Input> | Twins<Input>): number {
  if ('done' in taken) {
    taken.done -= 1
    return 0
  }
  taken.isDone = false
  if (taken.previous !== null) taken.previous.next = taken
  if (taken.next !== null) taken.next.previous = taken
  return 1
}
