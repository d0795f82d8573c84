/**
 * `meta.json` of a run: what differs from run to run and from machine to machine.
 */
import os from 'node:os'
import type { ReportMeta } from '../report/run/json.ts'
import type { Invocation } from './invocation.ts'

/** Of the run that began then and is over now. */
export const runMeta = (startedAt: Date, { version, commandLine }: Invocation): ReportMeta => ({
  startedAt: startedAt.toISOString(),
  elapsedMs: Date.now() - startedAt.getTime(),
  lockstorm: version,
  node: process.version,
  platform: `${process.platform} ${process.arch}`,
  host: os.hostname(),
  command: commandLine,
})
