/**
 * What a check is: a pure function from one world's history to the violations of one property. One property a file;
 * `registry.ts` joins them.
 */
import type { History } from '../history/history.ts'
import type { SubjectKinds } from '../subject/subject.ts'
import type { PropertyName, Violation, Weight } from './verdict.ts'

/** One property. */
export interface Check {
  readonly name: PropertyName
  /** A violation of it, as the beginning of a sentence: `mutual exclusion violated`. */
  readonly heading: string
  /** How much a violation of it matters. */
  readonly weight: Weight
  /** One line for `lockstorm list properties`. */
  readonly summary: string
  /** What it is judged on: a lock's world, a session store's, a queue's, an election's, a read-write lock's. */
  readonly subjects: readonly (keyof SubjectKinds)[]
  /** Only web applications say what it is judged on: of a session store reports must not claim that it was kept. */
  readonly isForApps?: boolean
  /** It says nothing where several clients may hold at once: their tokens share one key, and they share what it protects. */
  readonly isForOneHolder?: true
  /** @param undecided told, with the reason, when the check gave up before it knew */
  run(history: History, undecided?: (reason: string) => void): readonly Violation[]
}
