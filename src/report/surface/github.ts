/**
 * Annotations of GitHub Actions: lines on the log that GitHub shows at the file, in the summary of the run and in the pull request.
 *
 * Source: https://docs.github.com/en/actions/reference/workflow-commands-for-github-actions
 *
 * Invariants
 * - At most ten, as many as GitHub shows of a step; the last one says how many more there are.
 */
import { counted } from '../../text/time.ts'
import { adviceOf, failing, type Problem, type Problems, portablePath } from './problem.ts'

const ANNOTATIONS_MAX = 10

/** The lines; none: nothing fails. */
export function githubAnnotations(problems: Problems): readonly string[] {
  const all = failing(problems)
  const isCut = all.length > ANNOTATIONS_MAX
  const lines = all.slice(0, isCut ? ANNOTATIONS_MAX - 1 : ANNOTATIONS_MAX).map(annotation)
  if (!isCut) return lines
  const left = counted(all.length - ANNOTATIONS_MAX + 1, 'more finding')
  return [...lines, `::error title=${property('lockstorm')}::${message(`… and ${left}: see the step summary`)}`]
}

function annotation(problem: Problem): string {
  const { subject, file, line, heading, sentence, replay } = problem
  const at = line === null ? '' : `line=${line},`
  const place = file === null ? '' : `file=${property(portablePath(file))},${at}`
  const text = [sentence, adviceOf(problem), ...(replay === '' ? [] : [replay])].join('\n')
  return `::error ${place}title=${property(`${subject}: ${heading}`)}::${message(text)}`
}

const message = (text: string): string => text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A')

const property = (text: string): string => message(text).replaceAll(':', '%3A').replaceAll(',', '%2C')
