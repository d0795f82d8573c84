/**
 * The globals of a JavaScript host, made to read the simulated process whose turn is running: `Date`, timers,
 * `Math.random`, `performance.now`, Web Crypto's randomness and `AbortSignal.timeout`.
 *
 * They are dispatchers: inside a world they ask the running process, outside they are the real thing. They must be
 * installed before any code under test is loaded, because some libraries keep a reference to what they find
 * (bluebird, express-session, Q).
 *
 * Does not model  Node's modules (`timers`, `crypto`, `process.hrtime`): see `node/virtual-modules.ts`.
 */
// Before anything is replaced.
import './real-clock.ts'
import { assert } from './assert.ts'
import { EPOCH_US } from './clock.ts'
import {
  clearVirtualImmediate,
  clearVirtualTimer,
  coerceDelayMs,
  VirtualImmediate,
  VirtualTimeout,
} from './virtual-timers.ts'
import { running } from './world.ts'

type AnyFunction = (...args: unknown[]) => unknown
type Callback = (...args: unknown[]) => void

/** The host's own functions, as they were before `installVirtualGlobals`. */
export interface RealGlobals {
  readonly setTimeout: AnyFunction
  readonly setInterval: AnyFunction
  readonly setImmediate: AnyFunction
  readonly dateNow: () => number
}

/** The virtual timer functions, also used for Node's `timers` module. */
export interface TimerFunctions {
  readonly setTimeout: AnyFunction
  readonly setInterval: AnyFunction
  readonly setImmediate: AnyFunction
  readonly clearTimeout: AnyFunction
  readonly clearInterval: AnyFunction
  readonly clearImmediate: AnyFunction
}

let installed: { readonly real: RealGlobals; readonly timers: TimerFunctions } | null = null

/** Makes the dispatchers the globals of this host; the second call and later ones do nothing. */
export function installVirtualGlobals(): { readonly real: RealGlobals; readonly timers: TimerFunctions } {
  if (installed !== null) return installed
  const host = globalThis as unknown as Record<string, unknown>
  const real: RealGlobals = {
    setTimeout: host.setTimeout as AnyFunction,
    setInterval: host.setInterval as AnyFunction,
    setImmediate: host.setImmediate as AnyFunction,
    dateNow: (host.Date as { now(): number }).now,
  }
  const timers = virtualTimers(host)
  Object.assign(host, timers)
  host.Date = virtualDate(host.Date as DateConstructor)
  installMath()
  installPerformance(host.performance as { now(): number; readonly timeOrigin: number })
  installWebCrypto(host.crypto as WebCrypto)
  installAbortTimeout(host)
  installed = { real, timers }
  return installed
}

function virtualTimers(host: Record<string, unknown>): TimerFunctions {
  const { setTimeout, setInterval, setImmediate, clearTimeout, clearInterval, clearImmediate } = host
  const real = { setTimeout, setInterval, setImmediate, clearTimeout, clearInterval, clearImmediate } as Record<
    string,
    AnyFunction
  >
  const timer =
    (isRepeating: boolean, fallback: AnyFunction): AnyFunction =>
    (callback, delay, ...args) => {
      const { process } = running
      // What is no function is refused in the host's own words.
      if (process === null || typeof callback !== 'function') return fallback(callback, delay, ...args)
      return new VirtualTimeout(process, coerceDelayMs(delay), isRepeating, callback as Callback, args)
    }
  const clear =
    (isOurs: (handle: unknown) => boolean, fallback: AnyFunction | undefined): AnyFunction =>
    (handle) => {
      // A handle of a world that ended may be cleared outside of it: then it is ours, and the real clear must not see it.
      if (!isOurs(handle) && running.process === null) fallback?.(handle)
    }
  return {
    setTimeout: timer(false, real.setTimeout as AnyFunction),
    setInterval: timer(true, real.setInterval as AnyFunction),
    setImmediate: (callback, ...args) => {
      const { process } = running
      if (process === null || typeof callback !== 'function')
        return (real.setImmediate as AnyFunction)(callback, ...args)
      return new VirtualImmediate(process, callback as Callback, args)
    },
    clearTimeout: clear(clearVirtualTimer, real.clearTimeout),
    clearInterval: clear(clearVirtualTimer, real.clearInterval),
    clearImmediate: clear(clearVirtualImmediate, real.clearImmediate),
  }
}

