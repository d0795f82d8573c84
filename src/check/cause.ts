/**
 * Why something went wrong, as data: a closed union of reasons. A finding is a property × a cause; sentences are made from
 * causes in `words/`, and nothing is decided by them.
 *
 * What tells two bugs apart is the kind of the cause and, where it matters, how it came about (`causeKey`). Names, figures
 * and circumstances ("while A was paused") are there for the reader: one cause under five circumstances is one finding.
 */
import type { Circumstance } from '../history/running.ts'

/** How the key of a holder was taken away. */
export type Taking = 'overwritten' | 'displaced' | 'deleted'
/** What made a node forget a key. */
export type Forgetting = 'restart' | 'eviction' | 'flush' | 'failover'

/** A node that let a key go that was live: it forgot it, or its clock ended it early. */
export type UntimelyEnd =
  | { readonly node: string; readonly how: Forgetting }
  | { readonly node: string; readonly how: 'clock ahead'; readonly livedUs: number; readonly ttlUs: number }

/** Of a quorum lock: how many of the nodes still had the token. */
export interface Votes {
  readonly had: number
  readonly of: number
}

/** When a lease ended, by what its client was doing or what had kept it until then. */
export interface During {
  /** `while` it went on, `after` it was over, or `before` the client was done. */
  readonly when: 'while' | 'after' | 'before'
  readonly circumstance: Circumstance | null
}

export type Cause =
  // Why a holder was not, or no longer, backed by Redis.
  | { readonly kind: 'never-granted'; readonly client: string; readonly votes: Votes | null }
  | {
      readonly kind: 'taken-away'
      readonly client: string
      readonly by: string
      readonly how: Taking
      readonly votes: Votes | null
    }
  | {
      readonly kind: 'redis-lost-it'
      readonly client: string
      readonly ends: readonly UntimelyEnd[]
      readonly votes: Votes | null
    }
  | { readonly kind: 'granted-too-late'; readonly client: string; readonly lateUs: number; readonly isQuorum: boolean }
  | { readonly kind: 'lease-overstated'; readonly client: string; readonly byUs: number; readonly place: Place }
  | { readonly kind: 'client-clock-moved'; readonly client: string; readonly clock: string; readonly place: Place }
  | { readonly kind: 'loss-not-noticed'; readonly client: string; readonly leaseUs: number; readonly during: During }
  | { readonly kind: 'lease-ended'; readonly client: string; readonly leaseUs: number; readonly during: During }
  /** `didAsk`: whether the client asked its lease, which states its end, before it went on. */
  | {
      readonly kind: 'work-outlives-lease'
      readonly client: string
      readonly leaseUs: number
      readonly didAsk: boolean
    }
  | { readonly kind: 'granted-while-held'; readonly holder: string; readonly later: string; readonly isQuorum: boolean }
  // Fencing.
  | { readonly kind: 'fence-not-drawn-with-grant' }
  | { readonly kind: 'fence-not-checked' }
  // Keys that stay, and locks that cannot be taken.
  | { readonly kind: 'token-not-compared'; readonly by: string; readonly how: Taking | 'extended' }
  | { readonly kind: 'not-takeable' }
  | { readonly kind: 'no-expiry'; readonly owner: string; readonly hasEnded: boolean }
  | { readonly kind: 'prolonged-by-waiters'; readonly helpers: readonly string[] }
  | { readonly kind: 'attempt-misread' }
  | { readonly kind: 'attempt-not-taken-back' }
  | { readonly kind: 'votes-not-taken-back' }
  | { readonly kind: 'script-forgotten' }
  | { readonly kind: 'release-refused'; readonly reply: string }
  | { readonly kind: 'release-without-effect' }
  | { readonly kind: 'release-gave-up' }
  | { readonly kind: 'taken-again-late'; readonly afterUs: number }
  | { readonly kind: 'own-token-blocks' }
  /** Votes of several attempts, each for its own reason. */
  | { readonly kind: 'votes-kept'; readonly reasons: readonly Cause[] }
  // Calls and signals.
  | { readonly kind: 'never-settled'; readonly isEveryCall: boolean }
  | { readonly kind: 'minority-awaited' }
  | { readonly kind: 'signal-late'; readonly runningUs: number; readonly leaseUs: number }
  | { readonly kind: 'no-drift-margin'; readonly aheadUs: number }
  | { readonly kind: 'counted-on-wrong-clock'; readonly client: string; readonly clock: string | null }
  | { readonly kind: 'one-too-many-let-in'; readonly later: string; readonly limit: number }
  | { readonly kind: 'second-answer-taken-for-failure'; readonly afterUs: number }
  | { readonly kind: 'no-queue'; readonly bypassesMax: number }
  | { readonly kind: 'retried-in-step' }
  // Processes.
  | { readonly kind: 'uncaught'; readonly origin: string }
  | { readonly kind: 'exit-called' }
  | { readonly kind: 'turn-never-ends' }
  | { readonly kind: 'memory-used-up' }
  // What is done under a lock.
  | { readonly kind: 'same-value-read' }
  | { readonly kind: 'run-not-recorded'; readonly first: string }
  | { readonly kind: 'lock-forgets'; readonly first: string; readonly again: string }
  // Jobs of a queue: whose claim on one ended, or that are gone. `job-gone`: `worker` had it last; null: none has had it.
  | { readonly kind: 'claim-not-kept'; readonly client: string }
  | { readonly kind: 'claim-too-late'; readonly client: string }
  | { readonly kind: 'claim-ended'; readonly client: string; readonly leaseUs: number; readonly during: During }
  | {
      readonly kind: 'claim-forgotten'
      readonly client: string
      readonly node: string
      readonly how: Forgetting | 'clock ahead'
    }
  | { readonly kind: 'job-gone'; readonly worker: string | null }
  | { readonly kind: 'job-forgotten'; readonly node: string; readonly how: Forgetting }
  | { readonly kind: 'done-not-kept'; readonly first: string }
  | { readonly kind: 'let-in-beside'; readonly holder: string; readonly later: string }
  // Leaders of an election.
  | { readonly kind: 'lead-not-kept'; readonly client: string }
  | { readonly kind: 'elected-too-late'; readonly client: string }
  | { readonly kind: 'deposed-unnoticed'; readonly client: string; readonly runningUs: number }
  | {
      readonly kind: 'lead-forgotten'
      readonly client: string
      readonly node: string
      readonly how: Forgetting | 'clock ahead'
    }
  | { readonly kind: 'term-not-drawn' }
  | { readonly kind: 'term-forgotten'; readonly node: string; readonly how: Forgetting }
  | { readonly kind: 'none-elected' }
  | { readonly kind: 'campaign-given-up' }
  | { readonly kind: 'filled-by-nobody' }
  | { readonly kind: 'writer-without-lock'; readonly filler: string; readonly writer: string }
  | { readonly kind: 'filled-while-both-held'; readonly filler: string; readonly writer: string }
  // Sessions.
  | { readonly kind: 'session-id-kept'; readonly user: string }
  | { readonly kind: 'session-shared' }
  | { readonly kind: 'older-copy-stored' }
  | { readonly kind: 'session-let-go'; readonly node: string; readonly how: Forgetting }
  | { readonly kind: 'session-gone' }
  | { readonly kind: 'logout-forgotten'; readonly node: string; readonly how: Forgetting }
  | { readonly kind: 'stored-after-logout'; readonly writer: string | null }
  | { readonly kind: 'older-copy-read' }
  | { readonly kind: 'no-order-explains-it' }

