/**
 * What a test does when something it needs is missing on this machine: it says what is left out, and is skipped. With
 * `CI=true` leaving out is a failure, because then everything has to be there.
 */
import type { TestContext } from 'vitest'

/** Skips the running test, naming what is missing; fails in CI. */
export function leaveOut(context: TestContext, missing: string, detail = ''): void {
  const message = `left out for want of ${missing}${detail === '' ? '' : ` (${detail.trim()})`}`
  if (process.env.CI === 'true') throw new Error(message)
  context.skip(message)
}
