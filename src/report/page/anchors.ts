/**
 * The ids of the HTML report: one for each scenario and cell, made of their names, and one for each token.
 *
 * Invariants
 * - No id is given twice, whatever the names are, and the same report gives the same ids.
 * - A token of lockstorm is its own id, so that `index.html#L1.3kQz9vX0b7` can be written without reading the report.
 */

import type { Cell, Report } from '../../scenario/report.ts'
import { safeFileName } from '../../text/file-name.ts'

export interface Anchors {
  scenario(name: string): string
  cell(cell: Pick<Cell, 'scenario' | 'lock'>): string
  /** The cell whose section carries the token's id; null when no section does. */
  token(token: string): { readonly id: string; readonly cellId: string } | null
}

/** Gives out all ids of a report. */
export function createAnchors(report: Pick<Report, 'cells'>): Anchors {
  const unique = uniqueIds(['main', 'results', 'unexpected', 'how-to-read'])
  const scenarios = new Map<string, string>()
  const cells = new Map<string, string>()
  const tokens = new Map<string, { readonly id: string; readonly cellId: string }>()
  for (const cell of report.cells) {
    if (!scenarios.has(cell.scenario)) scenarios.set(cell.scenario, unique(`in-${safeFileName(cell.scenario)}`))
    cells.set(keyOf(cell), unique(`${safeFileName(cell.scenario)}--${safeFileName(cell.lock)}`))
  }
  for (const cell of report.cells) {
    const cellId = cells.get(keyOf(cell))!
    for (const { token } of cell.violations) {
      if (!tokens.has(token)) tokens.set(token, { id: unique(tokenId(token)), cellId })
    }
  }
  return {
    scenario: (name) => scenarios.get(name)!,
    cell: (cell) => cells.get(keyOf(cell))!,
    token: (token) => tokens.get(token) ?? null,
  }
}

const keyOf = ({ scenario, lock }: Pick<Cell, 'scenario' | 'lock'>): string => `${scenario}\u0000${lock}`

/** The id that a token has in a page: itself, when it is one of ours. */
export const tokenId = (token: string): string => (/^[\w.-]+$/.test(token) ? token : `token-${safeFileName(token)}`)

/** Gives out ids, none of them twice: one that is taken gets a number behind it. */
export function uniqueIds(reserved: readonly string[]): (wanted: string) => string {
  const taken = new Set(reserved)
  return (wanted) => {
    let id = wanted
    for (let n = 2; taken.has(id); n += 1) id = `${wanted}.${n}`
    taken.add(id)
    return id
  }
}
