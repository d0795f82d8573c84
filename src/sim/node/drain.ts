/**
 * Emptying Node's tick and microtask queues from inside one macrotask.
 *
 * `process._tickCallback()` is what Node itself calls between two callbacks of the event loop. It is there on
 * Node 20 to 26; it does nothing when called from a microtask, so a world is entered through `inMacrotask`.
 * What it runs behaves as in Node: a throwing `nextTick` callback throws out of the drain, a throwing microtask
 * goes to `uncaughtException` and a rejection to `unhandledRejection`, both before the drain returns.
 */
import type { Drain } from '../world.ts'

const tickCallback = (process as unknown as { _tickCallback?: () => void })._tickCallback

/** The synchronous drain, or null where Node has none: then worlds run in the awaiting loop. */
export const drain: Drain | null = typeof tickCallback === 'function' ? () => tickCallback.call(process) : null

const realSetImmediate = setImmediate

/** Resolves in a later macrotask, when all microtasks and ticks have run. */
export const nextMacrotask = (): Promise<void> => new Promise((resolve) => realSetImmediate(resolve))

/** Runs `task` at the bottom of a macrotask, where the drain works, and resolves with what it returns. */
export function inMacrotask<T>(task: () => T): Promise<T> {
  return new Promise((resolve, reject) => {
    realSetImmediate(() => {
      try {
        resolve(task())
      } catch (error) {
        reject(error)
      }
    })
  })
}
