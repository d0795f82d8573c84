/** `lockstorm replay`: the one world that a token or a replay file names, run again and told. */

import { checkChoice } from '../engine/provider.ts'
import { replayOn, replayWorld } from '../engine/replay.ts'
import { resolveSettings } from '../engine/settings.ts'
import { loadConfigFile } from './config-file.ts'
import { type ExitCode, exitCodeOf } from './exit-code.ts'
import { type Invocation, paletteOf } from './invocation.ts'

/** Runs the verb. */
export async function replay(invocation: Invocation): Promise<ExitCode> {
  const { flags, environment, terminal } = invocation
  const [word = '', ...files] = invocation.words
  const asked = { word, files, lockFiles: [], objects: [] }
  const redis = await replayOn(asked, flags.redis as string | undefined)
  const config = await loadConfigFile((flags.config as string | undefined) ?? environment.LOCKSTORM_CONFIG)
  const { settings } = resolveSettings({ flags, environment, config })
  checkChoice(redis, flags)
  const result = await replayWorld(
    { ...asked, lockFiles: settings.lock },
    { ...settings, redis },
    { onWarning: (text) => terminal.tell(text) },
  )
  const { report, origin, story } = result
  if (result.status === 'not-deterministic') terminal.tell(result.difference)
  else if (settings.json) terminal.print(JSON.stringify(report, null, 2))
  else {
    const { replayText } = await import('../report/replay/terminal.ts')
    terminal.print(
      replayText(report, origin, story, {
        palette: await paletteOf(settings, invocation),
        width: Math.min(terminal.width, 100),
        isQuiet: settings.quiet,
        isVerbose: settings.verbose,
      }),
    )
  }
  return exitCodeOf(result.outcome)
}
