/** What holds for every sequence of pushes and pops. */
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { EventQueue, type SimEvent } from '../../src/sim/event-queue.ts'

const atUs = fc.oneof(fc.nat(5), fc.nat(1_000_000_000))

/** A model that cannot be wrong: a list that is sorted before each pop. */
class SortedList {
  readonly #events: SimEvent[] = []

  push(event: SimEvent): void {
    this.#events.push(event)
  }

  pop(): SimEvent | undefined {
    this.#events.sort((a, b) => a.atUs - b.atUs || a.seq - b.seq)
    return this.#events.shift()
  }
}

const make = (time: number, seq: number): SimEvent => ({
  atUs: time,
  seq,
  process: null,
  incarnation: 0,
  phase: 'io',
  delayUs: 0,
  run: null,
})

it('pops in the order of (atUs, seq), whatever the order of pushes', () => {
  fc.assert(
    fc.property(fc.array(atUs), fc.infiniteStream(fc.nat()), (times, keys) => {
      const events = times.map(make)
      const shuffled = events
        .map((event) => ({ event, key: keys.next().value as number }))
        .sort((a, b) => a.key - b.key)
        .map(({ event }) => event)
      const queue = new EventQueue()
      for (const event of shuffled) queue.push(event)
      const popped: SimEvent[] = []
      for (let next = queue.pop(); next !== undefined; next = queue.pop()) popped.push(next)
      expect(popped).toEqual([...events].sort((a, b) => a.atUs - b.atUs || a.seq - b.seq))
    }),
  )
})

it('agrees with a sorted list when pushes and pops are mixed', () => {
  const step = fc.oneof(
    { weight: 3, arbitrary: fc.record({ push: atUs }) },
    { weight: 2, arbitrary: fc.constant('pop' as const) },
  )
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
      const queue = new EventQueue()
      const model = new SortedList()
      let size = 0
      steps.forEach((next, seq) => {
        if (next === 'pop') {
          size = Math.max(0, size - 1)
          expect(queue.pop()).toBe(model.pop())
        } else {
          size += 1
          const event = make(next.push, seq)
          queue.push(event)
          model.push(event)
        }
        expect(queue.size).toBe(size)
      })
    }),
  )
})
