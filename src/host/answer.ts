/**
 * What code asks of its host is answered in its turn: the synchronous form does the work, and the callback is called in a tick
 * of the turn that asked.
 */
import { type AnyFunction, dispatch, type Target } from './dispatch.ts'

/** Node's kind: an error or null first. */
export type Callback = (error: unknown, ...results: unknown[]) => void

/** What is wrong with the arguments is thrown by Node at once; everything else is told. */
const THROWN = /^ERR_(INVALID|OUT_OF|MISSING)/

/** Does the work at once and calls back in a tick of the same turn. */
export function tell(callback: Callback, work: () => readonly unknown[]): void {
  let results: readonly unknown[]
  try {
    results = work()
  } catch (error) {
    if (THROWN.test((error as NodeJS.ErrnoException).code ?? '')) throw error
    process.nextTick(callback, error)
    return
  }
  process.nextTick(callback, null, ...results)
}

/**
 * Makes a function with a callback do what its synchronous form does.
 * @param direct default: what is beside it with `Sync` at its end
 * @param shape what the callback is given besides no error; default: the result
 */
export function inSameTurn(
  target: object,
  name: string,
  direct = (target as Target)[`${name}Sync`] as ((...args: never[]) => unknown) | undefined,
  shape: (result: never, args: readonly unknown[]) => readonly unknown[] = (result) => [result],
): void {
  if (direct === undefined) return
  const real: AnyFunction | undefined = dispatch(target, name, (_process, ...args) => {
    const callback = args.at(-1) as unknown
    // Without a callback it is refused in its own words.
    if (typeof callback !== 'function') return real?.apply(target, args)
    const given = args.slice(0, -1)
    return tell(callback as Callback, () => shape(direct.apply(target, given) as never, given))
  })
}
