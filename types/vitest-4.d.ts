/** `lockstorm/vitest` with the matchers as Vitest 4.1 types them. */
import 'vitest'
import type { LockstormMatchers } from '../dist/vitest.js'

export * from '../dist/vitest.js'

declare module 'vitest' {
  interface Matchers<T = any> extends LockstormMatchers {}
}
