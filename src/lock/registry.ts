/** The built-in locks, from the most broken to the reference. */
import { evalsha } from './evalsha.ts'
import { fenced } from './fenced.ts'
import { fencedWatchdog } from './fenced-watchdog.ts'
import type { LockDefinition } from './lock.ts'
import { naive } from './naive.ts'
import { nxPlainDel } from './nx-plain-del.ts'
import { plainSet } from './plain-set.ts'
import { redlockByTheBook } from './redlock-by-the-book.ts'
import { setNxLua } from './set-nx-lua.ts'
import { setnxExpire } from './setnx-expire.ts'
import { wallDeadline } from './wall-deadline.ts'
import { watchdog } from './watchdog.ts'

export const LOCKS: readonly LockDefinition[] = [
  naive,
  plainSet,
  setnxExpire,
  nxPlainDel,
  wallDeadline,
  evalsha,
  setNxLua,
  watchdog,
  redlockByTheBook,
  fenced,
  fencedWatchdog,
]
