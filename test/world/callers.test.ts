/** Several callers in one process: they share modules, name and fate, and each is a client of its own in the history. */
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { basePlans, DEFAULT_PARAMETERS, describeBase } from '../../src/explore/base-plan.ts'
import { FAULTS } from '../../src/fault/registry.ts'
import * as api from '../../src/index.ts'
import { defineLock, type LockDefinition } from '../../src/lock/lock.ts'
import { setNxLua } from '../../src/lock/set-nx-lua.ts'
import { loadSubjects } from '../../src/scenario/node/load-subject.ts'
import { writePlan } from '../../src/scenario/plan-file.ts'
import { inMacrotask } from '../../src/sim/node/drain.ts'
import { lockSubject, type Subject } from '../../src/subject/subject.ts'
import { callersOf, strikeAll } from '../../src/world/callers.ts'
import { judgeWorld } from '../../src/world/judged-world.ts'
import { memoryProvider, nodeEnvironment } from '../../src/world/node/environment.ts'
import type { Plan } from '../../src/world/plan.ts'
import { counterPlan, fault } from '../check/worlds.ts'

const environment = nodeEnvironment('direct', memoryProvider())
const judge = (plan: Plan, subject: Subject) => inMacrotask(() => judgeWorld(plan, subject, environment))
const found = async (plan: Plan, subject: Subject): Promise<readonly string[]> => {
  const { verdict } = (await judge(plan, subject)).judgement
  return verdict.status === 'violated' ? verdict.violations.map(({ property }) => property) : []
}
const rounds = { kind: 'counter', rounds: 2, workUs: 20_000, retryUs: 10_000, checkFence: true } as const
const plan = counterPlan({ clients: 3, callers: 2, ttlMs: 300, headStartUs: 5_000, workload: rounds })

describe('callers in one process', () => {
  it('share what its modules keep, which other processes do not', async () => {
    const file = path.join(import.meta.dirname, 'files/one-token.ts')
    const [subject] = (await loadSubjects(file, { ...api })) as [Subject]
    const { callers: _, ...apart } = plan
    expect(await found(apart, subject)).toEqual([])
    expect(await found(plan, subject)).toContain('orphaned-lock')
  })

  it('have one owner, so a lock that lets its owner in again lets the other caller in', async () => {
    // As murlock 4 does: felanios/murlock#33.
    const byOwner: LockDefinition = defineLock({
      name: 'by-owner',
      async acquire({ redis, key, owner, ttlMs }) {
        const script =
          "local h = redis.call('get', KEYS[1]); if not h or h == ARGV[1] then return redis.call('set', KEYS[1], ARGV[1], 'PX', ARGV[2]) end"
        return (await redis.eval(script, 1, key, owner, ttlMs)) === null ? null : { token: owner }
      },
      async release({ redis, key, owner }) {
        return (await redis.get(key)) === owner && (await redis.del(key)) === 1
      },
    })
    const { callers: _, ...apart } = plan
    expect(await found(apart, lockSubject(byOwner))).toEqual([])
    expect(await found(plan, lockSubject(byOwner))).toContain('mutual-exclusion')
    expect(await found(apart, lockSubject({ ...byOwner, callers: 2 }))).toContain('mutual-exclusion')
  })

  it('are stopped, ended and cut off together', async () => {
    for (const [kind, settings] of [
      ['pause', { for: '100ms' }],
      ['crash', {}],
      ['restart', { after: '50ms' }],
      ['clock-step', { by: '+1s' }],
    ] as const) {
      const storm = { ...plan, faults: [fault(kind, { process: 'A', ...settings }, 'B after acquire')] }
      const { run } = await judge(storm, lockSubject(setNxLua))
      const struck = run.records.filter(({ type, op }) => type === 'fault' && op === kind)
      expect(struck.map(({ value }) => (value as readonly unknown[])[1])).toEqual(['A', 'B'])
      expect(new Set(struck.map(({ atUs }) => atUs)).size).toBe(1)
    }
  })

  it('are all named by every fault that a random storm or the menu aims at one of them, but for single messages', () => {
    const callers = callersOf(['A', 'B', 'C'], 2)
    expect(callers).toEqual([['A', 'B']])
    for (const kind of FAULTS.filter(({ roles }) => roles.includes('client'))) {
      const written = (parse(`{ ${kind.example} }`) as Record<string, Record<string, unknown>>)[kind.name]
      const settings = { ...written, ...(written?.process === undefined ? {} : { process: 'A' }) }
      const planned = fault(kind.name, settings, '1ms')
      expect(kind.processes(planned.settings)).toContain('A')
      const names = strikeAll([planned], callers).flatMap((one) => kind.processes(one.settings))
      const isMessage = kind.onMessage !== undefined
      expect([kind.name, names.includes('B')]).toEqual([kind.name, !isMessage])
    }
  })

  it('are told in plans and tokens', () => {
    const [base] = basePlans(lockSubject({ ...setNxLua, callers: 2 }), { ...DEFAULT_PARAMETERS, client: 'direct' })
    expect(base?.callers).toBe(2)
    expect(describeBase(base as Plan)).toEqual({
      en: 'counter, 3 clients × 2 rounds, 2 callers a process',
      zh: 'counter，3 个客户端 × 2 轮，每个进程 2 个调用者',
    })
    expect(writePlan(plan)).toMatchObject({ callers: 2 })
  })
})
