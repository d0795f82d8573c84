/** Worlds of one cell are run in steps, between which Node's event loop turns: no connection is kept that was ever begun. */
import { expect, it } from 'vitest'
import { fenced } from '../../src/lock/fenced.ts'
import { runCell } from '../../src/scenario/cell.ts'
import { loadScenarios } from '../../src/scenario/node/find-scenarios.ts'
import type { Scenario } from '../../src/scenario/scenario.ts'
import { inMacrotask } from '../../src/sim/node/drain.ts'
import { runSteps } from '../../src/sim/steps.ts'
import { lockSubject } from '../../src/subject/subject.ts'
import { memoryProvider, nodeEnvironment } from '../../src/world/node/environment.ts'

it('runs a hundred worlds in each step', async () => {
  const [scenario] = loadScenarios(['no-fault']) as [Scenario]
  const environment = nodeEnvironment('direct', memoryProvider())
  const steps = runCell(scenario, lockSubject(fenced), { seed: '1', client: 'direct', environment, runs: 201 })
  let count = 0
  const { cell } = await runSteps(steps, (step) => {
    count += 1
    return inMacrotask(step)
  })
  expect(count).toBe(3)
  expect(cell).toMatchObject({ worlds: 201 })
})
