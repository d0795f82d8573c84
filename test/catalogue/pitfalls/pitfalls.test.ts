/**
 * The catalogue of pitfalls is true: every run shows what its entry says, every cure comes through, and the page says the
 * same.
 */
import { readdirSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { page } from '../../../catalogue/pitfalls/page.ts'
import { outcomeOf, scenarioOf, stormPath, subjectNames } from '../../../catalogue/pitfalls/running.ts'
import { causeKey } from '../../../src/check/cause.ts'
import { CAUSES } from '../../../src/pitfall/causes.ts'
import type { Run } from '../../../src/pitfall/pitfall.ts'
import { GROUPS, label, PITFALLS, SHOWN } from '../../../src/pitfall/registry.ts'
import { sentenceOf } from '../../../src/words/sentence.ts'
import { memoryProvider } from '../../../src/world/node/environment.ts'
import { tries } from '../../effort.ts'

const memory = memoryProvider()
const FOLDER = path.resolve(import.meta.dirname, '../../../catalogue/pitfalls')
const runs: readonly Run[] = SHOWN.flatMap(({ shows, cure }) => [shows, cure])
const sentences = new Map<number, string>()
/** With how many seeds each run is done. */
const SEED_MAX = tries({ desk: 3, ci: 3, long: 20 })

describe('a pitfall', () => {
  it.each(SHOWN.map((pitfall) => [label(pitfall), pitfall.name, pitfall] as const))(
    '%s (%s) shows, and its cure comes through',
    async (_label, _name, { number, property, kind, shows, cure }) => {
      const { violations } = await outcomeOf(shows, memory)
      const found = [...new Set(violations.map((violation) => `${violation.property}: ${violation.kind}`))]
      expect(found).toContain(`${property}: ${kind}`)
      const first = violations.find((violation) => violation.property === property && violation.kind === kind)
      expect(first === undefined ? null : causeKey(first.cause)).toBe(CAUSES[number])
      sentences.set(number, first === undefined ? '' : sentenceOf(first))

      const cured = await outcomeOf(cure, memory)
      // Vacuous would prove nothing: something has to have been tried.
      expect([...new Set(cured.statuses)], cured.violations.map((one) => sentenceOf(one)).join('\n')).toEqual(['valid'])
    },
  )

  it.each(SHOWN.map((pitfall) => [label(pitfall), pitfall.name, pitfall] as const))(
    '%s (%s) shows, and its cure comes through, with other seeds too',
    async (_label, _name, { property, kind, shows, cure }) => {
      for (let seed = 2; seed <= SEED_MAX; seed += 1) {
        const { found } = await outcomeOf(shows, memory, { seed: `${seed}` })
        expect(found.flat(), `seed ${seed}`).toContain(`${property}: ${kind}`)
        const { statuses } = await outcomeOf(cure, memory, { seed: `${seed}` })
        expect([...new Set(statuses)], `seed ${seed}`).toEqual(['valid'])
      }
    },
  )

  it.each(SHOWN.map((pitfall) => [label(pitfall), pitfall] as const))(
    '%s names the faults of its storm, and the storm names it',
    (name, { faults, shows, cure }) => {
      const { faults: planned } = scenarioOf(shows).plan('', 'direct')
      expect(faults).toEqual([...new Set(planned.map(({ kind }) => kind))])
      for (const run of [shows, cure]) {
        if (stormPath(run).startsWith('catalogue/')) expect(scenarioOf(run).teaches).toContain(name)
      }
    },
  )
})

describe('the catalogue', () => {
  it('has every number once, in order, at least 98 of them shown', () => {
    expect(PITFALLS.map(({ number }) => number)).toEqual(Array.from({ length: 103 }, (_, index) => index + 1))
    expect(SHOWN.length).toBeGreaterThanOrEqual(98)
    expect(GROUPS.flatMap(({ pitfalls }) => pitfalls).length).toBe(PITFALLS.length)
  })

  it('uses every storm and every model', async () => {
    const storms = readdirSync(path.join(FOLDER, 'storms'))
    expect(storms.filter((file) => !runs.some((run) => stormPath(run).endsWith(`/storms/${file}`)))).toEqual([])
    const models = readdirSync(path.join(FOLDER, 'models')).filter((file) => file !== 'parts.ts')
    const idle: string[] = []
    for (const file of models) {
      for (const name of await subjectNames(file)) {
        if (!runs.some(({ model, subject }) => `${model}.ts` === file && subject === name))
          idle.push(`${file}: ${name}`)
      }
    }
    expect(idle).toEqual([])
  })

  it('says in one sentence how each happens, and where it was seen', () => {
    expect(PITFALLS.filter(({ mechanism }) => !/^[A-Z].+\.$/.test(mechanism)).map(label)).toEqual([])
    expect(PITFALLS.filter(({ citations }) => citations.length === 0).map(label)).toEqual([])
  })

  it('is the committed page', async () => {
    // Filled by the runs above: alone, this test has nothing to compare.
    expect(sentences.size).toBe(SHOWN.length)
    await expect(page(sentences)).toMatchFileSnapshot('../../../docs/pitfalls.md')
  })
})
