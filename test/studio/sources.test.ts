/**
 * What the editor of the playground shows: each built-in lock as one file, which is the lock itself; and how such a text is made
 * plain.
 */
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { sources } from '../../build/sources.js'
import { defineLock, type LockDefinition } from '../../src/lock/lock.ts'
import { bundledSubjects } from '../../src/scenario/bundled-subjects.ts'
import { inMacrotask } from '../../src/sim/node/drain.ts'
import { plainScript } from '../../src/studio/page/plain-script.ts'
import { lockSubject } from '../../src/subject/subject.ts'
import { judgeWorld } from '../../src/world/judged-world.ts'
import { memoryProvider, nodeEnvironment } from '../../src/world/node/environment.ts'
import { counterPlan, fault } from '../check/worlds.ts'

const SOURCES = sources(path.resolve(import.meta.dirname, '../../src'))
const environment = nodeEnvironment('direct', memoryProvider())

function evaluated(text: string): Record<string, unknown> {
  const plain = plainScript(text)
  if (plain.kind === 'wrong') throw new Error(`line ${plain.line}: ${plain.problem}`)
  const exported: Record<string, unknown> = {}
  new Function('exports', 'require', `'use strict';${plain.script}`)(exported, () => ({ defineLock, default: 'main' }))
  return exported
}

describe('the sources of the built-in locks', () => {
  it('are there for every lock of the suite and every semaphore', () => {
    const names = bundledSubjects().filter(({ kind, reach }) => kind === 'lock' && reach === undefined)
    expect(Object.keys(SOURCES)).toEqual(expect.arrayContaining(names.map(({ name }) => name)))
  })

  it.each(Object.keys(SOURCES))('%s is that lock, under another name', async (name) => {
    const builtIn = bundledSubjects().find((subject) => subject.name === name)!
    const own = evaluated(SOURCES[name] as string).default as LockDefinition
    expect(own.name).toBe(`my-${name}`)
    const plan = counterPlan({
      client: 'direct',
      clients: 3,
      ttlMs: 400,
      nodes: own.nodes ?? 1,
      faults: [
        fault('pause', { process: 'A', for: '600ms' }, 'A before send 2'),
        fault('lose-reply', { process: 'B' }, 'B before reply 3'),
      ],
    })
    const hashes = await inMacrotask(() =>
      [builtIn, lockSubject(own)].map((subject) => judgeWorld(plan, subject, environment).run.historyHash),
    )
    expect(hashes[1]).toBe(hashes[0])
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
