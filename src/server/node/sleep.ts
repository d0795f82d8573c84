/**
 * Waiting in real time without giving up the thread.
 */
const never = new Int32Array(new SharedArrayBuffer(4))

/** Stops this thread for real milliseconds. */
export function sleep(ms: number): void {
  Atomics.wait(never, 0, 0, ms)
}