/** `Date` with the running process's wall clock; its prototype is the real one, so `instanceof` holds everywhere. */
function virtualDate(Real: DateConstructor): DateConstructor {
  const now = (): number => {
    const { process } = running
    return process === null ? Real.now() : Math.floor(process.wallUs / 1000)
  }
  const VirtualDate = function (this: unknown, ...args: unknown[]): unknown {
    if (new.target === undefined) return new Real(now()).toString()
    const construct = args.length === 0 ? [now()] : args
    return Reflect.construct(Real, construct, new.target === (VirtualDate as unknown) ? Real : new.target)
  } as unknown as DateConstructor
  Object.defineProperties(VirtualDate, Object.getOwnPropertyDescriptors(Real))
  Object.defineProperty(VirtualDate, 'now', { value: now, writable: true, configurable: true })
  Object.defineProperty(Real.prototype, 'constructor', { value: VirtualDate, writable: true, configurable: true })
  return VirtualDate
}

function installMath(): void {
  const real = Math.random
  Math.random = () => {
    const { process } = running
    return process === null ? real() : process.random.fraction()
  }
}

function installPerformance(performance: { now(): number; readonly timeOrigin: number }): void {
  const real = performance.now.bind(performance)
  const realOrigin = performance.timeOrigin
  Object.defineProperty(performance, 'timeOrigin', {
    get: () => (running.process === null ? realOrigin : EPOCH_US / 1000),
    configurable: true,
    enumerable: true,
  })
  Object.defineProperty(performance, 'now', {
    value: () => {
      const { process } = running
      return process === null ? real() : process.monoUs / 1000
    },
    writable: true,
    configurable: true,
  })
}

interface WebCrypto {
  getRandomValues<T>(array: T): T
  /** Browsers have none in pages that came over an open connection. */
  randomUUID?(): string
}

/** Fills any typed array's bytes from the running process's stream. */
export function fillRandom(
  view: { readonly buffer: ArrayBufferLike; readonly byteOffset: number; readonly byteLength: number },
  bytes: Uint8Array,
): void {
  new Uint8Array(view.buffer, view.byteOffset, view.byteLength).set(bytes)
}

/** What `getRandomValues` takes; the rest is refused by the real one, in its own words. */
const isFillable = (array: unknown): boolean =>
  ArrayBuffer.isView(array) &&
  !(array instanceof DataView || array instanceof Float32Array || array instanceof Float64Array) &&
  array.byteLength <= 65_536

function installWebCrypto(crypto: WebCrypto): void {
  const realValues = crypto.getRandomValues.bind(crypto)
  const realUuid = crypto.randomUUID?.bind(crypto)
  const define = (name: keyof WebCrypto, value: unknown): void => {
    Object.defineProperty(crypto, name, { value, writable: true, configurable: true })
  }
  define('getRandomValues', (array: Uint8Array) => {
    const { process } = running
    if (process === null || !isFillable(array)) return realValues(array)
    fillRandom(array, process.random.bytes(array.byteLength))
    return array
  })
  define('randomUUID', () => {
    const { process } = running
    if (process !== null) return process.random.uuid()
    assert(realUuid !== undefined, 'outside of worlds nothing asks for what this host does not have')
    return realUuid()
  })
}

function installAbortTimeout(host: Record<string, unknown>): void {
  const signalClass = host.AbortSignal as { timeout(ms: number): unknown }
  const Controller = host.AbortController as new () => { readonly signal: unknown; abort(reason?: unknown): void }
  const TimeoutError = host.DOMException as new (message: string, name: string) => Error
  const real = signalClass.timeout.bind(signalClass)
  Object.defineProperty(signalClass, 'timeout', {
    value: (ms: number) => {
      const { process } = running
      if (process === null || !(Number.isInteger(ms) && ms >= 0 && ms < 2 ** 32)) return real(ms)
      const controller = new Controller()
      process.setTimer(coerceDelayMs(ms) * 1000, () => {
        controller.abort(new TimeoutError('The operation was aborted due to timeout', 'TimeoutError'))
      })
      return controller.signal
    },
    writable: true,
    configurable: true,
  })
}
