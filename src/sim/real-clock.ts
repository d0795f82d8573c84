/**
 * The host's own clock, also inside a world: for what waits for real servers. Taken when this module is loaded, which
 * `virtual-globals.ts` does before it puts anything in place of it.
 */
declare const performance: { now(): number; readonly timeOrigin: number }

const { now, timeOrigin } = { now: performance.now.bind(performance), timeOrigin: performance.timeOrigin }

/** Real time, whole µs since 1970. Only differences count, so a step of the machine's clock is no harm. */
export const realUs = (): number => Math.round((timeOrigin + now()) * 1000)
