/** What a verb of the command line is called with. */
import type { Terminal } from './terminal.ts'

/** What a verb is called with. */
export interface Invocation {
  /** Scenarios; for `replay`, the token and then scenario files. */
  readonly words: readonly string[]
  /** By the keys of settings, and `config`, `printConfig`. */
  readonly flags: Readonly<Record<string, unknown>>
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly terminal: Terminal
  readonly version: string
  /** As it was typed, for `meta.json`. */
  readonly commandLine: string
}
