/**
 * `index.html` of a hunt: the worst finding as a story, the others to be opened, and what was tried.
 *
 * Invariants
 * - The anchor of a finding is its token, so that `index.html#L1.3kQz9vX0b7` can be written without reading the report; of
 *   two findings in one storm the worse has it.
 */
import { stringify } from 'yaml'
import { REPAIRS } from '../../explore/repair.ts'
import { fenced } from '../../lock/fenced.ts'
import { pitfallsLike } from '../../pitfall/causes.ts'
import { label } from '../../pitfall/registry.ts'
import { faultWords } from '../../scenario/fault-words.ts'
import { readFault } from '../../scenario/plan-file.ts'
import { subjectCode } from '../../subject/node/subject-code.ts'
import { type InLanguages, inLanguages } from '../../text/language.ts'
import { type DiffLine, lineDiff } from '../../text/line-diff.ts'
import { replayCommand } from '../../text/replay-command.ts'
import { sentenceCase } from '../../text/sentence-case.ts'
import { STATUS_WORDS, symbolOf } from '../../text/status-word.ts'
import { counted, countText } from '../../text/time.ts'
import { factZh } from '../../words/zh/facts.ts'
import { reasonZh } from '../../words/zh/reasons.ts'
import type { DrawnStory } from '../../world/story-data.ts'
import { hostTexts } from '../hosts.ts'
import { originFacts } from '../origin.ts'
import { tokenId, uniqueIds } from '../page/anchors.ts'
import {
  EMPTY_PAGE,
  type PageSection,
  type PageStory,
  type PageTable,
  type PageText,
  sameReport,
} from '../page/page-data.ts'
import { adviceIn, pageViolation } from '../page/page-violation.ts'
import { pitfallsOf } from '../page/pitfalls.ts'
import { type StoryPage, storyPage } from '../page/story-page.ts'
import { type HuntFinding, type HuntMaterial, huntFindings } from './material.ts'
import { REPAIR_ADVICE } from './repair-words.ts'
import {
  faultCountText,
  huntTitle,
  huntWord,
  necessityText,
  oftenText,
  shrinkText,
  statementZh,
  stopText,
  stormLine,
} from './sentences.ts'
import { byFact, byFaultCount, byKind, byLimit, byVerdict, type Counts, triedText } from './tried.ts'

/** The text of `index.html`. */
export const huntHtml = (material: HuntMaterial): string => storyPage(huntPage(material))

/** What the page is made of. */
export function huntPage(material: HuntMaterial): StoryPage {
  const { report } = material
  const worlds: DrawnStory[] = []
  const unique = uniqueIds(['main', 'page', 'data', 'story', 'results'])
  const stories = huntFindings(material).map((finding) => {
    const numberOf = (story: DrawnStory | null): number | null => (story === null ? null : worlds.push(story) - 1)
    const world = numberOf(finding.story)
    return storyOf(finding, material, unique(tokenId(finding.violation.token)), [world, numberOf(finding.cured)])
  })
  return {
    data: {
      ...EMPTY_PAGE,
      kind: 'hunt',
      engine: report.engine,
      title: inLanguages((language) => huntTitle(report, language)),
      lead: {
        en: [sentenceCase(report.statement), stopText(report) ?? ''].join(' ').trim(),
        zh: [statementZh(report), stopText(report, 'zh') ?? ''].join(''),
      },
      facts: [['Verdict', huntWord(report)], ['Storms', countText(report.storms.tried)], ...originFacts(report)],
      stories,
      sections: [triedSection(material)],
      pitfalls: pitfallsOf(stories),
      footer: sameReport({ en: 'The same hunt gives', zh: '同样的搜索得到' }),
    },
    worlds,
  }
}

/** What worked first. */
const OUTCOMES = ['cured', 'changed', 'still'] as const

