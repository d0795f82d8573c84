/**
 * What the cells of a run are worth.
 *
 *   something is not as expected > nothing was found out > everything as expected
 */
import type { Cell } from '../../scenario/report.ts'

export type CellOutcome = 'fine' | 'failed' | 'inconclusive'

/** What one cell is worth. */
export function outcomeOf(cell: Cell): CellOutcome {
  if (cell.asExpected) return 'fine'
  return cell.verdict === 'unknown' || cell.verdict === 'vacuous' ? 'inconclusive' : 'failed'
}

/** What the cells of a run that ended by itself are worth. */
export function outcomeOfAll(cells: readonly Cell[], isUnknownOk: boolean): CellOutcome {
  const outcomes = new Set(cells.map(outcomeOf))
  if (outcomes.has('failed')) return 'failed'
  return outcomes.has('inconclusive') && !isUnknownOk ? 'inconclusive' : 'fine'
}
