/**
 * The preload library, compiled once per machine and kept in the user's cache folder.
 *
 * Two processes may compile at once: each writes a file of its own and renames it, so the last one replaces the
 * library by an equal one. The cache is the user's own; a folder that others can write to would let them run code here.
 */
import { spawnSync } from 'node:child_process'
import { createHash, randomUUID } from 'node:crypto'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { PRELOAD_SOURCE } from './preload-source.ts'

/** Where the library is, or in one line why there is none. */
export type Preload = { readonly path: string } | { readonly missing: string }

/** The library for this machine, compiled when it is not there yet. `folder` is used when the cache cannot be written. */
export function buildPreload(folder: string, source: string = PRELOAD_SOURCE): Preload {
  if (process.platform !== 'linux') return { missing: `no virtual clock on ${process.platform}: it needs Linux` }
  const compiler = findOnPath([process.env.CC, 'cc', 'gcc', 'clang'])
  if (compiler === null) return { missing: 'no virtual clock: no C compiler (cc, gcc or clang) on the PATH' }
  const compilerFile = fs.realpathSync(compiler)
  const { mtimeMs, size } = fs.statSync(compilerFile)
  const key = createHash('sha256')
    .update([source, compilerFile, mtimeMs, size, process.arch].join('\0'))
    .digest('hex')
    .slice(0, 16)
  const library = `preload-${key}.so`
  const cached = path.join(cacheFolder(), library)
  if (fs.existsSync(cached)) return { path: cached }
  const target = path.join(makeFolder(cacheFolder()) ?? folder, library)
  const temporary = `${target}.${randomUUID()}`
  const { status, stderr, error } = spawnSync(
    compiler,
    ['-shared', '-fPIC', '-O2', '-x', 'c', '-', '-o', temporary, '-ldl'],
    { input: source, encoding: 'utf8' },
  )
  if (status !== 0) {
    const reason = error?.message ?? stderr.trim().split('\n')[0]
    return { missing: `no virtual clock: ${compiler} failed: ${reason}` }
  }
  fs.renameSync(temporary, target)
  return { path: target }
}

/** The first of these programs that is there. Links stay: Debian's redis-server looks at its own name to see what it is. */
export function findOnPath(names: readonly (string | undefined)[]): string | null {
  const folders = (process.env.PATH ?? '').split(path.delimiter).filter((folder) => folder !== '')
  for (const name of names) {
    if (name === undefined || name === '') continue
    const candidates = name.includes('/') ? [name] : folders.map((folder) => path.join(folder, name))
    for (const candidate of candidates) {
      if (isProgram(candidate)) return path.resolve(candidate)
    }
  }
  return null
}

function isProgram(file: string): boolean {
  try {
    fs.accessSync(file, fs.constants.X_OK)
    return fs.statSync(file).isFile()
  } catch {
    // Not there, or not ours to run: the next candidate decides.
    return false
  }
}

const cacheFolder = (): string =>
  path.join(process.env.XDG_CACHE_HOME ?? path.join(os.homedir(), '.cache'), 'lockstorm')

/** The folder, or null when it cannot be written (a home that is read-only, or none). */
function makeFolder(folder: string): string | null {
  try {
    if (!fs.existsSync(folder)) {
      // Not `recursive`: that never ends where no folder can be made (`/proc`).
      if (!fs.existsSync(path.dirname(folder)) && makeFolder(path.dirname(folder)) === null) return null
      fs.mkdirSync(folder, { mode: 0o700 })
    }
    fs.accessSync(folder, fs.constants.W_OK)
    return folder
  } catch {
    return null
  }
}
