/** Reads what COMMAND DOCS says, once for a process, when somebody asks: few clients do. */
import { readFileSync } from 'node:fs'
import type { CommandDocs } from '../command-docs.ts'

let docs: CommandDocs | null = null

/** The documentation of all commands. */
export function loadCommandDocs(): CommandDocs {
  docs ??= JSON.parse(readFileSync(new URL('../command-docs.json', import.meta.url), 'utf8')) as CommandDocs
  return docs
}
