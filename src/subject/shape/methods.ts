/**
 * The methods of an object by which a lock is used: a pair that takes and gives back, one that takes and hands out what gives
 * back, or one that runs a callback under the lock.
 */
import { parametersOf, wishOf } from './parameters.ts'

export type AnyFunction = (...args: never[]) => unknown

/** A method with its name. */
export interface Method {
  readonly name: string
  readonly method: AnyFunction
}

export type Methods =
  /** `release` null: what acquire hands out gives the lock back. */
  | { readonly kind: 'ends'; readonly acquire: Method; readonly release: Method | null }
  | { readonly kind: 'around'; readonly around: Method }

export const ACQUIRE = /^(try_?)?(acquire|lock|obtain|take)(_?(the)?_?(lock|mutex|lease))?$/i
const RELEASE = /^(release|unlock|free)(_?(the)?_?(lock|mutex|lease))?$/i
/** Names that speak of a lock. */
export const LOCKISH = /lock|mutex|exclusive|critical|semaphore/i
const AROUND = /^(with|using|use|run|do|execute|guard)\w*$/i

/** Whether a function of this name runs a callback under a lock. `title`: what it is a method of. */
export const isAround = (name: string, target: AnyFunction, title: string): boolean =>
  takesTask(target) && (LOCKISH.test(name) || ACQUIRE.test(name) || (AROUND.test(name) && LOCKISH.test(title)))

/** The methods of an object, its own and those of its classes; null: it is no lock. `title`: its name. */
export function methodsOf(target: object, title: string): Methods | null {
  const all = new Map<string, AnyFunction>()
  for (
    let at: object | null = target;
    at !== null && at !== Object.prototype && at !== Function.prototype;
    at = Object.getPrototypeOf(at) as object | null
  ) {
    for (const name of Object.getOwnPropertyNames(at)) {
      // A getter is no method, and may not like to be read.
      const method = Object.getOwnPropertyDescriptor(at, name)?.value as unknown
      if (typeof method === 'function' && name !== 'constructor' && !all.has(name)) all.set(name, method as AnyFunction)
    }
  }
  const find = (pattern: RegExp): Method | null => {
    const names = [...all.keys()].filter((name) => pattern.test(name))
    // One that waits before one that tries once: it is what the documentation of most begins with.
    const name = names.find((each) => !/^try/i.test(each)) ?? names[0]
    return name === undefined ? null : { name, method: all.get(name) as AnyFunction }
  }
  const acquire = find(ACQUIRE)
  const release = find(RELEASE)
  // A function that a release takes is nothing to be run under the lock: it calls back, and so does the acquire.
  const isCalledBack =
    release !== null && acquire !== null && (takesCallback(acquire.method) || takesTask(release.method))
  if (acquire !== null && (isCalledBack || !takesTask(acquire.method))) return { kind: 'ends', acquire, release }
  for (const [name, method] of all)
    if (isAround(name, method, title)) return { kind: 'around', around: { name, method } }
  return null
}

/** Whether it can say by a callback what came of it, as code of old does. */
export const takesCallback = (target: AnyFunction): boolean =>
  parametersOf(target).some((each) => each.kind === 'plain' && CALLBACK.test(each.name))

const CALLBACK = /^_?(callback|cb|done|next)$|\wCallback$/i

/** Whether it is called with something that it runs. */
export const takesTask = (target: AnyFunction): boolean =>
  parametersOf(target).some((parameter) => parameter.kind === 'plain' && wishOf(parameter.name) === 'task')
