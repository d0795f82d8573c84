/**
 * Node's own modules, made to read the simulated process whose turn is running: `timers`, `timers/promises`,
 * `crypto`'s randomness, `process.hrtime`, `process.uptime` and `process.exit`.
 *
 * Installed once, before any code under test is loaded, and followed by `syncBuiltinESMExports`, so that
 * `import { randomBytes } from 'node:crypto'` sees it too. What is pure (`createHash`) is left alone.
 */
import crypto from 'node:crypto'
import { syncBuiltinESMExports } from 'node:module'
import timers from 'node:timers'
import timersPromises from 'node:timers/promises'
import { promisify } from 'node:util'
import type { SimProcess } from '../process.ts'
import { fillRandom, installVirtualGlobals } from '../virtual-globals.ts'
import { coerceDelayMs, VirtualTimeout } from '../virtual-timers.ts'
import { ProcessExit, running } from '../world.ts'

type AnyFunction = (...args: never[]) => unknown
type Target = Record<string, unknown>

let isInstalled = false

/** Installs all virtual globals and modules of Node; calling it again does nothing. */
export function installVirtualModules(): void {
  if (isInstalled) return
  isInstalled = true
  const { timers: virtual } = installVirtualGlobals()
  Object.assign(timers as unknown as Target, virtual)
  installTimersPromises(virtual.setTimeout as AnyFunction, virtual.setImmediate as AnyFunction)
  installCrypto()
  installProcess()
  syncBuiltinESMExports()
}

/** Replaces `target[name]` by a function that asks the running process, or is the real one outside a world. */
function dispatch(target: object, name: string, inside: (process: SimProcess, ...args: never[]) => unknown): void {
  const real = (target as Target)[name] as AnyFunction
  const replacement = function (this: unknown, ...args: never[]): unknown {
    const { process } = running
    return process === null ? real.apply(this, args) : inside(process, ...args)
  }
  Object.defineProperty(target, name, { value: replacement, writable: true, configurable: true, enumerable: true })
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

function installTimersPromises(virtualSetTimeout: AnyFunction, virtualSetImmediate: AnyFunction): void {
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
  Object.defineProperty(virtualSetTimeout, promisify.custom, { value: timersPromises.setTimeout })
  Object.defineProperty(virtualSetImmediate, promisify.custom, { value: timersPromises.setImmediate })
}

type BytesCallback = (error: Error | null, bytes: Buffer) => void
type Fillable = NodeJS.ArrayBufferView | ArrayBuffer

function installCrypto(): void {
  const { randomBytes, randomInt, randomFillSync } = crypto
  dispatch(crypto, 'randomBytes', (process: SimProcess, size: number, callback?: BytesCallback) => {
    // What the real one refuses, it refuses in its own words; here and below.
    if (!(typeof size === 'number' && size >= 0 && size < 2 ** 31)) return randomBytes(size, callback as BytesCallback)
    const result = Buffer.from(process.random.bytes(Math.trunc(size)).buffer)
    if (callback === undefined) return result
    process.setImmediate(() => callback(null, result))
    return undefined
  })
  const fill = (process: SimProcess, target: Fillable, offset = 0, size?: number): void => {
    // Offset and size count elements of a typed array, and bytes of everything else.
    const unit = 'BYTES_PER_ELEMENT' in target ? target.BYTES_PER_ELEMENT : 1
    const from = Math.trunc(offset * unit)
    const count = size === undefined ? target.byteLength - from : Math.trunc(size * unit)
    if (!(from >= 0 && count >= 0 && from + count <= target.byteLength)) randomFillSync(target as Buffer, offset, size)
    const isView = ArrayBuffer.isView(target)
    const buffer = isView ? target.buffer : target
    fillRandom(
      { buffer, byteOffset: (isView ? target.byteOffset : 0) + from, byteLength: count },
      process.random.bytes(count),
    )
  }
  dispatch(crypto, 'randomFillSync', (process: SimProcess, target: Fillable, offset?: number, size?: number) => {
    fill(process, target, offset, size)
    return target
  })
  dispatch(crypto, 'randomFill', (process: SimProcess, target: Fillable, ...rest: unknown[]) => {
    const callback = rest.pop() as (error: null, target: Fillable) => void
    fill(process, target, rest[0] as number | undefined, rest[1] as number | undefined)
    process.setImmediate(() => callback(null, target))
  })
  // `crypto.getRandomValues` calls the global `crypto` object, which is virtual already.
  dispatch(crypto, 'randomUUID', (process: SimProcess) => process.random.uuid())
  dispatch(crypto, 'randomInt', (process: SimProcess, ...args: unknown[]) => {
    const callback = typeof args.at(-1) === 'function' ? (args.pop() as (error: null, n: number) => void) : null
    const [min, max] = args.length === 1 ? [0, args[0] as number] : (args as [number, number])
    const range = max - min
    if (!(Number.isSafeInteger(min) && Number.isSafeInteger(max) && range > 0 && range < 2 ** 48))
      return randomInt(min, max)
    // 48 bits, because one draw has 32.
    const bits = process.random.below(2 ** 16) * 2 ** 32 + process.random.below(2 ** 32)
    const result = min + Math.floor((bits / 2 ** 48) * range)
    if (callback === null) return result
    process.setImmediate(() => callback(null, result))
    return undefined
  })
}

function installProcess(): void {
  const real = process
  const hrtime = real.hrtime
  const virtualHrtime = (previous?: [number, number]): [number, number] => {
    const simulated = running.process
    const isRefused = previous !== undefined && !(Array.isArray(previous) && previous.length === 2)
    if (simulated === null || isRefused) return hrtime(previous)
    const us = simulated.monoUs
    const seconds = Math.floor(us / 1_000_000)
    const nanos = (us % 1_000_000) * 1000
    if (previous === undefined) return [seconds, nanos]
    const difference = nanos - previous[1]
    return difference < 0 ? [seconds - previous[0] - 1, difference + 1e9] : [seconds - previous[0], difference]
  }
  const hrtimeBigint = hrtime.bigint
  virtualHrtime.bigint = (): bigint => {
    const simulated = running.process
    return simulated === null ? hrtimeBigint() : BigInt(simulated.monoUs) * 1000n
  }
  Object.defineProperty(real, 'hrtime', { value: virtualHrtime, writable: true, configurable: true })
  dispatch(real, 'uptime', (simulated: SimProcess) => simulated.monoUs / 1_000_000)
  dispatch(real, 'exit', (simulated: SimProcess, code: unknown) => {
    simulated.world.onUncaught(simulated, new ProcessExit(`process.exit(${code ?? ''})`), 'exit')
    throw new ProcessExit('the simulated process has ended')
  })
}
