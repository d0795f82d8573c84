/** The settings of one invocation: flags, environment and config file joined. */
import { checkChoice } from '../engine/provider.ts'
import { loadConfigFile } from './config-file.ts'
import type { Invocation } from './invocation.ts'
import { withoutPasswords } from './secrets.ts'
import { describeOrigins, resolveSettings, type Settings } from './settings.ts'

/**
 * The settings that an invocation asks for; null when it only asks what they are (`--print-config`), which is told then.
 * @throws UsageError
 */
export async function invokedSettings({ flags, environment, terminal }: Invocation): Promise<Settings | null> {
  const config = await loadConfigFile((flags.config as string | undefined) ?? environment.LOCKSTORM_CONFIG)
  const maxFailures = flags.maxFailures ?? (flags.firstFailure === true ? '1' : undefined)
  const { settings, origins } = resolveSettings({ flags: { ...flags, maxFailures }, environment, config })
  if (flags.printConfig === true) {
    terminal.print(settings.json ? withoutPasswords(JSON.stringify(origins, null, 2)) : describeOrigins(origins))
    return null
  }
  checkChoice(settings.redis, flags)
  return settings
}
