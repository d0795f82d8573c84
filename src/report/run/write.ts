/**
 * Writes the files of a run into one directory:
 *
 *   report.json · report.md · index.html · junit.xml · meta.json · histories/*.ndjson
 *
 * Each is written under a temporary name beside its place and renamed, so that a kill leaves the old file or the new one.
 * `report.json` comes last: who finds the new one finds everything it names.
 *
 * Invariants
 * - No name from a scenario or a lock leaves the directory; `report.json` names its histories as they are on disk.
 * - Histories that an earlier run left are gone; nothing else in the directory is touched.
 * - What is in the files but `meta.json` depends on the material alone.
 */
import path from 'node:path'
import type { ReportMaterial } from '../../scenario/report.ts'
import { safeFileName } from '../../text/file-name.ts'
import { HISTORIES, ReportFolder } from '../folder.ts'
import { reportHtml } from './html.ts'
import { metaJson, type ReportMeta, reportJson } from './json.ts'
import { reportJunit } from './junit.ts'
import { reportMarkdown } from './markdown.ts'
import { storyOfCell } from './shown-story.ts'

/** What was written, as paths to print. */
export interface WrittenReport {
  readonly html: string
  readonly json: string
}

/**
 * Writes all files of a report.
 * @throws UsageError when the directory cannot be written
 */
export async function writeReport(
  directory: string,
  material: ReportMaterial,
  meta: ReportMeta,
): Promise<WrittenReport> {
  const named = withSafeHistories(material)
  const folder = new ReportFolder(directory, [HISTORIES])
  await folder.write(async () => {
    for (const cell of named.report.cells) {
      const story = storyOfCell(named, cell)
      if (story !== null) await folder.put(`histories/${cell.history}`, story.ndjson)
    }
    await folder.put('report.md', reportMarkdown(named))
    await folder.put('junit.xml', reportJunit(named))
    await folder.put('index.html', reportHtml(named))
    await folder.put('meta.json', metaJson(meta))
    await folder.put('report.json', reportJson(named.report))
  })
  return { html: path.join(directory, 'index.html'), json: path.join(directory, 'report.json') }
}

/** The same material with histories that have safe names, no two alike. */
function withSafeHistories(material: ReportMaterial): ReportMaterial {
  const taken = new Set<string>()
  const cells = material.report.cells.map((cell) => {
    let history = safeFileName(cell.history)
    for (let n = 2; taken.has(history); n += 1) history = safeFileName(`${cell.history}\n${n}.ndjson`)
    taken.add(history)
    return { ...cell, history }
  })
  return { ...material, report: { ...material.report, cells } }
}
