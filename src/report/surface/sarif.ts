/**
 * `results.sarif`: SARIF 2.1.0, for code scanning. A result is at the file of the lock; what is accepted is there as suppressed.
 *
 * Source: https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
 */
import { checkOf } from '../../check/registry.ts'
import { PROPERTIES } from '../../check/verdict.ts'
import { jsonText } from '../json.ts'
import { adviceOf, fingerprintOf, type Problem, type Problems, portablePath } from './problem.ts'

/** The text of the file. */
export function sarif({ problems }: Problems, engine: string): string {
  const names = [...new Set(problems.map(({ rule }) => rule))]
  const rules = names.map((id) => ({ id, shortDescription: { text: summaryOf(id) } }))
  return jsonText({
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: { driver: { name: 'lockstorm', semanticVersion: `${engine}.0.0`, rules } },
        results: problems.map((problem) => resultOf(problem, names)),
      },
    ],
  })
}

function summaryOf(rule: string): string {
  const property = PROPERTIES.find((name) => name === rule)
  return property === undefined ? 'a cell is as its scenario expects' : checkOf(property).summary
}

const resultOf = (problem: Problem, names: readonly string[]) => ({
  ruleId: problem.rule,
  ruleIndex: names.indexOf(problem.rule),
  level: problem.accepted === null ? (problem.kind === 'bug' ? 'error' : 'warning') : 'note',
  message: { text: `${problem.subject}: ${problem.sentence}. ${adviceOf(problem)}` },
  ...(problem.file === null
    ? {}
    : {
        locations: [
          {
            physicalLocation: {
              artifactLocation: { uri: portablePath(problem.file).split('/').map(encodeURIComponent).join('/') },
              // Code scanning demands a line, also where it is not known which one is to blame.
              region: { startLine: problem.line ?? 1 },
            },
          },
        ],
      }),
  partialFingerprints: { 'lockstormFinding/v1': fingerprintOf(problem) },
  ...(problem.accepted === null
    ? {}
    : { suppressions: [{ kind: 'external', justification: `accepted: ${problem.accepted}` }] }),
})
