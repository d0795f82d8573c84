/**
 * JUnit XML of a hunt: the suite is the lock, a case is a property that was judged.
 *
 *   violated            → failure, with the text of each finding and of each consequence of a worse one; also a limit,
 *                         unless that was said to be all right or the project lives with it
 *   not found violated  → passed; skipped when the hunt does not know: limits were reached, nothing was exercised, or
 *                         there were more findings than were told
 *
 * Names hold no seed and no token, so that a CI server recognises a case from run to run.
 */

import { findingKey, keyOf } from '../../check/rank.ts'
import { checkOf } from '../../check/registry.ts'
import type { PropertyName } from '../../check/verdict.ts'
import { assertNever } from '../../sim/assert.ts'
import { replayCommand } from '../../text/replay-command.ts'
import { counted } from '../../text/time.ts'
import { failureText } from '../failure.ts'
import { judgedProperties } from '../judged-properties.ts'
import { type JunitCase, type JunitSuite, junitXml } from '../junit-xml.ts'
import type { Consequence, HuntReport, KeptStorm } from './hunt-report.ts'
import { type HuntFinding, type HuntMaterial, huntFindings } from './material.ts'
import { cureText, foundText } from './sentences.ts'

/** The text of `junit.xml`. */
export const huntJunit = (material: HuntMaterial): string => junitXml(huntCases(material))

/** Its suite. */
export function huntCases(material: HuntMaterial): readonly JunitSuite[] {
  const { report } = material
  const findings = huntFindings(material)
  const [workload = ''] = Object.keys(report.bases[0]?.plan.workload ?? {})
  const violations = findings.flatMap(({ violation }): { readonly property: PropertyName }[] => [
    violation,
    ...violation.consequences,
  ])
  const properties = judgedProperties({ workload, violations: violations as never })
  // What no check judges (a worker that was lost) was found all the same.
  const found = [...new Set(violations.map(({ property }) => property))].filter((name) => !properties.includes(name))
  const cases = [...properties, ...found].map((property) => caseOf(property, findings, report))
  return [{ name: report.lock, cases: [...report.replays.map((replay) => replayCase(replay, report)), ...cases] }]
}

/** A replay that the project keeps, by its file. */
function replayCase({ file, finding, status }: KeptStorm, { violations }: HuntReport): JunitCase {
  const name = `replay ${file}`
  const { property: type } = finding
  const heading = checkOf(finding.property).heading
  const isAccepted = violations
    .flatMap((violation) => [violation, ...violation.consequences])
    .some((violation) => findingKey(violation) === keyOf(finding) && violation.accepted !== null)
  switch (status) {
    case 'gone':
      return { name, type, outcome: 'passed', message: '', text: '' }
    case 'not-run':
      return { name, type, outcome: 'skipped', message: 'unknown: the hunt ended before it was run', text: '' }
    case 'lost':
    case 'there': {
      const message = `${heading}: ${status === 'lost' ? 'no worker survives its storm' : 'its finding is still there'}`
      return { name, type, outcome: isAccepted ? 'passed' : 'failure', message, text: message }
    }
    default:
      return assertNever(status)
  }
}

function caseOf(property: PropertyName, findings: readonly HuntFinding[], report: HuntReport): JunitCase {
  const own = findings.filter(({ violation }) => violation.property === property)
  const alongside = findings.flatMap((finding) =>
    finding.violation.consequences
      .filter((consequence) => consequence.property === property)
      .map((consequence) => ({ finding, violation: consequence })),
  )
  const all = [...own, ...alongside]
  const [first] = all
  if (first !== undefined) {
    const texts = [
      ...own.map((finding) => textOf(finding, report)),
      ...alongside.map(({ finding, violation }) => consequenceText(violation, finding, report)),
    ]
    const more = all.length === 1 ? '' : ` (and ${counted(all.length - 1, 'more finding')})`
    const message = `${checkOf(property).heading}: ${first.violation.sentence}${more}`
    const isAccepted = all.every(({ violation }) => violation.accepted !== null)
    const why = [...new Set(all.map(({ violation }) => violation.accepted))].join(', ')
    return isAccepted
      ? { name: property, type: property, outcome: 'passed', message, text: `${why}\n${texts.join('\n\n')}` }
      : { name: property, type: property, outcome: 'failure', message, text: texts.join('\n\n') }
  }
  const doubt = doubtOf(report)
  return doubt === null
    ? { name: property, type: property, outcome: 'passed', message: '', text: '' }
    : { name: property, type: property, outcome: 'skipped', message: doubt, text: '' }
}

/** Why a property without a finding is not known to hold; null: it was not found violated in any storm. */
function doubtOf({ verdict, storms, moreViolations }: HuntReport): string | null {
  const { unknown } = storms.byVerdict
  if (unknown > 0) return `unknown: ${counted(unknown, 'storm')} reached a limit`
  if (verdict === 'vacuous') return 'vacuous: nothing was exercised'
  if (verdict === 'unknown') return 'unknown: no storm was run'
  return moreViolations > 0 ? `unknown: ${counted(moreViolations, 'finding')} more were not told` : null
}

const textOf = ({ violation, story }: HuntFinding, report: HuntReport): string =>
  failureText({
    violation,
    story,
    replayWith: report.replayWith,
    subject: report.lock,
    found: foundText(report, violation),
    ...cureText(violation),
  })

const consequenceText = (
  { property, sentence, why, token }: Consequence,
  { number, violation: worse }: HuntFinding,
  { replayWith }: HuntReport,
): string =>
  `✗ ${checkOf(property).heading}: ${sentence}, in the storm of finding ${number} (${checkOf(worse.property).heading}), too\n${why}\nreplay    ${replayCommand(token, replayWith)}`
