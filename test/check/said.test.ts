/** What a lease says of itself is judged alike, in whichever of its fields it says it. */
import { describe, expect, it } from 'vitest'
import { fenced } from '../../src/lock/fenced.ts'
import { defineLock, type Lease } from '../../src/lock/lock.ts'
import type { RedisCommands } from '../../src/lock/redis-commands.ts'
import { COMPARE_AND_DELETE } from '../../src/lock/release-script.ts'
import { COMPARE_AND_EXPIRE } from '../../src/lock/renew-script.ts'
import { lockSubject } from '../../src/subject/subject.ts'
import { counterPlan, fault, show } from './worlds.ts'

/** Renews every third of its lease, and never looks at a clock; `says`: what the lease says. */
const renewing = (says: (loss: AbortController, untilMs: () => number) => Partial<Lease>) => {
  const timers = new WeakMap<object, NodeJS.Timeout>()
  return lockSubject(
    defineLock({
      name: 'renewing',
      async acquire({ redis, key, token, ttlMs }) {
        if ((await redis.set(key, token, 'PX', ttlMs, 'NX')) !== 'OK') return null
        const loss = new AbortController()
        let renewedMs = Date.now()
        const timer = setInterval(async () => {
          const askedMs = Date.now()
          if ((await redis.eval(COMPARE_AND_EXPIRE, 1, key, token, ttlMs)) !== 1) {
            clearInterval(timer)
            loss.abort()
          } else renewedMs = askedMs
        }, ttlMs / 3)
        const said = says(loss, () => renewedMs + ttlMs)
        const lease = Object.defineProperties({ token }, Object.getOwnPropertyDescriptors(said)) as Lease
        timers.set(lease, timer)
        return lease
      },
      async release({ redis, key }, lease) {
        clearInterval(timers.get(lease))
        return (await redis.eval(COMPARE_AND_DELETE, 1, key, lease.token as string)) === 1
      },
    }),
  )
}

const cutOff = [fault('partition', { groups: [['A'], ['redis-1']], for: '2s' }, 'A before work')]
const longWork = (workUs: number, faults = cutOff) =>
  counterPlan({
    faults,
    headStartUs: 5_000,
    workload: { kind: 'counter', rounds: 1, workUs, retryUs: 20_000, checkFence: false },
  })

describe('a loss', () => {
  it('is judged alike whether it is told by a signal or by a promise', async () => {
    const bySignal = await show(
      renewing((loss) => ({ signal: loss.signal })),
      longWork(1_500_000),
    )
    const byPromise = await show(
      renewing((loss) => ({ lost: new Promise((resolve) => loss.signal.addEventListener('abort', resolve)) })),
      longWork(1_500_000),
    )
    expect(bySignal.kinds).toContain('mutual-exclusion: bug')
    expect(byPromise.kinds).toEqual(bySignal.kinds)
    expect(byPromise.violations.map(({ cause }) => cause.kind)).toEqual(
      bySignal.violations.map(({ cause }) => cause.kind),
    )
  })
})

describe('an end that moves', () => {
  const moving = renewing((_loss, untilMs) => ({
    get expiresAt() {
      return untilMs()
    },
  }))

  it('is believed until its last one, so that work longer than the first lease is done', async () => {
    const { kinds, history } = await show(moving, longWork(3_500_000, []))
    expect(kinds).toEqual([])
    expect(history.lanes.effects.filter(({ op }) => op === 'write')).toHaveLength(2)
    expect(history.holds.map(({ endedBy }) => endedBy)).not.toContain('stated end')
  })

  it('ends a belief when it is over', async () => {
    const { history } = await show(moving, longWork(1_500_000))
    expect(history.holds[0]).toMatchObject({ client: 'A', endedBy: 'stated end' })
  })
})

describe('a release', () => {
  const rejecting = (onNothing: 'rejects' | 'says so') =>
    lockSubject(
      defineLock({
        name: onNothing,
        acquire: async ({ redis, key, token, ttlMs }) =>
          (await redis.set(key, token, 'PX', ttlMs, 'NX')) === 'OK' ? { token } : null,
        async release({ redis, key }, lease) {
          const isMine = (await redis.eval(COMPARE_AND_DELETE, 1, key, lease.token as string)) === 1
          if (!isMine && onNothing === 'rejects') throw new Error('could not release')
          return isMine
        },
      }),
    )
  const lost = counterPlan({ headStartUs: 5_000, faults: [fault('lose-reply', { process: 'A' }, 'A before release')] })

  it('that was done, and fails because a second answer says that nothing was left, is denied', async () => {
    const { kinds, violations } = await show(rejecting('rejects'), lost, 'ioredis')
    expect(kinds).toEqual(['release-denied: bug'])
    expect(violations[0]?.sentence).toMatch(/^A's release failed \(.*could not release.*\), and its lock was released$/)
    expect((await show(rejecting('says so'), lost, 'ioredis')).kinds).toEqual([])
  })

  it.each([
    ['paused', fault('pause', { process: 'A', for: '153ms' }, 'A before send 6')],
    ['refused', fault('busy', { process: 'redis-1', for: '400ms' }, 'A before reply 4')],
  ])('that was done, and fails because its client is %s when it would hear that, is not', async (_, other) => {
    const ttlMs = 200
    const once = { kind: 'counter', rounds: 1, workUs: 20_000, retryUs: 20_000, checkFence: true } as const
    const lostReply = fault('lose-reply', { process: 'A' }, 'A before reply 4')
    const plan = counterPlan({ seed: '1', clients: 1, ttlMs, workload: once, faults: [lostReply, other] })
    const { kinds, history } = await show(lockSubject(fenced), plan, 'ioredis')
    expect(history.operations.find(({ op }) => op === 'release')?.outcome).toBe('info')
    expect(kinds).toEqual([])
  })

  it('that is followed by an older command of its attempt has not failed: that command took the lock again', async () => {
    const twice = lockSubject(
      defineLock({
        name: 'twice',
        async acquire({ redis, key, token, ttlMs, connect }) {
          const other = await connect()
          void redis.set(key, token, 'PX', ttlMs, 'NX').catch(() => {})
          await new Promise((resolve) => setTimeout(resolve, 20))
          return (await other.set(key, token, 'PX', ttlMs, 'NX')) === 'OK' ? { token, other } : null
        },
        release: async ({ key }, lease) =>
          (await (lease as unknown as { other: RedisCommands }).other.eval(
            COMPARE_AND_DELETE,
            1,
            key,
            lease.token as string,
          )) === 1,
      }),
    )
    const late = counterPlan({
      clients: 1,
      faults: [fault('delay-request', { process: 'A', for: '47ms' }, 'A before send 1')],
    })
    const { violations } = await show(twice, late, 'direct')
    expect(violations.map(({ property, cause }) => [property, cause.kind])).toEqual([
      ['orphaned-lock', 'taken-again-late'],
    ])
  })

  it('that fails because nothing more is heard is not known to be done', async () => {
    // The direct client sends nothing again: its connection is gone, and with it the answer.
    expect((await show(rejecting('rejects'), lost, 'direct')).kinds).toEqual([])
  })
})
