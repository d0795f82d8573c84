/**
 * A function that takes a callback, as `around`: whether it waits for what the callback returns, as today's code does, or hands
 * it a function to call when all is done, as code of old does.
 *
 *   withLock(key, async () => { … })              the lock is given back when the callback has returned
 *   lock(key, 1000, (done) => { … done() })       when done is called
 *   lock(key, 1000, (error, unlock) => { … })     the same, and the first argument says whether it was had
 */
import type { Around } from './around.ts'
import type { LockContext } from './lock.ts'

type Done = (...args: unknown[]) => unknown

/** `run` calls the function with this callback. */
export function aroundCallback(
  run: (context: LockContext, callback: (...given: readonly unknown[]) => unknown) => unknown,
): Around {
  return (context, work) =>
    new Promise((resolve, reject) => {
      const callback = (...given: readonly unknown[]): unknown => {
        const [error] = given
        if (error instanceof Error) {
          reject(error)
          return undefined
        }
        const done = given.find((each): each is Done => typeof each === 'function')
        const [value] = given.filter((each) => each !== done && each !== null && each !== undefined)
        // `callback(null, false)`: nothing went wrong, and it was not had.
        if (done === undefined && given.length > 1 && (value === undefined || value === false)) {
          resolve(null)
          return undefined
        }
        const worked = work(value)
        if (done !== undefined) worked.then(() => called(done)).then(resolve, reject)
        return worked
      }
      const result = run(context, callback)
      if (isThenable(result)) result.then(resolve, reject)
      else if (result === false || result === null) resolve(null)
    })
}

/** Settles when `done` says that it has done its part: by its own callback, or by a promise. */
const called = (done: Done): unknown =>
  done.length === 0
    ? done()
    : new Promise((resolve, reject) => {
        const result = done((error?: unknown) => (error instanceof Error ? reject(error) : resolve(undefined)))
        if (isThenable(result)) result.then(resolve, reject)
      })

const isThenable = (value: unknown): value is PromiseLike<unknown> =>
  typeof (value as PromiseLike<unknown> | null | undefined)?.then === 'function'
