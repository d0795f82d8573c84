/**
 * `lockstorm.config.ts` (or `.js`, `.mjs`) in the current folder, or the file that `--config` names: its default export is
 * an object of settings.
 */
import { existsSync } from 'node:fs'
import path from 'node:path'
import type { ConfigFile } from '../engine/settings.ts'
import { UsageError } from '../sim/usage-error.ts'

const NAMES = ['lockstorm.config.ts', 'lockstorm.config.js', 'lockstorm.config.mjs']

/** The one in the current folder; null: there is none. */
export const configFileHere = (): string | null => NAMES.find((name) => existsSync(name)) ?? null

/**
 * The config file, or null when there is none.
 * @throws UsageError when the named one is missing, or it is broken
 */
export async function loadConfigFile(named: string | undefined): Promise<ConfigFile | null> {
  const file = named ?? configFileHere()
  if (file === null) return null
  if (!existsSync(file))
    throw new UsageError('--config', `there is no file ${file}`, `it is looked for from ${process.cwd()}`)
  const { importFile } = await import('../scenario/node/load-file.ts')
  const { default: values } = await importFile(file, path.resolve(file))
  if (typeof values !== 'object' || values === null || Array.isArray(values)) {
    throw new UsageError(file, 'expected a default export with settings', "export default { seed: '7', runs: 20 }")
  }
  try {
    return { path: file, values: { ...values } }
  } catch (error) {
    throw new UsageError(file, `its settings cannot be read: ${String(error)}`)
  }
}
