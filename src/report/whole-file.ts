/**
 * A file that is there whole or not at all: written under a temporary name beside its place and renamed, so that a kill leaves the
 * old file or the new one.
 */
import { mkdir, rename, rm, stat, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { UsageError } from '../sim/usage-error.ts'

/** What a run that was killed leaves; `.<name>.<number>.<pid>.tmp`. */
export const TEMPORARY_FILE = /^\..+\.(\d+)\.tmp$/

/** So many were written by this process, perhaps several at once. */
let written = 0

/** Writes a file in place of the one that is there, with the folders above it. */
export async function replaceFile(file: string, text: string): Promise<void> {
  await makeFolder(path.dirname(file))
  written += 1
  const temporary = path.join(path.dirname(file), `.${path.basename(file)}.${written}.${process.pid}.tmp`)
  // Never through a link that somebody else has put there.
  await rm(temporary, { force: true })
  try {
    await writeFile(temporary, text, { flag: 'wx' })
    await rename(temporary, file)
  } catch (error) {
    await rm(temporary, { force: true })
    throw error
  }
}

/** Makes a folder with those above it. Node's own way to do that never ends where no folder can be made (`/proc`). */
export async function makeFolder(folder: string): Promise<void> {
  if ((await kindOf(folder)) === 'folder') return
  const parent = path.dirname(folder)
  if ((await kindOf(parent)) === 'nothing') await makeFolder(parent)
  try {
    await mkdir(folder)
  } catch (error) {
    // Another run may have made it meanwhile.
    if ((await kindOf(folder)) !== 'folder') throw error
  }
}

/** Where nothing can be asked there is nothing: making it says why. */
const kindOf = (place: string): Promise<'folder' | 'file' | 'nothing'> =>
  stat(place).then(
    (found) => (found.isDirectory() ? 'folder' : 'file'),
    () => 'nothing',
  )

/** What to do about what a file system refuses, where `elsewhere` could be chosen; of others no more is known than that. */
const FIXES: Readonly<Record<string, (elsewhere: string) => string>> = {
  EACCES: (elsewhere) => `choose ${elsewhere}, or give yourself the right to write there`,
  EPERM: (elsewhere) => `choose ${elsewhere}, or give yourself the right to write there`,
  EROFS: (elsewhere) => `the file system is read-only: choose ${elsewhere}`,
  ENOSPC: (elsewhere) => `the disk is full: make room, or choose ${elsewhere}`,
  EDQUOT: (elsewhere) => `the disk quota is used up: make room, or choose ${elsewhere}`,
  ENOTDIR: (elsewhere) => `a part of this path is a file: choose ${elsewhere}`,
  EEXIST: (elsewhere) => `there is a file of this name: choose ${elsewhere}`,
  EISDIR: (elsewhere) => `a directory has the name of a file: remove it, or choose ${elsewhere}`,
}

/**
 * What the file system refused, with the path and a fix; everything else is ours and stays as it is.
 * @param what cannot be written: `the report`
 * @param elsewhere what could be chosen instead: `another directory with --output`
 */
export function asUsageError(error: unknown, place: string, what: string, elsewhere: string): unknown {
  const { code = '', syscall, path: refused, dest } = error as NodeJS.ErrnoException & { readonly dest?: string }
  if (syscall === undefined || !/^E[A-Z]+$/.test(code)) return error
  const fix = FIXES[code] ?? (() => `choose ${elsewhere}`)
  return new UsageError(dest ?? refused ?? place, `${what} cannot be written (${code})`, fix(elsewhere), {
    cause: error,
  })
}

/**
 * Writes one file that the user named.
 * @throws UsageError when it cannot be written
 */
export async function writeWhole(file: string, text: string, what: string, elsewhere: string): Promise<void> {
  try {
    await replaceFile(file, text)
  } catch (error) {
    throw asUsageError(error, file, what, elsewhere)
  }
}
