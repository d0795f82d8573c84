/** What a tick made due and was run more than once, behind locks of which nothing is on record: told by hand. */
import { expect, it } from 'vitest'
import { jobRunTwice } from '../../src/check/job-run-twice.ts'
import { historyOf, type Line } from './by-hand.ts'

const run = (atUs: number, client: string): Line => [atUs, 'store', 'effect', 'run', [client, `${client}-1`, 3, null]]
const holds = (client: string, fromUs: number, untilUs: number): Line[] => [
  [fromUs - 10, client, 'invoke', 'acquire', `${client}-1`],
  [fromUs, client, 'ok', 'acquire', [`${client}-1`]],
  [untilUs, client, 'belief', 'ended', [`${client}-1`, 'released']],
]
const twice = (...lines: readonly Line[]) =>
  jobRunTwice.run(historyOf(lines)).map(({ kind, cause, processes }) => [`${kind}: ${cause.kind}`, ...processes])

it('is told of each run after the first, beside that', () => {
  expect(twice(run(100, 'A'), run(200, 'B'), run(300, 'C'))).toEqual([
    ['limit: lock-forgets', 'A', 'B'],
    ['limit: lock-forgets', 'A', 'C'],
  ])
})

it('is the lock’s doing where both held it at a time, as far as that is on record', () => {
  const runs = [run(150, 'A'), run(250, 'B')]
  expect(twice(...holds('A', 100, 300), ...holds('B', 200, 400), ...runs)).toEqual([['bug: never-granted', 'A', 'B']])
  expect(twice(...holds('A', 100, 200), ...holds('B', 200, 400), ...runs)).toEqual([['limit: lock-forgets', 'A', 'B']])
  expect(twice(...holds('A', 100, 300), ...runs)).toEqual([['limit: lock-forgets', 'A', 'B']])
  expect(twice(...holds('B', 200, 400), ...runs)).toEqual([['limit: lock-forgets', 'A', 'B']])
})
