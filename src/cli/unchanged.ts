/** What is said when `--changed` finds nothing to run: one line, or one JSON document. */
import type { Settings } from '../engine/settings.ts'
import { visible } from '../text/escape.ts'
import type { Invocation } from './invocation.ts'

/** Says that nothing has changed: `--changed`. */
export function tellUnchanged(what: string, { json, changed: since }: Settings, { terminal }: Invocation): void {
  if (json) terminal.print(JSON.stringify({ changed: false, since }))
  else terminal.print(`${visible(what)}: nothing that it loads has changed since ${visible(since ?? '')}`)
}
