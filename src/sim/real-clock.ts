/**
 * The host's own clock, timers and memory, also inside a world and under a test runner's fake timers: for what waits for real servers,
 * watches workers, or must end in time. Taken when this module is loaded, which `virtual-globals.ts` does before it puts
 * anything in place of them.
 */
declare const performance: { now(): number; readonly timeOrigin: number }
declare const process:
  | {
      readonly cpuUsage?: () => { readonly user: number; readonly system: number }
      readonly memoryUsage?: { readonly rss: () => number }
    }
  | undefined
declare const setTimeout: (task: () => void, ms: number) => unknown
declare const clearTimeout: (timer: unknown) => void
declare const setInterval: (task: () => void, ms: number) => unknown
declare const clearInterval: (timer: unknown) => void

const { now, timeOrigin } = { now: performance.now.bind(performance), timeOrigin: performance.timeOrigin }

/** Real time, whole µs since 1970. Only differences count, so a step of the machine's clock is no harm. */
export const realUs = (): number => Math.round((timeOrigin + now()) * 1000)

const cpuUsage = typeof process === 'undefined' ? undefined : process.cpuUsage?.bind(process)

/** Processor time that all threads of this process have used, µs; in a browser, which does not say, real time. */
export const usedCpuUs = (): number => {
  const usage = cpuUsage?.()
  return usage === undefined ? realUs() : usage.user + usage.system
}

const resident = typeof process === 'undefined' ? undefined : process.memoryUsage?.rss

/** The memory that all threads of this process have; in a browser, which does not say, none. */
export const residentBytes = (): number => resident?.() ?? 0

/** Timers of real time. */
export const realTimers = { setTimeout, clearTimeout, setInterval, clearInterval }
