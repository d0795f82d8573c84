/**
 * express-session 1.19.0 and connect-redis, unmodified: what is known of them is shown by running them, and what is next to
 * it and must not happen does not.
 */
import { describe, expect, it } from 'vitest'
import { inMacrotask } from '../../../src/sim/node/drain.ts'
import { appSubject } from '../../../src/subject/subject.ts'
import { memoryProvider, nodeEnvironment } from '../../../src/world/node/environment.ts'
import { runWorld } from '../../../src/world/run-world.ts'
import { show } from '../../check/worlds.ts'
import { CASES, type ExpressCase, worldOf } from './express-cases.ts'

/** Whether some request changed the session during another. */
const isContended = ({ title, plan }: ExpressCase): boolean =>
  title.startsWith('P82') || (plan.headStartUs === 0 && plan.workload.kind === 'cart' && plan.workload.requests > 0)

describe('express-session with connect-redis', () => {
  it.each(CASES)('$title', async (example) => {
    const { app, plan } = worldOf(example)
    const { kinds, violations, status } = await show(appSubject(app), plan, plan.client)
    expect(kinds).toEqual(
      example.violated.map((property) => `${property}: ${example.isLimit === true ? 'limit' : 'bug'}`),
    )
    // Where nobody changed the session during another's request, clean is no proof: the neighbour of the case is.
    if (example.violated.length === 0) expect(status).toBe(isContended(example) ? 'valid' : 'vacuous')
    const sentences = violations.map(({ sentence }) => sentence).join('\n')
    if (example.says !== undefined) expect(sentences).toContain(example.says)
  })

  it('gives the same history for the same plan, and another for another seed', async () => {
    const { app, plan } = worldOf(CASES[0] as ExpressCase)
    const first = await show(appSubject(app), plan)
    expect((await show(appSubject(app), plan)).hash).toBe(first.hash)
    expect((await show(appSubject(app), { ...plan, seed: 'test/1' })).hash).not.toBe(first.hash)
  })
})

describe('P88: while Redis cannot be reached', () => {
  it.each(CASES.filter(({ title }) => /P88.*(comes back|cut off)/.test(title)))(
    'no request is told that nobody is logged in: $title',
    async (example) => {
      const { app, plan } = worldOf(example)
      const { history } = await show(appSubject(app), plan)
      expect(history.faults).toHaveLength(1)
      const loads = history.operations.filter(({ op, process }) => (op === 'load' || op === 'read') && process === 'B')
      expect(loads.filter(({ outcome }) => outcome === 'ok').length).toBeGreaterThan(1)
      expect(loads.filter(({ answer }) => answer.at(-1) === null)).toEqual([])
    },
  )
})

describe('P84: the merge of connect-redis 6.1.0', () => {
  it('makes an empty object of the expiry, cannot tell the TTL then, and buries the session', async () => {
    const example = CASES.find(({ app }) => app.store === 6) as ExpressCase
    const { app, plan } = worldOf(example)
    const sent: string[] = []
    const environment = {
      ...nodeEnvironment(plan.client, memoryProvider()),
      onMessage: ({ to, message }: { to: string; message: unknown }) => to === 'redis-1' && sent.push(String(message)),
    }
    await inMacrotask(() => runWorld(plan, appSubject(app), environment))
    const merged = sent.findIndex((message) => message.includes('"expires":{}'))
    expect(merged).toBeGreaterThan(-1)
    const [key = ''] = /sess:[\w-]+/.exec(sent[merged] as string) ?? []
    const after = sent.slice(merged).filter((message) => message.includes(key))
    // Nobody logs out in this plan, and the login is over.
    expect(after.some((message) => message.includes('TOMBSTONE'))).toBe(true)
  })
})
