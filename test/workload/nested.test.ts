/** A holder that takes its lock once more: what a lock says when it refuses is a refusal there, too. */
import { expect, it } from 'vitest'
import { defineLock, type LockContext } from '../../src/lock/lock.ts'
import { inMacrotask } from '../../src/sim/node/drain.ts'
import { lockSubject } from '../../src/subject/subject.ts'
import { judgeWorld } from '../../src/world/judged-world.ts'
import { memoryProvider, nodeEnvironment } from '../../src/world/node/environment.ts'
import { counterPlan } from '../check/worlds.ts'

it.each([[false], [null], [undefined]])(
  'a nested attempt that is answered with %s is refused, and not given back',
  async (no) => {
    let releases = 0
    const lock = defineLock({
      name: 'refusing',
      acquire: async ({ redis, key, token, ttlMs }: LockContext) =>
        (await redis.set(key, token, 'PX', ttlMs, 'NX')) === 'OK' ? { token } : (no as null),
      release: async ({ redis, key }: LockContext) => {
        releases += 1
        return (await redis.del(key)) === 1
      },
    })
    const workload = {
      kind: 'counter',
      rounds: 1,
      workUs: 5_000,
      retryUs: 5_000,
      checkFence: false,
      nested: true,
    } as const
    const environment = nodeEnvironment('direct', memoryProvider())
    const plan = counterPlan({ clients: 1, workload })
    const { history, judgement } = await inMacrotask(() => judgeWorld(plan, lockSubject(lock), environment))
    const nested = history.operations.filter(({ op }) => op === 'nest' || op === 'unnest')
    expect(nested.map(({ op, outcome }) => [op, outcome])).toEqual([['nest', 'fail']])
    expect(releases).toBe(2)
    expect(judgement.verdict.status).not.toBe('violated')
  },
)
