/**
 * What the user got wrong: a scenario, a flag, a token, a lock file. It says where, what was expected, and how to
 * mend it; the CLI prints it and exits with 64.
 *
 * Its message quotes names that may hold what a terminal obeys: all of it can be seen.
 */
import { visibleLines } from './visible.ts'

export class UsageError extends Error {
  override readonly name = 'UsageError'
  /** File with line and column, flag, or function. */
  readonly place: string
  /** What is wrong there. */
  readonly problem: string
  /** What to do about it; empty when the message says it. */
  readonly fix: string

  constructor(place: string, problem: string, fix = '', options?: { readonly cause?: unknown }) {
    super(visibleLines(`${place}: ${problem}${fix === '' ? '' : `\n  fix: ${fix}`}`), options)
    this.place = place
    this.problem = problem
    this.fix = fix
  }
}
