/** `lockstorm judge`: what was recorded elsewhere, judged. */
import { judgeRecorded } from '../engine/judge.ts'
import { judgedText } from '../report/judged.ts'
import { EXIT, type ExitCode, exitCodeOf } from './exit-code.ts'
import { type Invocation, invokedSettings, paletteOf } from './invocation.ts'

/** Runs the verb. */
export async function judge(invocation: Invocation): Promise<ExitCode> {
  const settled = await invokedSettings(invocation)
  if (settled === null) return EXIT.ok
  const { settings } = settled
  const { terminal, words } = invocation
  const { outcome, report } = await judgeRecorded(words, settings)
  if (settings.json) terminal.print(JSON.stringify(report, null, 2))
  else {
    const palette = await paletteOf(settings, invocation)
    terminal.print(judgedText(report, { palette, width: Math.min(terminal.width, 100) }))
  }
  return exitCodeOf(outcome)
}
