/**
 * The verbs and their flags, parsed by commander; what a verb does is loaded when it is called.
 */
import { Command, CommanderError } from 'commander'
import type { Setting } from '../engine/setting.ts'
import {
  DIFF_KEYS,
  FLEET_START_KEYS,
  FLEET_WORK_KEYS,
  FRONTIER_KEYS,
  HUNT_KEYS,
  JUDGE_KEYS,
  LEARN_KEYS,
  MERGE_KEYS,
  REPLAY_KEYS,
  RUN_KEYS,
  SERVE_KEYS,
  SETTINGS,
  type SettingKey,
  STUDIO_KEYS,
} from '../engine/settings.ts'
import { didYouMean, nearHint } from '../scenario/nearest.ts'
import { UsageError } from '../sim/usage-error.ts'
import { EXIT, type ExitCode } from './exit-code.ts'
import {
  DIFF_HELP,
  EXPLAIN_HELP,
  FLEET_HELP,
  FRONTIER_HELP,
  HUNT_HELP,
  INIT_HELP,
  JUDGE_HELP,
  LEARN_HELP,
  LIST_HELP,
  MAIN_HELP,
  MERGE_HELP,
  OVERVIEW,
  REPLAY_HELP,
  RUN_HELP,
  SERVE_HELP,
  STUDIO_HELP,
} from './help.ts'
import { list as listVerb, TOPICS, type Topic } from './list.ts'
import type { Terminal } from './terminal.ts'

/** What commander throws after it has printed what was asked for. */
const ANSWERED: readonly string[] = ['commander.help', 'commander.helpDisplayed', 'commander.version']

/**
 * Runs the verb that the arguments name.
 * @throws UsageError and whatever a verb throws
 */
export async function runProgram(
  args: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
  terminal: Terminal,
  version: string,
  commandLine: string,
): Promise<ExitCode> {
  if (args.length === 0) {
    terminal.print(OVERVIEW)
    return EXIT.ok
  }
  let exitCode: ExitCode = EXIT.ok
  const common = { environment, terminal, commandLine }
  const program = new Command('lockstorm')
  configure(program, MAIN_HELP, 'lockstorm --help tells more.')
    .version(version)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => terminal.print(text.trimEnd()),
      writeErr: (text) => terminal.tell(text.trimEnd()),
    })
  const verb = (name: string, help: string): Command =>
    configure(program.command(name), help, `lockstorm ${name} --help tells more.`)

  const run = verb('run', RUN_HELP).argument('[scenario...]')
  addSettings(run, RUN_KEYS)
  run.option('-x, --first-failure').option('--config <FILE>').option('--print-config')
  run.action(async (words: string[]) => {
    const { run: runVerb } = await import('./run.ts')
    exitCode = await runVerb({ ...common, words, flags: run.opts() })
  })

  const hunt = verb('hunt', HUNT_HELP).argument('<lock>')
  addSettings(hunt, HUNT_KEYS)
  hunt.option('-x, --first-failure').option('--config <FILE>').option('--print-config')
  hunt.action(async (lock: string) => {
    const { hunt: huntVerb } = await import('./hunt.ts')
    exitCode = await huntVerb({ ...common, words: [lock], flags: hunt.opts() })
  })

  const diff = verb('diff', DIFF_HELP).argument('<before>').argument('<after>')
  addSettings(diff, DIFF_KEYS)
  diff.option('--config <FILE>').option('--print-config')
  diff.action(async (before: string, after: string) => {
    const { diff: diffVerb } = await import('./diff.ts')
    exitCode = await diffVerb({ ...common, words: [before, after], flags: diff.opts() })
  })

  const judge = verb('judge', JUDGE_HELP).argument('[history...]')
  addSettings(judge, JUDGE_KEYS)
  judge.option('--config <FILE>').option('--print-config')
  judge.action(async (words: string[]) => {
    const { judge: judgeVerb } = await import('./judge.ts')
    exitCode = await judgeVerb({ ...common, words, flags: judge.opts() })
  })

  const merge = verb('merge', MERGE_HELP).argument('[part...]')
  addSettings(merge, MERGE_KEYS)
  merge.option('--config <FILE>').option('--print-config')
  merge.action(async (words: string[]) => {
    const { merge: mergeVerb } = await import('./merge.ts')
    exitCode = await mergeVerb({ ...common, words, flags: merge.opts() })
  })

  const fleet = verb('fleet', FLEET_HELP)
  const fleetVerb = (name: string): Command =>
    configure(fleet.command(name), FLEET_HELP, 'lockstorm fleet --help tells more.')
  const start = fleetVerb('start').argument('<lock>')
  addSettings(start, FLEET_START_KEYS)
  start.option('-x, --first-failure').option('--config <FILE>').option('--print-config')
  start.action(async (lock: string) => {
    const { fleetStart } = await import('./fleet.ts')
    exitCode = await fleetStart({ ...common, words: [lock], flags: start.opts() })
  })
  const work = fleetVerb('work')
  addSettings(work, FLEET_WORK_KEYS)
  work.option('--config <FILE>').option('--print-config')
  work.action(async () => {
    const { fleetWork } = await import('./fleet.ts')
    exitCode = await fleetWork({ ...common, words: [], flags: work.opts() })
  })

  const frontier = verb('frontier', FRONTIER_HELP).argument('<lock>')
  addSettings(frontier, FRONTIER_KEYS)
  frontier.option('--config <FILE>').option('--print-config')
  frontier.action(async (lock: string) => {
    const { frontier: frontierVerb } = await import('./frontier.ts')
    exitCode = await frontierVerb({ ...common, words: [lock], flags: frontier.opts() })
  })

  const replay = verb('replay', REPLAY_HELP).argument('<token>').argument('[file...]')
  addSettings(replay, REPLAY_KEYS)
  replay.option('--config <FILE>').option('--html <FILE>')
  replay.action(async (token: string, files: string[]) => {
    const { replay: replayVerb } = await import('./replay.ts')
    exitCode = await replayVerb({ ...common, words: [token, ...files], flags: replay.opts() })
  })

  const serve = verb('serve', SERVE_HELP)
  addSettings(serve, SERVE_KEYS)
  serve.option('--config <FILE>').option('--print-config')
  serve.action(async () => {
    const { serve: serveVerb } = await import('./serve.ts')
    exitCode = await serveVerb({ ...common, words: [], flags: serve.opts() })
  })

  const studio = verb('studio', STUDIO_HELP).argument('[token]')
  addSettings(studio, STUDIO_KEYS)
  studio.option('--config <FILE>').option('--print-config')
  studio.action(async (token: string | undefined) => {
    const { studio: studioVerb } = await import('./studio.ts')
    exitCode = await studioVerb({ ...common, words: token === undefined ? [] : [token], flags: studio.opts() })
  })

  const init = verb('init', INIT_HELP).argument('<lock>').option('--only <NAME>')
  init.action(async (file: string) => {
    const { init: initVerb } = await import('./init.ts')
    exitCode = await initVerb(file, init.opts().only as string | undefined, terminal)
  })

  const list = verb('list', LIST_HELP).argument('<what>', '', topicOf).option('--json')
  list.action(async (topic: Topic) => {
    exitCode = await listVerb(topic, list.opts().json === true, terminal)
  })

  const explain = verb('explain', EXPLAIN_HELP).argument('<what>').option('--json').option('--lang <LANGUAGE>')
  explain.action(async (what: string) => {
    const { explain: explainVerb } = await import('./explain.ts')
    const { json = false, lang = 'en' } = explain.opts<{ readonly json?: boolean; readonly lang?: string }>()
    exitCode = await explainVerb(what, json, terminal, SETTINGS.lang.parse(lang, '--lang'))
  })

  const learn = verb('learn', LEARN_HELP).argument('[lesson]')
  addSettings(learn, LEARN_KEYS)
  learn
    .option('--html <DIR>')
    .option('--break <FAULT>', '', (fault: string, before: string[] = []) => [...before, fault])
  learn.option('--config <FILE>').option('--print-config')
  learn.action(async (lesson: string | undefined) => {
    const { learn: learnVerb } = await import('./learn.ts')
    exitCode = await learnVerb({ ...common, words: lesson === undefined ? [] : [lesson], flags: learn.opts() })
  })

  const words = withoutHelp(args)
  checkVerb(words, program)
  if (words.length < args.length) answerWithHelp(program)
  try {
    await program.parseAsync(words, { from: 'user' })
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error
    return ANSWERED.includes(error.code) ? EXIT.ok : EXIT.usage
  }
  return exitCode
}

