/**
 * The text for coding agents: what fails, a block each with everything that is needed to mend it, and one line at the end. No
 * colours, no pictures, nothing that passed.
 */
import { visible } from '../../text/escape.ts'
import { failing, type Problem, type Problems } from './problem.ts'

/** Renders it; no newline at the end. */
export function agentText(problems: Problems): string {
  const failed = failing(problems)
  const accepted = problems.problems.length - failed.length
  const last = `${failed.length} failing, ${accepted} accepted. ${visible(problems.statement)}`
  return [...failed.map(block), last].join('\n\n')
}

function block({ subject, file, line, rule, kind, cause, sentence, why, storm, cures, replay }: Problem): string {
  const lines: readonly (readonly [string, string])[] = [
    ['FAIL', `${subject}: ${rule} (${kind}: ${cause})`],
    ['file', `${file ?? ''}${line === null ? '' : `:${line}`}`],
    ['what', sentence],
    ['why', why],
    ['storm', storm.length === 0 ? 'no fault' : storm.join('; ')],
    ['fix', cures.join('; ')],
    ['again', replay],
  ]
  return lines
    .filter(([, text]) => text !== '')
    .map(([name, text]) => `${name} ${visible(text)}`)
    .join('\n')
}
