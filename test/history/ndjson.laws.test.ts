/**
 * A history that is written and read back is judged as the world itself was: every scenario with every subject of its kind,
 * and random storms of every workload.
 */
import { describe, expect, it } from 'vitest'
import { judge } from '../../src/check/judge.ts'
import { basePlans, DEFAULT_PARAMETERS } from '../../src/explore/base-plan.ts'
import { drawStorms } from '../../src/explore/random-storm.ts'
import { History } from '../../src/history/history.ts'
import { ARTICLE_LOCKS } from '../../src/lock/articles/registry.ts'
import { LOCKS } from '../../src/lock/registry.ts'
import { QUEUES } from '../../src/queue/registry.ts'
import { loadScenarios } from '../../src/scenario/node/find-scenarios.ts'
import { SESSION_STORES } from '../../src/session/registry.ts'
import { inMacrotask } from '../../src/sim/node/drain.ts'
import { hashTrace } from '../../src/sim/trace.ts'
import { lockSubject, queueSubject, type Subject, sessionSubject } from '../../src/subject/subject.ts'
import { workloadOf } from '../../src/workload/registry.ts'
import { memoryProvider, nodeEnvironment } from '../../src/world/node/environment.ts'
import { canHave, type Plan } from '../../src/world/plan.ts'
import { runWorld } from '../../src/world/run-world.ts'

const environment = nodeEnvironment('direct', memoryProvider())
const locks = LOCKS.map(lockSubject)
const articleLocks = ARTICLE_LOCKS.map(lockSubject)
const stores = SESSION_STORES.map(sessionSubject)
const queues = QUEUES.map(queueSubject)

/** How the history of a world differs from what is read back; null: it does not. */
function difference(plan: Plan, subject: Subject): string | null {
  const history = new History(runWorld(plan, subject, environment))
  const text = history.toNdjson()
  const again = History.parse(text)
  if (hashTrace(again.records) !== hashTrace(history.records)) return 'its hash'
  if (again.toNdjson() !== text) return 'its text'
  // Faults stay what they are, whatever their anchor was.
  if (JSON.stringify(again.faults) !== JSON.stringify(history.faults)) return 'its faults'
  const [verdict, expected] = [again, history].map((each) => {
    const { verdict, sometimes } = judge(each)
    return JSON.stringify([verdict, [...sometimes]])
  })
  return verdict === expected ? null : `${expected} became ${verdict}`
}

describe('a history that is written and read back', () => {
  it('is judged the same in every scenario', async () => {
    let worlds = 0
    const found = await inMacrotask(() =>
      [
        ...loadScenarios([]).map((scenario) => [scenario, locks] as const),
        ...loadScenarios(['articles']).map((scenario) => [scenario, articleLocks] as const),
      ].flatMap(([scenario, tried]) => {
        const plan = scenario.plan('law/0', 'direct')
        const { takes } = workloadOf(plan.workload)
        const subjects = [...tried, ...stores, ...queues].filter(
          (subject) => subject.kind === takes && canHave(plan.topology, subject),
        )
        worlds += subjects.length
        return subjects.flatMap((subject) => difference(plan, subject) ?? [])
      }),
    )
    expect(found).toEqual([])
    expect(worlds).toBeGreaterThan(500)
  })

  it('is judged the same in random storms', async () => {
    const workloads = new Set<string>()
    const faults = new Set<string>()
    const found = await inMacrotask(() =>
      [...locks, ...articleLocks, ...stores].flatMap((subject) =>
        basePlans(subject, { ...DEFAULT_PARAMETERS, client: 'direct' }).flatMap((base) =>
          drawStorms(base, 11, 15, true).flatMap((plan) => {
            workloads.add(plan.workload.kind)
            for (const fault of plan.faults) faults.add(fault.kind)
            return difference(plan, subject) ?? []
          }),
        ),
      ),
    )
    expect(found).toEqual([])
    expect([...workloads].sort()).toEqual(['cart', 'counter'])
    expect(faults.size).toBeGreaterThan(12)
  })
})
