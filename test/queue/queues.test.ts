/** Job queues: what each kind of fault does to a right one and to wrong ones, and why, each by the smallest world. */
import { describe, expect, it } from 'vitest'
import { defineQueue, type Handle, type QueueContext } from '../../src/queue/job-queue.ts'
import { leasedList } from '../../src/queue/leased-list.ts'
import { listPop } from '../../src/queue/list-pop.ts'
import { queueSubject } from '../../src/subject/subject.ts'
import { fault, queuePlan, type Shown, show } from '../check/worlds.ts'

const TAKE = `local t = redis.call('time') local now = t[1] * 1000 + math.floor(t[2] / 1000)
for _, job in ipairs(redis.call('zrangebyscore', KEYS[1], '-inf', now)) do
  redis.call('zadd', KEYS[1], now + ARGV[1], job)
  return job
end
return false`

/** A queue in one sorted set, without renewal, whose workers take several jobs; `isDone`: whether it removes what is done. */
const sortedSet = (name: string, leaseMs: number, isDone: boolean) =>
  defineQueue({
    name,
    async add({ redis, queue }, job) {
      await redis.call('ZADD', queue, 'NX', 0, job)
    },
    async work({ redis, queue }: QueueContext, handle: Handle) {
      const next = async (): Promise<void> => {
        const job = await redis.eval(TAKE, 1, queue, leaseMs)
        if (typeof job === 'string') {
          handle(job)
            .then(() => (isDone ? redis.zrem(queue, job) : null))
            .catch(() => undefined)
        }
        setTimeout(() => next().catch(() => undefined), 20)
      }
      next().catch(() => undefined)
    },
  })

const causes = ({ violations }: Shown): readonly string[] =>
  [...new Set(violations.map(({ property, kind, cause }) => `${property} ${kind} ${cause.kind}`))].sort()

describe('without any fault', () => {
  it.each([listPop, leasedList])('$name does each job once', async (queue) => {
    const shown = await show(queueSubject(queue), queuePlan())
    expect([shown.status, causes(shown)]).toEqual(['valid', []])
    expect(shown.sometimes).toEqual(expect.arrayContaining(['done', 'contended']))
  })

  it('a claim that is not renewed is no match for work that is longer', async () => {
    const shown = await show(queueSubject(sortedSet('unrenewed', 200, true)), queuePlan({ workUs: 300_000 }))
    expect(causes(shown)).toContain('job-run-by-two bug claim-not-kept')
    expect(shown.violations.map(({ sentence }) => sentence).join('\n')).toMatch(/both ran job \d+ for/)
  })

  it('a job that is never said to be done comes again', async () => {
    const shown = await show(queueSubject(sortedSet('never-done', 40, false)), queuePlan())
    expect(causes(shown)).toEqual(['job-run-twice bug done-not-kept'])
  })
})

describe('a worker whose connections are reset when it prolongs its claim', () => {
  const slow = fault('slow-work', { process: 'A', by: '2s' }, '0ms')
  const resets = [8, 9].map((send) => fault('reset', { process: 'A' }, `A before send ${send}`))
  const storm = (count: number) =>
    queuePlan({ latency: { minUs: 5_000, maxUs: 10_000 }, faults: [slow, ...resets.slice(0, count)] })

  it('keeps it when that happens once within a lease', async () => {
    expect(causes(await show(queueSubject(leasedList), storm(1)))).toEqual([])
  })

  it('cannot keep it when it happens twice', async () => {
    expect(causes(await show(queueSubject(leasedList), storm(2)))).toEqual(['job-run-by-two limit claim-ended'])
  })
})

describe('a worker that ends with a job', () => {
  const storm = queuePlan({ faults: [fault('crash', { process: 'A' }, 'A before run')] })

  it('takes it along when it was popped', async () => {
    const shown = await show(queueSubject(listPop), storm)
    expect(causes(shown)).toEqual(['job-lost bug job-gone'])
    expect(shown.violations[0]?.why).toBe('A had taken it and ended: the queue did not give it to another worker.')
  })

  it('does not when it is leased', async () => {
    const shown = await show(queueSubject(leasedList), storm)
    expect([shown.status, causes(shown)]).toEqual(['valid', []])
  })
})

describe('what no queue can prevent is a limit', () => {
  it.each([
    ['a pause longer than the lease', [fault('pause', { process: 'A', for: '400ms' }, 'A before run')], 'claim-ended'],
    [
      "a jump of Redis's clock past the lease",
      [
        fault('slow-work', { process: 'A', by: '300ms' }, 'A before run'),
        fault('clock-step', { process: 'redis-1', by: '400ms' }, 'A before run'),
      ],
      'claim-forgotten',
    ],
  ])('%s', async (_, faults, cause) => {
    const shown = await show(queueSubject(leasedList), queuePlan({ faults }))
    expect(causes(shown)).toContain(`job-run-by-two limit ${cause}`)
    expect(causes(shown).filter((each) => each.includes(' bug '))).toEqual([])
  })

  it('a job that Redis forgot', async () => {
    const faults = [fault('flush', { process: 'redis-1' }, 'C after put')]
    const shown = await show(queueSubject(leasedList), queuePlan({ faults, workUs: 100_000 }))
    expect(causes(shown)).toContain('job-lost limit job-forgotten')
    expect(causes(shown).filter((each) => each.includes(' bug '))).toEqual([])
  })
})

describe('a contract that is not kept', () => {
  it.each([
    [null, 'expected an object with name, add and work'],
    [{ name: ' ', add() {}, work() {} }, 'expected a name'],
    [{ name: 'x', add() {} }, 'expected work to be a function, got undefined'],
    [{ name: 'x', add() {}, work() {}, client: 'redis' }, 'expected client to be one of ioredis'],
  ])('%o is told: %s', (definition, message) => {
    expect(() => defineQueue(definition as never)).toThrow(message)
  })
})
