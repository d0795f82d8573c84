/** All pitfalls, in the order of their numbers. */
import { acquireAndRelease } from './acquire-and-release.ts'
import { cache } from './cache.ts'
import { clocks } from './clocks.ts'
import { fencing } from './fencing.ts'
import { leases } from './leases.ts'
import type { Pitfall, PitfallGroup, ShownPitfall } from './pitfall.ts'
import { quorum } from './quorum.ts'
import { serverSide } from './server-side.ts'
import { sessions } from './sessions.ts'
import { waiting } from './waiting.ts'

export const GROUPS: readonly PitfallGroup[] = [
  acquireAndRelease,
  leases,
  quorum,
  serverSide,
  waiting,
  clocks,
  fencing,
  sessions,
  cache,
]

export const PITFALLS: readonly Pitfall[] = GROUPS.flatMap(({ pitfalls }) => pitfalls)

export const SHOWN: readonly ShownPitfall[] = PITFALLS.filter((pitfall) => pitfall.notShown === undefined)

/** `P07`. */
export const label = ({ number }: Pitfall): string => `P${String(number).padStart(2, '0')}`
