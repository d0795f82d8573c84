/**
 * Running worlds inside a Node process: the synchronous drain, and the macrotask at whose bottom worlds run.
 *
 * `process._tickCallback()` is what Node itself calls between two callbacks of the event loop. It is there on Node 20 to
 * 26; it does nothing when called from a microtask, so worlds are entered through `inMacrotask`. What it runs behaves as
 * in Node: a throwing microtask goes to `uncaughtException` and a rejection to `unhandledRejection`, both before the
 * drain returns. A throwing `nextTick` callback throws out of `_tickCallback`, with its entry still on Node's stack of
 * asynchronous contexts; left there, it makes Node abort ("async hook stack has become corrupted") when the macrotask
 * ends. `process._fatalException()`, which Node's own C++ calls in this case, emits `uncaughtException` and clears it.
 *
 * While worlds run, the host program's own listeners for these events are put aside and what happens is charged to the
 * simulated process whose turn it is: a library that crashes its simulated process must not fail the test runner around
 * it. Nothing of the host's can run in between, so nothing of the host's can get lost.
 */
// Imported, because the global of this name is an accessor, and the drain runs after every turn.
import process from 'node:process'
import v8 from 'node:v8'
import { assert } from '../assert.ts'
import { type Drain, running, type World } from '../world.ts'

const { _tickCallback: tickCallback, _fatalException: fatalException } = process as unknown as {
  readonly _tickCallback?: () => void
  readonly _fatalException?: (error: unknown, isFromPromise: boolean) => boolean
}

const { emit } = process
const { defineProperty, deleteProperty, getOwnPropertyDescriptor } = Reflect

/** The synchronous drain, or null where Node has none: then worlds run in the awaiting loop. */
export const drain: Drain | null =
  typeof tickCallback !== 'function' || typeof fatalException !== 'function'
    ? null
    : () => {
        for (;;) {
          try {
            tickCallback.call(process)
            break
          } catch (error) {
            // It came from one callback; the rest is still queued.
            fatalException.call(process, error, false)
          }
        }
        if (broken === null) return
        const { error } = broken
        broken = null
        throw error
      }

/** What was thrown when a crash was charged to a process: thrown to Node, it would end the thread. */
let broken: { readonly error: unknown } | null = null

// A world's records live until the world ends and then all die at once. V8 learns that they "survive" and puts new ones
// into the old generation, where dead ones keep young garbage alive: measured, a world took 1.6 times as long.
v8.setFlagsFromString('--no-allocation-site-pretenuring')

const realSetImmediate = setImmediate
const EVENTS = ['uncaughtException', 'unhandledRejection', 'rejectionHandled', 'warning'] as const

/** Resolves in a later macrotask, when all microtasks and ticks have run. */
export const nextMacrotask = (): Promise<void> => new Promise((resolve) => realSetImmediate(resolve))

let enterWorlds: () => () => void = () => () => {}

/** @param enter called before worlds run; what it returns, when they have */
export function aroundWorlds(enter: () => () => void): void {
  enterWorlds = enter
}

/** Runs `task`, in which worlds may run, at the bottom of a macrotask, and resolves with what it returns. */
export function inMacrotask<T>(task: () => T): Promise<T> {
  return new Promise((resolve, reject) => {
    realSetImmediate(() => {
      const restore = divertCrashes()
      const leaveWorlds = enterWorlds()
      try {
        resolve(task())
      } catch (error) {
        reject(error)
      } finally {
        leaveWorlds()
        restore()
      }
    })
  })
}

/** Runs a world to its end. Only inside `inMacrotask`. */
export function runLoop(world: World): void {
  assert(drain !== null, 'this Node can empty its microtask queue synchronously')
  world.runSync(drain)
}

/** Charges Node's crash events to the simulated process whose turn is running, until the returned function is called. */
function divertCrashes(): () => void {
  const saved = EVENTS.map((event) => [event, process.rawListeners(event as never)] as const)
  for (const event of EVENTS) process.removeAllListeners(event)
  // Node calls it by its name: what code under test puts in its place, there or in what it is inherited from, is not called.
  const before = getOwnPropertyDescriptor(process, 'emit')
  defineProperty(process, 'emit', { get: () => emit, set: () => {}, configurable: true })
  for (const event of ['uncaughtException', 'unhandledRejection'] as const) {
    process.on(event, (error: unknown) => {
      const simulated = running.process
      try {
        simulated?.world.charge(simulated, error, event)
      } catch (thrown) {
        broken ??= { error: thrown }
      }
    })
  }
  // Without a listener Node prints these; inside a world they are the subject's own affair.
  for (const event of ['rejectionHandled', 'warning'] as const) process.on(event, () => {})
  return () => {
    if (before === undefined) deleteProperty(process, 'emit')
    else defineProperty(process, 'emit', before)
    for (const [event, listeners] of saved) {
      process.removeAllListeners(event)
      for (const listener of listeners) process.on(event, listener as never)
    }
  }
}
