/**
 * `index.html` of a run: the worst story, the matrix, every other violated cell to be opened.
 */
import { NEVER_CAME } from '../../scenario/cell.ts'
import type { Cell, Report, ReportMaterial } from '../../scenario/report.ts'
import { type InLanguages, inLanguages, type Language } from '../../text/language.ts'
import { type DiffLine, lineDiff } from '../../text/line-diff.ts'
import { replayCommand } from '../../text/replay-command.ts'
import { capitalized } from '../../text/sentence-case.ts'
import { CELL_WORDS } from '../../text/status-word.ts'
import { counted, countText } from '../../text/time.ts'
import { factZh } from '../../words/zh/facts.ts'
import { reasonZh } from '../../words/zh/reasons.ts'
import type { DrawnStory } from '../../world/story-data.ts'
import { originFacts } from '../origin.ts'
import { createAnchors } from '../page/anchors.ts'
import { EMPTY_PAGE, type PageCell, type PageCure, type PageStory, sameReport } from '../page/page-data.ts'
import type { HtmlLimits } from '../page/page-size.ts'
import { adviceIn, nodesText, pageViolation } from '../page/page-violation.ts'
import { pitfallsOf } from '../page/pitfalls.ts'
import { type StoryPage, storyPage } from '../page/story-page.ts'
import { cellWord, expectationText } from './cell-words.ts'
import { matrices, worstFirst } from './matrix.ts'
import { storyOfCell, violationsByWorld } from './shown-story.ts'

/** The text of `index.html`. */
export const reportHtml = (material: ReportMaterial, limits?: HtmlLimits): string =>
  storyPage(runPage(material), limits)

/** What the page is made of. */
export function runPage(material: ReportMaterial): StoryPage {
  const { report } = material
  const worlds: DrawnStory[] = []
  const numbers = new Map<DrawnStory, number>()
  const numberOf = (story: DrawnStory): number => {
    const known = numbers.get(story)
    if (known !== undefined) return known
    numbers.set(story, worlds.length)
    return worlds.push(story) - 1
  }
  const violated = worstFirst(report.cells).filter((cell) => cell.violations.length > 0)
  const places = new Map(violated.map((cell, index) => [cell, index]))
  const anchors = createAnchors(report)
  // The world of each story first, in their order: what has no room is left out from the end.
  for (const cell of violated) {
    const story = storyOfCell(material, cell)
    if (story !== null) numberOf(story)
  }
  const stories = violated.map((cell) => storyOf(cell, material, anchors.cell(cell), numberOf))
  return {
    data: {
      ...EMPTY_PAGE,
      kind: 'run',
      engine: report.engine,
      title: inLanguages((language) => verdictSentence(report, language)),
      lead:
        report.cells.length === 0
          ? { en: 'No scenario was asked for, or none fits.', zh: '没有指定场景，或者没有符合的场景。' }
          : '',
      facts: [['Worlds', countText(report.totals.worlds)], ...originFacts(report)],
      counts: CELL_WORDS.flatMap((word) => {
        const count = report.cells.filter((cell) => cellWord(cell) === word).length
        return count === 0 ? [] : [[word, count] as const]
      }),
      stories,
      tables: matrices(report).map((matrix) => ({
        caption: matrix.workloads.join(', '),
        rows: matrix.scenarios.map((name) => ({ name, title: material.scenarios.get(name)?.title ?? '' })),
        columns: matrix.locks.map((name) => ({ name, title: material.subjects.get(name)?.commands ?? '' })),
        cells: matrix.scenarios.flatMap((scenario) =>
          matrix.locks.flatMap((lock) => {
            const cell = matrix.cell(scenario, lock)
            return cell === undefined
              ? []
              : [pageCell(cell, places.get(cell) ?? null, material.scenarios.get(scenario)?.faults ?? [])]
          }),
        ),
      })),
      pitfalls: pitfallsOf(stories),
      footer: sameReport({ en: 'The same seed gives', zh: '同一个种子得到' }),
    },
    worlds,
  }
}

/** The verdict on the whole run. */
export function verdictSentence({ totals, cells }: Report, language: Language = 'en'): string {
  const say = VERDICTS[language]
  if (totals.cells === 0) return say.nothing
  if (totals.notAsExpected > 0) return say.notAsExpected(totals.notAsExpected, totals.cells)
  if (cells.some(({ expected }) => expected !== null)) return say.asExpected
  if (totals.violated > 0) return say.violated(totals.violated, totals.cells)
  return totals.unknown + totals.vacuous > 0 ? say.notAllTested : say.valid
}

const cellsAre = (some: number, all: number): string =>
  `${countText(some)} of ${counted(all, 'cell')} ${some === 1 ? 'is' : 'are'}`

const VERDICTS = {
  en: {
    nothing: 'Nothing was run',
    notAsExpected: (some: number, all: number) => `${cellsAre(some, all)} not as expected`,
    asExpected: 'Everything is as expected',
    violated: (some: number, all: number) => `${cellsAre(some, all)} violated`,
    notAllTested: 'No violation was found, but not everything was tested',
    valid: 'No violation was found',
  },
  zh: {
    nothing: '什么也没有运行',
    notAsExpected: (some: number, all: number) => `${countText(all)} 格中有 ${countText(some)} 格不符合预期`,
    asExpected: '一切符合预期',
    violated: (some: number, all: number) => `${countText(all)} 格中有 ${countText(some)} 格违反`,
    notAllTested: '没有发现违反，但并非都测到了',
    valid: '没有发现违反',
  },
}

