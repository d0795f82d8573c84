#!/usr/bin/env node
/**
 * The command: runs a verb and turns what comes of it into an exit code and, when something is wrong, into words.
 */
import { packageVersion } from '../engine/meta.ts'
import { withoutPasswords } from '../engine/secrets.ts'
import { AssertionError } from '../sim/assert.ts'
import { UsageError } from '../sim/usage-error.ts'
import { visibleLines } from '../text/escape.ts'
import { EXIT, type ExitCode } from './exit-code.ts'
import { runProgram } from './program.ts'
import { Terminal } from './terminal.ts'

const terminal = new Terminal(process.stdout, process.stderr)

/** By name, so that no server is loaded to compare classes. */
const UNAVAILABLE: readonly string[] = ['UnavailableError', 'ServerLostError', 'ServerUnreachableError']

/** What went wrong, in words on stderr, and its exit code. */
function explain(error: unknown): ExitCode {
  if (error instanceof UsageError) {
    terminal.tell(visibleLines(error.message))
    return EXIT.usage
  }
  const name = error instanceof Error ? error.name : ''
  if (UNAVAILABLE.includes(name)) {
    terminal.tell(visibleLines((error as Error).message))
    return EXIT.unavailable
  }
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error)
  terminal.tell(visibleLines(stack))
  terminal.tell(
    [
      '',
      error instanceof AssertionError
        ? 'An invariant of lockstorm does not hold. This is a bug of lockstorm, not of your code.'
        : 'This is a bug of lockstorm, or code under test that got out of its world.',
      'Please report it with the text above and this line:',
      `  lockstorm ${packageVersion()} · node ${process.version} · ${process.platform} · ${commandLine()}`,
    ].join('\n'),
  )
  return EXIT.bug
}

/** As it was typed, fit to be shown to others. */
const commandLine = (): string => withoutPasswords(`lockstorm ${process.argv.slice(2).map(quoted).join(' ')}`)

const quoted = (word: string): string => (/^[\w./:=@,+-]+$/.test(word) ? word : JSON.stringify(word))

let isEnding = false

/** Ends with this code when all that was said has left the process; timers of a lock file must not keep it. */
async function end(exitCode: ExitCode): Promise<never> {
  await terminal.flush()
  isEnding = true
  const error = terminal.answerError
  if (error !== null) {
    terminal.tell(`stdout: the answer cannot be written: ${error.message}`)
    await terminal.flush()
  }
  process.exit(error === null ? exitCode : EXIT.usage)
}

// What code under test throws after it was loaded, outside every world, must not pass for a verdict (Node exits with 1).
process.on('uncaughtException', (error) => void end(explain(error)))
process.on('unhandledRejection', (error) => void end(explain(error)))

// A config file that ends the process must not pass for an answer.
process.on('exit', (code) => {
  if (isEnding || code === EXIT.bug) return
  terminal.tell('code that was loaded ended the process before there was an answer')
  process.exitCode = EXIT.usage
})

// Node ends quietly, with exit code 0, when a promise never settles and nothing else is left to do.
process.exitCode = EXIT.bug
process.once('beforeExit', () => {
  setImmediate(() => terminal.tell('lockstorm ended without an answer: something never settled.'))
})

/** A shell may stand in a folder that is gone, and no name leads anywhere from there. */
function isSomewhere(): boolean {
  try {
    process.cwd()
    return true
  } catch {
    terminal.tell('the current folder is gone: go to one that is there')
    return false
  }
}

if (!isSomewhere()) void end(EXIT.usage)
else runProgram(process.argv.slice(2), process.env, terminal, packageVersion(), commandLine()).catch(explain).then(end)
