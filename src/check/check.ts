/**
 * What a check is: a pure function from one world's history to the violations of one property. One property a file;
 * `registry.ts` joins them.
 */
import type { History } from '../history/history.ts'
import type { Violation } from './verdict.ts'

/** What the checks must know besides the history. */
export interface Rules {
  /** The lease that locks ask for (or the session's time to live), ms. */
  readonly ttlMs: number
  /** Whether the resource refuses a fencing token that is lower than one it has seen. */
  readonly checkFence: boolean
  /** How long a key may outlive its believers while its owner is alive and was told that it does not have it, µs. */
  readonly orphanUs: number
  /** What can be broken in what the clients do; missing: whatever is judged on the subject. */
  readonly properties?: readonly Violation['property'][]
  /** How often a waiter may be overtaken by somebody who came later; missing: not judged. */
  readonly bypassesMax?: number
  /** For a cache: whether the writer takes the lock too. */
  readonly isWriterLocked?: boolean
}

/** One property. */
export interface Check {
  readonly name: Violation['property']
  /** One line for `lockstorm list properties`. */
  readonly summary: string
  /** What it is judged on: a lock's world or a session store's. */
  readonly subjects: readonly ('lock' | 'session')[]
  /** Only web applications say what it is judged on: of a session store nobody may be told that it was kept. */
  readonly isForApps?: boolean
  /** @param undecided told, with the reason, when the check gave up before it knew */
  run(history: History, rules: Rules, undecided?: (reason: string) => void): readonly Violation[]
}
