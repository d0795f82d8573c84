/**
 * What a new workload takes: its module and its line in the registry. Here both are a test's own, and scenario files,
 * worlds, verdicts and stories know the workload by what it says of itself.
 */
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { durationUs, wholeNumber } from '../../src/fault/settings.ts'
import { naive } from '../../src/lock/naive.ts'
import { setNxLua } from '../../src/lock/set-nx-lua.ts'
import { BUILT_IN, parseScenario } from '../../src/scenario/load.ts'
import { scenarioSchema } from '../../src/scenario/schema.ts'
import { inMacrotask } from '../../src/sim/node/drain.ts'
import { lockSubject } from '../../src/subject/subject.ts'
import { record, sleep } from '../../src/workload/client.ts'
import { lockKeys, probeLock } from '../../src/workload/lock-use.ts'
import { LOCK_KEY, Locking } from '../../src/workload/locking.ts'
import { WORKLOADS } from '../../src/workload/registry.ts'
import { renamed } from '../../src/workload/settings.ts'
import { defineWorkload } from '../../src/workload/workload.ts'
import { judgeWorld, tellWorld } from '../../src/world/judged-world.ts'
import { memoryProvider, nodeEnvironment } from '../../src/world/node/environment.ts'

/** Runners hand on a baton: who has it runs a lap. No storage machine is needed. */
const relay = defineWorkload({
  kind: 'relay',
  takes: 'lock',
  schema: renamed(z.strictObject({ laps: wholeNumber(1, 9).default(2), lap: durationUs.prefault('30ms') }), {
    laps: 'laps',
    lap: 'workUs',
  }),
  operations: ['acquire', 'work', 'release'],
  anchors: ['work'],
  doneBy: ['work'],
  properties: ['mutual-exclusion', 'hang', 'crash'],
  key: LOCK_KEY,
  watches: lockKeys,
  async run({ client, subject, settings, ttlMs }) {
    const locking = new Locking(client, subject.lock, ttlMs)
    for (let lap = 0; lap < settings.laps; lap += 1) {
      const taken = await locking.take(5_000, () => client.isStopping())
      if (taken === null) return
      record(client, 'invoke', 'work', taken.hold.token)
      await sleep(client, settings.workUs + client.extraWorkUs())
      record(client, 'ok', 'work', taken.hold.token)
      await locking.giveBack(taken.hold, taken.context)
    }
  },
  probe: probeLock,
  lastsUs: ({ laps, workUs }, talkUs) => laps * (workUs + talkUs),
  roundsOf: ({ laps }) => laps,
  withRounds: (settings, laps) => ({ ...settings, laps }),
  describe: ({ laps }, clients) => `relay, ${clients} runners × ${laps} laps`,
})

const workloads = [...WORKLOADS, relay]
const vocabulary = { ...BUILT_IN, workloads }
const environment = { ...nodeEnvironment('direct', memoryProvider()), workloads }
const text = (more = '', settings = 'laps: 3') =>
  `title: A relay\nstory: Three runners.\nworkload: { relay: { ${settings} } }\nttl: 200ms\nhead-start: 5ms\n${more}`
const plan = (more?: string) => parseScenario(text(more), 'relay.yaml', vocabulary).plan('1', 'direct')

const judged = async (lock: typeof naive, more?: string) => {
  const { judgement, history } = await inMacrotask(() => judgeWorld(plan(more), lockSubject(lock), environment))
  const { verdict } = judgement
  return {
    laps: history.operations.filter(({ op, outcome }) => op === 'work' && outcome === 'ok').length,
    properties:
      verdict.status === 'violated' ? [...new Set(verdict.violations.map(({ property }) => property))] : verdict.status,
  }
}

describe('a workload that a test defines', () => {
  it('is read from scenario files, with its defaults', () => {
    expect(plan().workload).toEqual({ kind: 'relay', laps: 3, workUs: 30_000 })
    const { properties } = z.toJSONSchema(scenarioSchema([], workloads), { io: 'input' })
    const workload = properties?.workload as { readonly properties: object }
    expect(Object.keys(workload.properties)).toEqual([...WORKLOADS.map(({ kind }) => kind), 'relay'])
  })

  it('has its mistakes told: its own settings, its operations, its cast, what it takes', () => {
    const complaint = (more: string, settings?: string): string => {
      try {
        parseScenario(text(more, settings), 'relay.yaml', vocabulary)
        return 'it was read'
      } catch (error) {
        return (error as Error).message
      }
    }
    expect(complaint('', 'laps: 12')).toBe(
      'relay.yaml:3:28 workload.relay.laps: expected a whole number from 1 to 9, got 12',
    )
    expect(complaint('faults: [{ crash: { process: A }, at: A after wok }]\n')).toBe(
      'relay.yaml:6:39 faults.0.at: expected an operation (acquire, work, release), got "wok" (did you mean "work"?)',
    )
    expect(complaint('faults: [{ clock-step: { process: storage, by: +1s }, at: 1s }]\n')).toBe(
      'relay.yaml:6:35 faults.0.clock-step.process: unknown process "storage" (there is A, B, C, redis-1)',
    )
    expect(complaint('expect: { overwrite: valid }\n')).toBe(
      'relay.yaml:6:11 expect.overwrite: "overwrite" is a session store: the relay workload takes a lock',
    )
  })

  it('runs, and is judged by what can be broken in it', async () => {
    expect(await judged(setNxLua)).toEqual({ laps: 9, properties: 'valid' })
    // A holder that stops for longer than its lease: two run at once.
    const pause = 'faults: [{ pause: { process: A, for: 500ms }, at: A before work }]\n'
    expect(await judged(setNxLua, pause)).toEqual({ laps: 9, properties: ['mutual-exclusion'] })
    // The naive lock breaks more than one property; here only one of them is asked.
    expect((await judged(naive)).properties).toEqual(['mutual-exclusion'])
  })

  it('has its story told: who held the lock, and the lanes of its own cast', async () => {
    const story = await inMacrotask(() => tellWorld(plan(), lockSubject(setNxLua), environment))
    expect(story.key).toBe(LOCK_KEY)
    expect(story.lanes.map(({ name, kind }) => `${name}: ${kind}`)).toEqual([
      'A: client',
      'B: client',
      'C: client',
      'redis-1: redis',
    ])
    // Its three laps, and the look when all is calm.
    expect(story.lanes[0]?.bars.filter(({ kind }) => kind === 'belief')).toHaveLength(4)
  })
})
