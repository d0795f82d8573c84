/** The leader elections that come with lockstorm. Adding one: write its file, add it here. */
import type { LeaderDefinition } from './leader.ts'
import { plainRenewal } from './plain-renewal.ts'
import { termLease } from './term-lease.ts'

export const ELECTIONS: readonly LeaderDefinition[] = [plainRenewal, termLease]
