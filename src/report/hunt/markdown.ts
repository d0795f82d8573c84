/**
 * `report.md` of a hunt, also the step summary of a GitHub job: the table of findings, each with its picture as text, in a file the worst
 * one as SVG, too, then what was tried.
 *
 * Invariants
 * - At most `MARKDOWN_BYTES_MAX` bytes of UTF-8.
 * - Nothing in a name, a value or a message ends its table cell, its code or its paragraph, or becomes HTML.
 */
import { stringify } from 'yaml'
import { checkOf } from '../../check/registry.ts'
import { escapeMarkdown, markdownBlock, markdownCode, visibleLines } from '../../text/escape.ts'
import { replayCommand } from '../../text/replay-command.ts'
import { sentenceCase } from '../../text/sentence-case.ts'
import { symbolOf } from '../../text/status-word.ts'
import { counted, countText } from '../../text/time.ts'
import { explanation, pictureText, thrownLines } from '../failure.ts'
import { hostTexts } from '../hosts.ts'
import { MARKDOWN_BYTES_MAX, markdownWithin } from '../markdown-cut.ts'
import { type Pictured, withPicture } from '../markdown-picture.ts'
import { originLine } from '../origin.ts'
import type { HuntReport } from './hunt-report.ts'
import { type HuntFinding, type HuntMaterial, huntFindings } from './material.ts'
import {
  CURE_WORDS,
  curedBy,
  huntTitle,
  huntWord,
  necessityText,
  oftenText,
  shrinkText,
  stopText,
  stormLine,
} from './sentences.ts'
import { byFact, byFaultCount, byKind, byLimit, byVerdict, type Counts, triedText } from './tried.ts'

/** The finding that `story.svg` shows; null: none has a story. */
export function picturedFinding(material: HuntMaterial): Pictured | null {
  for (const { violation, story } of huntFindings(material)) if (story !== null) return { violation, story }
  return null
}

/**
 * The text of `report.md`.
 * @param pictured what `story.svg` beside it shows; null: there is no such file
 */
export function huntMarkdown(
  material: HuntMaterial,
  pictured: Pictured | null = null,
  bytesMax: number = MARKDOWN_BYTES_MAX,
): string {
  const { report } = material
  const findings = huntFindings(material)
  const head = [headBlock(report)]
  if (findings.length > 0) head.push('## Findings', tableBlock(findings, report))
  return markdownWithin(bytesMax, {
    head: head.join('\n\n'),
    items: findings,
    blockOf: (finding) => findingBlock(finding, report, pictured),
    leftText: (count) => counted(count, 'more finding'),
    tail: triedBlock(report),
  })
}

function headBlock(report: HuntReport): string {
  const stopped = stopText(report)
  return [
    `# lockstorm hunt: ${symbolOf(huntWord(report))} ${escapeMarkdown(huntTitle(report))}`,
    escapeMarkdown(sentenceCase(report.statement)),
    ...(stopped === null ? [] : [`**${stopped}**`]),
    originLine(report),
  ].join('\n\n')
}

function tableBlock(findings: readonly HuntFinding[], report: HuntReport): string {
  const rows = findings.map(({ number, violation }) => {
    const { property, kind, sentence, seen } = violation
    const cells = [
      String(number),
      `✗ ${checkOf(property).heading}`,
      kind,
      escapeMarkdown(sentence),
      escapeMarkdown(stormLine(violation)),
      countText(seen),
      curedBy(violation),
    ]
    return `| ${cells.join(' | ')} |`
  })
  const more =
    report.moreViolations === 0
      ? ''
      : `\n\n${counted(report.moreViolations, 'finding')} more, milder than these, neither made small nor told.`
  const head = `| no. | violated | kind | what happened | storm | seen, of ${countText(report.storms.tried)} | cured by |`
  return [head, `|---${'|---'.repeat(6)}|`, ...rows].join('\n') + more
}

function findingBlock(
  { number, violation, story, replayFile }: HuntFinding,
  report: HuntReport,
  pictured: Pictured | null,
): string {
  const { property, kind, sentence, why, cures, consequences, token } = violation
  const blocks = [
    `### ${number}. ${checkOf(property).heading}`,
    `**${checkOf(property).heading}** (${kind}): ${escapeMarkdown(sentence)}`,
    stormBlock(violation),
    story === null
      ? escapeMarkdown(why)
      : withPicture(
          violation,
          pictured,
          markdownBlock(
            [pictureText(violation, story), explanation(violation, 80), thrownLines(story, 80).join('\n')]
              .filter((text) => text !== '')
              .join('\n\n'),
          ),
        ),
  ]
  if (consequences.length > 0) {
    const items = consequences.map(
      (each) =>
        `- **${checkOf(each.property).heading}** (${each.kind}): ${escapeMarkdown(each.sentence)}, in ${counted(each.seen, 'storm')}`,
    )
    blocks.push(['Seen only together with it:', ...items].join('\n'))
  }
  if (cures.length > 0) {
    const rows = cures.map(
      ({ repair, outcome, advice }) =>
        `| ${escapeMarkdown(repair)} | ${CURE_WORDS[outcome]} | ${escapeMarkdown(advice)} |`,
    )
    blocks.push(['| change | outcome | what to do |', '|---|---|---|', ...rows].join('\n'))
  }
  blocks.push(markdownBlock(replayCommand(token, report.replayWith), 'sh'))
  const file = replayFile === null ? '' : ` The storm as a file to commit: ${markdownCode(replayFile)}.`
  blocks.push(`${oftenText(report, violation)}${file}`)
  return blocks.join('\n\n')
}

function stormBlock(violation: HuntFinding['violation']): string {
  const { story } = violation
  const lines =
    story.length === 0
      ? ['No fault at all: the order in which messages arrive is enough.']
      : story.map((fault, index) => `${index + 1}. ${escapeMarkdown(fault)} – ${necessityText(violation, index)}`)
  return `${lines.join('\n')}\n\n${shrinkText(violation)}`
}

function triedBlock(report: HuntReport): string {
  const blocks = [
    '## What was tried',
    triedText(report),
    counts('storms with', byFaultCount(report)),
    counts(
      'verdict',
      byVerdict(report).map(([status, count]) => [`${symbolOf(status)} ${status}`, count]),
    ),
    counts('a fault of this kind', byKind(report)),
    counts('it happened that', byFact(report)),
    ...hostTexts(report).map(escapeMarkdown),
    counts('limit that was reached', byLimit(report)),
    ...report.bases.map(
      ({ words, plan }) =>
        `Before any fault: ${escapeMarkdown(words)}\n\n${markdownBlock(visibleLines(stringify(plan).trimEnd()), 'yaml')}`,
    ),
  ]
  return blocks.filter((block) => block !== '').join('\n\n')
}

function counts(what: string, rows: Counts): string {
  if (rows.length === 0) return ''
  const lines = rows.map(([name, count]) => `| ${escapeMarkdown(name)} | ${count === 0 ? 'never' : countText(count)} |`)
  return [`| ${what} | storms |`, '|---|---:|', ...lines].join('\n')
}
