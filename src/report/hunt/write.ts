/**
 * The files of a hunt:
 *
 *   report.json · report.md · story.svg · index.html · junit.xml · ctrf.json · code-quality.json · results.sarif · badge.json · meta.json ·
 *   replays/*.replay.json · histories/*.ndjson
 */
import { type ReplayFile, writeReplay } from '../../explore/replay-file.ts'
import type { Plan } from '../../world/plan.ts'
import { HISTORIES, PICTURE, REPLAYS, type ReportFile, type WrittenReport, writeFolder } from '../folder.ts'
import { jsonText, metaJson, type ReportMeta } from '../json.ts'
import { junitXml } from '../junit-xml.ts'
import { pictureFiles } from '../markdown-picture.ts'
import { surfaceFiles } from '../surface/files.ts'
import { huntHtml } from './html.ts'
import { huntCases } from './junit.ts'
import { huntMarkdown, picturedFinding } from './markdown.ts'
import { type HuntMaterial, historyFileOf } from './material.ts'
import { huntProblems } from './problems.ts'

/** What a replay file is made of. */
export interface ReplayMaterial {
  readonly plan: Plan
  readonly told: Omit<ReplayFile, 'schema' | 'engine' | 'client' | 'seed' | 'storm'>
}

/**
 * Writes all files of a hunt.
 * @param replays of the violations, in their order
 * @throws UsageError when the directory cannot be written
 */
export const writeHunt = (
  directory: string,
  told: Omit<HuntMaterial, 'replayCount'>,
  replays: readonly ReplayMaterial[],
  meta: ReportMeta,
): Promise<WrittenReport> =>
  writeFolder(
    directory,
    [HISTORIES, REPLAYS, PICTURE],
    filesOf({ ...told, replayCount: replays.length }, replays, meta),
  )

function* filesOf(material: HuntMaterial, replays: readonly ReplayMaterial[], meta: ReportMeta): Generator<ReportFile> {
  const { report, stories } = material
  for (const [index, violation] of report.violations.entries()) {
    const replay = replays[index]
    if (replay !== undefined) yield [violation.replayFile, writeReplay(replay.plan, replay.told)]
    const story = stories[index] ?? null
    if (story !== null) yield [historyFileOf(violation), story.ndjson]
  }
  const pictured = picturedFinding(material)
  yield* pictureFiles(pictured)
  yield ['report.md', huntMarkdown(material, pictured)]
  const cases = huntCases(material)
  yield ['junit.xml', junitXml(cases)]
  yield* surfaceFiles(huntProblems(report, stories), cases, report.engine, meta)
  yield ['index.html', huntHtml(material)]
  yield ['meta.json', metaJson(meta)]
  yield ['report.json', jsonText(report)]
}
