/**
 * The lock to copy: what it survives, each fault at each place, and what it cannot survive.
 */
import { describe, expect, it } from 'vitest'
import { fenced } from '../../src/lock/fenced.ts'
import { fencedWatchdog } from '../../src/lock/fenced-watchdog.ts'
import { watchdog } from '../../src/lock/watchdog.ts'
import { lockSubject } from '../../src/subject/subject.ts'
import { singleStorms } from '../check/storms.ts'
import { counterPlan, fault, show } from '../check/worlds.ts'

const subject = lockSubject(fencedWatchdog)
const PLACES = [
  ...['acquire', 'read', 'work', 'write', 'release'].flatMap((op) => [`A before ${op}`, `A after ${op}`]),
  ...[1, 2, 3, 4, 5].map((count) => `A before send ${count}`),
]

describe('fenced-watchdog', () => {
  it.each(['direct', 'ioredis'] as const)(
    'survives every single fault of the menu at every place, with a resource that checks the fence (%s)',
    { timeout: 120_000 },
    async (client) => {
      const storms = singleStorms('A', PLACES)
      expect(storms.length).toBeGreaterThan(200)
      const found: string[] = []
      for (const [name, faults] of storms) {
        const plan = counterPlan({
          client,
          headStartUs: 5_000,
          faults,
          workload: { kind: 'counter', rounds: 2, workUs: 30_000, retryUs: 20_000, checkFence: true },
        })
        const { status, kinds } = await show(subject, plan, client)
        if (status !== 'valid') found.push(`${name}: ${status} ${kinds.join(', ')}`)
      }
      expect(found).toEqual([])
    },
  )

  const long = counterPlan({
    headStartUs: 5_000,
    faults: [fault('slow-work', { process: 'A', by: '3s' }, 'A before acquire')],
  })

  it('carries the lock through work of three leases; the fenced lock without it has to give up', async () => {
    const { kinds, history, sometimes } = await show(subject, long)
    expect(kinds).toEqual([])
    expect(history.records.filter(({ type, op }) => type === 'truth' && op === 'extended').length).toBeGreaterThan(7)
    expect(sometimes).not.toContain('gaveUp')
    expect((await show(lockSubject(fenced), long)).sometimes).toContain('gaveUp')
  })

  it('stops believing before Redis lets somebody else in, when it is cut off', async () => {
    const cut = {
      ...long,
      faults: [...long.faults, fault('partition', { groups: [['A'], ['redis-1']], for: '2500ms' }, 'A after read')],
    }
    const { kinds, history } = await show(subject, cut)
    expect(kinds).toEqual([])
    const [hold] = history.holds
    const grant = hold?.backing?.votes[0]
    expect(hold?.client).toBe('A')
    expect(grant?.endedBy).toBe('expired')
    expect(hold?.untilUs).toBeLessThan(grant?.untilUs ?? 0)
    // The one without a deadline believes on, although it has promised to tell of a loss, and has a clock.
    expect((await show(lockSubject(watchdog), cut)).kinds).toContain('mutual-exclusion: bug')
  })

  it('cannot outlive a Redis that forgets its fencing counter: tokens begin again', async () => {
    const forgets = counterPlan({
      headStartUs: 5_000,
      workload: { kind: 'counter', rounds: 1, workUs: 2_000_000, retryUs: 20_000, checkFence: true },
      faults: [fault('restart', { process: 'redis-1', after: '10ms', 'keep-data': false }, 'A after read')],
    })
    const { kinds, history } = await show(subject, forgets, 'ioredis')
    expect(kinds).toContain('fence-order: bug')
    // Its holder is told within a third of the lease.
    expect(history.holds[0]).toMatchObject({ client: 'A', endedBy: 'lost' })
  })
})
