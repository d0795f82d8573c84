/**
 * What the editor of the playground shows: each built-in subject as one file, which is the subject itself, and the lessons' files; and
 * how such a text is made plain.
 */
import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { lessonSources, shownCode, sources } from '../../build/sources.js'
import { basePlans, DEFAULT_PARAMETERS } from '../../src/explore/base-plan.ts'
import { defineLeader } from '../../src/leader/leader.ts'
import { loadLesson } from '../../src/lesson/node/load-lesson.ts'
import { LESSONS } from '../../src/lesson/registry.ts'
import { defineLock } from '../../src/lock/lock.ts'
import { defineQueue } from '../../src/queue/job-queue.ts'
import { defineReadWriteLock } from '../../src/read-write/read-write-lock.ts'
import { bundledSubjects } from '../../src/scenario/bundled-subjects.ts'
import { subjectsOf } from '../../src/scenario/exported-subjects.ts'
import { defineSessionStore } from '../../src/session/session-store.ts'
import { inMacrotask } from '../../src/sim/node/drain.ts'
import { plainScript } from '../../src/studio/page/plain-script.ts'
import { subjectCode } from '../../src/subject/node/subject-code.ts'
import { neededClient, type Subject } from '../../src/subject/subject.ts'
import { judgeWorld } from '../../src/world/judged-world.ts'
import { memoryProvider, nodeEnvironment } from '../../src/world/node/environment.ts'
import { type Plan, usualTopology } from '../../src/world/plan.ts'
import { counterPlan, fault } from '../check/worlds.ts'

const ROOT = path.resolve(import.meta.dirname, '../..')
const SOURCES = sources(path.join(ROOT, 'src'))
const LESSON_SOURCES = lessonSources(
  path.join(ROOT, 'lessons'),
  LESSONS.map(({ name }) => name),
  new Set(Object.keys(SOURCES)),
)
const environment = nodeEnvironment('direct', memoryProvider())
const LOCKSTORM = { defineLock, defineSessionStore, defineQueue, defineLeader, defineReadWriteLock, default: 'main' }

function evaluated(text: string): Record<string, unknown> {
  const plain = plainScript(text)
  if (plain.kind === 'wrong') throw new Error(`line ${plain.line}: ${plain.problem}`)
  const exported: Record<string, unknown> = {}
  new Function('exports', 'require', `'use strict';${plain.script}`)(exported, () => LOCKSTORM)
  return exported
}

const subjectIn = (text: string): Subject =>
  subjectsOf({ file: 'my-lock.ts', name: 'my-lock', text }, evaluated(text))[0] as Subject

/** A lock as a semaphore too in a storm of its own; of another kind where its hunts begin. */
function planOf(subject: Subject): Plan {
  const faults = [
    fault('pause', { process: 'A', for: '600ms' }, 'A before send 2'),
    fault('lose-reply', { process: 'B' }, 'B before reply 3'),
  ]
  if (subject.kind === 'lock') {
    return {
      ...counterPlan({ client: 'direct', clients: 3, ttlMs: 400, faults }),
      topology: usualTopology(subject),
    }
  }
  const [base] = basePlans(subject, { ...DEFAULT_PARAMETERS, client: 'direct' }) as [Plan]
  return { ...base, faults }
}

describe('the sources of the built-in subjects', () => {
  it('are there for each of them, and for nothing else', () => {
    expect(Object.keys(SOURCES).sort()).toEqual(
      bundledSubjects()
        .map(({ name }) => name)
        .sort(),
    )
  })

  it.each(Object.keys(SOURCES))('%s is that subject, under another name', async (name) => {
    const builtIn = bundledSubjects().find((subject) => subject.name === name)!
    const own = subjectIn(SOURCES[name] as string)
    expect([own.name, own.kind]).toEqual([`my-${name}`, builtIn.kind])
    const plan = planOf(builtIn)
    const hashes = await inMacrotask(() =>
      [builtIn, own].map((subject) => judgeWorld(plan, subject, environment).run.historyHash),
    )
    expect(hashes[1]).toBe(hashes[0])
  })
})

