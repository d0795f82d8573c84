/**
 * Equivalent storms are gone on with once, and nothing is lost by it: a hunt that goes on with each finds the same in broken
 * subjects, of which each is broken in several ways.
 */
import { expect, it } from 'vitest'
import { basePlans, DEFAULT_PARAMETERS } from '../../src/explore/base-plan.ts'
import { Explorer } from '../../src/explore/explorer.ts'
import { levels } from '../../src/explore/search.ts'
import { addTally, emptyTally } from '../../src/explore/tally.ts'
import type { UnitResult } from '../../src/explore/unit.ts'
import { inMacrotask } from '../../src/sim/node/drain.ts'
import type { Subject } from '../../src/subject/subject.ts'
import { memoryProvider, nodeEnvironment } from '../../src/world/node/environment.ts'
import { isLong } from '../effort.ts'
import { BROKEN } from './broken.ts'

const environment = nodeEnvironment('direct', memoryProvider())

/** Small worlds: all storms of two faults are some ten thousand. */
const SMALL = { ...DEFAULT_PARAMETERS, client: 'direct', clients: 2, rounds: 1 } as const

/** What is wrong in any storm of up to two faults, and how many storms there were. */
async function wrongIn(subject: Subject, isPruned: boolean): Promise<{ keys: readonly string[]; tried: number }> {
  const bases = basePlans(subject, SMALL).slice(0, 1)
  const explorer = new Explorer({ subject, environment, bases, isLossy: false })
  const tally = emptyTally()
  const search = levels({ bases, faults: 2, pairBudget: 0, isPruned })
  for (let step = search.next(); step.done !== true; ) {
    const results: UnitResult[] = []
    for (const unit of step.value.units) {
      const result = await inMacrotask(() => explorer.run(unit))
      if ('tally' in result) addTally(tally, result.tally)
      results.push(result)
    }
    step = search.next({ results, isStopped: false })
  }
  return { keys: [...tally.keys.keys()].sort(), tried: tally.tried }
}

/** Some ten thousand storms each, once pruned and once not; all of them with `npm run proofs`. */
const IN_CI = ['plain-set', 'nx-plain-del', 'wall-deadline', 'evalsha']
const SUBJECTS = isLong ? BROKEN : BROKEN.filter(({ name }) => IN_CI.includes(name))

it.each(SUBJECTS)('$name: the same is found, in fewer storms', { timeout: 600_000 }, async (subject) => {
  const [pruned, whole] = [await wrongIn(subject, true), await wrongIn(subject, false)]
  if (isLong) console.log(`${subject.name}: ${pruned.tried} of ${whole.tried} storms, ${whole.keys.length} kinds`)
  expect(pruned.keys).toEqual(whole.keys)
  expect(pruned.keys.length).toBeGreaterThan(0)
  expect(pruned.tried).toBeLessThan(whole.tried)
})
