import { expect, it } from 'vitest'
import { parseList, parseText } from '../../src/engine/setting.ts'

const names = parseList(parseText('a name'))

it('takes an item of a list as it is: a name may end in white space', () => {
  expect(names(['plain\t', ' b'], 'only')).toEqual(['plain\t', ' b'])
})

it('takes a text at its commas, without the white space around them', () => {
  expect(names(' a, b ', 'LOCKSTORM_ONLY')).toEqual(['a', 'b'])
  expect(names(['a, b', 'c'], '--only')).toEqual(['a', 'b', 'c'])
})
