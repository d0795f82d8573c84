/**
 * Whole worlds: many clients, several nodes, crashes and restarts, limits, and that a plan and its code decide everything.
 */
import { describe, expect, it } from 'vitest'
import { History } from '../../src/history/history.ts'
import { fenced } from '../../src/lock/fenced.ts'
import { defineLock } from '../../src/lock/lock.ts'
import { naive } from '../../src/lock/naive.ts'
import { COMPARE_AND_DELETE } from '../../src/lock/release-script.ts'
import { setNxLua } from '../../src/lock/set-nx-lua.ts'
import { inMacrotask } from '../../src/sim/node/drain.ts'
import { DEFAULT_LIMITS } from '../../src/sim/world.ts'
import { lockSubject } from '../../src/subject/subject.ts'
import { memoryProvider, nodeEnvironment } from '../../src/world/node/environment.ts'
import { runWorld } from '../../src/world/run-world.ts'
import { counterPlan, fault, show } from '../check/worlds.ts'

/** Takes a majority of the nodes; enough to see that every node answers for itself. */
const majority = defineLock({
  name: 'majority',
  nodes: 3,
  async acquire({ nodes, key, token, ttlMs }) {
    const votes = await Promise.all(nodes.map((node) => node.set(key, token, 'PX', ttlMs, 'NX')))
    if (votes.filter((vote) => vote === 'OK').length >= 2) return { token }
    await Promise.all(nodes.map((node) => node.eval(COMPARE_AND_DELETE, 1, key, token)))
    return null
  },
  async release({ nodes, key }, lease) {
    const answers = await Promise.all(nodes.map((node) => node.eval(COMPARE_AND_DELETE, 1, key, lease.token as string)))
    return answers.filter((answer) => answer === 1).length >= 2
  },
})

const withoutExpiry = defineLock({
  name: 'without-expiry',
  acquire: async ({ redis, key, token }) => ((await redis.set(key, token, 'NX')) === 'OK' ? { token } : null),
  release: async ({ redis, key }, lease) => (await redis.eval(COMPARE_AND_DELETE, 1, key, lease.token as string)) === 1,
})

