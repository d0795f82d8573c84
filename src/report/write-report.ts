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
import { mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { UsageError } from '../sim/usage-error.ts'
import { safeFileName } from './file-name.ts'
import { historyLines } from './history-lines.ts'
import { reportHtml } from './html.ts'
import { metaJson, type ReportMeta, reportJson } from './json.ts'
import { reportJunit } from './junit.ts'
import { reportMarkdown } from './markdown.ts'
import type { ReportMaterial } from './report.ts'
import { storyOfCell } from './shown-story.ts'

const HISTORIES = 'histories'
const HISTORY_FILE = /\.ndjson$/
/** What a run that was killed leaves; `.<name>.<pid>.tmp`. */
const TEMPORARY_FILE = /^\..+\.(\d+)\.tmp$/

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
  const histories = path.join(directory, HISTORIES)
  try {
    await mkdir(histories, { recursive: true })
    await removeTemporary(directory)
    await removeTemporary(histories)
    const written = new Set<string>()
    for (const cell of named.report.cells) {
      const story = storyOfCell(named, cell)
      if (story === null) continue
      await replaceFile(path.join(histories, cell.history), historyLines(story.records))
      written.add(cell.history)
    }
    for (const name of await readdir(histories)) {
      if (HISTORY_FILE.test(name) && !written.has(name)) await rm(path.join(histories, name))
    }
    await replaceFile(path.join(directory, 'report.md'), reportMarkdown(named))
    await replaceFile(path.join(directory, 'junit.xml'), reportJunit(named))
    await replaceFile(path.join(directory, 'index.html'), reportHtml(named))
    await replaceFile(path.join(directory, 'meta.json'), metaJson(meta))
    await replaceFile(path.join(directory, 'report.json'), reportJson(named.report))
  } catch (error) {
    throw asUsageError(error, directory)
  }
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

async function replaceFile(file: string, text: string): Promise<void> {
  const temporary = path.join(path.dirname(file), `.${path.basename(file)}.${process.pid}.tmp`)
  await writeFile(temporary, text)
  await rename(temporary, file)
}

/** Clears away what killed runs left; a run that is still alive may be writing its own. */
async function removeTemporary(directory: string): Promise<void> {
  for (const name of await readdir(directory)) {
    const pid = TEMPORARY_FILE.exec(name)?.[1]
    if (pid !== undefined && !isAlive(Number(pid))) await rm(path.join(directory, name), { force: true })
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    // EPERM: it lives, but belongs to somebody else.
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

const FIXES: Readonly<Record<string, string>> = {
  EACCES: 'choose another directory with --output, or give yourself the right to write there',
  EPERM: 'choose another directory with --output, or give yourself the right to write there',
  EROFS: 'the file system is read-only: choose another directory with --output',
  ENOSPC: 'the disk is full: make room, or choose another directory with --output',
  EDQUOT: 'the disk quota is used up: make room, or choose another directory with --output',
  ENOTDIR: 'a part of this path is a file: choose another directory with --output',
  EEXIST: 'there is a file of this name: choose another directory with --output',
  EISDIR: 'a directory has the name of a file of the report: remove it, or choose another directory with --output',
}

/** What the file system refused, with the path and a fix; everything else is ours and stays as it is. */
function asUsageError(error: unknown, directory: string): unknown {
  const { code, path: place } = error as NodeJS.ErrnoException
  const fix = code === undefined ? undefined : FIXES[code]
  if (fix === undefined) return error
  return new UsageError(place ?? directory, `the report cannot be written (${code})`, fix, { cause: error })
}
