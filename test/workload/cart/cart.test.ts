/** Web servers of one user: when they begin, and that they end. */
import { describe, expect, it } from 'vitest'
import { locked } from '../../../src/session/locked.ts'
import { sessionSubject } from '../../../src/subject/subject.ts'
import { cartPlan, fault, show } from '../../check/worlds.ts'

describe('a web server that looks for the session only after the logout', () => {
  it.each(['direct', 'ioredis'] as const)('does not wait for ever for what is gone (%s)', async (client) => {
    // B stops for a second as soon as it begins; meanwhile A logs in, and C has done all its requests and logs out.
    const plan = cartPlan({
      client,
      workload: { kind: 'cart', requests: 2, workUs: 10_000, logout: true },
      faults: [fault('pause', { process: 'B', for: '1s' }, '900us')],
    })
    const { history, kinds } = await show(sessionSubject(locked), plan, client)
    expect(kinds).toEqual([])
    const logout = history.operations.find(({ op }) => op === 'logout')
    const late = history.operations.filter(({ process, op }) => process === 'B' && op === 'add')
    expect(late.map(({ outcome, answer }) => [outcome, answer.at(-1)])).toEqual([
      ['fail', 'no session'],
      ['fail', 'no session'],
    ])
    for (const { invokedUs } of late) expect(invokedUs).toBeGreaterThan(logout?.endedUs ?? Number.POSITIVE_INFINITY)
    // All is over at once, not when the plan's time is up.
    expect(history.healedUs).toBeLessThan(1_200_000)
  })
})

describe('web servers whose first one ends before it has logged the user in', () => {
  it('do not wait for the login for ever: nothing was done', async () => {
    // What makes the storm long comes after the last look.
    const faults = [fault('crash', { process: 'A' }, '100us'), fault('clock-step', { process: 'B', by: '1ms' }, '20m')]
    const plan = cartPlan({ faults })
    const { status, history } = await show(sessionSubject(locked), plan, 'direct')
    expect([status, history.limitReached]).toEqual(['vacuous', null])
    expect(history.operations.map(({ op }) => op)).not.toContain('add')
    expect(history.healedUs).toBeLessThan(60_000_000)
  })
})
