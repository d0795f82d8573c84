/**
 * What a run prints on stdout: the text for people, or the report in another format.
 */
import { readFile } from 'node:fs/promises'
import type { WrittenReport } from '../report/run/write.ts'
import type { ReportMaterial } from '../scenario/report.ts'
import { assertNever } from '../sim/assert.ts'
import type { Palette } from '../text/palette.ts'
import { cellLines } from './cell-lines.ts'
import type { Reporter, Settings } from './settings.ts'
import type { Terminal } from './terminal.ts'

/** Prints the report as `--reporter` (or `--json`) asks; `written` null: there are no files. */
export async function printAnswer(
  material: ReportMaterial,
  written: WrittenReport | null,
  settings: Settings,
  palette: Palette,
  terminal: Terminal,
): Promise<void> {
  for (const reporter of settings.json ? (['json'] as const) : settings.reporter) {
    const text = await render(reporter, material, written, settings, palette, terminal)
    if (text !== '') terminal.print(text)
  }
}

async function render(
  reporter: Reporter,
  material: ReportMaterial,
  written: WrittenReport | null,
  settings: Settings,
  palette: Palette,
  terminal: Terminal,
): Promise<string> {
  switch (reporter) {
    case 'text':
      return textFor(material, written, settings, palette, terminal)
    case 'json': {
      // The bytes of the file, so that the two can never differ.
      if (written !== null) return (await readFile(written.json, 'utf8')).trimEnd()
      const { reportJson } = await import('../report/run/json.ts')
      return reportJson(material.report).trimEnd()
    }
    case 'markdown': {
      const { reportMarkdown } = await import('../report/run/markdown.ts')
      return reportMarkdown(material).trimEnd()
    }
    case 'junit': {
      const { reportJunit } = await import('../report/run/junit.ts')
      return reportJunit(material).trimEnd()
    }
    default:
      return assertNever(reporter)
  }
}

/** The stories, then (unless quiet) the cells if they are wanted, and the summary. */
async function textFor(
  material: ReportMaterial,
  written: WrittenReport | null,
  settings: Settings,
  palette: Palette,
  terminal: Terminal,
): Promise<string> {
  const [{ exampleStory, failureStories }, { summaryText }] = await Promise.all([
    import('./failures.ts'),
    import('../report/run/terminal.ts'),
  ])
  const { report } = material
  const options = { palette, width: Math.min(terminal.width, 100), htmlPath: written?.html ?? null }
  const blocks = [...failureStories(material, options)]
  if (settings.quiet) return blocks.join('\n\n')
  const example = blocks.length === 0 ? exampleStory(material, options) : null
  if (example !== null) blocks.push(example)
  if (settings.verbose) blocks.push(cellLines(report, palette))
  const where = written === null ? {} : { where: written.html }
  blocks.push(summaryText(report, { palette, width: options.width, ...where }))
  return blocks.join('\n\n')
}
