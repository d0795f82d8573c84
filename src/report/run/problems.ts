/** The cells of a run that are not as expected, as problems. */
import { nameOf } from '../../check/rank.ts'
import { checkOf } from '../../check/registry.ts'
import { isAllowed } from '../../scenario/expectation.ts'
import type { Cell, ReportMaterial } from '../../scenario/report.ts'
import { replayCommand } from '../../text/replay-command.ts'
import type { CellWord } from '../../text/status-word.ts'
import type { Story } from '../../world/story-data.ts'
import { guiltyLine } from '../surface/guilty-line.ts'
import type { Problem, Problems } from '../surface/problem.ts'
import { cellWord, expectationText, findingText } from './cell-words.ts'
import { worstFirst } from './matrix.ts'
import { totalsText } from './terminal.ts'

export function runProblems({ report, scenarios, histories }: ReportMaterial): Problems {
  const unexpected = worstFirst(report.cells.filter((cell) => !cell.asExpected))
  const word: CellWord = unexpected[0] === undefined ? 'valid' : cellWord(unexpected[0])
  return {
    problems: unexpected.flatMap((cell) =>
      problemsOf(
        cell,
        (scenarios.get(cell.scenario)?.faults ?? []).map(({ en }) => en),
        histories.get(`${cell.scenario}/${cell.lock}`),
      ),
    ),
    statement: totalsText(report).join(' '),
    word,
  }
}

function problemsOf(cell: Cell, storm: readonly string[], story: Story | undefined): readonly Problem[] {
  const { scenario, lock, replayWith = [], expected } = cell
  const file = replayWith[replayWith.indexOf('--lock') + 1]
  const common = {
    subject: `${lock} in ${scenario}`,
    file: replayWith.includes('--lock') && file !== undefined ? file : null,
    line: null,
    storm,
    cures: [],
    accepted: null,
  }
  const violations = cell.violations.filter((violation) => !isAllowed(expected, violation))
  if (violations.length > 0) {
    const shown = story?.token ?? cell.violations[0]?.token
    return violations.map((violation) => ({
      ...common,
      // Other violations were seen in other worlds than the one that is drawn.
      ...(story !== undefined && violation.token === shown ? guiltyLine(story, violation) : null),
      rule: violation.property,
      heading: checkOf(violation.property).heading,
      kind: violation.kind,
      weight: violation.weight,
      cause: nameOf(violation).cause,
      sentence: violation.sentence,
      why: violation.why,
      replay: replayCommand(violation.token, replayWith),
    }))
  }
  return [
    {
      ...common,
      rule: 'verdict',
      heading: 'not as expected',
      kind: 'bug',
      weight: 'untrue',
      cause: cell.verdict,
      sentence: `expected ${expectationText(expected)}, found ${findingText(cell)}`,
      why: 'The scenario says what must come of it.',
      replay: '',
    },
  ]
}
