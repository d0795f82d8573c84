/**
 * `badge.json`: a badge for a README, by the endpoint of shields.io.
 *
 * Source: https://shields.io/badges/endpoint-badge
 */
import { counted } from '../../text/time.ts'
import { jsonText } from '../json.ts'
import { failing, type Problems } from './problem.ts'

/** The text of the file. */
export function badge(problems: Problems): string {
  const count = failing(problems).length
  const { word } = problems
  const isUnknown = count === 0 && (word === 'unknown' || word === 'vacuous')
  return jsonText({
    schemaVersion: 1,
    label: 'lockstorm',
    message: isUnknown ? word : count === 0 ? 'survives' : counted(count, 'finding'),
    // Not green and red: the same colours as in the report.
    color: isUnknown ? '#e69f00' : count === 0 ? '#0072b2' : '#d55e00',
  })
}