describe('the code that is shown beside a cure', () => {
  const SHOWN = shownCode(path.join(ROOT, 'src'))

  it('is what the build took from the sources, of each built-in subject', () => {
    expect(Object.keys(SHOWN).sort()).toEqual(Object.keys(SOURCES).sort())
    for (const [name, text] of Object.entries(SHOWN)) expect(subjectCode(name)?.join('\n')).toBe(text)
    expect(subjectCode('my-lock')).toBeUndefined()
  })

  it('is made of lines as they are written, with the script that it sends, and begins with what clients call', () => {
    const written = new Set(
      readdirSync(path.join(ROOT, 'src'), { recursive: true, encoding: 'utf8' })
        .filter((file) => file.endsWith('.ts'))
        .flatMap((file) => readFileSync(path.join(ROOT, 'src', file), 'utf8').split('\n'))
        .map((line) => line.replace(/^export /, '')),
    )
    for (const text of Object.values(SHOWN)) for (const line of text.split('\n')) expect(written).toContain(line)
    expect(SHOWN['set-nx-lua']).toMatch(/^const setNxLua = defineLock\(\{\n {2}async acquire\(/)
    expect(SHOWN['set-nx-lua']).toContain("return redis.call('del', KEYS[1])")
  })
})

describe("the lessons' code", () => {
  it('is all of it, in the order of the lessons, and what its list says of it is so', async () => {
    expect(LESSON_SOURCES).toHaveLength(2 * LESSONS.length)
    for (const [index, lesson] of LESSONS.entries()) {
      const { lock, cured } = await loadLesson(lesson)
      for (const [place, { text, subject }] of [lock, cured].entries()) {
        const shown = LESSON_SOURCES[2 * index + place]!
        expect(shown).toMatchObject({
          name: `lessons/${lesson.name}/${place === 0 ? 'lock' : 'cured'}.js`,
          kind: subject.kind,
          client: neededClient(subject) ?? null,
        })
        // Another name where a built-in one has it: the same line by line.
        expect(shown.text.replace(/^( {2}name: ')my-/m, '$1')).toBe(text)
        expect(subjectIn(shown.text).name).toBe(subject.name in SOURCES ? `my-${subject.name}` : subject.name)
      }
    }
  })
})

describe('a text that is made plain', () => {
  it('keeps what runs, and loses what are types, line by line', () => {
    const text = `import main, { type A, defineLock as define } from 'lockstorm'
import type { B } from 'nowhere'
export interface C { readonly a: number }
type D = string | null
declare const performance: { now(): number }
export class Box<T> implements C {
  readonly #held: T | undefined = undefined
  private count?: number = 1
  value!: T
  constructor(readonlyValue: T, other?: string) { this.value = readonlyValue; void other }
  is(value: unknown): boolean { return (value as T) === this.value! && !this.#held }
}
const pick = <T,>(items: readonly T[], at = 0): T => items[at]! satisfies T
export const two = pick<number>([1, 2], 1), main2 = main
export async function later(ms: number): Promise<string> { return ms > 1 ? 'late' : 'soon' }
export { pick as chosen }
export default new Box<number>(two)
`
    const plain = plainScript(text)
    expect(plain.kind).toBe('script')
    if (plain.kind === 'script') expect(plain.script.split('\n')).toHaveLength(text.split('\n').length)
    const exported = evaluated(text)
    const box = exported.default as { is(value: unknown): boolean }
    expect([box.is(2), box.is(1)]).toEqual([true, false])
    expect(Object.keys(exported).sort()).toEqual(['Box', 'chosen', 'default', 'later', 'main2', 'two'])
    expect([exported.two, exported.main2]).toEqual([2, 'main'])
  })

  it('says where it is none, and what cannot be run in a page', () => {
    expect(plainScript('const a = 1\nconst = 2')).toMatchObject({ kind: 'wrong', line: 2 })
    expect(plainScript('enum A { B }')).toMatchObject({ kind: 'wrong', problem: 'an enum cannot be run in a page' })
    expect(plainScript('class A { constructor(private b: string) {} }')).toMatchObject({ kind: 'wrong', line: 1 })
  })
})
