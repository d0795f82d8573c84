/**
 * `lockstorm/vitest` with the matchers as Vitest 5 types them: by what they return and what they are given. For Vitest 4.1:
 * `lockstorm/vitest-4`, which is the same code.
 */
import 'vitest'
import type { LockstormMatchers } from '../dist/vitest.js'

export * from '../dist/vitest.js'

declare module 'vitest' {
  interface Matchers<R extends void | Promise<void> = void | Promise<void>, T = unknown> extends LockstormMatchers {}
}
