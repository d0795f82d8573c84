/**
 * Running a world inside a Node process: the synchronous loop, with Node's crash events charged to the simulated
 * process whose turn is running.
 *
 * While a world runs, the host program's own listeners for `uncaughtException` and `unhandledRejection` are put aside:
 * a library that crashes its simulated process must not fail the test runner around it. Nothing else can run in
 * between, so nothing of the host's can get lost.
 */
import { assert } from '../assert.ts'
import { ProcessExit, running, type World } from '../world.ts'
import { drain } from './drain.ts'

const EVENTS = ['uncaughtException', 'unhandledRejection', 'rejectionHandled', 'warning'] as const

/** Runs a world to its end. Must be called from a macrotask (see `inMacrotask`). */
export function runLoop(world: World): void {
  assert(drain !== null, 'this Node can empty its microtask queue synchronously')
  const saved = EVENTS.map((event) => [event, process.listeners(event as never)] as const)
  for (const event of EVENTS) process.removeAllListeners(event)
  const charge =
    (origin: string) =>
    (error: unknown): void => {
      const simulated = running.process
      if (simulated !== null && !(error instanceof ProcessExit)) world.onUncaught(simulated, error, origin)
    }
  process.on('uncaughtException', charge('uncaughtException'))
  process.on('unhandledRejection', charge('unhandledRejection'))
  process.on('rejectionHandled', () => {})
  process.on('warning', () => {})
  try {
    world.runSync(drain)
  } finally {
    for (const [event, listeners] of saved) {
      process.removeAllListeners(event)
      for (const listener of listeners) process.on(event, listener as never)
    }
  }
}
