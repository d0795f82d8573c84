/**
 * All magnitudes: a fault in sizes of which each stands for all that lead to one course breaks what a dense grid of sizes breaks,
 * in twenty broken subjects. And what breaks in a window that no menu has is found.
 */
import { describe, expect, it } from 'vitest'
import { basePlans, DEFAULT_PARAMETERS } from '../../src/explore/base-plan.ts'
import { keysShownBy } from '../../src/explore/finding.ts'
import { magnitudes } from '../../src/explore/magnitudes.ts'
import { StormSource } from '../../src/explore/storms.ts'
import type { PlannedFault } from '../../src/fault/fault.ts'
import { sizeUs, withSize } from '../../src/fault/planned-fault.ts'
import { defineLock } from '../../src/lock/lock.ts'
import { COMPARE_AND_DELETE } from '../../src/lock/release-script.ts'
import { readTruth } from '../../src/record/truth.ts'
import { inMacrotask } from '../../src/sim/node/drain.ts'
import type { TraceRecord } from '../../src/sim/trace.ts'
import { lockSubject, type Subject } from '../../src/subject/subject.ts'
import { judgeWorld } from '../../src/world/judged-world.ts'
import { memoryProvider, nodeEnvironment } from '../../src/world/node/environment.ts'
import type { Plan } from '../../src/world/plan.ts'
import { BROKEN, named } from './broken.ts'

const environment = nodeEnvironment('direct', memoryProvider())

/** Two clients, one round: every fault that has a size is tried in a second. */
function ground(subject: Subject) {
  const bases = basePlans(subject, { ...DEFAULT_PARAMETERS, client: 'direct', clients: 2, rounds: 1 }).slice(0, 1)
  const source = new StormSource({ subject, environment, bases, isLossy: false })
  const wrongIn = (plan: Plan): readonly string[] =>
    keysShownBy(judgeWorld(plan, subject, environment).judgement.verdict)
  return { plan: bases[0] as Plan, root: source.root(0), wrongIn }
}

/** The sizes that are tried, and what is wrong in their worlds. */
function tried({ plan, root }: ReturnType<typeof ground>, subject: Subject, fault: PlannedFault) {
  const sizes: number[] = []
  const wrong = new Set<string>()
  const storms = magnitudes(plan, fault, root.calm)
  for (let step = storms.next(null); step.done !== true; ) {
    const world = judgeWorld(step.value, subject, environment)
    sizes.push(sizeUs(step.value.faults[0] as PlannedFault))
    for (const key of keysShownBy(world.judgement.verdict)) wrong.add(key)
    step = storms.next(world)
  }
  return { sizes, wrong }
}

const GRID = 32
/** Of the faults of each subject these many are tried, other ones in each. */
const SAMPLED = 3

describe('a fault in all its magnitudes', () => {
  it.each(BROKEN.map((subject, index) => ({ name: subject.name, subject, index })))(
    '$name: breaks what a dense grid of sizes breaks',
    ({ subject, index }) =>
      inMacrotask(() => {
        const on = ground(subject)
        const { plan, root, wrongIn } = on
        const stride = root.sized.length / SAMPLED
        for (let nth = 0; nth < SAMPLED; nth += 1) {
          const fault = root.sized[Math.floor(stride * nth + (index % stride))] as PlannedFault
          const { sizes, wrong } = tried(on, subject, fault)
          expect(new Set(sizes).size).toBe(sizes.length)
          const most = Math.max(...sizes)
          for (let at = 1; at <= GRID; at += 1) {
            const us = Math.floor((most * at) / GRID / 1_000) * 1_000
            const missed = wrongIn({ ...plan, faults: [withSize(fault, us)] }).filter((key) => !wrong.has(key))
            expect(missed, `${JSON.stringify(fault)} of ${us} us`).toEqual([])
          }
        }
      }),
  )

  /** Believes that it has the lock when the answer took between a third of the lease and two fifths. */
  const inWindow = lockSubject(
    defineLock({
      name: 'in-window',
      async acquire({ redis, key, token, ttlMs }) {
        const began = performance.now()
        const isMine = (await redis.set(key, token, 'PX', ttlMs, 'NX')) === 'OK'
        const took = performance.now() - began
        return isMine || (took > ttlMs / 3 && took < (ttlMs * 2) / 5) ? { token } : null
      },
      async release({ redis, key }, { token }) {
        return (await redis.eval(COMPARE_AND_DELETE, 1, key, token as string)) === 1
      },
    }),
  )

  const isLateReply = ({ kind }: PlannedFault): boolean => kind === 'delay-reply'

  it('finds what is wrong in a window of sizes that the menu does not have', () =>
    inMacrotask(() => {
      const on = ground(inWindow)
      const menu = on.root.singles.filter(({ faults }) => faults.some(isLateReply))
      const inMenu = new Set(menu.flatMap(on.wrongIn))
      const late = on.root.sized.filter(isLateReply)
      const inAll = new Set(late.flatMap((fault) => [...tried(on, inWindow, fault).wrong]))
      expect(late.length).toBeGreaterThan(2)
      expect([...inAll].filter((key) => !inMenu.has(key))).toEqual(['linearizability · bug · granted-too-late'])
    }))

  it('runs a fault that makes no difference in its smallest and its largest size only', () =>
    inMacrotask(() => {
      const on = ground(inWindow)
      const all = on.root.sized.filter(isLateReply).map((fault) => tried(on, inWindow, fault).sizes)
      expect(all).toContainEqual([1, on.plan.ttlMs * 3_200 + 1])
    }))

  it('runs it just before and just after it makes the lease of its holder end in the midst of its work', () =>
    inMacrotask(() => {
      const subject = named('set-nx-lua')
      const on = ground(subject)
      const fault = on.root.sized.find(({ kind, at }) => kind === 'pause' && at.kind === 'site' && at.site === 'reply')
      const { run, passed } = on.root.calm
      const granted = run.records.find(({ op }) => op === 'granted')
      const reply = passed.find(({ site }) => site === 'reply')
      const flipUs = (readTruth(granted as TraceRecord).expireUs as number) - (reply?.atUs ?? 0)
      const { sizes } = tried(on, subject, fault as PlannedFault)
      expect(sizes).toEqual(expect.arrayContaining([flipUs - 1, flipUs + 1]))
    }))
})
