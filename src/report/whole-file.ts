/**
 * A file that is there whole or not at all: written under a temporary name beside its place and renamed, so that a kill leaves the
 * old file or the new one.
 */
import { mkdir, rename, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { UsageError } from '../sim/usage-error.ts'

/** What a run that was killed leaves; `.<name>.<pid>.tmp`. */
export const TEMPORARY_FILE = /^\..+\.(\d+)\.tmp$/

/** Writes a file in place of the one that is there, with the folders above it. */
export async function replaceFile(file: string, text: string): Promise<void> {
  await mkdir(path.dirname(file), { recursive: true })
  const temporary = path.join(path.dirname(file), `.${path.basename(file)}.${process.pid}.tmp`)
  await writeFile(temporary, text)
  await rename(temporary, file)
}

/** What to do about what a file system refuses, where `elsewhere` could be chosen. */
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
  const { code, path: refused } = error as NodeJS.ErrnoException
  const fix = code === undefined ? undefined : FIXES[code]
  if (fix === undefined) return error
  return new UsageError(refused ?? place, `${what} cannot be written (${code})`, fix(elsewhere), { cause: error })
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
