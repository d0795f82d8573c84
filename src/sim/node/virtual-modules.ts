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
import { coerceDelayMs } from '../virtual-timers.ts'
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
}

function abortError(signal: AbortSignal): Error {
  return Object.assign(new Error('The operation was aborted', { cause: signal.reason }), {
    name: 'AbortError',
    code: 'ABORT_ERR',
  })
}

function installTimersPromises(virtualSetTimeout: AnyFunction, virtualSetImmediate: AnyFunction): void {
  const sleep = (process: SimProcess, delay?: unknown, value?: unknown, options: TimerOptions = {}): Promise<unknown> =>
    new Promise((resolve, reject) => {
      const { signal } = options
      if (signal?.aborted) return reject(abortError(signal))
      const timer = process.setTimer(coerceDelayMs(delay) * 1000, () => resolve(value))
      signal?.addEventListener('abort', () => {
        timer.cancel()
        reject(abortError(signal))
      })
    })
  const immediate = (process: SimProcess, value?: unknown): Promise<unknown> =>
    new Promise((resolve) => {
      process.setImmediate(() => resolve(value))
    })
  async function* ticks(process: SimProcess, delay?: unknown, value?: unknown, options?: TimerOptions): AsyncGenerator {
    for (;;) yield await sleep(process, delay, value, options)
  }
  dispatch(timersPromises, 'setTimeout', sleep as never)
  dispatch(timersPromises, 'setImmediate', immediate as never)
  dispatch(timersPromises, 'setInterval', ticks as never)
  dispatch(timersPromises.scheduler, 'wait', sleep as never)
  dispatch(timersPromises.scheduler, 'yield', immediate as never)
  // `util.promisify(setTimeout)` looks for this property.
  Object.defineProperty(virtualSetTimeout, promisify.custom, { value: timersPromises.setTimeout })
  Object.defineProperty(virtualSetImmediate, promisify.custom, { value: timersPromises.setImmediate })
}

type BytesCallback = (error: null, bytes: Buffer) => void

function installCrypto(): void {
  const bytes = (process: SimProcess, size: number): Buffer => Buffer.from(process.random.bytes(size).buffer)
  const fill = (process: SimProcess, view: NodeJS.ArrayBufferView, offset = 0, size = view.byteLength - offset): void =>
    fillRandom(
      { buffer: view.buffer, byteOffset: view.byteOffset + offset, byteLength: size },
      process.random.bytes(size),
    )
  dispatch(crypto, 'randomBytes', (process: SimProcess, size: number, callback?: BytesCallback) => {
    const result = bytes(process, size)
    if (callback === undefined) return result
    process.setImmediate(() => callback(null, result))
    return undefined
  })
  dispatch(
    crypto,
    'randomFillSync',
    (process: SimProcess, view: NodeJS.ArrayBufferView, offset?: number, size?: number) => {
      fill(process, view, offset, size)
      return view
    },
  )
  dispatch(crypto, 'randomFill', (process: SimProcess, view: NodeJS.ArrayBufferView, ...rest: unknown[]) => {
    const callback = rest.pop() as (error: null, view: NodeJS.ArrayBufferView) => void
    fill(process, view, rest[0] as number | undefined, rest[1] as number | undefined)
    process.setImmediate(() => callback(null, view))
  })
  // `crypto.getRandomValues` calls the global `crypto` object, which is virtual already.
  dispatch(crypto, 'randomUUID', (process: SimProcess) => process.random.uuid())
  dispatch(crypto, 'randomInt', (process: SimProcess, ...args: unknown[]) => {
    const callback = typeof args.at(-1) === 'function' ? (args.pop() as (error: null, n: number) => void) : null
    const [min, max] = args.length === 1 ? [0, args[0] as number] : (args as [number, number])
    const result = min + Math.floor(process.random.fraction() * (max - min))
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
    if (simulated === null) return hrtime(previous)
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
