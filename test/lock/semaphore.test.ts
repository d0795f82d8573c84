/** The built-in semaphores: what a counter loses and lets in, and what leases do not. */
import { describe, expect, it } from 'vitest'
import { basePlans, DEFAULT_PARAMETERS } from '../../src/explore/base-plan.ts'
import { defineLock, type LockDefinition } from '../../src/lock/lock.ts'
import { counterSemaphore } from '../../src/lock/semaphore/counter-semaphore.ts'
import { leasedSemaphore } from '../../src/lock/semaphore/leased-semaphore.ts'
import { SEMAPHORES } from '../../src/lock/semaphore/registry.ts'
import { lockSubject } from '../../src/subject/subject.ts'
import { counterPlan, fault, type Shown, show } from '../check/worlds.ts'

const plan = (changes = {}) =>
  counterPlan({
    clients: 4,
    ttlMs: 200,
    headStartUs: 5_000,
    workload: { kind: 'counter', rounds: 4, workUs: 50_000, retryUs: 10_000, checkFence: false },
    ...changes,
  })

const told = ({ violations }: Shown): readonly string[] =>
  [...new Set(violations.map(({ property, kind, cause }) => `${property} ${kind} ${cause.kind}`))].sort()

describe.each(['direct', 'ioredis'] as const)('by the client %s', (client) => {
  it.each(SEMAPHORES)('$name lets in two, and no third, where nothing goes wrong', async (semaphore) => {
    const shown = await show(lockSubject(semaphore), plan(), client)
    expect([shown.status, told(shown)]).toEqual(['valid', []])
    const { holds } = shown.history
    expect(holds.some((hold) => holds.some((other) => other !== hold && areTogether(hold, other)))).toBe(true)
  })

  it('a counter keeps the permit of a holder that ends; a lease ends', async () => {
    const storm = plan({ faults: [fault('crash', { process: 'A' }, 'A before work')] })
    const counted = await show(lockSubject(counterSemaphore), storm, client)
    expect(told(counted)).toEqual(['dead-lock bug not-takeable'])
    expect(counted.violations[0]?.sentence).toMatch(/^1 of 2 permits could be had for .* after everything had healed$/)
    expect(told(await show(lockSubject(leasedSemaphore), storm, client))).toEqual([])
  })
})

it('a release that is sent twice lets in a third where holders are counted', async () => {
  const storm = plan({ faults: [fault('lose-reply', { process: 'A' }, 'A before release')] })
  const counted = await show(lockSubject(counterSemaphore), storm, 'ioredis')
  expect(told(counted)).toContain('mutual-exclusion bug one-too-many-let-in')
  expect(counted.violations[0]?.sentence).toMatch(/^\w, \w and \w all held it for .*: 3 hold, 2 may$/)
  expect(told(await show(lockSubject(leasedSemaphore), storm, 'ioredis'))).toEqual([])
})

it('all permits may be lost', async () => {
  const neverGivenBack: LockDefinition = defineLock({
    ...counterSemaphore,
    name: 'never-given-back',
    release: async () => true,
  })
  const shown = await show(lockSubject(neverGivenBack), plan())
  expect(told(shown)).toEqual(['dead-lock bug not-takeable'])
  expect(shown.violations[0]?.sentence).toMatch(/^none of 2 permits could be had/)
})

it('hunts have one client more than may hold it, unless it is alone', () => {
  const clients = (limit: number, asked = 3, callers = 1) =>
    basePlans(lockSubject({ ...leasedSemaphore, limit }), {
      ...DEFAULT_PARAMETERS,
      client: 'direct',
      clients: asked,
      callers,
    }).map((each) => each.clients)[0]
  expect([clients(2), clients(3), clients(1_000), clients(5, 8), clients(5, 1), clients(5, 2, 2)]).toEqual([
    3, 4, 26, 8, 1, 2,
  ])
})

const areTogether = (
  one: { readonly fromUs: number; readonly untilUs: number },
  other: { readonly fromUs: number; readonly untilUs: number },
): boolean => one.fromUs < other.untilUs && other.fromUs < one.untilUs
