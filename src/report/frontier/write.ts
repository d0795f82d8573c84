/**
 * The files of a frontier:
 *
 *   report.json · report.md · index.html · meta.json
 */
import { type ReportFile, type WrittenReport, writeFolder } from '../folder.ts'
import { jsonText, metaJson, type ReportMeta } from '../json.ts'
import type { FrontierReport } from './frontier-report.ts'
import { frontierHtml } from './html.ts'
import { frontierMarkdown } from './markdown.ts'

/**
 * Writes all files of a frontier.
 * @throws UsageError when the directory cannot be written
 */
export const writeFrontier = (directory: string, report: FrontierReport, meta: ReportMeta): Promise<WrittenReport> =>
  writeFolder(directory, [], filesOf(report, meta))

function* filesOf(report: FrontierReport, meta: ReportMeta): Generator<ReportFile> {
  yield ['report.md', frontierMarkdown(report)]
  yield ['index.html', frontierHtml(report)]
  yield ['meta.json', metaJson(meta)]
  yield ['report.json', jsonText(report)]
}
