/**
 * What a check is: a pure function from one world's history to the violations of one property. One property a file;
 * `registry.ts` joins them.
 */
import type { History } from '../history/history.ts'
import type { Rules } from '../history/rules.ts'
import type { Violation } from './verdict.ts'

export type { Rules } from '../history/rules.ts'

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
