/**
 * A function that takes a callback, as `around`: whether it waits for what the callback returns, as today's code does, or hands
 * it a function to call when all is done, as code of old does.
 *
 *   withLock(key, async () => { … })              the lock is given back when the callback has returned
 *   lock(key, 1000, (done) => { … done() })       when done is called
 *   lock(key, 1000, (error, unlock) => { … })     the same, and the first argument says whether it was had
 */
import type { Around } from './around.ts'
import { endOf } from './given-lease.ts'
import type { LockContext } from './lock.ts'

type Done = (...args: unknown[]) => unknown

/** `run` calls the function with this callback. */
export function aroundCallback(
  run: (context: LockContext, callback: (...given: readonly unknown[]) => unknown) => unknown,
): Around {
  return (context, work) =>
    new Promise((resolve, reject) => {
      let isWorking = false
      const callback = (...given: readonly unknown[]): unknown => {
        const [error] = given
        if (error instanceof Error) {
          reject(error)
          return undefined
        }
        const done = given.flatMap((each) => doneIn(each) ?? [])[0]
        const [value] = given.filter((each) => typeof each !== 'function' && each !== null && each !== undefined)
        // `callback(null, false)`: nothing went wrong, and it was not had.
        if (done === undefined && given.length > 1 && (value === undefined || value === false)) {
          resolve(null)
          return undefined
        }
        const worked = work(value)
        if (done !== undefined) {
          worked.then(() => called(done)).then(resolve, reject)
          return undefined
        }
        isWorking = true
        return worked.finally(() => {
          isWorking = false
        })
      }
      const result = run(context, callback)
      if (isThenable(result))
        result.then((value) => {
          if (isWorking) reject(new TypeError('it does not wait for its callback: nothing gives the lock back'))
          else resolve(value)
        }, reject)
      else if (result === false || result === null) resolve(null)
    })
}

/** What is to be called when all is done: the function itself, or the end of what was handed out. */
function doneIn(given: unknown): Done | null {
  if (typeof given === 'function') return given as Done
  const end = typeof given === 'object' && given !== null ? endOf(given) : null
  return end === null ? null : (end.method.bind(given as never) as Done)
}

/**
 * What a function comes to that may return a promise, call back, or both.
 * @param run calls it with this callback
 */
export const promised = (run: (callback: (...given: readonly unknown[]) => void) => unknown): Promise<unknown> =>
  new Promise((resolve, reject) => {
    const result = run((...given) => {
      const [first, value] = given
      if (first instanceof Error) reject(first)
      // `callback(null)`: nothing went wrong, and there is nothing more to say.
      else resolve(given.length > 1 ? value : (first ?? true))
    })
    if (isThenable(result)) result.then(resolve, reject)
    // Anything else, as itself or the key, it had before any reply: what came of it is told by the callback.
    else if (result === false || result === null) resolve(result)
  })

/** Settles when `done` says that it has done its part: by its own callback, or by a promise. */
export const called = (done: Done): unknown => (done.length === 0 ? done() : promised(done))

const isThenable = (value: unknown): value is PromiseLike<unknown> =>
  typeof (value as PromiseLike<unknown> | null | undefined)?.then === 'function'
