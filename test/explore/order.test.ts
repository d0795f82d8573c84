/** The orders of a world: what came right after one another, whoever it was and whenever. */
import { describe, expect, it } from 'vitest'
import { ordersIn } from '../../src/explore/order.ts'
import type { TraceRecord } from '../../src/sim/trace.ts'

type Step = Pick<TraceRecord, 'process' | 'type' | 'op'> & Partial<Pick<TraceRecord, 'value'>>

const history = (...steps: readonly Step[]): readonly TraceRecord[] =>
  steps.map((step, seq) => ({ atUs: 1_000 * seq, seq, value: null, ...step }))

const acquired = (process: string): Step => ({ process, type: 'ok', op: 'acquire' })
const ended = (process: string): Step => ({ process, type: 'belief', op: 'ended', value: ['t', 'released'] })
const granted = (to: string): Step => ({
  process: 'redis-1',
  type: 'truth',
  op: 'granted',
  value: ['lock', to, to, to, 1_000, 1_000],
})
const expired = (of: string): Step => ({
  process: 'redis-1',
  type: 'truth',
  op: 'expired',
  value: ['lock', 'time', of],
})
const wrote = (client: string): Step => ({
  process: 'storage',
  type: 'effect',
  op: 'write',
  value: [client, 't', 1, null],
})

/** What `later` shows that `earlier` does not. */
const news = (earlier: readonly TraceRecord[], later: readonly TraceRecord[]): readonly string[] => {
  const known = ordersIn(earlier)
  return [...ordersIn(later)].filter((order) => !known.has(order))
}

describe('the orders of a world', () => {
  const right = history(granted('A'), acquired('A'), wrote('A'), ended('A'))

  it('are new when a key runs out before the write, and not after the belief', () => {
    const late = history(granted('A'), acquired('A'), expired('A'), wrote('A'), ended('A'))
    expect(news(right, late)).toEqual([
      'truth granted 0 1 1, ok acquire 1, truth expired 0 2 1',
      'ok acquire 0, truth expired 1 2 0, effect write 0',
      'truth expired 0 1 2, effect write 2, belief ended 2',
    ])
    expect(news(late, right)).not.toEqual([])
  })

  it('are new when it is another client that writes', () => {
    const other = history(granted('A'), acquired('A'), wrote('B'), ended('A'))
    expect(news(right, other)).not.toEqual([])
  })

  it('are the same for other clients, at other times', () => {
    const others = history(granted('B'), acquired('B'), wrote('B'), ended('B'))
    const slower = right.map((record) => ({ ...record, atUs: 7 * record.atUs }))
    expect([...ordersIn(others)]).toEqual([...ordersIn(right)])
    expect([...ordersIn(slower)]).toEqual([...ordersIn(right)])
  })

  it('leave out what was asked for and what failed: a waiter that polls once more shows nothing new', () => {
    const polls = (count: number): readonly Step[] =>
      Array.from({ length: count }, () => [
        { process: 'B', type: 'invoke', op: 'acquire' } as const,
        { process: 'B', type: 'fail', op: 'acquire' } as const,
      ]).flat()
    const waited = history(granted('A'), acquired('A'), ...polls(5), wrote('A'), ended('A'))
    expect(news(right, waited)).toEqual([])
  })

  it('of nothing are none', () => {
    expect([...ordersIn([])]).toEqual([])
  })
})
