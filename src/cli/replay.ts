/**
 * `lockstorm replay`: the world that a token or a replay file names, run again and told; or all replay files of a folder, a line
 * each and the stories of those whose finding is still there.
 */

import { checkChoice } from '../engine/provider.ts'
import { type ReplayResult, replayOn, replayWorld } from '../engine/replay.ts'
import { replayWords } from '../engine/replay-words.ts'
import { resolveSettings, type Settings } from '../engine/settings.ts'
import { writeWhole } from '../report/whole-file.ts'
import { UsageError } from '../sim/usage-error.ts'
import { visible } from '../text/escape.ts'
import { loadConfigFile } from './config-file.ts'
import { EXIT, type ExitCode, exitCodeOf } from './exit-code.ts'
import { type Invocation, paletteOf } from './invocation.ts'

/** Runs the verb. */
export async function replay(invocation: Invocation): Promise<ExitCode> {
  const { replays, scenarioFiles, areMany } = replayWords(invocation.words)
  const page = invocation.flags.html as string | undefined
  if (!areMany) {
    const { result, settings } = await replayOne(replays[0] as string, scenarioFiles, invocation)
    await print(result, settings, invocation)
    if (page !== undefined && result.status !== 'not-deterministic') {
      const { replayHtml } = await import('../report/replay/html.ts')
      const html = replayHtml(result, [...scenarioFiles, ...settings.lock.flatMap((file) => ['--lock', file])])
      await writeWhole(page, html, 'the page', 'another file with --html')
      invocation.terminal.tell(`see it  ${visible(page)}`)
    }
    return exitCodeOf(result.outcome)
  }
  if (page !== undefined)
    throw new UsageError('--html', 'shows one world, and these are several', 'name one token or one replay file')
  const done: { readonly file: string; readonly result: ReplayResult; readonly settings: Settings }[] = []
  for (const file of replays) done.push({ file, ...(await replayOne(file, scenarioFiles, invocation)) })
  const { terminal } = invocation
  if (done.every(({ settings }) => settings.json)) {
    terminal.print(JSON.stringify(done.map(summary), null, 2))
  } else {
    for (const { file, result } of done) terminal.print(`${WORDS[result.outcome]}  ${visible(file)}`)
    for (const { result, settings } of done) {
      if (result.outcome !== 'fine' && !settings.quiet) {
        terminal.print('')
        await print(result, settings, invocation)
      }
    }
    terminal.print(`\n${done.filter(({ result }) => result.outcome === 'fine').length} of ${done.length} green`)
  }
  return worst(done.map(({ result }) => exitCodeOf(result.outcome)))
}

const WORDS = {
  fine: '✓ green  ',
  failed: '✗ red    ',
  inconclusive: '? unknown',
  'not-deterministic': '✗ not deterministic',
  unavailable: '? unavailable',
} as const

const WORST_FIRST: readonly ExitCode[] = [EXIT.nonDeterministic, EXIT.violated, EXIT.inconclusive]

const worst = (codes: readonly ExitCode[]): ExitCode => WORST_FIRST.find((code) => codes.includes(code)) ?? EXIT.ok

/** What is printed as JSON of each of several. */
const summary = ({ file, result }: { readonly file: string; readonly result: ReplayResult }) => {
  const { token, subject, verdict } = result.report
  return { file, outcome: result.outcome, subject, finding: result.finding, token, verdict: verdict.status }
}

async function replayOne(
  word: string,
  files: readonly string[],
  { flags, environment, terminal }: Invocation,
): Promise<{ readonly result: ReplayResult; readonly settings: Settings }> {
  const asked = { word, files, lockFiles: [], objects: [] }
  const redis = await replayOn(asked, flags.redis as string | undefined)
  const config = await loadConfigFile((flags.config as string | undefined) ?? environment.LOCKSTORM_CONFIG)
  const { settings } = resolveSettings({ flags, environment, config })
  checkChoice(redis, flags)
  const result = await replayWorld(
    { ...asked, lockFiles: settings.lock },
    // A config file says what the project has, a token what its world had.
    { ...settings, redis, redisVersion: flags.redisVersion === undefined ? null : settings.redisVersion },
    { onWarning: (text) => terminal.tell(text) },
  )
  return { result, settings }
}

async function print(result: ReplayResult, settings: Settings, invocation: Invocation): Promise<void> {
  const { terminal } = invocation
  if (result.status === 'not-deterministic') terminal.tell(result.difference)
  else if (settings.json) terminal.print(JSON.stringify(result.report, null, 2))
  else {
    const { replayText } = await import('../report/replay/terminal.ts')
    terminal.print(
      replayText(result, {
        palette: await paletteOf(settings, invocation),
        width: Math.min(terminal.width, 100),
        isQuiet: settings.quiet,
        isVerbose: settings.verbose,
      }),
    )
  }
}