/** What there is to say of a cell that has no story. */
function cellNote(cell: Cell, faults: readonly InLanguages[]): InLanguages {
  const { detail, asExpected, expected, worlds, sometimes } = cell
  const en = [
    detail,
    asExpected ? '' : `expected ${expectationText(expected)}`,
    sometimes.length === 0 ? '' : `in ${counted(worlds, 'world')} it happened that ${sometimes.join('; ')}`,
  ]
  const zh = [
    detailZh(detail, faults),
    asExpected ? '' : `期望${expectationText(expected, 'zh')}`,
    sometimes.length === 0 ? '' : `${countText(worlds)} 次运行中出现过：${sometimes.map(factZh).join('；')}`,
  ]
  const isSaid = (note: string): boolean => note !== ''
  return { en: en.filter(isSaid).map(capitalized).join('. '), zh: zh.filter(isSaid).join('。') }
}

/** Why there is no verdict, or nothing was tested; `faults`: those of the scenario. */
function detailZh(detail: string, faults: readonly InLanguages[]): string {
  const missed = detail.startsWith(`${NEVER_CAME}: `) ? detail.slice(NEVER_CAME.length + 2).split('; ') : []
  if (missed.length === 0) return reasonZh(detail)
  return `时机从未到来：${missed.map((fault) => faults.find(({ en }) => en === fault)?.zh ?? fault).join('；')}`
}

function pageCell(cell: Cell, story: number | null, faults: readonly InLanguages[]): PageCell {
  return {
    row: cell.scenario,
    column: cell.lock,
    subject: cell.lock,
    word: cellWord(cell),
    isExpected: cell.asExpected,
    story,
    // What a story tells is not told twice.
    note: story === null ? cellNote(cell, faults) : '',
  }
}

function storyOf(cell: Cell, material: ReportMaterial, id: string, numberOf: (story: DrawnStory) => number): PageStory {
  const { shown, elsewhere } = violationsByWorld(material, cell)
  const violations = [
    ...shown.map((violation) => pageViolation(violation, violation.token)),
    ...elsewhere.map((violation) => ({ ...pageViolation(violation, violation.token), isShown: false })),
  ]
  const story = storyOfCell(material, cell)
  const scenario = material.scenarios.get(cell.scenario)
  const cure = cureOf(cell, material)
  const cured = cure === null ? null : storyOfCell(material, cure)
  const isSameStorm = cured?.world !== undefined && cured.world === story?.world
  const [worst] = [...shown, ...elsewhere]
  return {
    id,
    subject: cell.lock,
    place: cell.scenario,
    word: cellWord(cell),
    isExpected: cell.asExpected,
    violations,
    world: story === null ? null : numberOf(story),
    cured: cure === null || cured === null || !isSameStorm ? null : { subject: cure.lock, world: numberOf(cured) },
    advice: worst === undefined ? null : adviceIn(worst),
    cures: cure === null ? [] : [curedBy(cell, cure, material)],
    storm: (scenario?.faults ?? []).map((words) => ({ words, note: '' })),
    facts: [
      {
        en: `${countText(cell.violatedWorlds)} of ${counted(cell.worlds, 'world')}`,
        zh: `${countText(cell.worlds)} 次运行中的 ${countText(cell.violatedWorlds)} 次`,
      },
      ...(cell.nodes === undefined ? [] : [nodesText(cell.nodes)]),
      ...(cell.client === material.report.client ? [] : [{ en: `client ${cell.client}`, zh: `客户端 ${cell.client}` }]),
      ...(cell.asExpected
        ? []
        : [{ en: `expected ${expectationText(cell.expected)}`, zh: `期望${expectationText(cell.expected, 'zh')}` }]),
    ],
    told: '',
    replay: worst === undefined ? '' : replayCommand(worst.token, cell.replayWith),
    files: story === null ? [] : [`histories/${cell.history}`],
    pitfalls: scenario?.teaches ?? [],
  }
}

/** How many lines of two subjects differ; of one whose code is not known, more than any. */
const distance = (diff: readonly DiffLine[]): number =>
  diff.length === 0 ? Number.MAX_SAFE_INTEGER : diff.filter(({ sign }) => sign !== ' ').length

/**
 * The subject nearest to a broken one that passes the same scenario: of those with the fewest bugs, the one with the least change. What a
 * subject does where the broken one was not run says nothing of the two.
 */
function cureOf(cell: Cell, material: ReportMaterial): Cell | null {
  const { cells } = material.report
  const common = new Set(cells.filter(({ lock }) => lock === cell.lock).map(({ scenario }) => scenario))
  const bugs = (lock: string): number =>
    cells.filter((one) => one.lock === lock && common.has(one.scenario) && cellWord(one) === 'bug').length
  const sound = cells
    .filter((one) => one.scenario === cell.scenario && one.verdict === 'valid' && one.nodes === cell.nodes)
    .map((one) => ({ one, bugs: bugs(one.lock), changes: distance(codeDiff(cell.lock, one.lock, material)) }))
    .sort((a, b) => a.bugs - b.bugs || a.changes - b.changes)
  return sound[0]?.one ?? null
}

function codeDiff(before: string, after: string, { subjects }: ReportMaterial): readonly DiffLine[] {
  const [old, now] = [subjects.get(before)?.code, subjects.get(after)?.code]
  return old === undefined || now === undefined ? [] : lineDiff(old.join('\n'), now.join('\n'))
}

const curedBy = (cell: Cell, cure: Cell, material: ReportMaterial): PageCure => ({
  name: cure.lock,
  advice: {
    en: `${material.subjects.get(cure.lock)?.title || cure.lock} passes the same scenario`,
    zh: `${cure.lock} 在同一个场景中通过`,
  },
  outcome: 'cured',
  code: codeDiff(cell.lock, cure.lock, material),
})