export type CauseKind = Cause['kind']

/** Where a key is: on one node, or on a majority of several. */
export type Place = { readonly node: string } | { readonly majorityOf: number }

/** What tells this cause from another bug with the same property. */
export function causeKey(cause: Cause): string {
  switch (cause.kind) {
    case 'taken-away':
      return `${cause.kind} ${cause.how}${cause.by === cause.client ? ' by itself' : ''}`
    case 'redis-lost-it':
      return `${cause.kind} ${[...new Set(cause.ends.map(({ how }) => how))].sort().join(', ')}`
    case 'client-clock-moved':
      return `${cause.kind} ${cause.clock}`
    case 'token-not-compared':
    case 'session-let-go':
    case 'logout-forgotten':
    case 'claim-forgotten':
    case 'job-forgotten':
    case 'lead-forgotten':
    case 'term-forgotten':
      return `${cause.kind} ${cause.how}`
    case 'no-expiry':
      return `${cause.kind}${cause.hasEnded ? ' after its end' : ''}`
    case 'votes-kept':
      return `${cause.kind} ${[...new Set(cause.reasons.map(causeKey))].sort().join(', ')}`
    case 'stored-after-logout':
      return `${cause.kind}${cause.writer === null ? '' : ' by a request'}`
    case 'job-gone':
      return `${cause.kind}${cause.worker === null ? '' : ' with its worker'}`
    case 'never-settled':
      return `${cause.kind}${cause.isEveryCall ? ' at all' : ''}`
    default:
      return cause.kind
  }
}
