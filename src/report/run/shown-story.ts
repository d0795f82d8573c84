/**
 * Which picture belongs to which violation.
 *
 * A cell shows one world. Another of its violations may have been seen in another world: its times mean nothing in the
 * picture, so it is told without one.
 */
import type { Cell, ReportedViolation, ReportMaterial } from '../../scenario/report.ts'
import type { Story } from '../../world/story-data.ts'

/** The story kept for a cell, if there is one. */
export function storyOfCell(material: ReportMaterial, cell: Pick<Cell, 'scenario' | 'lock'>): Story | null {
  return material.histories.get(`${cell.scenario}/${cell.lock}`) ?? null
}

/** The story in which a violation happened, or null when only another world is kept. */
export function shownStory(material: ReportMaterial, cell: Cell, violation: ReportedViolation): Story | null {
  const story = storyOfCell(material, cell)
  if (story === null) return null
  const shownToken = story.token ?? cell.violations[0]?.token
  return violation.token === shownToken ? story : null
}

/** The violations of the world that is shown, and those of other worlds, each worst first. */
export function violationsByWorld(
  material: ReportMaterial,
  cell: Cell,
): { readonly shown: readonly ReportedViolation[]; readonly elsewhere: readonly ReportedViolation[] } {
  const shown = cell.violations.filter((violation) => shownStory(material, cell, violation) !== null)
  return { shown, elsewhere: cell.violations.filter((violation) => !shown.includes(violation)) }
}
