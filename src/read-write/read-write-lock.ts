/**
 * The contract of a read-write lock under test, and `defineReadWriteLock`.
 *
 * Readers may hold it together; a writer holds it alone. All else is as of a lock: what a lease says of itself is what it is judged
 * by.
 */
import type { ClientKind } from '../client/kind.ts'
import { checkClientKind, checkDefinition } from '../lock/definition.ts'
import type { Lease, LockContext } from '../lock/lock.ts'
import type { RedisCommands } from '../lock/redis-commands.ts'

/** A read-write lock under test. */
export interface ReadWriteLockDefinition<Redis = RedisCommands> {
  /** Short and unique: a column of the matrix. */
  readonly name: string
  /** What it is, in a few words. */
  readonly title?: string
  /** The commands it sends, for readers of the report. */
  readonly commands?: string
  /** One attempt to read. Null or false: a writer holds it. Throwing: the outcome is unknown. */
  acquireRead(context: LockContext<Redis>): Promise<Lease | null>
  /** One attempt to write. Null or false: another client holds it. Throwing: the outcome is unknown. */
  acquireWrite(context: LockContext<Redis>): Promise<Lease | null>
  /** Gives back either. True: it was mine. False: it was no longer mine. */
  release(context: LockContext<Redis>, lease: Lease): Promise<boolean>
  /** The client that it needs, whatever `--client` says; default: what the run asks for. */
  readonly client?: ClientKind
}

/**
 * Declares a read-write lock under test.
 * @throws UsageError when something that every one of them has is missing
 */
export function defineReadWriteLock<Redis = RedisCommands>(
  definition: ReadWriteLockDefinition<Redis>,
): ReadWriteLockDefinition<Redis> {
  const expected = ['name, acquireRead, acquireWrite and release', 'my-read-write-lock'] as const
  checkDefinition('defineReadWriteLock', definition, expected, {
    acquireRead: 'add async acquireRead(context) { … }',
    acquireWrite: 'add async acquireWrite(context) { … }',
    release: 'add async release(context, lease) { … }',
  })
  checkClientKind(`defineReadWriteLock(${definition.name})`, 'read-write lock', definition.client)
  return definition
}
