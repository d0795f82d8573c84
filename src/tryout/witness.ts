/**
 * What the code under test was asked in the first world, and what came of it: the values and errors themselves, which no trace
 * could hold.
 */
import { type LockDefinition, variantOf } from '../lock/lock.ts'
import { type Subject, withLock } from '../subject/subject.ts'

/** One call of a lock. */
export interface Call {
  readonly method: 'acquire' | 'release'
  outcome:
    | { readonly kind: 'returned'; readonly value: unknown }
    | { readonly kind: 'threw'; readonly error: unknown }
    | null
  /** The keys of all nodes before it was called and when it had ended. */
  readonly before: Keys
  after: Keys | null
  /** How many messages had been sent to Redis before it was called and when it had ended. */
  readonly sentBefore: number
  sentAfter: number
  /** When it was called and when it had ended, by the client's clock. */
  readonly calledMs: number
  endedMs: number
}

// The host's clock: virtual inside a world.
declare const performance: { now(): number }

/** Names of keys, each with what the nodes hold as a text, and how long that has to live, ms; less than 0: it does not expire. */
export type Keys = ReadonlyMap<string, { readonly state: string; readonly leaseMs: number }>

/** What a witness looks at, at each moment at which something may have changed. */
export interface Scene {
  keys(): Keys
  sentCount(): number
}

/** The same subject, whose calls are put on the list. Only locks are listened to; a store or an application is in the trace. */
export function witnessed(subject: Subject, calls: Call[], scene: Scene): Subject {
  return subject.kind === 'lock' ? withLock(subject, (lock) => listenedTo(lock, calls, scene)) : subject
}

function listenedTo(lock: LockDefinition, calls: Call[], scene: Scene): LockDefinition {
  const listen = async <Value>(method: Call['method'], run: () => Promise<Value>): Promise<Value> => {
    const sentBefore = scene.sentCount()
    const calledMs = performance.now()
    const call: Call = {
      method,
      outcome: null,
      before: scene.keys(),
      after: null,
      sentBefore,
      sentAfter: sentBefore,
      calledMs,
      endedMs: calledMs,
    }
    calls.push(call)
    try {
      const value = await run()
      call.outcome = { kind: 'returned', value }
      return value
    } catch (error) {
      call.outcome = { kind: 'threw', error }
      throw error
    } finally {
      call.after = scene.keys()
      call.sentAfter = scene.sentCount()
      call.endedMs = performance.now()
    }
  }
  return variantOf(lock, {
    acquire: (context) => listen('acquire', () => lock.acquire(context)),
    release: (context, lease) => listen('release', () => lock.release(context, lease)),
  })
}
