/** The order in which things happen. */
import { describe, expect, it } from 'vitest'
import { EventQueue, type SimEvent } from '../../src/sim/event-queue.ts'

const event = (atUs: number, seq: number): SimEvent => ({
  atUs,
  seq,
  process: null,
  incarnation: 0,
  phase: 'timer',
  delayUs: 0,
  run: () => {},
})

const drain = (queue: EventQueue): string[] => {
  const order: string[] = []
  for (let next = queue.pop(); next !== undefined; next = queue.pop()) order.push(`${next.atUs}/${next.seq}`)
  return order
}

describe('the event queue', () => {
  it('hands out the earliest first, and at one instant what was scheduled first', () => {
    const queue = new EventQueue()
    for (const [atUs, seq] of [
      [30, 0],
      [10, 1],
      [20, 2],
      [10, 3],
      [0, 4],
      [10, 5],
    ] as const)
      queue.push(event(atUs, seq))
    expect(drain(queue)).toEqual(['0/4', '10/1', '10/3', '10/5', '20/2', '30/0'])
  })

  it('is empty at first and after the last', () => {
    const queue = new EventQueue()
    expect(queue.pop()).toBeUndefined()
    queue.push(event(5, 0))
    expect(queue.size).toBe(1)
    expect(queue.pop()).toMatchObject({ atUs: 5 })
    expect(queue.size).toBe(0)
    expect(queue.pop()).toBeUndefined()
  })

  it('keeps a cancelled event in its place: the loop skips it when its time comes', () => {
    const queue = new EventQueue()
    const cancelled = event(1, 0)
    queue.push(cancelled)
    queue.push(event(2, 1))
    cancelled.run = null
    expect(queue.pop()).toBe(cancelled)
    expect(queue.pop()).toMatchObject({ atUs: 2 })
  })
})
