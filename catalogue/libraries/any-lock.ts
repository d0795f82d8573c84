/**
 * A lock of some library, whatever driver it was written for.
 */
import type { LockDefinition } from '../../src/lock/lock.ts'

/** Any lock, whatever driver object it wants. */
// biome-ignore lint/suspicious/noExplicitAny: each library wants another driver
export type AnyLock = LockDefinition<any>

/** A lock of a library as one that votes over several nodes. */
export const over = (nodes: number, lock: AnyLock): AnyLock => ({ ...lock, nodes })
