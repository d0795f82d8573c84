/**
 * The event queue: every future thing that can happen, ordered by virtual time.
 *
 * Models          one totally ordered timeline shared by clients, links and Redis.
 * Does not model  concurrency inside one instant: events due at the same microsecond run in the order they
 *                 were scheduled.
 *
 * Invariants
 * - Order depends only on (atUs, seq), never on Map or heap layout.
 * - A cancelled event stays in the heap until its time and is then skipped: cancelling is O(1).
 */
import type { SimProcess } from './process.ts'

/**
 * Which phase of Node's event loop an event of a process belongs to; it decides the order after a pause. The loop goes
 * round: timers, socket data, immediates, timers, …
 */
export type Phase = 'timer' | 'io' | 'immediate'

/** One future happening. `process` null: it belongs to the world (the network, a fault) and no pause holds it up. */
export interface SimEvent {
  /** Both move when a pause holds the event up and it is put back in line. */
  atUs: number
  seq: number
  readonly process: SimProcess | null
  /** Events of an earlier life of a restarted process are dropped. */
  readonly incarnation: number
  readonly phase: Phase
  /** Of a timer: the delay it was set with, because Node runs timers of one delay together. */
  readonly delayUs: number
  run: (() => void) | null
}

const isBefore = (a: SimEvent, b: SimEvent): boolean => a.atUs < b.atUs || (a.atUs === b.atUs && a.seq < b.seq)

/** A binary heap. */
export class EventQueue {
  readonly #heap: SimEvent[] = []

  get size(): number {
    return this.#heap.length
  }

  push(event: SimEvent): void {
    const heap = this.#heap
    let index = heap.length
    heap.push(event)
    while (index > 0) {
      const parent = (index - 1) >> 1
      const other = heap[parent] as SimEvent
      if (!isBefore(event, other)) break
      heap[index] = other
      index = parent
    }
    heap[index] = event
  }

  /** The earliest event, cancelled or not; undefined when nothing is left. */
  pop(): SimEvent | undefined {
    const heap = this.#heap
    const first = heap[0]
    const last = heap.pop()
    if (last === undefined || heap.length === 0) return first
    const count = heap.length
    let index = 0
    for (;;) {
      let child = 2 * index + 1
      if (child >= count) break
      let smaller = heap[child] as SimEvent
      if (child + 1 < count) {
        const right = heap[child + 1] as SimEvent
        if (isBefore(right, smaller)) {
          smaller = right
          child += 1
        }
      }
      if (!isBefore(smaller, last)) break
      heap[index] = smaller
      index = child
    }
    heap[index] = last
    return first
  }
}
