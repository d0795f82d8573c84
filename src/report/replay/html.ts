/** A replay as a page: its world with every event, and what was violated in it. */
import { stringify } from 'yaml'
import type { WrittenPlan } from '../../scenario/plan-file.ts'
import { replayCommand } from '../../text/replay-command.ts'
import type { CellWord } from '../../text/status-word.ts'
import { tellViolation } from '../../words/told-violation.ts'
import { ENGINE_VERSION } from '../../world/engine-version.ts'
import { EMPTY_PAGE, type PageStory } from '../page/page-data.ts'
import { adviceIn, nodesText, pageViolation } from '../page/page-violation.ts'
import { type StoryPage, storyPage } from '../page/story-page.ts'
import type { ToldReplay } from './terminal.ts'

/**
 * The text of the page.
 * @param files what the replay was given besides the token: the files that did not come with lockstorm
 */
export const replayHtml = (told: ToldReplay, files: readonly string[]): string => storyPage(replayPage(told, files))

/** What the page is made of. */
export function replayPage({ report, origin, story }: ToldReplay, files: readonly string[]): StoryPage {
  const { verdict, token, subject, scenario, redis, client, seed, nodes, historyHash } = report
  const violations = verdict.status === 'violated' ? verdict.violations.map(tellViolation) : []
  const word: CellWord = verdict.status === 'violated' ? (violations[0]?.kind ?? 'bug') : verdict.status
  const only: PageStory = {
    id: token,
    subject,
    place: scenario === '' ? origin : scenario,
    word,
    isExpected: true,
    violations: violations.map((violation) => pageViolation(violation, token)),
    world: story === null ? null : 0,
    cured: null,
    advice: violations[0] === undefined ? null : adviceIn(violations[0]),
    cures: [],
    storm: faultsIn(report.storm).map((fault) => ({
      words: stringify(fault, { collectionStyle: 'flow', lineWidth: 0 }).trimEnd(),
      note: '',
    })),
    facts: nodes === 1 ? [] : [nodesText(nodes)],
    told: '',
    replay: replayCommand(token, files),
    files: [],
    pitfalls: [],
  }
  return {
    data: {
      ...EMPTY_PAGE,
      kind: 'replay',
      engine: ENGINE_VERSION,
      title: `${subject} in ${origin}`,
      facts: [
        ['Seed', seed],
        ['Redis', redis],
        ['Client', client],
        ['History', historyHash],
      ],
      stories: [only],
      footer: 'The same replay gives the same page, byte for byte.',
    },
    worlds: story === null ? [] : [story],
  }
}

/** As scenario files write them. */
const faultsIn = ({ faults }: WrittenPlan): readonly unknown[] => (Array.isArray(faults) ? faults : [])
