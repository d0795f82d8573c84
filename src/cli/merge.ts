/**
 * `lockstorm merge`: joins the parts of a hunt that was shared out over several machines, and reports as one machine would have.
 */

import { EXIT, type ExitCode } from './exit-code.ts'
import { told } from './hunt.ts'
import { type Invocation, invokedSettings } from './invocation.ts'

/** Runs the verb. */
export async function merge(invocation: Invocation): Promise<ExitCode> {
  const settled = await invokedSettings(invocation)
  if (settled === null) return EXIT.ok
  const { mergeParts, missingText, readParts } = await import('../engine/shard.ts')
  const parts = readParts(invocation.words, settled.settings, invocation.flags)
  const { joined, settings } = parts
  if (joined.missing.length > 0 && settings.shard !== null) {
    invocation.terminal.tell(`warning: ${missingText(joined.missing, settings.shard.count)}`)
  }
  return told(settings, invocation, (watch) => mergeParts(parts, watch))
}
