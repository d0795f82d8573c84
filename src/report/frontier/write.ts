/**
 * Writes the files of a frontier into one directory:
 *
 *   report.json · report.md · index.html · meta.json
 *
 * Each is written under a temporary name and renamed; `report.json` comes last. Nothing else in the directory is touched.
 */
import path from 'node:path'
import { ReportFolder } from '../folder.ts'
import { plainJson } from '../plain-json.ts'
import { metaJson, type ReportMeta } from '../run/json.ts'
import type { WrittenReport } from '../run/write.ts'
import type { FrontierReport } from './frontier-report.ts'
import { frontierHtml } from './html.ts'
import { frontierMarkdown } from './markdown.ts'

/**
 * Writes all files of a frontier.
 * @throws UsageError when the directory cannot be written
 */
export async function writeFrontier(
  directory: string,
  report: FrontierReport,
  meta: ReportMeta,
): Promise<WrittenReport> {
  const folder = new ReportFolder(directory, [])
  await folder.write(async () => {
    await folder.put('report.md', frontierMarkdown(report))
    await folder.put('index.html', frontierHtml(report))
    await folder.put('meta.json', metaJson(meta))
    await folder.put('report.json', plainJson(report))
  })
  return { html: path.join(directory, 'index.html'), json: path.join(directory, 'report.json') }
}
