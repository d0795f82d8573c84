/** Mutants of storms are storms: other than their parent, about clients and nodes that are there, and held by a token. */
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { mutate } from '../../src/explore/mutate-storm.ts'
import { stormArbitrary } from '../../src/explore/random-storm.ts'
import { readStorm, stormText } from '../../src/explore/storm-text.ts'
import type { PlannedFault } from '../../src/fault/fault.ts'
import { processesOf } from '../../src/fault/planned-fault.ts'
import { RandomStream } from '../../src/sim/random.ts'
import { castOf } from '../../src/world/cast.ts'
import type { Plan } from '../../src/world/plan.ts'
import { counterPlan } from '../check/worlds.ts'

const base: Plan = { ...counterPlan({ nodes: 3 }), scenario: 'hunt' }
const storm = stormArbitrary(base, true)

/** A chain of mutants, each of the one before. */
function chain(first: Plan, other: Plan, label: string): readonly Plan[] {
  const random = new RandomStream(label)
  const plans = [first]
  for (let at = 0; at < 8; at += 1) {
    plans.push(mutate(plans[at] as Plan, { random, other, storms: storm, seed: `${label}/${at}`, isLossy: true }))
  }
  return plans
}

it('holds for each of a chain of mutants', () => {
  fc.assert(
    fc.property(storm, storm, fc.string({ minLength: 1, maxLength: 9 }), (first, other, label) => {
      const plans = chain(first, other, label)
      expect(chain(first, other, label)).toEqual(plans)
      for (const [at, plan] of plans.entries()) {
        expect(readStorm(stormText(plan), plan.seed, plan.client)).toEqual(plan)
        const names = castOf(plan).map(({ name }) => name)
        for (const fault of plan.faults) {
          expect(names).toEqual(expect.arrayContaining([...processesOf(fault)]))
          if (fault.at.kind !== 'time') expect(names).toContain(fault.at.process)
        }
        expect(plan.faults.length).toBeLessThanOrEqual(6)
        if (at > 0) expect(plan).not.toEqual(plans[at - 1])
      }
    }),
    { numRuns: 40 },
  )
})

it('of one storm in turn get a fault more, one less, one elsewhere, one of another size, other latencies, and other clients', () => {
  const [first, other] = fc.sample(storm, { seed: 4, numRuns: 2 }) as [Plan, Plan]
  const random = new RandomStream('all changes')
  const mutants = Array.from({ length: 200 }, (_, at) =>
    mutate(first, { random, other, storms: storm, seed: `other ${at}`, isLossy: false }),
  )
  const { faults } = first
  const isShown = {
    more: mutants.some((plan) => plan.faults.length === faults.length + 1),
    less: mutants.some((plan) => plan.faults.length === faults.length - 1),
    elsewhere: mutants.some((plan) =>
      plan.faults.some(({ settings, at }, index) => settings === faults[index]?.settings && at !== faults[index].at),
    ),
    resized: mutants.some((plan) =>
      plan.faults.some(({ settings, at }, index) => settings !== faults[index]?.settings && at === faults[index]?.at),
    ),
    reseeded: mutants.some((plan) => plan.seed !== first.seed),
    replanted: mutants.some(
      (plan) => plan.clients !== first.clients && plan.faults.includes(faults[0] as PlannedFault),
    ),
    spliced: mutants.some((plan) => other.faults.some((fault) => plan.faults.includes(fault))),
  }
  expect(isShown).toEqual({
    more: true,
    less: true,
    elsewhere: true,
    resized: true,
    reseeded: true,
    replanted: true,
    spliced: true,
  })
})
