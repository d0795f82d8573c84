/**
 * `ctrf.json`: the Common Test Report Format. The tests are the cases of `junit.xml`; times are those of the run, as in `meta.json`,
 * and a single case has none.
 *
 * Source: https://ctrf.io
 */
import { jsonText, type ReportMeta } from '../json.ts'
import type { JunitCase, JunitSuite } from '../junit-xml.ts'

const STATUSES = { passed: 'passed', failure: 'failed', skipped: 'skipped' } as const

/** The text of the file. */
export function ctrf(suites: readonly JunitSuite[], { startedAt, elapsedMs, lockstorm }: ReportMeta): string {
  const cases = suites.flatMap((suite) => suite.cases.map((one) => ({ suite: suite.name, one })))
  const count = (outcome: JunitCase['outcome']): number => cases.filter(({ one }) => one.outcome === outcome).length
  const start = Date.parse(startedAt)
  return jsonText({
    reportFormat: 'CTRF',
    specVersion: '0.0.0',
    results: {
      tool: { name: 'lockstorm', version: lockstorm },
      summary: {
        tests: cases.length,
        passed: count('passed'),
        failed: count('failure'),
        pending: 0,
        skipped: count('skipped'),
        other: 0,
        start,
        stop: start + elapsedMs,
      },
      tests: cases.map(({ suite, one }) => ({
        name: one.name,
        status: STATUSES[one.outcome],
        duration: 0,
        suite: [suite],
        ...(one.message === '' ? {} : { message: one.message }),
        ...(one.text === '' ? {} : { trace: one.text }),
      })),
    },
  })
}
