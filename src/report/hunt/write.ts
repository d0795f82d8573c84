/**
 * Writes the files of a hunt into one directory:
 *
 *   report.json · report.md · index.html · junit.xml · meta.json · replays/*.replay.json · histories/*.ndjson
 *
 * Each is written under a temporary name and renamed; `report.json` comes last. Replays and histories that an earlier hunt
 * left are gone; nothing else in the directory is touched.
 */
import path from 'node:path'
import { type ReplayFile, writeReplay } from '../../explore/replay-file.ts'
import type { Plan } from '../../world/plan.ts'
import type { Story } from '../../world/story-data.ts'
import { HISTORIES, REPLAYS, ReportFolder } from '../folder.ts'
import { plainJson } from '../plain-json.ts'
import { metaJson, type ReportMeta } from '../run/json.ts'
import type { WrittenReport } from '../run/write.ts'
import { huntHtml } from './html.ts'
import type { HuntReport } from './hunt-report.ts'
import { type HuntJunitOptions, huntJunit } from './junit.ts'
import { huntMarkdown } from './markdown.ts'
import { type HuntMaterial, historyFileOf } from './material.ts'

/** What a replay file is made of. */
export interface ReplayMaterial {
  readonly plan: Plan
  readonly told: Omit<ReplayFile, 'schema' | 'engine' | 'client' | 'seed' | 'storm'>
}

/**
 * Writes all files of a hunt.
 * @param stories of the first violations, in their order
 * @param replays of the violations, in their order
 * @throws UsageError when the directory cannot be written
 */
export async function writeHunt(
  directory: string,
  report: HuntReport,
  stories: readonly (Story | null)[],
  replays: readonly ReplayMaterial[],
  meta: ReportMeta,
  { isLimitAllowed = false }: HuntJunitOptions = {},
): Promise<WrittenReport> {
  const folder = new ReportFolder(directory, [HISTORIES, REPLAYS])
  await folder.write(async () => {
    for (const [index, violation] of report.violations.entries()) {
      const replay = replays[index]
      if (replay !== undefined) await folder.put(violation.replayFile, writeReplay(replay.plan, replay.told))
      const story = stories[index] ?? null
      if (story !== null) await folder.put(historyFileOf(violation), story.ndjson)
    }
    const material: HuntMaterial = { report, stories, replayCount: replays.length }
    await folder.put('report.md', huntMarkdown(material))
    await folder.put('junit.xml', huntJunit(material, { isLimitAllowed }))
    await folder.put('index.html', huntHtml(material))
    await folder.put('meta.json', metaJson(meta))
    await folder.put('report.json', plainJson(report))
  })
  return { html: path.join(directory, 'index.html'), json: path.join(directory, 'report.json') }
}
