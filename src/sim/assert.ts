/**
 * Assertions about lockstorm itself. A failing one is our bug, never the subject's: the CLI turns it into exit 70.
 */

/** An invariant of lockstorm does not hold. Never caught on purpose; the message is the invariant in words. */
export class AssertionError extends Error {
  override readonly name = 'AssertionError'
}

/** Who is told of each failure before it is thrown: the world, because the code under test may catch what reaches it. */
export const failures: { hear: (error: AssertionError) => void } = { hear: () => {} }

/** Throws `AssertionError` unless the condition holds. Kept on in releases. */
export function assert(condition: unknown, invariant: string): asserts condition {
  if (!condition) fail(invariant)
}

/** Ends a `switch` over a closed union: a new member fails to compile here. */
export function assertNever(value: never): never {
  fail(`unexpected case ${JSON.stringify(value)}`)
}

function fail(invariant: string): never {
  const error = new AssertionError(invariant)
  failures.hear(error)
  throw error
}
