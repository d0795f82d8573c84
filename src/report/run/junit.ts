/**
 * JUnit XML: a suite is a scenario, a case is a property of a lock in it.
 *
 *   not as expected → failure, with the text of the violation
 *   as expected     → passed, with the same text as its output
 *   unknown         → skipped, with the limit that was hit; vacuous, unless expected, too: nothing was tested
 *
 * Names hold no seed and no token, so that a CI server recognises a case from run to run.
 */

import { checkOf } from '../../check/registry.ts'
import type { PropertyName } from '../../check/verdict.ts'
import { demandedKind, isAllowed } from '../../scenario/expectation.ts'
import type { Cell, ReportMaterial } from '../../scenario/report.ts'
import { failureText } from '../failure.ts'
import { judgedProperties } from '../judged-properties.ts'
import { type JunitCase, type JunitSuite, junitXml } from '../junit-xml.ts'
import { expectationText, findingText } from './cell-words.ts'
import { shownStory } from './shown-story.ts'

/** The text of `junit.xml`. */
export const reportJunit = (material: ReportMaterial): string => junitXml(reportCases(material))

/** Its suites. */
export function reportCases(material: ReportMaterial): readonly JunitSuite[] {
  const byScenario = new Map<string, JunitCase[]>()
  for (const cell of material.report.cells) {
    const cases = byScenario.get(cell.scenario) ?? []
    cases.push(...casesOf(cell, material))
    byScenario.set(cell.scenario, cases)
  }
  return [...byScenario].map(([name, cases]) => ({ name, cases }))
}

function casesOf(cell: Cell, material: ReportMaterial): readonly JunitCase[] {
  const cases: JunitCase[] = judgedProperties(cell).map((property) => ({
    name: `${cell.lock}: ${property}`,
    type: property,
    ...outcomeOf(cell, property, material),
  }))
  if (cell.asExpected || cases.some(({ outcome }) => outcome !== 'passed')) return cases
  return [...cases, verdictCase(cell)]
}

/** The whole cell, for a verdict that no property can be blamed for: `vacuous` was expected and it was valid. */
function verdictCase(cell: Cell): JunitCase {
  const message = `expected ${expectationText(cell.expected)}, found ${findingText(cell)}`
  return { name: `${cell.lock}: verdict`, type: 'verdict', outcome: 'failure', message, text: message }
}

function outcomeOf(cell: Cell, property: PropertyName, material: ReportMaterial): Omit<JunitCase, 'name' | 'type'> {
  const { expected, verdict } = cell
  const violation = cell.violations.find((one) => one.property === property)
  const expectedKind = demandedKind(expected, property)
  if (violation !== undefined) {
    const text = failureText({
      violation,
      story: shownStory(material, cell, violation),
      ...(cell.replayWith === undefined ? {} : { replayWith: cell.replayWith }),
      subject: `${cell.lock} in ${cell.scenario}`,
      found: `${cell.violatedWorlds} of ${cell.worlds} worlds`,
    })
    const message = `${checkOf(property).heading}: ${violation.sentence}`
    if (isAllowed(expected, violation)) return { outcome: 'passed', message, text: `as expected\n${text}` }
    const wanted = expectedKind === undefined ? expectationText(expected) : `${property} (${expectedKind})`
    return { outcome: 'failure', message, text: `${text}\n  expected  ${wanted}` }
  }
  if (verdict === 'unknown' || (verdict === 'vacuous' && expected !== 'vacuous')) {
    return { outcome: 'skipped', message: `${verdict}: ${cell.detail}`, text: '' }
  }
  if (expectedKind !== undefined) {
    const message = `expected ${property} (${expectedKind}), found no such violation in ${cell.worlds} worlds`
    return { outcome: 'failure', message, text: message }
  }
  return { outcome: 'passed', message: '', text: '' }
}
