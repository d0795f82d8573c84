/**
 * The verdicts on the storms that tell the mutants of the checks from the checks (`npm run mutants`): a change of a check shows here
 * which verdicts it moves. Each that moves is understood before it is written anew, with `npm run mutants -- --write`.
 */
import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { expect, it } from 'vitest'
import * as api from '../../../src/index.ts'
import { bundledSubjects } from '../../../src/scenario/bundled-subjects.ts'
import { loadSubjects } from '../../../src/scenario/node/load-subject.ts'
import { inMacrotask } from '../../../src/sim/node/drain.ts'
import type { Subject } from '../../../src/subject/subject.ts'
import { judgeWorld } from '../../../src/world/judged-world.ts'
import { memoryProvider, nodeEnvironment } from '../../../src/world/node/environment.ts'
import type { Plan } from '../../../src/world/plan.ts'

interface Kept {
  readonly subject: string
  readonly plan: Plan
  /** The status; the violations, or why there is no verdict, or null; what happened. */
  readonly verdict: readonly [string, unknown, readonly string[]]
}

const KEPT = JSON.parse(readFileSync(path.join(import.meta.dirname, 'verdicts.json'), 'utf8')) as readonly Kept[]
const MODELS = path.resolve(import.meta.dirname, '../../../catalogue/pitfalls/models')

const subjects = new Map<string, Subject>(bundledSubjects().map((subject) => [subject.name, subject]))
for (const file of readdirSync(MODELS)) {
  if (file === 'parts.ts') continue
  for (const subject of await loadSubjects(path.join(MODELS, file), { ...api })) {
    subjects.set(`${file} ${subject.name}`, subject)
  }
}
const memory = memoryProvider()

it.each(KEPT.map((kept, index) => [index, kept.subject, kept] as const))(
  '%i: the verdict on %s is as it was',
  async (_index, _name, { subject, plan, verdict }) => {
    const environment = nodeEnvironment(plan.client, memory)
    const { judgement } = await inMacrotask(() => judgeWorld(plan, subjects.get(subject) as Subject, environment))
    const found = judgement.verdict
    const what =
      found.status === 'violated'
        ? found.violations
        : found.status === 'unknown'
          ? found.reason
          : found.status === 'vacuous'
            ? found.missing
            : null
    expect(JSON.parse(JSON.stringify([found.status, what, [...judgement.sometimes].sort()]))).toEqual(verdict)
  },
)
