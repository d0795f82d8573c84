/** The files of a report for other tools: CTRF, GitLab, SARIF, a badge. */
import type { ReportFile } from '../folder.ts'
import type { ReportMeta } from '../json.ts'
import type { JunitSuite } from '../junit-xml.ts'
import { badge } from './badge.ts'
import { codeQuality } from './code-quality.ts'
import { ctrf } from './ctrf.ts'
import type { Problems } from './problem.ts'
import { sarif } from './sarif.ts'

export const surfaceFiles = (
  problems: Problems,
  cases: readonly JunitSuite[],
  engine: string,
  meta: ReportMeta,
): readonly ReportFile[] => [
  ['ctrf.json', ctrf(cases, meta)],
  ['code-quality.json', codeQuality(problems)],
  ['results.sarif', sarif(problems, engine)],
  ['badge.json', badge(problems)],
]
