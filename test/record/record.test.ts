/** Records have shapes: what worlds write fits them, and nobody takes a value apart by the place of a field. */
import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { basePlans, DEFAULT_PARAMETERS } from '../../src/explore/base-plan.ts'
import { drawStorms } from '../../src/explore/random-storm.ts'
import { faultKind } from '../../src/fault/registry.ts'
import { LOCKS } from '../../src/lock/registry.ts'
import { QUEUES } from '../../src/queue/registry.ts'
import { shapesOf } from '../../src/record/registry.ts'
import { schemaOf } from '../../src/record/shape.ts'
import { loadScenarios } from '../../src/scenario/node/find-scenarios.ts'
import { SESSION_STORES } from '../../src/session/registry.ts'
import { inMacrotask } from '../../src/sim/node/drain.ts'
import type { TraceRecord } from '../../src/sim/trace.ts'
import { lockSubject, queueSubject, type Subject, sessionSubject } from '../../src/subject/subject.ts'
import { workloadOf } from '../../src/workload/registry.ts'
import { memoryProvider, nodeEnvironment } from '../../src/world/node/environment.ts'
import { canHave, type Plan } from '../../src/world/plan.ts'
import { runWorld } from '../../src/world/run-world.ts'

const environment = nodeEnvironment('direct', memoryProvider())
const isFault = (name: string): boolean => faultKind(name) !== undefined
const SUBJECTS: readonly Subject[] = [
  ...LOCKS.map(lockSubject),
  ...SESSION_STORES.map(sessionSubject),
  ...QUEUES.map(queueSubject),
]

const fits = ({ type, op, value }: TraceRecord): boolean =>
  shapesOf(type, op, isFault).some((shape) => schemaOf(shape).safeParse(value).success)

const misfits = (plan: Plan, subject: Subject): readonly string[] =>
  runWorld(plan, subject, environment)
    .records.filter((record) => !fits(record))
    .map(({ type, op, value }) => `${type} ${op} ${JSON.stringify(value)}`)

describe('what worlds write', () => {
  it('fits the shape of its kind, in every scenario', async () => {
    const found = await inMacrotask(() =>
      [...loadScenarios([]), ...loadScenarios(['articles'])].flatMap((scenario) => {
        const plan = scenario.plan('shapes', 'direct')
        const { takes } = workloadOf(plan.workload)
        return SUBJECTS.filter((subject) => subject.kind === takes && canHave(plan.topology, subject)).flatMap(
          (subject) => misfits(plan, subject),
        )
      }),
    )
    expect([...new Set(found)]).toEqual([])
  })

  it('fits it in random storms', async () => {
    const found = await inMacrotask(() =>
      SUBJECTS.flatMap((subject) =>
        basePlans(subject, { ...DEFAULT_PARAMETERS, client: 'direct' }).flatMap((base) =>
          drawStorms(base, 3, 40, true).flatMap((plan) => misfits(plan, subject)),
        ),
      ),
    )
    expect([...new Set(found)]).toEqual([])
  })

  it('is refused with another shape', () => {
    const record: TraceRecord = { atUs: 1, seq: 0, process: 'A', type: 'ok', op: 'write', value: ['A-1', 'seven'] }
    expect(fits(record)).toBe(false)
    expect(fits({ ...record, value: ['A-1', 7] })).toBe(true)
    expect(fits({ ...record, op: 'wrote' })).toBe(false)
    expect(fits({ ...record, op: '__proto__' })).toBe(false)
  })
})

describe('the places of fields', () => {
  const SRC = path.resolve(import.meta.dirname, '../../src')
  const sources = readdirSync(SRC, { recursive: true, encoding: 'utf8' }).filter((file) =>
    /^(check|history|world|workload|explore|report|scenario|cli)\/.*\.ts$/.test(file),
  )
  it.each([/\b(answer|asked)(\[|\.at\()/, /fieldsOf\([^)]*\) as/, /record\.value as/])(
    '%s stands nowhere outside src/record',
    (sign) => {
      expect(sources.filter((file) => sign.test(readFileSync(path.join(SRC, file), 'utf8')))).toEqual([])
    },
  )
})
