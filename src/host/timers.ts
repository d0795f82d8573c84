/**
 * `timers` and `timers/promises` of a simulated process.
 */
import timers from 'node:timers'
import timersPromises from 'node:timers/promises'
import { promisify } from 'node:util'
import type { SimProcess } from '../sim/process.ts'
import type { TimerFunctions } from '../sim/virtual-globals.ts'
import { coerceDelayMs, VirtualTimeout } from '../sim/virtual-timers.ts'
import { dispatch } from './dispatch.ts'

/** Puts the virtual timers of the globals into Node's modules. */
export function installTimers(virtual: TimerFunctions): void {
  Object.assign(timers, virtual)
  installTimersPromises(virtual)
}

interface TimerOptions {
  readonly signal?: AbortSignal
  readonly ref?: boolean
}

const abortError = (signal: AbortSignal): Error =>
  Object.assign(new Error('The operation was aborted', { cause: signal.reason }), {
    name: 'AbortError',
    code: 'ABORT_ERR',
  })

/** What the functions of `timers/promises` accept; anything else is refused by the real ones, in their own words. */
function areAccepted(delay: unknown, options: TimerOptions | undefined): boolean {
  if (delay !== undefined && typeof delay !== 'number') return false
  if (options === undefined) return true
  if (typeof options !== 'object' || options === null) return false
  const { signal, ref } = options
  return (signal === undefined || isSignal(signal)) && (ref === undefined || typeof ref === 'boolean')
}

const isSignal = (value: unknown): value is AbortSignal =>
  typeof value === 'object' && value !== null && 'aborted' in value

/** A promise that `start` fulfils unless the signal is aborted first; `start` returns how to call it off. */
function abortable(
  signal: AbortSignal | undefined,
  start: (resolve: (value: unknown) => void) => () => void,
): Promise<unknown> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(abortError(signal))
    const onAbort = (): void => {
      cancel()
      reject(abortError(signal as AbortSignal))
    }
    const cancel = start((value) => {
      signal?.removeEventListener('abort', onAbort)
      resolve(value)
    })
    signal?.addEventListener('abort', onAbort, { once: true })
  })
}

function installTimersPromises(virtual: TimerFunctions): void {
  const { setTimeout: realSleep, setImmediate: realImmediate, setInterval: realTicks } = timersPromises
  const sleep = (process: SimProcess, delay?: unknown, value?: unknown, options?: TimerOptions): Promise<unknown> => {
    if (!areAccepted(delay, options)) return realSleep(delay as number, value, options)
    return abortable(options?.signal, (resolve) => {
      const timer = process.setTimer(coerceDelayMs(delay) * 1000, () => resolve(value))
      return () => timer.cancel()
    })
  }
  const immediate = (process: SimProcess, value?: unknown, options?: TimerOptions): Promise<unknown> => {
    if (!areAccepted(undefined, options)) return realImmediate(value, options)
    return abortable(options?.signal, (resolve) => {
      const timer = process.setImmediate(() => resolve(value))
      return () => timer.cancel()
    })
  }
  // Ticks that nobody was waiting for are not lost: they are handed out at once, as by the real one.
  async function* ticks(process: SimProcess, delay?: unknown, value?: unknown, options?: TimerOptions): AsyncGenerator {
    if (!areAccepted(delay, options)) return yield* realTicks(delay as number, value, options)
    const signal = options?.signal
    if (signal?.aborted) throw abortError(signal)
    let waiting = 0
    let wake = (): void => {}
    const timer = new VirtualTimeout(
      process,
      coerceDelayMs(delay),
      true,
      () => {
        waiting += 1
        wake()
      },
      [],
    )
    const onAbort = (): void => {
      timer.close()
      wake()
    }
    signal?.addEventListener('abort', onAbort, { once: true })
    try {
      while (!signal?.aborted) {
        if (waiting === 0) {
          await new Promise<void>((resolve) => {
            wake = resolve
          })
        }
        for (; waiting > 0; waiting -= 1) yield value
      }
      throw abortError(signal)
    } finally {
      timer.close()
      signal?.removeEventListener('abort', onAbort)
    }
  }
  dispatch(timersPromises, 'setTimeout', sleep as never)
  dispatch(timersPromises, 'setImmediate', immediate as never)
  dispatch(timersPromises, 'setInterval', ticks as never)
  dispatch(timersPromises.scheduler, 'wait', (process: SimProcess, delay: unknown, options?: TimerOptions) =>
    sleep(process, delay, undefined, options),
  )
  dispatch(timersPromises.scheduler, 'yield', (process: SimProcess) => immediate(process))
  // `util.promisify(setTimeout)` looks for this property.
  Object.defineProperty(virtual.setTimeout, promisify.custom, { value: timersPromises.setTimeout })
  Object.defineProperty(virtual.setImmediate, promisify.custom, { value: timersPromises.setImmediate })
}
