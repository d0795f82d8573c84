/**
 * `index.html` of a frontier: a heat map for each latency, an example for each combination that is not safe everywhere, and
 * what was tried.
 *
 * Invariants
 * - Colour is never alone: each cell has its counts, and words where there is more to say than a count.
 */
import { stringify } from 'yaml'
import { writeUs } from '../../sim/units.ts'
import { replayCommand } from '../../text/replay-command.ts'
import { sentenceCase } from '../../text/sentence-case.ts'
import { type StatusWord, symbolOf } from '../../text/status-word.ts'
import { countText } from '../../text/time.ts'
import { originFacts } from '../origin.ts'
import { EMPTY_PAGE, type PagePart, type PageSection, sameReport, type TableCell } from '../page/page-data.ts'
import { type StoryPage, storyPage } from '../page/story-page.ts'
import type { FrontierCell, FrontierReport, FrontierRow } from './frontier-report.ts'
import {
  lastUnsafe,
  latencyGroups,
  latencyText,
  METHOD,
  safeText,
  skewText,
  stormsText,
  ttlText,
  uncuredTexts,
  violatedCount,
} from './sentences.ts'

/** The text of `index.html`. */
export const frontierHtml = (report: FrontierReport): string => storyPage(frontierPage(report))

/** What the page is made of. */
export const frontierPage = (report: FrontierReport): StoryPage => ({
  data: {
    ...EMPTY_PAGE,
    kind: 'frontier',
    engine: report.engine,
    title: `${report.lock}: the smallest safe TTL`,
    lead: sentenceCase(report.statement),
    facts: [['Storms', countText(report.storms.tried)], ...originFacts(report)],
    sections: [...uncured(report), maps(report), ...examples(report), tried(report)],
    footer: sameReport({ en: 'The same sweep gives', zh: '同一次扫描得到' }),
  },
  worlds: [],
})

function uncured(report: FrontierReport): readonly PageSection[] {
  if (report.uncured.length === 0) return []
  const parts = uncuredTexts(report).flatMap((text, index): readonly PagePart[] => [
    { kind: 'text', text: `✗ ${sentenceCase(text)}` },
    { kind: 'command', text: replayCommand(report.uncured[index]!.token, report.replayWith) },
  ])
  return [{ title: 'What no TTL cures', parts }]
}

const maps = (report: FrontierReport): PageSection => ({
  title: 'Violated storms at each TTL',
  parts: [
    {
      kind: 'text',
      text: 'The stronger the colour, the more of the storms of that point were violated. “Safe from” is the smallest TTL from which on none was; its cell is framed.',
    },
    ...latencyGroups(report).flatMap((rows): readonly PagePart[] =>
      rows[0] === undefined
        ? []
        : [
            {
              kind: 'table',
              look: 'heat',
              table: {
                title: `Latency ${latencyText(rows[0].latency)}`,
                heads: ['skew', 'pause', 'safe from', ...report.grid.ttlsMs.map(ttlText)],
                rows: rows.map(cellsOf),
              },
            },
          ],
    ),
  ],
})

const cellsOf = (row: FrontierRow): readonly TableCell[] => [
  { text: skewText(row.skewUs) },
  { text: writeUs(row.pauseUs) },
  { text: safeText(row), look: `w ${row.safeTtlMs === null ? 'violated' : 'valid'}` },
  ...row.points.map((cell) => pointCell(cell, cell.ttlMs === row.safeTtlMs)),
]

/** Quarters of the storms of a point. */
const SHADES = 4

function pointCell(cell: FrontierCell, isFrontier: boolean): TableCell {
  switch (cell.status) {
    case 'safe':
      return { text: '**0**', small: `of ${countText(cell.storms)}`, look: isFrontier ? 'h0 edge' : 'h0' }
    case 'violated': {
      const violated = violatedCount(cell)
      const shade = Math.min(SHADES, Math.ceil((violated * SHADES) / cell.storms))
      const bugs = cell.bugs > 0 ? `, ${countText(cell.bugs)} bugs` : ''
      return {
        text: `**${countText(violated)}**`,
        small: `of ${countText(cell.storms)}${bugs}`,
        look: `h${shade}${cell.bugs > 0 ? ' bug' : ''}`,
      }
    }
    case 'unknown':
    case 'vacuous':
      return word(cell.status)
    case 'not-run':
      return { text: 'not run', look: 'soft' }
  }
}

const word = (status: StatusWord): TableCell => ({ text: `${symbolOf(status)} ${status}`, look: `w ${status}` })

function examples(report: FrontierReport): readonly PageSection[] {
  const rows = lastUnsafe(report).map(({ row, cell }): readonly TableCell[] => {
    const { example } = cell
    return [
      { text: ttlText(cell.ttlMs) },
      { text: latencyText(row.latency) },
      { text: skewText(row.skewUs) },
      { text: writeUs(row.pauseUs) },
      { text: `${countText(violatedCount(cell))} of ${countText(cell.storms)}` },
      example === null
        ? { text: 'no worker survived it', look: 'told' }
        : {
            text: example.sentence,
            small: `(${example.kind})`,
            look: 'told',
            command: replayCommand(example.token, report.replayWith),
          },
    ]
  })
  if (rows.length === 0) return []
  const heads = ['TTL', 'latency', 'skew', 'pause', 'violated', 'for example']
  return [
    {
      title: 'The longest TTL that is not safe',
      parts: [
        { kind: 'text', text: 'For each combination with a violation, the worst that was seen there, in one storm.' },
        { kind: 'table', look: 'stack', table: { title: '', heads, rows } },
      ],
    },
  ]
}

const tried = (report: FrontierReport): PageSection => ({
  title: 'What was tried',
  parts: [
    { kind: 'text', text: stormsText(report) },
    { kind: 'list', items: METHOD },
    { kind: 'text', text: `The run without faults: ${report.base.words}; TTL and latency are those of each point.` },
    { kind: 'code', text: stringify(report.base.plan) },
  ],
})
