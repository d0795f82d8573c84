/**
 * The folder of a report: each file is written under a temporary name beside its place and renamed, so that a kill leaves the
 * old file or the new one. `report.json` comes last: a reader who finds the new one finds everything that it names.
 *
 * Invariants
 * - Names are ours or made safe before they come here: nothing is written outside the folder.
 * - Histories, replay files and the picture that an earlier run left are removed; no other file is touched.
 */
import { readdir, rm } from 'node:fs/promises'
import path from 'node:path'
import { asUsageError, makeFolder, replaceFile, TEMPORARY_FILE } from './whole-file.ts'

/** Files that a run replaces by its own: a folder, and which names in it. */
export type OwnFiles = readonly [folder: string, pattern: RegExp]

export const HISTORIES: OwnFiles = ['histories', /\.ndjson$/]
/** Only those that a hunt named: people keep their own beside them. */
export const REPLAYS: OwnFiles = ['replays', /^\d+-[a-z-]+\.replay\.json$/]

/** The picture that `report.md` shows, beside it. */
export const PICTURE: OwnFiles = ['.', /^story\.svg$/]

/** A file of a report: its path below the folder, and its text. */
export type ReportFile = readonly [name: string, text: string]

/** What was written, as paths to print. */
export interface WrittenReport {
  readonly html: string
  readonly json: string
}

/**
 * Writes the files of a report in their order; each is asked for when the one before it is written.
 * @param elsewhere what could be chosen if it cannot be written
 * @param owned what an earlier run left of these is gone afterwards
 * @throws UsageError when the folder cannot be written
 */
export async function writeFolder(
  directory: string,
  owned: readonly OwnFiles[],
  files: Iterable<ReportFile>,
  elsewhere = 'another directory with --output',
): Promise<WrittenReport> {
  const written = new Set<string>()
  try {
    await makeFolder(directory)
    await removeTemporary(directory)
    for (const [name, text] of files) {
      const file = path.join(directory, name)
      await replaceFile(file, text)
      written.add(path.normalize(name))
    }
    for (const [folder, pattern] of owned) await removeOld(directory, folder, pattern, written)
  } catch (error) {
    throw asUsageError(error, directory, 'the report', elsewhere)
  }
  return { html: path.join(directory, 'index.html'), json: path.join(directory, 'report.json') }
}

async function removeOld(directory: string, folder: string, pattern: RegExp, kept: ReadonlySet<string>): Promise<void> {
  const place = path.join(directory, folder)
  let names: readonly string[]
  try {
    names = await readdir(place)
  } catch {
    // No run has made it.
    return
  }
  await removeTemporary(place)
  for (const name of names) {
    // Another run into this folder may remove it, too.
    if (pattern.test(name) && !kept.has(path.join(folder, name))) await rm(path.join(place, name), { force: true })
  }
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
    // EPERM: the process lives, but belongs to another user.
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}
