/**
 * The files of a run:
 *
 *   report.json · report.md · story.svg · index.html · junit.xml · ctrf.json · code-quality.json · results.sarif · badge.json · meta.json ·
 *   histories/*.ndjson
 *
 * Invariants
 * - No name from a scenario or a lock leaves the directory; `report.json` names its histories as they are on disk.
 * - What is in the files except `meta.json` and the times of `ctrf.json` depends on the material alone.
 */
import type { ReportMaterial } from '../../scenario/report.ts'
import { safeFileName } from '../../text/file-name.ts'
import { HISTORIES, PICTURE, type ReportFile, type WrittenReport, writeFolder } from '../folder.ts'
import { metaJson, type ReportMeta } from '../json.ts'
import { junitXml } from '../junit-xml.ts'
import { pictureFiles } from '../markdown-picture.ts'
import { surfaceFiles } from '../surface/files.ts'
import { reportHtml } from './html.ts'
import { reportJson } from './json.ts'
import { reportCases } from './junit.ts'
import { picturedViolation, reportMarkdown } from './markdown.ts'
import { runProblems } from './problems.ts'
import { storyOfCell } from './shown-story.ts'

/**
 * Writes all files of a report.
 * @throws UsageError when the directory cannot be written
 */
export const writeReport = (directory: string, material: ReportMaterial, meta: ReportMeta): Promise<WrittenReport> =>
  writeFolder(directory, [HISTORIES, PICTURE], filesOf(withSafeHistories(material), meta))

function* filesOf(material: ReportMaterial, meta: ReportMeta): Generator<ReportFile> {
  for (const cell of material.report.cells) {
    const story = storyOfCell(material, cell)
    if (story !== null) yield [`histories/${cell.history}`, story.ndjson]
  }
  const pictured = picturedViolation(material)
  yield* pictureFiles(pictured)
  yield ['report.md', reportMarkdown(material, pictured)]
  const cases = reportCases(material)
  yield ['junit.xml', junitXml(cases)]
  yield* surfaceFiles(runProblems(material), cases, material.report.engine, meta)
  yield ['index.html', reportHtml(material)]
  yield ['meta.json', metaJson(meta)]
  yield ['report.json', reportJson(material.report)]
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
