/**
 * `report.md` of a frontier: the tables, then an example for each combination that is not safe at every TTL.
 */
import { stringify } from 'yaml'
import { writeUs } from '../../sim/units.ts'
import { escapeMarkdown, markdownBlock, visibleLines } from '../../text/escape.ts'
import { replayCommand } from '../../text/replay-command.ts'
import { sentenceCase } from '../../text/sentence-case.ts'
import { counted } from '../../text/time.ts'
import { MARKDOWN_BYTES_MAX, markdownWithin } from '../markdown-cut.ts'
import { originLine } from '../origin.ts'
import type { FrontierReport } from './frontier-report.ts'
import {
  cellText,
  lastUnsafe,
  latencyGroups,
  latencyText,
  METHOD,
  markTexts,
  safeText,
  skewText,
  stormsText,
  ttlText,
  uncuredTexts,
  violatedCount,
} from './sentences.ts'

/** The text of `report.md`. */
export function frontierMarkdown(report: FrontierReport, bytesMax: number = MARKDOWN_BYTES_MAX): string {
  const { lock, grid } = report
  const tables = latencyGroups(report).map((rows) => {
    const head = `| skew | pause | safe from | ${grid.ttlsMs.map(ttlText).join(' | ')} |`
    const body = rows.map((row) => {
      const cells = row.points.map((cell) => (violatedCount(cell) > 0 ? `**${cellText(cell)}**` : cellText(cell)))
      return `| ${[skewText(row.skewUs), writeUs(row.pauseUs), `**${safeText(row)}**`, ...cells].join(' | ')} |`
    })
    const rule = `|---:|---:|---:|${'---:|'.repeat(grid.ttlsMs.length)}`
    return [`### Latency ${latencyText(rows[0]!.latency)}`, '', head, rule, ...body].join('\n')
  })
  const unsafe = lastUnsafe(report)
  const head = [
    `# lockstorm frontier: ${escapeMarkdown(lock)}`,
    sentenceCase(report.statement),
    originLine(report),
    ...uncuredTexts(report).map((text, index) =>
      [
        `✗ ${escapeMarkdown(text)}`,
        markdownBlock(replayCommand(report.uncured[index]?.token ?? '', report.replayWith), 'sh'),
      ].join('\n\n'),
    ),
    '## The smallest safe TTL',
    ['Numbers are violated storms at each TTL.', ...markTexts(report)].join('<br>\n'),
    ...tables,
    ...(unsafe.length === 0 ? [] : ['## The longest TTL that is not safe']),
  ]
  return markdownWithin(bytesMax, {
    head: head.join('\n\n'),
    items: unsafe,
    blockOf({ row, cell }) {
      const place = `latency ${latencyText(row.latency)}, skew ${skewText(row.skewUs)}, pause ${writeUs(row.pauseUs)}`
      const count = `${violatedCount(cell)} of ${counted(cell.storms, 'storm')}`
      const example = cell.example
      const told = example === null ? '' : `: ${escapeMarkdown(example.sentence)} (${example.kind})`
      const text = `**TTL ${ttlText(cell.ttlMs)}**, ${place}: ${count}${told}`
      return example === null
        ? text
        : `${text}\n\n${markdownBlock(replayCommand(example.token, report.replayWith), 'sh')}`
    },
    leftText: (count) => counted(count, 'more combination'),
    tail: [
      '## What was tried',
      stormsText(report),
      ...METHOD,
      markdownBlock(visibleLines(stringify(report.base.plan).trimEnd()), 'yaml'),
    ].join('\n\n'),
  })
}
