/** The baseline of a project on disk: `lockstorm.baseline.json`, or the file that `--baseline` names. */
import { existsSync } from 'node:fs'
import type { FindingName } from '../check/rank.ts'
import { type Baseline, readBaseline, updated, writeBaseline } from '../explore/baseline.ts'
import { writeWhole } from '../report/whole-file.ts'
import { readNamed } from '../scenario/node/named-file.ts'
import { noSuchFile } from '../scenario/node/no-such-file.ts'
import type { Settings } from './settings.ts'

/** What `--update-baseline` writes when `--baseline` names no file. */
const USUAL_FILE = 'lockstorm.baseline.json'

/** The file; null: there is to be none. */
export const baselineFile = ({ baseline, updateBaseline }: Settings): string | null =>
  baseline ?? (updateBaseline ? USUAL_FILE : null)

/**
 * The baseline that settings name; null: they name none.
 * @throws UsageError when it is not there, unless it is to be written, or is broken
 */
export function loadBaseline(settings: Settings): Baseline | null {
  const file = baselineFile(settings)
  if (file === null) return null
  if (existsSync(file)) return readBaseline(readNamed(file), file)
  if (settings.updateBaseline) return new Map()
  throw noSuchFile(file)
}

/**
 * Writes what was found into it.
 * @throws UsageError when it cannot be written
 */
export async function saveBaseline(
  settings: Settings,
  subject: string,
  found: readonly FindingName[],
  isWhole: boolean,
): Promise<string | null> {
  const file = baselineFile(settings)
  if (file === null) return null
  // Read again: other hunts may have written to it meanwhile.
  const text = writeBaseline(updated(loadBaseline(settings) ?? new Map(), subject, found, isWhole))
  await writeWhole(file, text, 'the baseline', 'another file with --baseline')
  return file
}
