/**
 * Assertions about lockstorm itself. A failing one is our bug, never the subject's: the CLI turns it into exit 70.
 */

/** An invariant of lockstorm does not hold. Never caught on purpose; the message is the invariant in words. */
export class AssertionError extends Error {
  override readonly name = 'AssertionError'
}

/** Throws `AssertionError` unless the condition holds. Kept on in releases. */
export function assert(condition: unknown, invariant: string): asserts condition {
  if (!condition) throw new AssertionError(invariant)
}

/** Ends a `switch` over a closed union: a new member fails to compile here. */
export function assertNever(value: never): never {
  throw new AssertionError(`unexpected case ${JSON.stringify(value)}`)
}
