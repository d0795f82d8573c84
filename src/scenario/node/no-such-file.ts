/** The error for a file that a user names and that is not there, with the nearest name beside it. */
import { existsSync, readdirSync } from 'node:fs'
import path from 'node:path'
import { UsageError } from '../../sim/usage-error.ts'
import { nearHint } from '../nearest.ts'

export function noSuchFile(file: string): UsageError {
  const folder = path.dirname(file)
  const beside = existsSync(folder) ? readdirSync(folder) : []
  return new UsageError(
    file,
    `there is no such file${nearHint(path.basename(file), beside)}`,
    `it is looked for from ${process.cwd()}`,
  )
}
