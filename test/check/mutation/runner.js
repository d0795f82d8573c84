/**
 * Runs each test of Vitest once as it is, and then with each mutant of the checks that is alive and that the test asked for: a mutant
 * with which it fails is killed. Mutants go in and come out in files, because Vitest has processes of its own.
 *
 * Does not try  tests that take long: each mutant would take as long again.
 */
import { appendFileSync, readFileSync } from 'node:fs'
import { TestRunner } from 'vitest'
import { askedMutants, forgetAsked, withMutant } from './condition.js'

/** A test that takes longer says nothing of mutants, ms. */
const LONG_MS = 1_000

const { MUTANTS_LIVE, MUTANTS_KILLED } = process.env
const live = new Set(JSON.parse(readFileSync(MUTANTS_LIVE, 'utf8')))
// Those that the files before this one killed.
for (const line of readFileSync(MUTANTS_KILLED, 'utf8').split('\n')) live.delete(Number.parseInt(line, 10))

export default class MutantRunner extends TestRunner {
  async runTask(test) {
    const run = TestRunner.getTestFn(test)
    forgetAsked()
    const began = performance.now()
    await run()
    if (performance.now() - began > LONG_MS) return
    for (const number of askedMutants().filter((each) => live.has(each))) {
      try {
        await withMutant(number, async () => run())
      } catch {
        live.delete(number)
        appendFileSync(MUTANTS_KILLED, `${number}\n`)
      }
    }
  }
}