describe('a world', () => {
  it.each(['direct', 'ioredis'] as const)('has room for fifty clients (%s)', async (client) => {
    const crowd = counterPlan({
      client,
      clients: 50,
      ttlMs: 10_000,
      workload: { kind: 'counter', rounds: 2, workUs: 1_000, retryUs: 15_000, checkFence: true },
    })
    const right = await show(lockSubject(setNxLua), crowd, client)
    expect(right.kinds).toEqual([])
    expect(right.history.holds.filter((hold) => !hold.token.includes('probe'))).toHaveLength(100)
    expect((await show(lockSubject(naive), crowd, client)).kinds).toContain('mutual-exclusion: bug')
  })

  it('gives a probe that must connect first its whole time', async () => {
    // The only client has died with the key, which never expires: another process looks, and can never take the lock.
    const probeUs = 2 * 1_000_000 + 500_000
    for (let seed = 0; seed < 60; seed += 1) {
      const plan = counterPlan({
        seed: `probe/${seed}`,
        clients: 1,
        settleUs: 500_000,
        latency: { minUs: 5_000, maxUs: 30_000 },
        faults: [fault('crash', { process: 'A' }, 'A before work')],
      })
      const { history } = await show(lockSubject(withoutExpiry), plan)
      const probe = history.operations.find(({ op }) => op === 'probe')
      expect(probe?.outcome).toBe('fail')
      expect((probe?.endedUs ?? 0) - (probe?.invokedUs ?? 0)).toBeGreaterThanOrEqual(probeUs)
    }
  })

  it('has several Redis nodes, each with its own keys and clock', async () => {
    const nodes = counterPlan({
      nodes: 3,
      clients: 3,
      workload: { kind: 'counter', rounds: 2, workUs: 3_000, retryUs: 7_000, checkFence: true },
    })
    const { kinds, history } = await show(lockSubject(majority), nodes)
    expect(kinds).toEqual([])
    expect(new Set(history.grants.map((grant) => grant.node))).toEqual(new Set(['redis-1', 'redis-2', 'redis-3']))
    const skewed = { ...nodes, faults: [fault('clock-step', { process: 'redis-2', by: '+5s' }, 'A after acquire')] }
    const { history: after } = await show(lockSubject(majority), skewed)
    expect(after.grants.some((grant) => grant.node === 'redis-2' && grant.endedBy === 'expired')).toBe(true)
    expect(after.grants.some((grant) => grant.node === 'redis-1' && grant.endedBy === 'expired')).toBe(false)
  })

  it('goes on when a client crashes and comes back', async () => {
    const back = counterPlan({
      clients: 2,
      ttlMs: 300,
      headStartUs: 5_000,
      faults: [fault('restart', { process: 'A', after: '100ms' }, 'A before write')],
    })
    const { kinds, history } = await show(lockSubject(setNxLua), back)
    expect(kinds).toEqual([])
    expect(history.holds.some((hold) => hold.token.startsWith('A.1-'))).toBe(true)
  })

  it('loses the lock with a Redis node that forgets its data, and keeps it with one that does not', async () => {
    const restart = (keep: boolean) =>
      counterPlan({
        headStartUs: 5_000,
        workload: { kind: 'counter', rounds: 1, workUs: 100_000, retryUs: 5_000, checkFence: true },
        faults: [fault('restart', { process: 'redis-1', after: '10ms', 'keep-data': keep }, 'A after acquire')],
      })
    const forgot = await show(lockSubject(setNxLua), restart(false), 'ioredis')
    expect(forgot.violations.find(({ property }) => property === 'mutual-exclusion')?.why).toBe(
      "redis-1 restarted and had forgotten A's key.",
    )
    expect((await show(lockSubject(setNxLua), restart(true), 'ioredis')).kinds).toEqual([])
  })

  it('is unknown when it reaches a limit, and says which', async () => {
    const environment = { ...nodeEnvironment('direct', memoryProvider()), limits: { ...DEFAULT_LIMITS, events: 20 } }
    const run = await inMacrotask(() => runWorld(counterPlan(), lockSubject(fenced), environment))
    expect(run.limitReached).toBe('the world ran 20 events')
    expect(new History(run).records.length).toBeLessThan(20)
  })

  it('has the same history for the same plan, and another for another seed', async () => {
    const [first, second, other] = [
      await show(lockSubject(naive), counterPlan()),
      await show(lockSubject(naive), counterPlan()),
      await show(lockSubject(naive), counterPlan({ seed: 'test/1' })),
    ]
    expect(second.hash).toBe(first.hash)
    expect(other.hash).not.toBe(first.hash)
  })
})

describe.each(['direct', 'ioredis'] as const)('with the %s client', (client) => {
  it('a client that finds its only node down does not count as ended by its lock', async () => {
    const down = counterPlan({ client, faults: [fault('restart', { process: 'redis-1', after: '200ms' }, '0ms')] })
    const { kinds, status } = await show(lockSubject(setNxLua), down, client)
    expect({ kinds, status }).toEqual({ kinds: [], status: 'valid' })
  })
})

describe('what is recorded', () => {
  it('a key that a jump of the clock ended is not overwritten by the command of the same instant', async () => {
    // redis-1's clock jumps just before it executes B's SET NX: A's key has expired, B overwrites nothing.
    const jump = counterPlan({
      headStartUs: 5_000,
      workload: { kind: 'counter', rounds: 1, workUs: 100_000, retryUs: 20_000, checkFence: false },
      faults: [fault('clock-step', { process: 'redis-1', by: '+2s' }, 'redis-1 before exec 2')],
    })
    const { history, kinds } = await show(lockSubject(setNxLua), jump)
    expect(history.grants[0]).toMatchObject({ owner: 'A', endedBy: 'expired' })
    expect(history.grants[1]).toMatchObject({ owner: 'B', fromUs: history.grants[0]?.untilUs })
    expect(kinds).not.toContain('foreign-release: bug')
  })

  it('a belief ends at its stated end also in a pause that the client does not survive', async () => {
    const pause = counterPlan({
      ttlMs: 300,
      headStartUs: 5_000,
      faults: [
        fault('pause', { process: 'A', for: '600ms' }, 'A after acquire'),
        fault('crash', { process: 'A' }, 'A after acquire'),
      ],
    })
    const { history, kinds } = await show(lockSubject(fenced), pause)
    const [first] = history.holds
    expect(first).toMatchObject({ client: 'A', endedBy: 'stated end' })
    expect(first?.untilUs).toBe(first?.statedUs)
    expect(kinds).toEqual([])
  })
})
