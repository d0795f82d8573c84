/** Which message a picture marks as the one that did it, in worlds that were run. */
import { describe, expect, it } from 'vitest'
import { loadLesson } from '../../src/lesson/node/load-lesson.ts'
import { LESSONS } from '../../src/lesson/registry.ts'
import { replyTo, tellingMessages } from '../../src/picture/telling-messages.ts'
import { loadScenarios } from '../../src/scenario/node/find-scenarios.ts'
import { overwrite } from '../../src/session/overwrite.ts'
import { inMacrotask } from '../../src/sim/node/drain.ts'
import { type Subject, sessionSubject } from '../../src/subject/subject.ts'
import { judgeWorld, tellWorld } from '../../src/world/judged-world.ts'
import { memoryProvider, nodeEnvironment } from '../../src/world/node/environment.ts'
import type { Plan } from '../../src/world/plan.ts'

const environment = nodeEnvironment('direct', memoryProvider())

/** The messages that tell a violation of a world, in their order, the guilty one marked; replies are left out. */
async function toldIn(plan: Plan, subject: Subject, property: string): Promise<readonly string[]> {
  const { judgement } = await inMacrotask(() => judgeWorld(plan, subject, environment))
  const { verdict } = judgement
  const violation =
    verdict.status === 'violated' ? verdict.violations.find((each) => each.property === property) : undefined
  if (violation === undefined) return [verdict.status]
  const story = await inMacrotask(() => tellWorld(plan, subject, environment))
  const { guilty, telling } = tellingMessages(story, violation)
  return [...telling]
    .sort((a, b) => a - b)
    .flatMap((index) => {
      const { from, to, label } = story.messages[index]!
      return to.startsWith('redis') ? [`${index === guilty ? '✗ ' : ''}${from}: ${label}`] : []
    })
}

describe('the message that did it', () => {
  it('is the one that brings a session back after its logout, which is told with what its client had loaded', async () => {
    const lesson = LESSONS.find(({ name }) => name === 'sessions')!
    const { lock, storm } = await loadLesson(lesson)
    expect(await toldIn(storm.plan('1', 'direct'), lock.subject, 'session-resurrected')).toMatchInlineSnapshot(`
      [
        "B: get session:s1",
        "C: del session:s1",
        "✗ B: set session:s1 {"user":"u1","b1":"1"} PX 10000",
      ]
    `)
  })

  it('is the one that stores an older copy after a change was acknowledged, not the one that stored the change', async () => {
    const [scenario] = loadScenarios(['session-concurrent-requests'])
    const plan = scenario!.plan('1', 'direct')
    expect(await toldIn(plan, sessionSubject(overwrite), 'session-lost-update')).toMatchInlineSnapshot(`
      [
        "C: get session:s1",
        "A: set session:s1 {"user":"u1","a1":"1"} PX 2000",
        "✗ C: set session:s1 {"user":"u1","c1":"1"} PX 2000",
      ]
    `)
  })
})

describe('the answer to a request', () => {
  const message = (from: string, to: string, sentUs: number, label: string) => ({
    ...{ from, to, sentUs, arrivedUs: sentUs + 10, label, lost: false },
  })
  const messages = [
    message('A', 'redis-1', 0, 'blpop q 0'),
    message('A', 'redis-1', 20, 'ping'),
    message('redis-1', 'A', 30, 'PONG'),
    message('redis-1', 'A', 50, 'q job'),
  ]
  const story = { endUs: 60, key: 'q', lanes: [], messages, overlaps: [], thrown: [], records: [] }

  it('is its own, where it waits and another is answered meanwhile', () => {
    expect([0, 1].map((request) => replyTo(story, request))).toEqual([3, 2])
  })
})
