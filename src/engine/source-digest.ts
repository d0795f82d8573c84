/**
 * A digest of the lock files that are under test, so that a replay can tell "the code has changed" from "the same code did
 * something else". What those files import is not part of it.
 */
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'

/** Empty when only built-in subjects are under test. */
export function sourceDigest(files: readonly string[]): string {
  if (files.length === 0) return ''
  const hash = createHash('sha256')
  for (const file of files) hash.update(readFileSync(file)).update('\0')
  return hash.digest('hex').slice(0, 16)
}