function storyOf(
  { violation, replayFile, story, steps, historyFile }: HuntFinding,
  { report, code }: HuntMaterial,
  id: string,
  [world, cured]: readonly [world: number | null, cured: number | null],
): PageStory {
  const { consequences, cures, shrinking } = violation
  const cure = cures.find(({ outcome }) => outcome === 'cured')
  const stormZh = violation.faults.map((fault) => faultWords(readFault(fault), 'zh'))
  return {
    id,
    subject: report.lock,
    place: { en: stormLine(violation), zh: stormZh.join('；') || '没有故障' },
    word: violation.kind,
    isExpected: true,
    violations: [
      { ...pageViolation(violation, violation.token), isShown: story !== null },
      // What never showed without it has smallest storms of its own.
      ...consequences.map((one) => ({
        ...pageViolation({ ...one, atUs: 0, untilUs: 0, processes: [] }, one.token),
        isShown: false,
      })),
    ],
    world,
    cured: cured === null || cure === undefined ? null : { subject: `${report.lock} + ${cure.repair}`, world: cured },
    advice: adviceIn(violation),
    cures: [...cures]
      .sort((a, b) => OUTCOMES.indexOf(a.outcome) - OUTCOMES.indexOf(b.outcome))
      .map(({ repair, advice, outcome }) => ({
        name: repair,
        advice: { en: advice, zh: REPAIR_ADVICE[repair] },
        outcome,
        code:
          repair === 'reference-lock' ? toReference(code) : (REPAIRS.find(({ name }) => name === repair)?.code ?? []),
      })),
    storm: violation.story.map((words, index) => ({
      words: { en: words, zh: stormZh[index] ?? words },
      note: inLanguages((language) => necessityText(violation, index, language)),
    })),
    facts: [inLanguages((language) => faultCountText(violation.faults.length, language))],
    shrunk: { steps, runs: shrinking.runs },
    told: {
      en: [shrinkText(violation), oftenText(report, violation)].join(' '),
      zh: [shrinkText(violation, 'zh'), oftenText(report, violation, 'zh')].join(''),
    },
    replay: replayCommand(violation.token, report.replayWith),
    files: [...(replayFile === null ? [] : [replayFile]), ...(story === null ? [] : [historyFile])],
    pitfalls: pitfallsLike(violation, violation.faults.flatMap(kindsIn)).map(label),
  }
}

/** From the code of a subject to that of the reference; of code that is not known, nothing. */
function toReference(code: HuntMaterial['code']): readonly DiffLine[] {
  const reference = subjectCode(fenced.name)
  return code == null || reference === undefined ? [] : lineDiff(code.join('\n'), reference.join('\n'))
}

/** Of a fault as scenario files write it: its kind, beside where it strikes. */
const kindsIn = (fault: Readonly<Record<string, unknown>>): readonly string[] =>
  Object.keys(fault).filter((key) => key !== 'at')

function triedSection({ report, exercised = [] }: HuntMaterial): PageSection {
  const { moreViolations } = report
  const stopped = stopText(report)
  const more: readonly InLanguages[] =
    moreViolations === 0
      ? []
      : [
          {
            en: `${counted(moreViolations, 'finding')} more, milder than these, neither made small nor drawn.`,
            zh: `另有 ${countText(moreViolations)} 个较轻的发现，没有缩小，也没有画出。`,
          },
        ]
  const plans = report.bases.map(({ words, plan }, index) =>
    inLanguages((language) => `# ${exercised[index]?.[language] ?? words}\n${stringify(plan)}`),
  )
  const origin = stringify({ seed: report.seed, client: report.client, redis: report.redis, engine: report.engine })
  return {
    title: 'What was tried',
    parts: [
      ...[
        { en: sentenceCase(report.statement), zh: statementZh(report) },
        ...(stopped === null ? [] : [{ en: stopped, zh: stopText(report, 'zh') ?? stopped }]),
        inLanguages((language) => triedText(report, language)),
        ...more,
        ...hostTexts(report),
      ].map((text) => ({ kind: 'text' as const, text })),
      {
        kind: 'counts',
        tables: [
          table('Storms by their number of faults', 'faults', inBoth(byFaultCount(report), countZh)),
          table(
            'Storms by verdict',
            'verdict',
            byVerdict(report).map(([word, count]) => [
              inLanguages((language) => `${symbolOf(word)} ${STATUS_WORDS[language][word]}`),
              count,
            ]),
          ),
          table('Storms with a fault of each kind', 'kind', byKind(report)),
          table('In how many storms it happened that', 'fact', inBoth(byFact(report), factZh), {
            en: 'never',
            zh: '从未',
          }),
          table('Limits that were reached', 'limit', inBoth(byLimit(report), reasonZh)),
        ].filter(({ rows }) => rows.length > 0),
      },
      ...[...plans, origin].map((text) => ({ kind: 'code' as const, text })),
    ],
  }
}

type PageCounts = readonly (readonly [name: PageText, count: number])[]

const inBoth = (counts: Counts, zh: (name: string, index: number) => string): PageCounts =>
  counts.map(([name, count], index) => [{ en: name, zh: zh(name, index) }, count])

/** The row of a number of faults; the last may be of random storms. */
const countZh = (name: string, index: number): string =>
  name === faultCountText(index) ? faultCountText(index, 'zh') : '其中随机'

const table = (title: string, what: string, counts: PageCounts, zero: PageText = '0'): PageTable => ({
  title,
  heads: [what, 'storms'],
  rows: counts.map(([name, count]) => [{ text: name }, count === 0 ? { text: zero } : { text: countText(count) }]),
})
