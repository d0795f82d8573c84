/**
 * `lockstorm replay`: the one world that a token or a replay file names, run again and told.
 *
 * It is run twice. The same plan must give the same history; when it does not, the harness is broken and nothing that it
 * says about the lock can be trusted.
 */
import type { Judgement } from '../check/judge.ts'
import { checkChoice, startProvider } from '../engine/provider.ts'
import { sourceDigest } from '../engine/source-digest.ts'
import { timeline } from '../picture/timeline.ts'
import { failureText } from '../report/failure.ts'
import { writePlan } from '../scenario/plan-file.ts'
import type { ServerProvider } from '../server/server.ts'
import { assertNever } from '../sim/assert.ts'
import { shown } from '../sim/shown.ts'
import type { TraceRecord } from '../sim/trace.ts'
import { UsageError } from '../sim/usage-error.ts'
import type { Subject } from '../subject/subject.ts'
import { visible } from '../text/escape.ts'
import type { Palette } from '../text/palette.ts'
import { secondsText } from '../text/time.ts'
import { heading, paint, symbolOf } from '../text/words.ts'
import { tellViolation } from '../words/told-violation.ts'
import type { JudgedWorld } from '../world/judged-world.ts'
import type { Plan } from '../world/plan.ts'
import type { Story } from '../world/story-data.ts'
import { nodeCount } from '../world/topology.ts'
import { loadConfigFile } from './config-file.ts'
import { EXIT, type ExitCode } from './exit-code.ts'
import type { Invocation } from './invocation.ts'
import type { ReplaySource } from './replay-source.ts'
import { resolveSettings, type Settings } from './settings.ts'
import { decideColor, paletteFor } from './terminal.ts'

/** Runs the verb. */
export async function replay(invocation: Invocation): Promise<ExitCode> {
  const { flags, environment, terminal } = invocation
  const [word = '', ...files] = invocation.words
  // Before any code of the user's: virtual time and sockets are installed when this is loaded.
  await import('../world/node/environment.ts')
  const { replaySource } = await import('./replay-source.ts')
  const source = await replaySource(word, files)
  const config = await loadConfigFile((flags.config as string | undefined) ?? environment.LOCKSTORM_CONFIG)
  const { settings } = resolveSettings({ flags, environment, config })
  const redis = redisOf(source, flags.redis as string | undefined)
  checkChoice(redis, flags)
  const { allSubjects } = await import('../engine/subjects.ts')
  const subjects = await allSubjects(settings.lock, async () => ({ ...(await import('../index.ts')) }))
  const subject = subjects.find(({ name }) => name === source.subject)
  if (subject === undefined) {
    const what = `it names ${shown(source.subject)}, which is none of the built-in subjects`
    throw new UsageError(source.recorded === null ? 'token' : word, what, 'add --lock FILE')
  }
  const plan = source.plan(subjects)
  const { provider, warning } = await startProvider({ ...settings, redis })
  if (warning !== null) terminal.tell(warning)
  try {
    const world = await openWorld(plan, subject, provider)
    const first = await world.run()
    const second = provider.deterministic ? await world.run() : first
    if (first.run.historyHash !== second.run.historyHash) {
      terminal.tell(divergence(first.run.records, second.run.records))
      return EXIT.nonDeterministic
    }
    if (isOtherHistory(source, first, provider, settings, terminal)) return EXIT.nonDeterministic
    if (settings.json) terminal.print(asJson(source, plan, first))
    else {
      const palette = await paletteFor(decideColor(settings.color, environment, terminal.isAnswerTerminal))
      const width = Math.min(terminal.width, 100)
      const options = { palette, width, isQuiet: settings.quiet, isVerbose: settings.verbose }
      terminal.print(asText(source, first, await world.tell(), options))
    }
    return exitCodeFor(first.judgement)
  } finally {
    await provider.close()
  }
}

/** What answers: as it was, unless the flag says otherwise; a token does not hold a URL. */
function redisOf(source: ReplaySource, flag: string | undefined): string {
  if (flag !== undefined) return flag
  if (source.redis !== 'url') return source.redis
  throw new UsageError(
    'token',
    'its world ran on a Redis given by its URL, which a token does not hold',
    'add --redis redis://…',
  )
}

/**
 * Whether a replay file recorded another history of the same code, which must not happen; says so. Of code that has
 * changed since, it only says that it has.
 */
