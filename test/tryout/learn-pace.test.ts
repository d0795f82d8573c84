/** A hunt uses a lock on the lock's own scale: what it does by itself must have the time to happen. */
import { describe, expect, it } from 'vitest'
import { basePlans, DEFAULT_PARAMETERS, type HuntParameters } from '../../src/explore/base-plan.ts'
import type { LockContext, LockDefinition } from '../../src/lock/lock.ts'
import { redlockByTheBook } from '../../src/lock/redlock-by-the-book.ts'
import { setNxLua } from '../../src/lock/set-nx-lua.ts'
import { watchdog } from '../../src/lock/watchdog.ts'
import { lockSubject } from '../../src/subject/subject.ts'
import { leaseFor } from '../../src/tryout/learn-pace.ts'
import { tryOut } from '../../src/tryout/try-out.ts'
import { memoryProvider } from '../../src/world/node/environment.ts'

// The host's timers: virtual inside a world.
declare function setTimeout(task: () => void, ms: number): unknown

const user = (lock: LockDefinition, changes: Partial<LockDefinition> = {}): LockDefinition => ({
  ...lock,
  name: 'own',
  ...changes,
})

/** A right lock that tries so often, every so many ms, before it gives up. */
const patient = (times: number, everyMs: number, ttlMsOf = (asked: number) => asked): LockDefinition =>
  user(setNxLua, {
    async acquire(context: LockContext) {
      for (let count = 0; count < times; count += 1) {
        const lease = await setNxLua.acquire({ ...context, ttlMs: ttlMsOf(context.ttlMs) })
        if (lease !== null) return lease
        await new Promise<void>((resolve) => setTimeout(resolve, everyMs))
      }
      return null
    },
  })

async function plansOf(lock: LockDefinition, given: Partial<HuntParameters> = {}) {
  const parameters = { ...DEFAULT_PARAMETERS, client: 'direct' as const, ...given }
  const tried = await tryOut(lockSubject(lock), parameters, { provider: memoryProvider(), hosts: {} })
  const plans = basePlans(tried.subject, tried.parameters)
  return {
    patienceMs: tried.patienceMs === null ? null : Math.round(tried.patienceMs / 100) * 100,
    plans: plans.map(({ ttlMs, workload }) => [ttlMs, (workload.workUs ?? 0) / 1_000]),
  }
}

const USUAL = { patienceMs: null, plans: [[200, 20]] }

describe('work that is longer than the lease', () => {
  it('is tried with a lock that renews by itself', async () => {
    expect(await plansOf(user(watchdog))).toEqual({
      patienceMs: null,
      plans: [
        [200, 20],
        [200, 500],
      ],
    })
  })

  it('is not, with one that does not: that its lease ends is known', async () => {
    expect(await plansOf(user(setNxLua))).toEqual(USUAL)
    expect(await plansOf(user(redlockByTheBook))).toEqual(USUAL)
  })
})

describe('an attempt that lasts longer than the lease', () => {
  it('has a lease that is longer, and work to go with it', async () => {
    expect(await plansOf(patient(10, 200))).toEqual({ patienceMs: 2_000, plans: [[11_000, 1_100]] })
  })

  it('may last as long as it does where the lease is long enough, or is never over', async () => {
    expect(await plansOf(patient(3, 10))).toEqual(USUAL)
    expect(await plansOf(patient(100_000, 500))).toEqual(USUAL)
  })

  it('changes nothing where the lease is fixed', async () => {
    expect(await plansOf(patient(10, 200, () => 1_000))).toEqual({ patienceMs: null, plans: [[1_000, 100]] })
  })
})

it('a pace that the user gives is kept', async () => {
  expect(await plansOf(patient(10, 200), { isPaceGiven: true })).toEqual(USUAL)
  expect(await plansOf(user(watchdog), { isPaceGiven: true })).toEqual(USUAL)
})

it('a lease is five times as long as an attempt, in whole seconds or tenths of one, and has an end', () => {
  expect([
    leaseFor(null, 200),
    leaseFor(40, 200),
    leaseFor(41, 200),
    leaseFor(1_950, 200),
    leaseFor(9_000, 200),
  ]).toEqual([null, null, 300, 10_000, 30_000])
})
