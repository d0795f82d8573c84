/**
 * The cells of a report as tables, scenario × lock, worst first.
 *
 * Locks and session stores are never in one scenario together: a single table of both would be half empty. So each
 * set of scenarios and subjects that hang together becomes a table of its own.
 *
 * Invariants
 * - Every cell is in exactly one table.
 * - The order depends on verdicts first, then on the order of the report: two equal reports give equal tables.
 */
import type { Cell, Report } from '../../scenario/report.ts'
import { CELL_WORDS } from '../../text/status-word.ts'
import { cellWord } from './cell-words.ts'

export interface Matrix {
  readonly workloads: readonly string[]
  /** Rows, worst first. */
  readonly scenarios: readonly string[]
  /** Columns, worst first. */
  readonly locks: readonly string[]
  /** The cell of a row and a column, if there is one. */
  cell(scenario: string, lock: string): Cell | undefined
}

/** How bad a cell is: what was not expected is worse than everything that was. */
export function severity(cell: Cell): number {
  return CELL_WORDS.length - CELL_WORDS.indexOf(cellWord(cell)) + (cell.asExpected ? 0 : 10)
}

/** Cells worst first; equals keep their order. */
export function worstFirst(cells: readonly Cell[]): readonly Cell[] {
  return [...cells].sort((a, b) => severity(b) - severity(a) || cells.indexOf(a) - cells.indexOf(b))
}

/** The tables of a report, in the order of their first cells. */
export function matrices(report: Pick<Report, 'cells'>): readonly Matrix[] {
  const groups: Cell[][] = []
  for (const cell of report.cells) {
    const touching = groups.filter((group) =>
      group.some(({ scenario, lock }) => scenario === cell.scenario || lock === cell.lock),
    )
    const target = touching[0]
    if (target === undefined) {
      groups.push([cell])
      continue
    }
    for (const other of touching.slice(1)) target.push(...groups.splice(groups.indexOf(other), 1)[0]!)
    target.push(cell)
  }
  return groups.map(matrixOf)
}

function matrixOf(cells: readonly Cell[]): Matrix {
  const byKey = new Map(cells.map((cell) => [`${cell.scenario}\u0000${cell.lock}`, cell]))
  return {
    workloads: [...new Set(cells.map(({ workload }) => workload))],
    scenarios: namesWorstFirst(cells, ({ scenario }) => scenario),
    locks: namesWorstFirst(cells, ({ lock }) => lock),
    cell: (scenario, lock) => byKey.get(`${scenario}\u0000${lock}`),
  }
}

/** Rows (or columns) by their worst cell, then by how many cells are as bad, then the next worst, and so on. */
function namesWorstFirst(cells: readonly Cell[], nameOf: (cell: Cell) => string): readonly string[] {
  const severities = new Map<string, number[]>()
  for (const cell of cells) {
    const list = severities.get(nameOf(cell))
    if (list === undefined) severities.set(nameOf(cell), [severity(cell)])
    else list.push(severity(cell))
  }
  const rows = [...severities].map(([name, list], index) => ({ name, index, list: list.sort((a, b) => b - a) }))
  rows.sort((a, b) => {
    for (let i = 0; i < Math.min(a.list.length, b.list.length); i += 1) {
      const difference = b.list[i]! - a.list[i]!
      if (difference !== 0) return difference
    }
    return b.list.length - a.list.length || a.index - b.index
  })
  return rows.map(({ name }) => name)
}
