/** What a verb of the command line is called with, and the settings that come of it. */
import { checkChoice } from '../engine/provider.ts'
import { withoutPasswords } from '../engine/secrets.ts'
import { describeOrigins, resolveSettings, type Settings } from '../engine/settings.ts'
import type { Palette } from '../text/palette.ts'
import { loadConfigFile } from './config-file.ts'
import { decideColor, paletteFor, type Terminal } from './terminal.ts'

/** What a verb is called with. */
export interface Invocation {
  /** Scenarios; for `replay`, the token and then scenario files. */
  readonly words: readonly string[]
  /** By the keys of settings, and `config`, `printConfig`. */
  readonly flags: Readonly<Record<string, unknown>>
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly terminal: Terminal
  /** As it was typed, for `meta.json`. */
  readonly commandLine: string
  /** With `--watch`: missing, it runs once. */
  readonly rerun?: Rerun
}

/** What a verb is given that is run again when files change. */
export interface Rerun {
  /** Aborted: it is to end, and what came of it is not told. */
  readonly signal: AbortSignal
  /** Told the files that it has loaded. */
  readonly onFiles: (files: readonly string[]) => void
}

/** Settings, and what of them was given, as it was given. */
export interface Settled {
  readonly settings: Settings
  readonly given: Readonly<Record<string, unknown>>
}

/**
 * The settings that an invocation asks for: flags, environment and config file joined. Null when it only asks what they are
 * (`--print-config`), which is told then.
 * @throws UsageError
 */
export async function invokedSettings({ flags, environment, terminal }: Invocation): Promise<Settled | null> {
  const config = await loadConfigFile((flags.config as string | undefined) ?? environment.LOCKSTORM_CONFIG)
  const maxFailures = flags.maxFailures ?? (flags.firstFailure === true ? '1' : undefined)
  const { settings, origins, given } = resolveSettings({ flags: { ...flags, maxFailures }, environment, config })
  if (flags.printConfig === true) {
    terminal.print(settings.json ? withoutPasswords(JSON.stringify(origins, null, 2)) : describeOrigins(origins))
    return null
  }
  checkChoice(settings.redis, flags)
  return { settings, given }
}

/** The palette of the answer. */
export const paletteOf = ({ color }: Settings, { environment, terminal }: Invocation): Promise<Palette> =>
  paletteFor(decideColor(color, environment, terminal.isAnswerTerminal))
