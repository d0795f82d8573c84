/**
 * `lockstorm init`: says what was written, and which command comes next.
 */

import { configFileHere } from './config-file.ts'
import { EXIT, type ExitCode } from './exit-code.ts'
import type { Terminal } from './terminal.ts'

/** Runs the verb. */
export async function init(file: string, only: string | undefined, terminal: Terminal): Promise<ExitCode> {
  const [{ init: initialize }, api] = await Promise.all([import('../engine/init.ts'), import('../index.ts')])
  const { written, question, hunted } = await initialize(file, { ...api }, { only, configFile: configFileHere() })
  const width = Math.max(...written.map((each) => each.file.length), 0)
  for (const each of written) terminal.print(`wrote ${each.file.padEnd(width)}  ${each.what}`)
  if (written.every((each) => each.file !== hunted)) terminal.print(`${hunted} needs no adapter`)
  if (question !== null) terminal.print(`to be filled in: ${question}`)
  const word = hunted.startsWith('.') || hunted.startsWith('/') ? hunted : `./${hunted}`
  terminal.print(`next: npx lockstorm hunt ${/\s/.test(word) ? JSON.stringify(word) : word}`)
  return EXIT.ok
}
