/** `lockstorm diff`: which findings are new in a report, and which are gone, compared with another one. */
import path from 'node:path'
import { diffOf, diffText, findingsIn } from '../report/diff.ts'
import { readNamed } from '../scenario/node/named-file.ts'
import { noSuchFile } from '../scenario/node/no-such-file.ts'
import { statOf } from '../scenario/node/stat-of.ts'
import { EXIT, type ExitCode } from './exit-code.ts'
import { type Invocation, invokedSettings, paletteOf } from './invocation.ts'

/** Runs the verb. */
export async function diff(invocation: Invocation): Promise<ExitCode> {
  const settled = await invokedSettings(invocation)
  if (settled === null) return EXIT.ok
  const { settings } = settled
  const { words, terminal } = invocation
  const [before = '', after = ''] = words.map(reportFile)
  const told = diffOf(findingsIn(readNamed(before), before), findingsIn(readNamed(after), after))
  if (settings.json) terminal.print(JSON.stringify(told, null, 2))
  else {
    const palette = await paletteOf(settings, invocation)
    terminal.print(diffText(told, { palette, width: Math.min(terminal.width, 100) }))
  }
  return told.new.length > 0 ? EXIT.violated : EXIT.ok
}

/** A report that is named by its file or by its folder. */
function reportFile(word: string): string {
  const stat = statOf(word)
  if (stat === undefined) throw noSuchFile(word)
  if (!stat.isDirectory()) return word
  const file = path.join(word, 'report.json')
  if (statOf(file) === undefined) throw noSuchFile(file)
  return file
}
