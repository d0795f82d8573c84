/** What code under test throws in a storm reaches the people who read of it: the terminal, Markdown, the page. */
import { describe, expect, it } from 'vitest'
import { thrownIn } from '../../src/history/thrown.ts'
import type { LockContext, LockDefinition } from '../../src/lock/lock.ts'
import { setNxLua } from '../../src/lock/set-nx-lua.ts'
import { failureText } from '../../src/report/failure.ts'
import { packStory, unpackStory } from '../../src/report/page/packed.ts'
import { inMacrotask } from '../../src/sim/node/drain.ts'
import { lockSubject } from '../../src/subject/subject.ts'
import { thrownText } from '../../src/words/thrown-text.ts'
import { tellViolation } from '../../src/words/told-violation.ts'
import { judgeWorld, tellWorld } from '../../src/world/judged-world.ts'
import { memoryProvider, nodeEnvironment } from '../../src/world/node/environment.ts'
import { counterPlan, fault } from '../check/worlds.ts'

const environment = nodeEnvironment('direct', memoryProvider())
const rounds = { kind: 'counter', rounds: 2, workUs: 20_000, retryUs: 10_000, checkFence: true } as const

/** Throws when another client has it, and lets a timer of its own throw in the end. */
const throwing: LockDefinition = {
  ...setNxLua,
  name: 'throwing',
  acquire: async (context: LockContext) => {
    const lease = await setNxLua.acquire(context)
    if (lease === null) throw new Error('<busy>\n')
    return lease
  },
  release: async (context, lease) => {
    if (context.token.startsWith('C')) setTimeout(() => Promise.reject(new Error('too late')), 1)
    return (await setNxLua.release(context, lease)) && (await context.redis.del(context.key)) === 1
  },
}
const plan = counterPlan({
  clients: 3,
  ttlMs: 100,
  headStartUs: 5_000,
  workload: rounds,
  faults: [fault('pause', { process: 'A', for: '200ms' }, 'A before work')],
})

describe('what code under test threw', () => {
  it('is told once for each different error, with how often it was thrown', async () => {
    const { history } = await inMacrotask(() => judgeWorld(plan, lockSubject(throwing), environment))
    const thrown = thrownIn(history)
    expect(thrown.map(({ operation, text }) => [operation, text])).toEqual([
      ['acquire', '<busy>\n'],
      [null, 'too late'],
    ])
    const count = history.operations.filter(({ op, outcome }) => op === 'acquire' && outcome === 'info').length
    expect(thrown[0]?.times).toBe(count)
    expect(thrownText({ client: 'A', operation: 'release', text: 'gone', times: 1 })).toBe("A's release failed: gone")
    expect(thrownText({ client: 'A', operation: 'release', text: 'gone', times: 3 })).toBe(
      'release failed 3 times, first in A: gone',
    )
    expect(thrownText({ client: 'A', operation: 'release', text: 'gone', times: 1 }, 'zh')).toBe('A 的释放失败：gone')
    expect(thrownText({ client: 'A', operation: null, text: 'gone', times: 3 }, 'zh')).toBe(
      '抛出错误 3 次，最先在 A，自己的代码都没有捕获：gone',
    )
  })

  it('stands in the text of a failure, and in what a page embeds', async () => {
    const { judgement } = await inMacrotask(() => judgeWorld(plan, lockSubject(throwing), environment))
    const story = await inMacrotask(() => tellWorld(plan, lockSubject(throwing), environment))
    if (judgement.verdict.status !== 'violated') throw new Error('the storm violates')
    const [first] = judgement.verdict.violations
    if (first === undefined) throw new Error('there is a violation')
    const violation = tellViolation(first)
    const text = failureText({ violation, story })
    expect(text).toMatch(/\n {2}acquire failed \d+ times, first in [A-C]: <busy>/)
    expect(text.split('\n').every((line) => line.length <= 80)).toBe(true)
    expect(unpackStory(packStory(story)).thrown).toEqual(story.thrown)
  })

  it('is nothing where nothing was thrown', async () => {
    const story = await inMacrotask(() => tellWorld(plan, lockSubject(setNxLua), environment))
    expect(story.thrown).toEqual([])
  })
})
