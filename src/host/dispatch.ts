/**
 * Functions of the host that ask the simulated process whose turn is running, and are the real thing outside of worlds and
 * for lockstorm itself.
 */
import type { SimProcess } from '../sim/process.ts'
import { running } from '../sim/world.ts'
import { refuse } from './refuse.ts'

export type AnyFunction = (this: unknown, ...args: never[]) => unknown
export type Target = Record<string, unknown>

/** Replaces `target[name]` by what `inside` does in a world. What is not there (an older Node) stays so. */
export function dispatch(
  target: object,
  name: string,
  inside: (process: SimProcess, ...args: never[]) => unknown,
): AnyFunction | undefined {
  const real = (target as Target)[name]
  if (typeof real !== 'function') return undefined
  const replacement = function (this: unknown, ...args: never[]): unknown {
    const { process } = running
    if (process !== null) return inside(process, ...args)
    return new.target === undefined ? real.apply(this, args) : Reflect.construct(real, args, new.target)
  }
  // What others look for on it: `util.promisify.custom` and the like.
  for (const key of Reflect.ownKeys(real)) {
    const descriptor = Object.getOwnPropertyDescriptor(real, key) as PropertyDescriptor
    Object.defineProperty(replacement, key, key === 'prototype' ? descriptor : { ...descriptor, configurable: true })
  }
  Object.defineProperty(target, name, { value: replacement, writable: true, configurable: true, enumerable: true })
  return real as AnyFunction
}

/** Replaces a value that differs from process to process. */
export function dispatchValue(target: object, name: string, inside: (process: SimProcess) => unknown): void {
  const real = Object.getOwnPropertyDescriptor(target, name)
  Object.defineProperty(target, name, {
    get(this: unknown) {
      const { process } = running
      return process !== null ? inside(process) : real?.get === undefined ? real?.value : real.get.call(this)
    },
    set(this: unknown, value: unknown) {
      if (real?.set !== undefined) real.set.call(this, value)
      else if (real !== undefined) real.value = value
    },
    configurable: true,
    enumerable: real?.enumerable ?? true,
  })
}

/** Makes functions end the hunt when a simulated process calls them. */
export function forbid(target: object, module: string, names: readonly string[], why: string, fix: string): void {
  for (const name of names) dispatch(target, name, () => refuse(`${module}.${name}()`, why, fix))
}
