/**
 * `code-quality.json`: GitLab's code quality report, which merge requests compare with that of their target.
 *
 * Source: https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format
 */
import type { Weight } from '../../check/verdict.ts'
import { jsonText } from '../json.ts'
import { adviceOf, fingerprintOf, type Problem, type Problems, portablePath } from './problem.ts'

type Severity = 'info' | 'minor' | 'major' | 'critical' | 'blocker'

const SEVERITIES: Readonly<Record<Weight, Severity>> = {
  harm: 'blocker',
  'blocked-for-ever': 'critical',
  'blocked-until-expiry': 'major',
  untrue: 'minor',
  slow: 'minor',
}

/** The text of the file: what is accepted is there, as information. */
export const codeQuality = ({ problems }: Problems): string => jsonText(problems.map(entry))

const entry = (problem: Problem) => ({
  description: `${problem.heading}: ${problem.sentence}. ${adviceOf(problem)}`,
  check_name: problem.rule,
  fingerprint: fingerprintOf(problem),
  severity: problem.accepted === null && problem.kind === 'bug' ? SEVERITIES[problem.weight] : 'info',
  // A place is demanded, also where it is not known which line is to blame.
  location: { path: portablePath(problem.file ?? problem.subject), lines: { begin: problem.line ?? 1 } },
})
