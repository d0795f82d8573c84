/**
 * The scoreboard as a page, with a picture of every storm.
 *
 * Invariants
 * - A finding is drawn only as the storm shows it now: one that is gone is an error, not a picture without it.
 */

import { PROPERTIES } from '../../src/check/verdict.ts'
import {
  EMPTY_PAGE,
  type PageCell,
  type PageLink,
  type PageMatrix,
  type PagePart,
  type PageSection,
  type PageStory,
  type TableCell,
} from '../../src/report/page/page-data.ts'
import { adviceIn, pageViolation } from '../../src/report/page/page-violation.ts'
import type { StoryPage } from '../../src/report/page/story-page.ts'
import type { InLanguages } from '../../src/text/language.ts'
import { sentenceCase } from '../../src/text/sentence-case.ts'
import { type CellWord, STATUS_WORDS, symbolOf } from '../../src/text/status-word.ts'
import { countText } from '../../src/text/time.ts'
import { headingsOf } from '../../src/words/heading.ts'
import { sentenceOf } from '../../src/words/sentence.ts'
import { tellViolation } from '../../src/words/told-violation.ts'
import { ENGINE_VERSION } from '../../src/world/engine-version.ts'
import {
  type Board,
  boardsOf,
  cellOf,
  commandOf,
  HUNTED,
  LIMITS,
  MEANINGS,
  proof,
  type Row,
  rowsOf,
  seenWords,
  stormWords,
  unclaimed,
  type Word,
  wordCounts,
} from './board.ts'
import type { Entry } from './entries.ts'
import type { Hunted, ListedFinding, Told } from './hunting.ts'

/** The words of other pages whose colour and symbol these have. */
const LOOKS: Readonly<Record<Word, CellWord>> = {
  bug: 'bug',
  limit: 'limit',
  valid: 'valid',
  unknown: 'unknown',
  'not decided': 'unknown',
}

/**
 * What the page is made of.
 * @param server the real server that has shown the same, in words
 * @param stories the storm of each token
 * @param links pages around it
 */
export function scoreboardPage(
  hunts: readonly Hunted[],
  server: InLanguages,
  stories: ReadonlyMap<string, Told>,
  links: readonly PageLink[] = [],
): StoryPage {
  const rows = rowsOf(hunts)
  const boards = boardsOf(rows)
  const listed = rows
    .flatMap(([entry, { findings }]) => findings.map((finding, index) => ({ entry, finding, index })))
    .sort(({ finding: a }, { finding: b }) => rank(a) - rank(b))
  const toldOf = (token: string): Told => {
    const told = stories.get(token)
    if (told === undefined) throw new Error(`the storm of ${token} was not told`)
    return told
  }
  const places = new Map(listed.map(({ entry, index }, place) => [findingId(entry, index), place]))
  const sum = (count: (hunted: Hunted) => number): string =>
    countText(rows.reduce((total, [, hunted]) => total + count(hunted), 0))
  const data = {
    ...EMPTY_PAGE,
    kind: 'scoreboard' as const,
    engine: ENGINE_VERSION,
    title: { en: 'Scoreboard of lock libraries', zh: '锁的库：结果一览' },
    lead: flatIn(HUNTED),
    links,
    facts: [
      [{ en: 'Rows', zh: '行数' }, countText(rows.length)],
      ['Storms', sum(({ storms }) => storms)],
      [{ en: 'Findings', zh: '发现' }, sum(({ findings }) => findings.length)],
      ['Redis', { en: `in memory, and ${server.en}`, zh: `内存中的 Redis，以及${server.zh}` }],
    ] as const,
    counts: [...wordCounts(boards)]
      .filter(([word]) => word !== 'not decided')
      .map(([word, count]) => [LOOKS[word], count] as const),
    stories: listed.map(({ entry, finding, index }, world) =>
      storyOf(entry, finding, index, toldOf(finding.token), world),
    ),
    tables: boards.map((board) => matrixOf(board, places)),
    sections: [reading(boards, server), runs(rows), ...notClaimed(rows)],
    footer: {
      en: 'The same hunts give the same page, byte for byte. `docs/scoreboard.md` says the same without pictures.',
      zh: '同样的搜索得到逐字节相同的页面。`docs/scoreboard.md` 不带图，内容相同（英文）。',
    },
  }
  return { data, worlds: listed.map(({ finding }) => toldOf(finding.token).story) }
}

/** Bugs before limits; of these, by the property, as everywhere. */
const rank = ({ kind, property }: ListedFinding): number =>
  (kind === 'bug' ? 0 : PROPERTIES.length) + PROPERTIES.indexOf(property)

