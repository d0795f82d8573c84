/** A lost increment is told with the cause of what it is: of a bug, if one of the stale writes is a bug's. */
import { expect, it } from 'vitest'
import { linearizability } from '../../src/check/linearizability.ts'
import { nxPlainDel } from '../../src/lock/nx-plain-del.ts'
import { lockSubject } from '../../src/subject/subject.ts'
import { historyOf, type Line } from './by-hand.ts'
import { counterPlan, fault, show } from './worlds.ts'

// Redis's clock ends A's lease, which is a limit; then A deletes B's key, B deletes A's …, which are bugs of the same storm.
it('has the cause of a bug where it is one, though a limit came first', async () => {
  const ahead = fault('clock-step', { process: 'redis-1', by: '+1200ms' }, 'A before send 2')
  const plan = counterPlan({
    headStartUs: 5_000,
    workload: { kind: 'counter', rounds: 2, workUs: 20_000, retryUs: 20_000, checkFence: true },
    faults: [ahead],
  })
  const { violations } = await show(lockSubject(nxPlainDel), plan)
  const told = (name: string) =>
    violations.filter(({ property }) => property === name).map(({ kind, cause }) => `${kind} ${cause.kind}`)
  expect(told('stale-write')).toEqual(['limit redis-lost-it', 'bug taken-away', 'bug taken-away'])
  expect(told('linearizability')).toEqual(['bug taken-away'])
})

it('does not count an increment that was refused', () => {
  const writes = (client: string, value: number, outcome: 'ok' | 'fail', atUs: number): Line[] => [
    [atUs, client, 'invoke', 'write', [`${client}-1`, value]],
    [atUs + 10, client, outcome, 'write', [`${client}-1`, value]],
  ]
  const broken = (...lines: readonly Line[]) => linearizability.run(historyOf(lines)).length
  expect(broken(...writes('A', 1, 'ok', 100), ...writes('B', 1, 'fail', 200))).toBe(0)
  expect(broken(...writes('A', 1, 'ok', 100), ...writes('B', 1, 'ok', 200))).toBe(1)
  expect(broken(...writes('A', 1, 'fail', 100), ...writes('B', 2, 'ok', 200))).toBe(1)
})
