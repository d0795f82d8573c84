/**
 * Work that worlds run in, in pieces. Between them Node's event loop turns, and lets go of what worlds on a real server have opened:
 * until then it keeps every connection that was ever begun.
 */
export type Steps<T> = Iterator<void, T>

/**
 * Runs all steps.
 * @param inMacrotask runs one at the bottom of a macrotask
 */
export async function runSteps<T>(steps: Steps<T>, inMacrotask: <Of>(task: () => Of) => Promise<Of>): Promise<T> {
  for (;;) {
    const step = await inMacrotask(() => steps.next())
    if (step.done === true) return step.value
  }
}

/** All of a task in one step. */
export const oneStep = <T>(task: () => T): Steps<T> => ({ next: () => ({ done: true, value: task() }) })
