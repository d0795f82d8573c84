/** What the terminal shows of a storm whose fault was over long before the violation. */
import { expect, it } from 'vitest'
import { windowOf } from '../../src/picture/story-window.ts'
import { timeline } from '../../src/picture/timeline.ts'
import { Telling } from './telling.ts'

const FOCUS = { atUs: 900_000, untilUs: 910_000, processes: ['A', 'B'] }

/** A is paused at the start; both hold for ten milliseconds much later. Between, A and B take turns `rounds` times. */
function story(rounds: number) {
  const telling = new Telling(1_000_000, { A: 'client', B: 'client', 'redis-1': 'redis', faults: 'faults' })
  telling.fault('pause', ['A'], 10_000, 200_000, 'pause A for 190 ms')
  for (let round = 0; round < rounds; round += 1) {
    const fromUs = 210_000 + round * 20_000
    telling.hold(round % 2 === 0 ? 'A' : 'B', fromUs, fromUs + 9_000)
  }
  telling.hold('A', 880_000, 910_000)
  telling.hold('B', 900_000, 930_000)
  telling.overlap(FOCUS.atUs, FOCUS.untilUs, FOCUS.processes)
  return telling.story()
}

it('shows the fault, and folds what lies between', () => {
  const told = story(30)
  const window = windowOf(told, FOCUS, 12)
  expect(window.fromUs).toBe(10_000)
  expect(window.fold?.fromUs).toBe(200_000)
  expect(window.fold?.untilUs).toBeGreaterThan(700_000)
  const [, ruler = '', ...lanes] = timeline(told, FOCUS)
  const text = lanes.join('\n')
  expect(text).toContain('paused')
  // Of the thirty turns only the last ones, which are near.
  expect([...text.matchAll(/├/g)].length).toBeLessThan(10)
  expect(ruler).toContain('╱╱')
})

it('folds nothing where nothing happened between', () => {
  const window = windowOf(story(0), FOCUS, 4)
  expect([window.fromUs, window.fold, window.isCutBefore]).toEqual([10_000, null, false])
})

it('leaves a window alone that has the fault', () => {
  expect(windowOf(story(3), FOCUS, 120)).toMatchObject({ fromUs: 10_000, isCutBefore: false, fold: null })
})
