/** What is wrong with the set-up of a read-write lock: in a world without faults it cannot be had, to write, or given back. */

import type { UsageError } from '../sim/usage-error.ts'
import { type ContractWorld, contractError } from './contract-error.ts'

/** The error that a user is told; null: the set-up is right. */
export const readWriteError = (world: ContractWorld): UsageError | null =>
  contractError(world, [
    {
      op: 'acquire',
      fails: 'the lock could not be taken',
      isMissing: 'the lock was never had, to read or to write',
      fix: 'resolve acquireRead() and acquireWrite() with a lease when it is had',
    },
    {
      op: 'write',
      isMissing: 'the lock was never had to write',
      fix: 'resolve acquireWrite() with a lease when no other client has the lock',
    },
    {
      op: 'release',
      fails: 'the lock could not be given back',
      isMissing: 'release() never came back',
      fix: 'resolve it with true when the lock is released',
    },
  ])
