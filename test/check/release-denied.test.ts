/** A release that was done, and fails because a second answer says that nothing was left: told by hand. */
import { expect, it } from 'vitest'
import { releaseDenied } from '../../src/check/release-denied.ts'
import { gone, granted, historyOf, type Line, strikes } from './by-hand.ts'

const DELETED_US = 300_000
const FAILED_US = 500_000
const answered: Line = [FAILED_US, 'A', 'note', 'answered', 'A-1']
const key = (...end: readonly Line[]): Line[] => [granted(100_000, 'redis-1'), ...end]
const deleted = (atUs = DELETED_US, by = 'A'): Line => gone(atUs, 'redis-1', 'deleted', by)
const release = (outcome: 'ok' | 'info' = 'info', op = 'release', token = 'A-1'): Line[] => [
  [200_000, 'A', 'invoke', op, token],
  [FAILED_US, 'A', outcome, op, outcome === 'ok' ? [token, true] : [token, 'could not release']],
]
const denied = (...lines: readonly Line[]) =>
  releaseDenied.run(historyOf(lines)).map(({ atUs, untilUs }) => [atUs, untilUs])
const DENIED = [[DELETED_US, FAILED_US]]

it('is denied where its client heard Redis again', () => {
  expect(denied(...key(deleted()), ...release(), answered)).toEqual(DENIED)
  expect(denied(...key(deleted()), ...release())).toEqual([])
  expect(denied(...key(deleted()), ...release(), [FAILED_US, 'A', 'note', 'answered', 'A-2'])).toEqual([])
  expect(denied(...key(deleted()), ...release('ok'), answered)).toEqual([])
  expect(denied(...key(deleted()), ...release('info', 'extend'), answered)).toEqual([])
})

it('is not denied where it was not done: the key was deleted by another, later, or not at all', () => {
  expect(denied(...key(deleted(DELETED_US, 'B')), ...release(), answered)).toEqual([])
  expect(denied(...key(deleted(FAILED_US + 1)), ...release(), answered)).toEqual([])
  expect(denied(...key(gone(DELETED_US, 'redis-1', 'expired', 'A')), ...release(), answered)).toEqual([])
  expect(denied(...key(), ...release(), answered)).toEqual([])
})

it('is done when all of its own keys are gone, whatever it had before and others have', () => {
  const before = [granted(1_000, 'redis-1'), gone(2_000, 'redis-1', 'expired', 'time')]
  const others: Line[] = [[150_000, 'redis-1', 'truth', 'granted', ['orders/43', 'B', 'B', 'B-1', null, null]]]
  expect(denied(...before, ...others, ...key(deleted()), ...release(), answered)).toEqual(DENIED)
})

it('is excused where something kept the client from an answer after that', () => {
  const held = (atUs: number, ms: number) =>
    denied(...key(deleted()), ...release(), answered, strikes(atUs, 'delay-reply', { process: 'A', for: `${ms}ms` }))
  expect(held(250_000, 50)).toEqual([])
  expect(held(250_000, 49)).toEqual(DENIED)
  expect(held(FAILED_US, 10)).toEqual([])
  expect(held(FAILED_US + 1, 10)).toEqual(DENIED)
})