/** The words without those that ask for help: a first `help`, and `-h` or `--help` anywhere before `--`. */
function withoutHelp(args: readonly string[]): readonly string[] {
  const literal = args.indexOf('--')
  return args.filter((word, index) => {
    if (literal !== -1 && index >= literal) return true
    return word !== '--help' && word !== '-h' && !(word === 'help' && index === 0)
  })
}

/**
 * Makes each verb tell its help instead of what it does. Its words are parsed as ever, for commander's own help option would hide a
 * slip of the hand in them behind the help of something else; only what is missing is no mistake.
 */
function answerWithHelp(command: Command): void {
  for (const argument of command.registeredArguments) argument.argOptional()
  command.action(() => command.outputHelp())
  for (const verb of command.commands) answerWithHelp(verb)
}

/**
 * Refuses an unknown verb, of the program or of a verb that has verbs of its own.
 * @throws UsageError
 */
function checkVerb(words: readonly string[], program: Command): void {
  let command = program
  let path = 'lockstorm'
  for (const word of words) {
    const verbs = command.commands.map((known) => known.name())
    if (verbs.length === 0) return
    // Options before a verb have no argument.
    if (word.startsWith('-')) continue
    const verb = command.commands[verbs.indexOf(word)]
    if (verb === undefined) {
      const fix = /\.[cm]?[jt]s$/.test(word)
        ? `a lock in a file is hunted: lockstorm hunt ${word}`
        : `${path} --help tells more`
      throw new UsageError(path, `unknown verb ${JSON.stringify(word)}${didYouMean(word, verbs)}`, fix)
    }
    command = verb
    path += ` ${word}`
  }
}

/** Help is told by `withoutHelp` and `answerWithHelp`, so commander has no help of its own. */
function configure(command: Command, help: string, afterError: string): Command {
  return command
    .helpOption(false)
    .helpCommand(false)
    .configureHelp({ formatHelp: () => help })
    .showHelpAfterError(afterError)
}

function addSettings(command: Command, keys: readonly SettingKey[]): void {
  for (const key of keys) {
    const { flag, short, argument, isArgumentOptional, isList, negatable }: Setting<unknown> = SETTINGS[key]
    const value = argument === undefined ? '' : isArgumentOptional ? ` [${argument}]` : ` <${argument}>`
    const flags = `${short === undefined ? '' : `${short}, `}${flag}${value}`
    if (isList) command.option(flags, '', (item: string, before: string[] = []) => [...before, item])
    else command.option(flags)
    if (negatable) command.option(flag.replace('--', '--no-'))
  }
}

/** @throws UsageError */
function topicOf(what: string): Topic {
  const topic = TOPICS.find((known) => known === what)
  if (topic !== undefined) return topic
  throw new UsageError('list', `expected ${TOPICS.join(', ')}, got ${JSON.stringify(what)}${nearHint(what, TOPICS)}`)
}
