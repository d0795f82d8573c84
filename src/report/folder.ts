/**
 * The folder of a report: files written under a temporary name beside their place and renamed, so that a kill leaves the old
 * file or the new one.
 *
 * Invariants
 * - Names are ours or made safe before they come here: nothing is written outside the folder.
 * - Of what it owns, what an earlier run left is gone; nothing else is touched.
 */
import { mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { UsageError } from '../sim/usage-error.ts'

/** Files of earlier runs, which a run replaces by its own: a folder, and how they are called. */
export type OwnFiles = readonly [folder: string, pattern: RegExp]

export const HISTORIES: OwnFiles = ['histories', /\.ndjson$/]
/** Only those that a hunt named: people keep their own beside them. */
export const REPLAYS: OwnFiles = ['replays', /^\d+-[a-z-]+\.replay\.json$/]
/** What a run that was killed leaves; `.<name>.<pid>.tmp`. */
const TEMPORARY_FILE = /^\..+\.(\d+)\.tmp$/

export class ReportFolder {
  readonly #directory: string
  readonly #owned: readonly OwnFiles[]
  readonly #written = new Set<string>()

  /** @param owned what an earlier run left of these is gone afterwards */
  constructor(directory: string, owned: readonly OwnFiles[]) {
    this.#directory = directory
    this.#owned = owned
  }

  /**
   * Runs `write`, which puts the files, and clears away what earlier runs left.
   * @throws UsageError when the folder cannot be written
   */
  async write(write: () => Promise<void>): Promise<void> {
    try {
      await mkdir(this.#directory, { recursive: true })
      await removeTemporary(this.#directory)
      await write()
      for (const [folder, pattern] of this.#owned) await this.#removeOld(folder, pattern)
    } catch (error) {
      throw asUsageError(error, this.#directory)
    }
  }

  /** Writes one file; `name` is its path below the folder. */
  async put(name: string, text: string): Promise<void> {
    const file = path.join(this.#directory, name)
    await mkdir(path.dirname(file), { recursive: true })
    await replaceFile(file, text)
    this.#written.add(path.normalize(name))
  }

  async #removeOld(folder: string, pattern: RegExp): Promise<void> {
    const directory = path.join(this.#directory, folder)
    let names: readonly string[]
    try {
      names = await readdir(directory)
    } catch {
      // It never was.
      return
    }
    await removeTemporary(directory)
    for (const name of names) {
      if (pattern.test(name) && !this.#written.has(path.join(folder, name))) await rm(path.join(directory, name))
    }
  }
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