/** Text over several lines as one. */
const flat = (text: string): string => text.replace(/\s+/g, ' ')

/** The same, in each language; Chinese has no space where a line ends. */
const flatIn = ({ en, zh }: InLanguages): InLanguages => ({ en: flat(en), zh: zh.replaceAll('\n', '') })

/** Where a finding is: names have no dots, so it is no library's place. */
const findingId = ({ subject }: Entry, index: number): string => `${subject.name}.${index + 1}`

function matrixOf({ title, rows, columns }: Board, places: ReadonlyMap<string, number>): PageMatrix {
  return {
    caption: title,
    rows: rows.map(([{ subject, title: what }]) => ({ name: subject.name, title: what })),
    columns: columns.map((property) => ({ name: property, title: headingsOf(property) })),
    cells: rows.flatMap((row) =>
      columns.map((property): PageCell => {
        const [entry] = row
        const { word, index } = cellOf(row, property)
        return {
          row: entry.subject.name,
          column: property,
          subject: entry.subject.name,
          word: LOOKS[word],
          ...(word === LOOKS[word] ? {} : { text: { en: word, zh: '未定' } }),
          isExpected: true,
          story: index === null ? null : (places.get(findingId(entry, index)) ?? null),
          note: MEANINGS[word],
        }
      }),
    ),
  }
}

function storyOf(entry: Entry, finding: ListedFinding, index: number, { violations }: Told, world: number): PageStory {
  const { property, kind, sentence, token, historyHash } = finding
  const own = violations.find((one) => one.property === property && one.kind === kind && sentenceOf(one) === sentence)
  if (own === undefined) throw new Error(`the storm of ${token} no longer shows: ${sentence}`)
  const { what, where } = stormWords(finding)
  const note = entry.notes[property]
  return {
    id: findingId(entry, index),
    subject: entry.subject.name,
    place: where,
    word: kind,
    isExpected: true,
    // What the finding says comes first: the picture is chosen for it; what else happens in the storm is told, too.
    violations: [own, ...violations.filter((one) => one !== own)].map((one) =>
      pageViolation(tellViolation(one), token),
    ),
    world,
    cured: null,
    advice: adviceIn(own),
    cures: [],
    storm: what.map((words) => ({ words, note: '' })),
    facts: [seenWords(finding), { en: `history ${historyHash}`, zh: `历史 ${historyHash}` }],
    told: note === undefined ? '' : sentenceCase(flat(note)),
    replay: commandOf(entry, token),
    files: [],
    pitfalls: [],
  }
}

const reading = (boards: readonly Board[], server: InLanguages): PageSection => ({
  title: { en: 'How to read it', zh: '怎样阅读' },
  parts: [
    {
      kind: 'list',
      items: [...wordCounts(boards).keys()].map((word) => ({
        en: `**${symbolOf(LOOKS[word])} ${word}**: ${MEANINGS[word].en}`,
        zh: `**${symbolOf(LOOKS[word])} ${word === LOOKS[word] ? STATUS_WORDS.zh[word] : '未定'}**：${MEANINGS[word].zh}`,
      })),
    },
    { kind: 'text', text: flatIn(proof(server)) },
    { kind: 'text', text: flatIn(LIMITS) },
  ],
})

const runs = (rows: readonly Row[]): PageSection => ({
  title: { en: 'What was run', zh: '运行了什么' },
  parts: [
    {
      kind: 'table',
      look: 'stack',
      table: {
        title: '',
        heads: [
          { en: 'name', zh: '名称' },
          { en: 'client', zh: '客户端' },
          'storms',
          { en: 'findings', zh: '发现' },
          { en: 'versions', zh: '版本' },
          { en: 'what', zh: '内容' },
        ],
        rows: rows.map(([{ subject, title, remark }, { versions, client, storms, findings }]): readonly TableCell[] => [
          { text: subject.name },
          { text: client },
          { text: countText(storms) },
          { text: countText(findings.length) },
          { text: versions.length === 0 ? '–' : versions.join(', ') },
          { text: flat(remark === undefined ? title : `${title}. ${remark}`), look: 'told' },
        ]),
      },
    },
  ],
})

function notClaimed(rows: readonly Row[]): readonly PageSection[] {
  const parts = unclaimed(rows).flatMap(({ words, command }): readonly PagePart[] => [
    { kind: 'text', text: flat(words) },
    ...(command === null ? [] : [{ kind: 'command' as const, text: command }]),
  ])
  return parts.length === 0 ? [] : [{ title: { en: 'Not claimed', zh: '不作断言的' }, parts }]
}
