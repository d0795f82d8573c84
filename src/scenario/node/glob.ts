/**
 * Globs over files, for words that a shell has left as they are: `*` and `?` within a name, `**` for any folders, `{a,b}`.
 *
 * Invariants
 * - What comes out is sorted, so it does not depend on the file system.
 * - `node_modules` and names that begin with a dot are not entered, unless the glob says so.
 */
import { readdirSync } from 'node:fs'
import path from 'node:path'

/** Whether a word is a glob. */
export const isGlob = (word: string): boolean => /[*?{]/.test(word)

/** A glob as a regular expression over a whole path with `/`. */
export function globPattern(glob: string): RegExp {
  const source = glob.replace(/\*\*\/|\*\*|\*|\?|\{[^{}]*\}|[\\^$.|+()[\]{}]/g, (part) => {
    if (part === '**/') return '(?:[^/]+/)*'
    if (part === '**') return '.*'
    if (part === '*') return '[^/]*'
    if (part === '?') return '[^/]'
    if (part.length > 1) return `(?:${part.slice(1, -1).split(',').map(literal).join('|')})`
    return `\\${part}`
  })
  return new RegExp(`^${source}$`)
}

const literal = (text: string): string => text.replace(/[\\^$.|?*+()[\]{}]/g, '\\$&')

/** The files that a glob names, sorted. */
export function filesMatching(glob: string): readonly string[] {
  const normal = glob.replace(/^\.\//, '')
  const fixed = normal.split('/').slice(0, -1)
  const until = fixed.findIndex(isGlob)
  const root = (until < 0 ? fixed : fixed.slice(0, until)).join('/')
  const pattern = globPattern(normal)
  const start = normal.startsWith('/') && root === '' ? '/' : root
  return walk(start, normal)
    .filter((file) => pattern.test(file))
    .sort()
}

/** Every file below a folder; `''` is the current one. */
function walk(folder: string, glob: string): string[] {
  let entries: import('node:fs').Dirent[]
  try {
    entries = readdirSync(folder === '' ? '.' : folder, { withFileTypes: true })
  } catch {
    // There is no such folder, or it is not ours to read: it holds no file that can be named.
    return []
  }
  return entries.flatMap((entry) => {
    const place = folder === '' ? entry.name : path.posix.join(folder, entry.name)
    if (!entry.isDirectory()) return [place]
    const isHidden = entry.name === 'node_modules' || entry.name.startsWith('.')
    return isHidden && !glob.includes(entry.name) ? [] : walk(place, glob)
  })
}
