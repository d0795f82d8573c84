/** What several clients may hold at once, and work for which a lease has to be prolonged. */
import { describe, expect, it } from 'vitest'
import { basePlans, DEFAULT_PARAMETERS } from '../../src/explore/base-plan.ts'
import { defineLock, type LockContext } from '../../src/lock/lock.ts'
import { COMPARE_AND_DELETE } from '../../src/lock/release-script.ts'
import { COMPARE_AND_EXPIRE } from '../../src/lock/renew-script.ts'
import { lockSubject } from '../../src/subject/subject.ts'
import { counterPlan, fault, show } from './worlds.ts'

/** Tokens in a sorted set, each with the end of its lease by the clock of Redis. */
const ENTER = `local t = redis.call('time') local now = t[1] * 1000 + math.floor(t[2] / 1000)
redis.call('zremrangebyscore', KEYS[1], '-inf', now)
if redis.call('zcard', KEYS[1]) >= tonumber(ARGV[2]) then return 0 end
redis.call('zadd', KEYS[1], now + ARGV[3], ARGV[1]) return 1`

const semaphore = (told: number, permits = told) =>
  lockSubject(
    defineLock({
      name: 'semaphore',
      limit: told,
      acquire: async ({ redis, key, token, ttlMs }) =>
        (await redis.eval(ENTER, 1, key, token, permits, ttlMs)) === 1 ? { token } : null,
      release: async ({ redis, key, token }) =>
        (await redis.eval("return redis.call('zrem', KEYS[1], ARGV[1])", 1, key, token)) === 1,
    }),
  )

const four = (changes = {}) => counterPlan({ clients: 4, ...changes })

describe('a semaphore of two', () => {
  it('may be held by two at once, who share what it protects', async () => {
    const { kinds, history } = await show(semaphore(2), four())
    expect(kinds).toEqual([])
    expect(history.rules.limit).toBe(2)
  })

  it('may not be held by three', async () => {
    const { kinds, violations } = await show(semaphore(2, 3), four())
    expect(kinds).toEqual(['mutual-exclusion: bug'])
    expect(violations[0]?.sentence).toMatch(/^\w, \w and \w all held it for .*: 3 hold, 2 may$/)
    expect(violations[0]?.cause).toMatchObject({ kind: 'one-too-many-let-in', limit: 2 })
  })

  it('cannot keep out a third while a holder is paused for longer than its lease, or when the clock of Redis jumps', async () => {
    const paused = [fault('pause', { process: 'A', for: '1500ms' }, 'A before work')]
    const jumped = [fault('clock-step', { process: 'redis-1', by: '2s' }, 'A before work')]
    const workload = { kind: 'counter', rounds: 4, workUs: 400_000, retryUs: 20_000, checkFence: false } as const
    const causes = async (faults: typeof paused) => {
      const { violations } = await show(semaphore(2), four({ workload, headStartUs: 5_000, faults }))
      return [...new Set(violations.map(({ kind, cause }) => `${kind} ${cause.kind}`))]
    }
    expect(await causes(paused)).toEqual(['limit lease-ended'])
    expect(await causes(jumped)).toEqual(['limit redis-lost-it'])
  })

  it('is not excused for work that outlasts its leases by a pause that was over before', async () => {
    // A begins at once, and the others 5 ms later.
    const faults = (['B', 'C', 'D'] as const).map((process) => fault('pause', { process, for: '2ms' }, '1ms'))
    const workload = { kind: 'counter', rounds: 2, workUs: 1_500_000, retryUs: 20_000, checkFence: false } as const
    const { violations } = await show(semaphore(2), four({ workload, headStartUs: 5_000, faults }))
    expect(violations.length).toBeGreaterThan(0)
    expect([...new Set(violations.map(({ kind, cause }) => `${kind} ${cause.kind}`))]).toEqual(['bug lease-ended'])
  })

  it('is no semaphore when its number is none', () => {
    expect(() => semaphore(0)).toThrow(/expected limit to be a whole number from 1 to 1000, got 0/)
  })
})

describe('work that outlasts the lease', () => {
  const extending = (extend: (context: LockContext) => Promise<boolean>) =>
    lockSubject(
      defineLock({
        name: 'extending',
        acquire: async ({ redis, key, token, ttlMs }) =>
          (await redis.set(key, token, 'PX', ttlMs, 'NX')) === 'OK' ? { token } : null,
        extend,
        release: async ({ redis, key, token }) => (await redis.eval(COMPARE_AND_DELETE, 1, key, token)) === 1,
      }),
    )
  const extend = async ({ redis, key, token, ttlMs }: LockContext) =>
    (await redis.eval(COMPARE_AND_EXPIRE, 1, key, token, ttlMs)) === 1
  const long = (changes = {}) =>
    counterPlan({
      workload: { kind: 'counter', rounds: 1, workUs: 2_500_000, retryUs: 20_000, checkFence: false },
      ...changes,
    })

  it('is done under a lease that is prolonged when half of it is over', async () => {
    const { kinds, history } = await show(extending(extend), long())
    expect(kinds).toEqual([])
    const extensions = history.operations.filter(({ op }) => op === 'extend')
    expect(extensions.map(({ process, outcome }) => `${process} ${outcome}`)).toEqual([
      ...Array<string>(4).fill(`${extensions[0]?.process} ok`),
      ...Array<string>(4).fill(`${extensions.at(-1)?.process} ok`),
    ])
  })

  it('ends when the lock is said to be lost, and shows an extension that takes what is not its own', async () => {
    const faults = [fault('pause', { process: 'A', for: '1200ms' }, 'A before work')]
    const told = await show(extending(extend), long({ headStartUs: 5_000, faults }))
    expect(told.history.holds[0]).toMatchObject({ client: 'A', endedBy: 'not held' })
    const steals = extending(
      async ({ redis, key, token, ttlMs }) => (await redis.set(key, token, 'PX', ttlMs)) === 'OK',
    )
    expect((await show(steals, long({ headStartUs: 5_000, faults }))).kinds).toContain('foreign-release: bug')
  })

  it('is part of each hunt of a lock that can prolong its lease', () => {
    const works = (subject: ReturnType<typeof semaphore>) =>
      basePlans(subject, { ...DEFAULT_PARAMETERS, client: 'direct' }).map(({ workload }) => workload.workUs)
    expect(works(extending(extend))).toEqual([20_000, 500_000])
    expect(works(semaphore(2))).toEqual([20_000])
  })
})
