/**
 * `meta.json` of a run: what differs from run to run and from machine to machine.
 */
import { readFileSync } from 'node:fs'
import os from 'node:os'
import type { ReportMeta } from '../report/json.ts'

/** Of what began then and is over now; `command` is what was called. */
export const metaOf = (startedAt: Date, command: string): ReportMeta => ({
  startedAt: startedAt.toISOString(),
  elapsedMs: Date.now() - startedAt.getTime(),
  lockstorm: packageVersion(),
  node: process.version,
  platform: `${process.platform} ${process.arch}`,
  host: os.hostname(),
  command,
})

/** The version of this package. */
export function packageVersion(): string {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8')
  return (JSON.parse(text) as { version: string }).version
}
