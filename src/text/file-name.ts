/**
 * File names from names that users gave to scenarios and locks.
 *
 * Invariants
 * - What comes out is one plain name: letters, digits, `.`, `_`, `-`, never beginning with a dot or a hyphen, at most 120
 *   characters. No name leaves its directory, on any system.
 * - A name that is already like that stays as it is; so doing it twice changes nothing.
 * - Two different names stay different, also where a file system ignores case: what had to be changed gets a
 *   fingerprint of what it was.
 */
import { hashTrace } from '../sim/trace.ts'

const LENGTH_MAX = 120
/** Windows keeps these for devices, whatever the extension. */
const RESERVED = /^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/i
const PLAIN_NAME = /^[a-z0-9_][a-z0-9_.-]*$/

/** A safe form of a file name; its extension is kept when it is a plain one. */
export function safeFileName(name: string): string {
  if (PLAIN_NAME.test(name) && name.length <= LENGTH_MAX && !name.endsWith('.') && !RESERVED.test(name)) return name
  const extension = /\.[a-z0-9]{1,8}$/.exec(name)?.[0] ?? ''
  const stem = name.slice(0, name.length - extension.length)
  const kept = stem
    .toLowerCase()
    .replace(/[^a-z0-9_-]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, LENGTH_MAX - extension.length - 9)
  return `${kept === '' ? 'name' : kept}-${fingerprint(name)}${extension}`.replace(RESERVED, '_$&')
}

/** Eight hexadecimal digits. */
function fingerprint(name: string): string {
  return hashTrace([{ atUs: 0, seq: 0, process: '', type: 'note', op: 'name', value: name }]).slice(0, 8)
}
