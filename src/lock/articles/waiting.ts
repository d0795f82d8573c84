/** `time.sleep` of the articles, on the host's timers: virtual inside a world. */
declare function setTimeout(task: () => void, ms: number): unknown

/** Waits so many milliseconds. */
export const sleepMs = (ms: number): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(resolve, ms)
  })

/** A lease in whole seconds, as `EX` takes it: never shorter than what was asked for. */
export const wholeSeconds = (ttlMs: number): number => Math.ceil(ttlMs / 1000)