function isOtherHistory(
  { recorded, words }: ReplaySource,
  { run }: JudgedWorld,
  provider: ServerProvider,
  settings: Settings,
  terminal: Invocation['terminal'],
): boolean {
  if (recorded === null || recorded.historyHash === run.historyHash || !provider.deterministic) return false
  const isSame = recorded.source === sourceDigest(settings.lock)
  terminal.tell(
    isSame
      ? `${words}: the same storm and the same code gave another history than the one that was recorded\n  recorded  ${recorded.historyHash}\n  now       ${run.historyHash}\nlockstorm, or something that the code under test uses, is not deterministic or has changed.`
      : `${words}: the code under test has changed since this was recorded; this is what it does now`,
  )
  return isSame
}

/** The world, to be run and told as often as wanted. */
interface ReplayedWorld {
  run(): Promise<JudgedWorld>
  tell(): Promise<Story>
}

async function openWorld(plan: Plan, subject: Subject, provider: ServerProvider): Promise<ReplayedWorld> {
  const [{ nodeEnvironment }, { judgeWorld, tellWorld }, { inMacrotask }] = await Promise.all([
    import('../world/node/environment.ts'),
    import('../world/judged-world.ts'),
    import('../sim/node/drain.ts'),
  ])
  const environment = nodeEnvironment(plan.client, provider)
  return {
    run: () => inMacrotask(() => judgeWorld(plan, subject, environment)),
    tell: () => inMacrotask(() => tellWorld(plan, subject, environment)),
  }
}

/** The first event that differs. */
function divergence(first: readonly TraceRecord[], second: readonly TraceRecord[]): string {
  const texts = [first, second].map((records) => records.map(recordText))
  const [one = [], two = []] = texts
  const length = Math.max(one.length, two.length)
  const index = Array.from({ length }, (_, at) => at).find((at) => one[at] !== two[at]) ?? length
  return [
    'The same plan gave two histories: lockstorm, or the code under test, is not deterministic.',
    `  first differing event: ${index + 1} of ${length}`,
    `  first run   ${one[index] ?? '(ended)'}`,
    `  second run  ${two[index] ?? '(ended)'}`,
    'Code under test that reads files, real sockets or shared memory, or keeps state between worlds, does this.',
  ].join('\n')
}

function recordText(record: TraceRecord): string {
  const value = record.value === null ? '' : ` ${JSON.stringify(record.value)}`
  return `${secondsText(record.atUs)}  ${record.process}  ${record.type} ${record.op}${value}`
}

function asJson({ token, subject, redis }: ReplaySource, plan: Plan, { run, judgement }: JudgedWorld): string {
  const { verdict, sometimes } = judgement
  const { historyHash, records } = run
  const { scenario, seed, client } = plan
  const storm = writePlan(plan)
  const answer = { token, scenario, subject, client, redis, seed, nodes: nodeCount(run.plan.topology), storm, verdict }
  return JSON.stringify({ ...answer, sometimes: [...sometimes], historyHash, records }, null, 2)
}

interface TextOptions {
  readonly palette: Palette
  readonly width: number
  readonly isQuiet: boolean
  readonly isVerbose: boolean
}

function asText(source: ReplaySource, world: JudgedWorld, story: Story, options: TextOptions): string {
  const { run, judgement } = world
  const { verdict } = judgement
  const { token } = source
  const count = nodeCount(run.plan.topology)
  const nodes = count === 1 ? '' : ` · ${count} Redis nodes`
  const facts = `${visible(source.subject)} in ${visible(source.words)}${nodes} · history ${run.historyHash}`
  const records = options.isVerbose ? [run.records.map(recordText).join('\n')] : []
  if (verdict.status !== 'violated') {
    const reason =
      verdict.status === 'unknown' ? `: ${verdict.reason}` : verdict.status === 'vacuous' ? `: ${verdict.missing}` : ''
    const line = paint(verdict.status, options.palette)(`${symbolOf(verdict.status)} ${verdict.status}${reason}`)
    const drawn = options.isQuiet ? [] : [timeline(story, null, options).join('\n')]
    return [line, ...drawn, ...records, facts].join('\n\n')
  }
  // The worst with its picture, the others in words: they happened in the same world.
  const texts = verdict.violations
    .map(tellViolation)
    .map((violation, index) =>
      options.isQuiet
        ? options.palette.violated(`✗ ${heading(violation.property)}: ${visible(violation.sentence)}`)
        : failureText(index === 0 ? { violation: { ...violation, token }, story } : { violation }, options),
    )
  return [texts.join(options.isQuiet ? '\n' : '\n\n'), ...records, facts].join('\n\n')
}

function exitCodeFor({ verdict }: Judgement): ExitCode {
  switch (verdict.status) {
    case 'violated':
      return EXIT.violated
    case 'valid':
      return EXIT.ok
    case 'unknown':
    case 'vacuous':
      return EXIT.inconclusive
    default:
      return assertNever(verdict)
  }
}
