/** What must be run once: an item of a queue, a request with an idempotency key. And what its release keeps is not left behind. */
import { describe, expect, it } from 'vitest'
import { defineLock, type LockContext } from '../../src/lock/lock.ts'
import { naive } from '../../src/lock/naive.ts'
import { setNxLua } from '../../src/lock/set-nx-lua.ts'
import { lockSubject } from '../../src/subject/subject.ts'
import type { Plan } from '../../src/world/plan.ts'
import { counterPlan, fault, jobPlan, show } from './worlds.ts'

type Changes = Parameters<typeof counterPlan>[0]

const queuePlan = (changes: Changes = {}): Plan =>
  counterPlan({
    clients: 3,
    workload: { kind: 'queue', items: 3, workUs: 20_000, retryUs: 5_000, checkFence: true },
    ...changes,
  })

const requestPlan = (changes: Changes = {}): Plan =>
  counterPlan({
    clients: 3,
    ttlMs: 2_000,
    workload: { kind: 'idempotency', sends: 2, workUs: 20_000, everyUs: 30_000 },
    ...changes,
  })

/** A record that says what became of a request; `ttlMs`: how long an answer stays. */
const records = (answer: (context: LockContext, token: string) => Promise<unknown>, acquire?: 'looks first') =>
  lockSubject(
    defineLock({
      name: 'record',
      async acquire({ redis, key, token, ttlMs }) {
        if (acquire === 'looks first' && (await redis.get(key)) !== null) return null
        const isMade = await (acquire === 'looks first'
          ? redis.set(key, token, 'PX', ttlMs)
          : redis.set(key, token, 'PX', ttlMs, 'NX'))
        return isMade === 'OK' ? { token } : null
      },
      release: async (context, { token }) => {
        await answer(context, token ?? '')
        return true
      },
    }),
  )

const stays = ({ redis, key, ttlMs }: LockContext) => redis.set(key, 'done', 'PX', ttlMs)
const runs = (shown: Awaited<ReturnType<typeof show>>) =>
  shown.history.lanes.effects.filter(({ op }) => op === 'run').length

describe('a request', () => {
  it('is carried out once, and what keeps its answer is no lock left behind', async () => {
    const shown = await show(records(stays), requestPlan())
    expect([shown.kinds, runs(shown)]).toEqual([[], 1])
  })

  it('is carried out twice by what looks first and then writes', async () => {
    const { kinds } = await show(records(stays, 'looks first'), requestPlan())
    expect(kinds).toEqual(expect.arrayContaining(['job-run-twice: bug', 'mutual-exclusion: bug']))
  })

  it('is carried out again where its record is deleted, or does not stay for as long as it should', async () => {
    for (const answer of [
      ({ redis, key }: LockContext) => redis.del(key),
      ({ redis, key }: LockContext) => redis.set(key, 'done', 'PX', 10),
    ]) {
      const { kinds, violations } = await show(records(answer), requestPlan())
      expect(kinds).toEqual(['job-run-twice: bug'])
      expect(violations[0]?.cause.kind).toBe('lock-forgets')
    }
  })

  it('may be carried out again when the time of its record is over', async () => {
    const late = requestPlan({ workload: { kind: 'idempotency', sends: 2, workUs: 20_000, everyUs: 2_500_000 } })
    const shown = await show(records(stays), late)
    expect([shown.kinds, runs(shown)]).toEqual([[], 2])
  })

  it('is a limit where Redis loses the record, or the client ends before it has the answer', async () => {
    const ahead = [fault('clock-step', { process: 'redis-1', by: '3s' }, 'A after release')]
    const jumped = await show(records(stays), requestPlan({ clients: 1, faults: ahead }))
    expect(jumped.kinds).toEqual(['job-run-twice: limit'])
    expect(jumped.violations[0]?.cause.kind).toBe('redis-lost-it')
    const workload = { kind: 'idempotency', sends: 2, workUs: 20_000, everyUs: 2_100_000 } as const
    const crashed = [fault('crash', { process: 'A' }, 'A after run')]
    const ended = await show(records(stays), requestPlan({ workload, clients: 2, headStartUs: 5_000, faults: crashed }))
    expect(ended.kinds).toEqual(['job-run-twice: limit'])
    expect(ended.violations[0]?.cause.kind).toBe('run-not-recorded')
  })

  it('must not stay under way for ever', async () => {
    const forever = lockSubject(
      defineLock({
        name: 'for ever',
        acquire: async ({ redis, key, token }) => ((await redis.set(key, token, 'NX')) === 'OK' ? { token } : null),
        release: async ({ redis, key }) => (await redis.set(key, 'done')) === 'OK',
      }),
    )
    expect((await show(forever, requestPlan())).kinds).toEqual([])
    const crashed = [fault('crash', { process: 'A' }, 'A after run')]
    expect((await show(forever, requestPlan({ headStartUs: 5_000, faults: crashed }))).kinds).toContain(
      'dead-lock: bug',
    )
  })
})

describe('an item of a queue', () => {
  it('is run once, and all are run', async () => {
    const shown = await show(lockSubject(setNxLua), queuePlan())
    expect([shown.kinds, runs(shown)]).toEqual([[], 3])
    expect((await show(lockSubject(naive), queuePlan())).kinds).toContain('job-run-twice: bug')
  })

  it('is run again when a worker ends before it has marked it: a limit', async () => {
    const crashed = [fault('crash', { process: 'A' }, 'A after run')]
    const { violations } = await show(lockSubject(setNxLua), queuePlan({ headStartUs: 5_000, faults: crashed }))
    expect(violations.map(({ property, kind, cause }) => [property, kind, cause.kind])).toEqual([
      ['job-run-twice', 'limit', 'run-not-recorded'],
    ])
  })
})

describe('a lock that its release keeps', () => {
  const keeping = (release: (context: LockContext, token: string) => Promise<unknown>) => records(release)

  it('is not left behind when the release gives it another time to live, or another value', async () => {
    const shorter = keeping(({ redis, key }) => redis.pexpire(key, 300))
    expect((await show(shorter, jobPlan({}, { ttlMs: 900 }))).kinds).toEqual([])
  })

  it('is left behind when the release changes nothing, even if a renewal comes meanwhile', async () => {
    const same = keeping(({ redis, key, ttlMs }) => redis.pexpire(key, ttlMs))
    expect((await show(same, jobPlan({}, { ttlMs: 900 }))).kinds).toEqual(['orphaned-lock: bug'])
    const nothing = keeping(async () => {})
    expect((await show(nothing, jobPlan({}, { ttlMs: 900 }))).kinds).toEqual(['orphaned-lock: bug'])
  })
})
