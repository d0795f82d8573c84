/** The read-write locks that come with lockstorm. Adding one: write its file, add it here. */
import { countedReaders } from './counted-readers.ts'
import { leasedReaders } from './leased-readers.ts'
import type { ReadWriteLockDefinition } from './read-write-lock.ts'

export const READ_WRITE_LOCKS: readonly ReadWriteLockDefinition[] = [countedReaders, leasedReaders]
