/** How long a lock's leases really are: what is judged by them is judged by those. */
import { describe, expect, it } from 'vitest'
import { basePlans, DEFAULT_PARAMETERS } from '../../src/explore/base-plan.ts'
import type { LockContext, LockDefinition } from '../../src/lock/lock.ts'
import { setNxLua } from '../../src/lock/set-nx-lua.ts'
import { leaseMsOf, lockSubject } from '../../src/subject/subject.ts'
import { leaseRule } from '../../src/tryout/learn-lease.ts'
import { tryOut } from '../../src/tryout/try-out.ts'
import { memoryProvider } from '../../src/world/node/environment.ts'

/** A right lock that makes another lease of what it is asked for. */
const lock = (leaseMs: (askedMs: number) => number): LockDefinition => ({
  ...setNxLua,
  name: 'own',
  acquire: (context: LockContext) => setNxLua.acquire({ ...context, ttlMs: leaseMs(context.ttlMs) }),
})

async function learned(leaseMs: (askedMs: number) => number) {
  const parameters = { ...DEFAULT_PARAMETERS, client: 'direct' as const }
  const tried = await tryOut(lockSubject(lock(leaseMs)), parameters, { provider: memoryProvider(), hosts: {} })
  const [plan] = basePlans(tried.subject, tried.parameters)
  const { ttlMs, settleUs, workload } = plan!
  return { leaseMs: tried.leaseMs, ttlMs, settleUs, workUs: workload.workUs, asked5s: leaseMsOf(tried.subject, 5_200) }
}

describe('the leases of a lock', () => {
  it('are what it is asked for', async () => {
    const expected = { leaseMs: null, ttlMs: 200, settleUs: 600_000, workUs: 20_000, asked5s: 5_200 }
    expect(await learned((askedMs) => askedMs)).toEqual(expected)
    // It renews before its lease ends, or gives a little more: that is no other scale.
    expect(await learned((askedMs) => askedMs + 15)).toEqual(expected)
  })

  it('are its own: its hunt works as much slower', async () => {
    expect(await learned(() => 10_000)).toEqual({
      leaseMs: 10_000,
      ttlMs: 10_000,
      settleUs: 30_000_000,
      workUs: 1_000_000,
      asked5s: 10_000,
    })
    expect(await learned(() => 50)).toEqual({ leaseMs: 50, ttlMs: 50, settleUs: 150_000, workUs: 5_000, asked5s: 50 })
  })

  it('are whole seconds', async () => {
    expect(await learned((askedMs) => Math.ceil(askedMs / 1_000) * 1_000)).toEqual({
      leaseMs: 1_000,
      ttlMs: 1_000,
      settleUs: 3_000_000,
      workUs: 100_000,
      asked5s: 6_000,
    })
  })

  it('are seconds for milliseconds: that is a mistake in how it is called', async () => {
    await expect(learned((askedMs) => askedMs * 1_000)).rejects.toThrow(
      'own: it was asked for a lease of 200ms, and its key expires after 200s',
    )
  })

  it('follow what it is asked for in another way, of which nothing is made', () => {
    expect(leaseRule('own', { askedMs: 200, ms: 400 }, { askedMs: 1_200, ms: 2_400 })).toBeNull()
    expect(leaseRule('own', { askedMs: 200, ms: 400 }, { askedMs: 1_200, ms: null })).toBeNull()
  })
})
