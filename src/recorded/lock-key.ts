/**
 * A key that may be a lock, as the commands that a server executed show it: who has it, who had it, and whether that is known.
 *
 * A recording begins in the middle of things: until a command says what is in a key (a delete, a plain SET), that is not known, and
 * whether a SET NX took it is not known either.
 */
import type { Shown } from './told.ts'

/** How a grant ended. `deleted`: by a client that may be its own. `unsure`: something happened to the key that the evidence does not tell. */
export type GrantEnd = 'released' | 'deleted' | 'expired' | 'taken' | 'forgotten' | 'unsure'

/** The key was given to a client. */
export interface Grant {
  /** Whose it is: the value, or the one field of a hash. */
  token: string
  /** The connection that took it; null: unknown. */
  readonly source: string | null
  readonly place: string
  readonly fromUs: number | null
  readonly slackUs: number
  /** Its end was set by a command that may have begun this long before its time. */
  windowUs: number
  /** Taken where nothing was there, by NX or by a script: so it is no copy from another server (which an append-only file hides). */
  readonly isOwnTake: boolean
  /** What it was taken by: a later call of that script with its token is an attempt, and no use of the lock. */
  readonly takenBy: string
  expireAtMs: number | null
  /** It had an end at some time. */
  hadExpiry: boolean
  endedBy: GrantEnd | null
  untilUs: number | null
  endPlace: string | null
  /** Its client asked another server to release or prolong it, and was told no. */
  gaveUpUs: number | null
  /** It was told once that it was used after its end. */
  isToldLate: boolean
}

/** `sure`: released by who shows its token, or named by the user. `likely`: released by the connection that took it. */
export type LockKind = 'no' | 'likely' | 'sure'

export interface LockKey {
  readonly id: string
  readonly database: number
  readonly key: string
  kind: LockKind
  /** Whether what the replay has in it is what the server had. */
  isKnown: boolean
  /** Null: it is free, or who has it is not known. */
  grant: Grant | null
  /** The last ones that are over, the newest last. */
  readonly past: Grant[]
  /** While it is not known what is there: the last SET NX of each token. */
  readonly attempts: Map<string, Attempt>
  /** The last SET NX of each token that the replay refused. */
  readonly refused: Map<string, Attempt>
  /** Connections that tried to take it. */
  readonly takers: Set<string>
  grantCount: number
  /** Two clients wrote the same token: to show it proves nothing. */
  hasSharedToken: boolean
  /** Told once it is sure that it is a lock. */
  readonly pending: Shown[]
}

/** A try to take a key. */
export interface Attempt {
  readonly source: string | null
  readonly place: string
  readonly atUs: number | null
  readonly slackUs: number
  readonly windowUs: number
  readonly takenBy: string
}

export const PAST_MAX = 8
export const REMEMBERED_MAX = 32

export const newLockKey = (id: string, database: number, key: string, isComplete: boolean): LockKey => ({
  id,
  database,
  key,
  kind: 'no',
  isKnown: isComplete,
  grant: null,
  past: [],
  attempts: new Map(),
  refused: new Map(),
  takers: new Set(),
  grantCount: 0,
  hasSharedToken: false,
  pending: [],
})

/** When its lease was, or will be, over, µs. Null: it has no end yet. */
export function endUs({ expireAtMs, untilUs }: Grant): number | null {
  const ends = [untilUs, expireAtMs === null ? null : expireAtMs * 1_000].filter((end) => end !== null)
  return ends.length === 0 ? null : Math.min(...ends)
}
