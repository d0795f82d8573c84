/** A worker that looks for jobs, one after the other, for as long as its process lives. */

// The host's timers: virtual inside a world.
declare function setTimeout(task: () => void, ms: number): unknown

const PAUSE_MS = 20

/** Calls `takeOne` again and again, at once after a job and else after a pause; one that throws is tried again. */
export function polling(takeOne: () => Promise<boolean>): void {
  const next = (): void => {
    takeOne()
      .catch(() => false)
      .then((had) => {
        if (had) next()
        else setTimeout(next, PAUSE_MS)
      })
  }
  next()
}
