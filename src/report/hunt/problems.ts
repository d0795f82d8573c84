/** The findings of a hunt as problems, each consequence after the finding that it came with. */
import { nameOf } from '../../check/rank.ts'
import { checkOf } from '../../check/registry.ts'
import { replayCommand } from '../../text/replay-command.ts'
import type { Story } from '../../world/story-data.ts'
import { guiltyLine, type Site } from '../surface/guilty-line.ts'
import type { Problem, Problems } from '../surface/problem.ts'
import type { Consequence, HuntReport, HuntViolation } from './hunt-report.ts'
import { huntWord } from './sentences.ts'

/** @param stories of the first violations, in their order */
export const huntProblems = (report: HuntReport, stories: readonly (Story | null)[]): Problems => ({
  problems: report.violations.flatMap((violation, index) => {
    const story = stories[index] ?? null
    return [
      problemOf(violation, violation, report, story === null ? null : guiltyLine(story, violation)),
      // Seen in storms of their own, which are not drawn.
      ...violation.consequences.map((consequence) => problemOf(consequence, violation, report, null)),
    ]
  }),
  statement: `${report.lock}: ${report.statement}`,
  word: huntWord(report),
})

/** @param worse the finding that it came with; the same when it came by itself */
function problemOf(
  told: HuntViolation | Consequence,
  worse: HuntViolation,
  { lock, replayWith }: HuntReport,
  site: Site | null,
): Problem {
  const { property, kind, weight, sentence, why, token, accepted } = told
  return {
    subject: lock,
    file: site?.file ?? replayWith[1] ?? null,
    line: site?.line ?? null,
    rule: property,
    heading: checkOf(property).heading,
    kind,
    weight,
    cause: nameOf(told).cause,
    sentence,
    why,
    storm: worse.story,
    cures: worse.cures.filter(({ outcome }) => outcome === 'cured').map(({ advice }) => advice),
    replay: token === '' ? '' : replayCommand(token, replayWith),
    accepted,
  }
}
