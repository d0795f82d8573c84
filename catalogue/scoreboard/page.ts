/**
 * `docs/scoreboard.md`, made of what the hunts found (`found.json`).
 */
import type { PropertyName } from '../../src/check/verdict.ts'
import {
  type Board,
  boardsOf,
  cellOf,
  commandOf,
  HUNTED,
  LIMITS,
  MEANINGS,
  othersIn,
  proof,
  type Row,
  rowsOf,
  seenWords,
  stormWords,
  unclaimed,
  wordCounts,
} from './board.ts'
import type { Entry } from './entries.ts'
import type { Hunted, ListedFinding } from './hunting.ts'

/** The page. */
export function page(hunts: readonly Hunted[], server: string): string {
  const rows = rowsOf(hunts)
  const boards = boardsOf(rows)
  return `${[
    introduction(boards, server),
    ...boards.flatMap((board) => [`## ${board.title.en}`, table(board)]),
    '## What was run',
    runs(rows),
    ...notClaimed(rows),
    '## Findings',
    ...rows.map(([entry, hunted]) => section(entry, hunted)),
  ].join('\n\n')}\n`
}

const introduction = (
  boards: readonly Board[],
  server: string,
): string => `<!-- Made by catalogue/scoreboard/page.ts of catalogue/scoreboard/found.json. Do not edit: hunt anew with
     npx vitest run test/catalogue/scoreboard.test.ts -u
     (some minutes). Without -u the test replays every token below in memory and on a real redis-server. -->
# Scoreboard

${HUNTED.en}

The same with a picture of every storm is a page of the site: \`npm run site\` makes \`docs/site/scoreboard.html\`.

| cell | means |
|---|---|
${[...wordCounts(boards).keys()].map((word) => `| ${word} | ${MEANINGS[word].en} |`).join('\n')}

The number after a cell leads to the finding. ${proof({ en: server, zh: server }).en}

${LIMITS.en}`

const table = ({ rows, columns }: Board): string =>
  [
    `| | ${columns.join(' | ')} |`,
    `|---|${columns.map(() => '---|').join('')}`,
    ...rows.map(
      (row) =>
        `| [${row[0].subject.name}](#${row[0].subject.name}) | ${columns.map((property) => cell(row, property)).join(' | ')} |`,
    ),
  ].join('\n')

function cell(row: Row, property: PropertyName): string {
  const [entry, hunted] = row
  const { word, index } = cellOf(row, property)
  if (index === null) return word
  const title = titleOf(entry, hunted.findings[index] as ListedFinding, index)
  return `${word === 'bug' ? '**bug**' : word} [${index + 1}](#${anchor(title)})`
}

const titleOf = ({ subject }: Entry, { property, kind }: ListedFinding, index: number): string =>
  `${subject.name} ${index + 1}: ${property}, ${kind}`

/** As GitHub makes anchors of headings. */
const anchor = (title: string): string =>
  title
    .toLowerCase()
    .replace(/[^a-z0-9 _-]/g, '')
    .replaceAll(' ', '-')

const runs = (rows: readonly Row[]): string =>
  [
    '| | what | versions | client | storms | findings |',
    '|---|---|---|---|---|---|',
    ...rows.map(
      ([{ subject, title }, { versions, client, storms, findings }]) =>
        `| ${subject.name} | ${title} | ${versions.join(', ')} | ${client} | ${storms} | ${findings.length} |`,
    ),
  ].join('\n')

function notClaimed(rows: readonly Row[]): readonly string[] {
  const lines = unclaimed(rows).map(({ words, command }) => `- ${words}${command === null ? '' : ` \`${command}\``}`)
  return lines.length === 0 ? [] : ['## Not claimed', lines.join('\n')]
}

function section(entry: Entry, hunted: Hunted): string {
  const findings = hunted.findings
  const nothing = findings.length === 0 ? [`Nothing in ${hunted.storms} storms.`] : []
  return [
    `### ${entry.subject.name}`,
    [entry.title, ...hunted.versions].join(' · '),
    ...(entry.remark === undefined ? [] : [entry.remark]),
    ...nothing,
    ...findings.map((finding, index) => told(entry, finding, index)),
  ].join('\n\n')
}

function told(entry: Entry, finding: ListedFinding, index: number): string {
  const { what, where } = stormWords(finding)
  const note = entry.notes[finding.property]
  const lines = [
    `- storm: ${what.map(({ en }) => en).join('; ')} — ${where.en}`,
    ...othersIn(finding).map((one) => `- in the same storm, ${one}`),
    `- ${seenWords(finding).en}`,
    ...(note === undefined ? [] : [`- ${note}`]),
    `- history ${finding.historyHash}`,
  ]
  return [
    `#### ${titleOf(entry, finding, index)}`,
    `“${finding.sentence}.” ${finding.why}`,
    lines.join('\n'),
    `\`\`\`sh\n${commandOf(entry, finding.token)}\n\`\`\``,
  ].join('\n\n')
}
