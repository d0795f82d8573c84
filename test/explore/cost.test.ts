/** What a world costs, told by what it does. */
import { expect, it } from 'vitest'
import { weightOf } from '../../src/explore/cost.ts'

it('counts a module as three turns of a common world, and turns that are more as an eighth of one', () => {
  expect(weightOf({ turns: 110, modules: 0 })).toBe(1)
  expect(weightOf({ turns: 990, modules: 0 })).toBe(2)
  expect(weightOf({ turns: 110, modules: 110 })).toBe(4)
})

it('calls no world cheaper than a common one', () => {
  expect(weightOf({ turns: 3, modules: 0 })).toBe(1)
})
