/**
 * What a run's cells are worth as an exit code.
 *
 *   a bug of ours > something is not as expected > nothing was found out > everything as expected
 */
import type { Cell } from '../scenario/report.ts'
import { EXIT, type ExitCode } from './exit-code.ts'

export type Outcome = 'fine' | 'failed' | 'inconclusive' | 'bug'

/** What one cell is worth. */
export function outcomeOf(cell: Cell): Outcome {
  if (cell.bug !== undefined) return 'bug'
  if (cell.asExpected) return 'fine'
  return cell.verdict === 'unknown' || cell.verdict === 'vacuous' ? 'inconclusive' : 'failed'
}

/** The exit code of a run that ended by itself. */
export function exitCodeOf(cells: readonly Cell[], isUnknownOk: boolean): ExitCode {
  const outcomes = new Set(cells.map(outcomeOf))
  if (outcomes.has('bug')) return EXIT.bug
  if (outcomes.has('failed')) return EXIT.violated
  return outcomes.has('inconclusive') && !isUnknownOk ? EXIT.inconclusive : EXIT.ok
}
