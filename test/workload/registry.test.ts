/**
 * Workloads are known by what they say of themselves: outside their folder no code knows one by its name. And what they say
 * fits what there is.
 */
import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { CHECKS } from '../../src/check/registry.ts'
import { PROPERTIES } from '../../src/check/verdict.ts'
import { OPERATIONS } from '../../src/record/registry.ts'
import { WORKLOADS } from '../../src/workload/registry.ts'

const SRC = path.resolve(import.meta.dirname, '../../src')
const KINDS = WORKLOADS.map(({ kind }) => kind)

/** Where one of the names is a word for something else. */
const ELSEWHERE: readonly { readonly files: RegExp; readonly word: string; readonly means: string }[] = [
  { files: /^redis\//, word: 'jobs', means: 'a key in an example' },
  { files: /^engine\/settings/, word: 'queue', means: 'the queue of a fleet' },
  { files: /^(record|check)\//, word: 'cache', means: 'where a value was served from' },
]

const NAME = new RegExp(`(['"\`])(${KINDS.join('|')})\\1`, 'g')
const namesIn = (text: string): string[] => [...text.matchAll(NAME)].map((match) => match[2] as string)

describe('the names of workloads', () => {
  it('stand in quotes nowhere outside src/workload', () => {
    const found = readdirSync(SRC, { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.ts') && !file.startsWith('workload/'))
      .flatMap((file) => {
        const allowed = ELSEWHERE.filter(({ files }) => files.test(file)).map(({ word }) => word)
        return namesIn(readFileSync(path.join(SRC, file), 'utf8'))
          .filter((name) => !allowed.includes(name))
          .map((name) => `${file}: ${name}`)
      })
    expect(found).toEqual([])
  })

  it('would be found in a comparison, a list and a template', () => {
    expect(namesIn('kind === \'counter\' || ["cart"].includes(kind) || `job`')).toEqual(['counter', 'cart', 'job'])
  })

  it('are those that tokens number', () => {
    expect(KINDS.slice(0, 6)).toEqual(['counter', 'cart', 'cache', 'job', 'queue', 'idempotency'])
  })
})

describe.each(WORKLOADS.map((workload) => [workload.kind, workload] as const))('the workload %s', (_kind, workload) => {
  it('names operations that are on record, and strikes at some of them', () => {
    expect(workload.operations.filter((name) => !(name in OPERATIONS))).toEqual([])
    expect(workload.anchors.filter((name) => !workload.operations.includes(name))).toEqual([])
    expect(workload.anchors).not.toEqual([])
  })

  it('names properties that are judged on what it takes', () => {
    const judged = CHECKS.filter(({ subjects }) => subjects.includes(workload.takes)).map(({ name }) => name)
    expect(workload.properties.filter((name) => !judged.includes(name))).toEqual([])
    expect(new Set(workload.properties).size).toBe(workload.properties.length)
  })

  it('has settings that are the same when they were written and read, and fewer rounds when asked', () => {
    const settings = workload.schema.parse({})
    expect(workload.schema.parse(workload.schema.encode(settings))).toEqual(settings)
    expect(workload.roundsOf(workload.withRounds(settings, 1))).toBe(1)
    expect(workload.lastsUs(workload.withRounds(settings, 1), 0)).toBeLessThan(workload.lastsUs(settings, 0))
  })
})

it('every property can be broken in some workload', () => {
  const named = new Set(WORKLOADS.flatMap(({ properties }) => properties))
  expect(PROPERTIES.filter((name) => !named.has(name))).toEqual([])
})
