/**
 * The same program inside a world and outside of it: what it says is compared.
 *
 * What is to be virtual must be installed before.
 */
import { vi } from 'vitest'
import { inMacrotask, runLoop } from '../../src/sim/node/drain.ts'
import type { SimProcess } from '../../src/sim/process.ts'
import { forgetTimerIds } from '../../src/sim/virtual-timers.ts'
import { World } from '../../src/sim/world.ts'

export type Say = (...values: unknown[]) => void

/** Takes down what a program says: a lone value as it is, several as a list. */
function listener(): { readonly said: unknown[]; readonly say: Say } {
  const said: unknown[] = []
  return { said, say: (...values) => said.push(values.length === 1 ? values[0] : values) }
}

/** Runs a program in a simulated process and returns what it says. */
export async function inWorld(program: (say: Say, self: SimProcess) => unknown, seed = 'modules'): Promise<unknown[]> {
  const world = new World(seed)
  const self = world.addProcess('A')
  const { said, say } = listener()
  world.schedule(0, self, 'timer', () => {
    program(say, self)
  })
  await inMacrotask(() => runLoop(world))
  forgetTimerIds()
  return said
}

/** Runs a program outside, on the real host; it ends when it has said as much as it does inside. */
export async function outside(program: (say: Say) => unknown, count: number): Promise<unknown[]> {
  const { said, say } = listener()
  await program(say)
  await vi.waitUntil(() => said.length >= count, { timeout: 10_000, interval: 5 })
  return said
}
