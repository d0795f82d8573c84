/**
 * EVAL, EVALSHA, their read-only forms, and SCRIPT.
 *
 * Does not model  the debugger: SCRIPT DEBUG YES is refused.
 *
 * Source: https://redis.io/docs/latest/develop/interact/programmability/eval-intro/
 */
import { isWord, parseInteger } from '../arguments.ts'
import type { Command, CommandContext, CommandFlag, Outcome } from '../command.ts'
import { errorOf, NO_SCRIPT, NOT_AN_INTEGER } from '../errors.ts'
import type { BusyScript, MemoryRedis } from '../memory-redis.ts'
import { OK, type Reply } from '../reply.ts'
import { parseShebang, type ScriptFlag } from '../script/shebang.ts'
import { type PreparedScript, prepareScript, ScriptCache } from '../script-cache.ts'
import { runScript } from '../script-run.ts'
import { helpCommand } from './help.ts'
import { NO_KEYS, numberedKeys } from './key-positions.ts'

export const TOO_MANY_KEYS = errorOf("ERR Number of keys can't be greater than number of args")
export const NEGATIVE_KEYS = errorOf("ERR Number of keys can't be negative")
export const NO_ENGINE = errorOf('ERR This server was made without a script engine')
const BAD_FLUSH = errorOf('ERR SCRIPT FLUSH only support SYNC|ASYNC option')
const BAD_DEBUG = errorOf('ERR Use SCRIPT DEBUG YES/SYNC/NO')
const NO_DEBUGGER = errorOf('ERR The in-memory Redis has no Lua debugger')
const NOT_BUSY = errorOf('NOTBUSY No scripts in execution right now.')
const UNKILLABLE = errorOf(
  'UNKILLABLE Sorry the script already executed write commands against the dataset. You can either wait the script termination or kill the server in a hard way using the SHUTDOWN NOSAVE command.',
)

const SHA1_LENGTH = 40

const evalFlags: readonly CommandFlag[] = [
  'noscript',
  'stale',
  'skip_monitor',
  'may_replicate',
  'no_mandatory_keys',
  'movablekeys',
]
const readFlags: readonly CommandFlag[] = [
  'readonly',
  'noscript',
  'stale',
  'skip_monitor',
  'no_mandatory_keys',
  'movablekeys',
]

const HELP = [
  'DEBUG (YES|SYNC|NO)',
  '    Set the debug mode for subsequent scripts executed.',
  'EXISTS <sha1> [<sha1> ...]',
  '    Return information about the existence of the scripts in the script cache.',
  'FLUSH [ASYNC|SYNC]',
  '    Flush the Lua scripts cache. Very dangerous on replicas.',
  '    When called without the optional mode argument, the behavior is determined by the',
  '    lazyfree-lazy-user-flush configuration directive. Valid modes are:',
  '    * ASYNC: Asynchronously flush the scripts cache.',
  '    * SYNC: Synchronously flush the scripts cache.',
  'KILL',
  '    Kill the currently executing Lua script.',
  'LOAD <script>',
  '    Load a script into the scripts cache without executing it.',
]

const evaluation = (name: string, byReadCommand: boolean, bySha1: boolean): Command => ({
  name,
  arity: -3,
  flags: byReadCommand ? readFlags : evalFlags,
  ...numberedKeys(2),
  execute: (args, context) => evaluate(args, context, byReadCommand, bySha1),
  flagsOf: (args, context) => flagsOf(args, context, byReadCommand ? readFlags : evalFlags, bySha1),
})

export const scripting: readonly Command[] = [
  evaluation('eval', false, false),
  evaluation('evalsha', false, true),
  evaluation('eval_ro', true, false),
  evaluation('evalsha_ro', true, true),
  {
    name: 'script',
    arity: -2,
    flags: [],
    ...NO_KEYS,
    execute: () => null,
    subcommands: [
      { name: 'script|load', arity: 3, flags: ['noscript', 'stale'], ...NO_KEYS, execute: load },
      { name: 'script|exists', arity: -3, flags: ['noscript'], ...NO_KEYS, execute: exists },
      { name: 'script|flush', arity: -2, flags: ['noscript'], ...NO_KEYS, execute: flush },
      {
        name: 'script|kill',
        arity: 2,
        flags: ['noscript', 'allow_busy'],
        ...NO_KEYS,
        execute: (_args, { server }) => killScript(server, 'script'),
      },
      { name: 'script|debug', arity: 3, flags: ['noscript'], ...NO_KEYS, execute: debug },
      helpCommand('script', HELP),
    ],
  },
]

function evaluate(args: readonly string[], context: CommandContext, byReadCommand: boolean, bySha1: boolean): Outcome {
  if (bySha1 && args[1]!.length !== SHA1_LENGTH) return NO_SCRIPT
  const count = parseInteger(args[2]!)
  if (count === null) return NOT_AN_INTEGER
  if (count > args.length - 3) return TOO_MANY_KEYS
  if (count < 0) return NEGATIVE_KEYS
  const script = bySha1 ? (context.server.scriptCache.find(args[1]!) ?? NO_SCRIPT) : find(args[1]!, context)
  if ('kind' in script) return script
  return runScript(script, args.slice(3, 3 + count), args.slice(3 + count), {
    connection: context.connection,
    args,
    byReadCommand,
  })
}

/** A script with flags counts as the command it promises to be. */
function flagsOf(
  args: readonly string[],
  { server }: CommandContext,
  preset: readonly CommandFlag[],
  bySha1: boolean,
): readonly CommandFlag[] {
  const known = bySha1 ? server.scriptCache.find(args[1]!) : parseShebang(args[1]!)
  if (known === undefined || 'kind' in known || known.flags === null) return preset
  return flagsOfScript(preset, known.flags)
}

/** The flags of a command that runs a script or function which has promised something. */
export function flagsOfScript(
  preset: readonly CommandFlag[],
  promised: ReadonlySet<ScriptFlag>,
): readonly CommandFlag[] {
  const flags: CommandFlag[] = preset.filter((flag) => flag !== 'stale' && flag !== 'may_replicate')
  if (!promised.has('no-writes')) flags.push('write')
  if (!promised.has('no-writes') && !promised.has('allow-oom')) flags.push('denyoom')
  if (promised.has('allow-stale')) flags.push('stale')
  return flags
}

/** The script by its source, known to the server from now on. */
function find(
  source: string,
  { server }: CommandContext,
): PreparedScript | { readonly kind: 'error'; readonly text: string } {
  if (server.scripts === null) return NO_ENGINE
  const script = prepareScript(server.scripts, source)
  if (!('kind' in script)) server.scriptCache.add(script)
  return script
}

function load(args: readonly string[], context: CommandContext): Reply {
  const script = find(args[2]!, context)
  return 'kind' in script ? script : script.sha1
}

function exists(args: readonly string[], { server }: CommandContext): Reply {
  return args.slice(2).map((sha) => (server.scriptCache.find(sha) === undefined ? 0 : 1))
}

function flush(args: readonly string[], { server }: CommandContext): Reply {
  const isValid = args.length === 2 || (args.length === 3 && (isWord(args[2]!, 'sync') || isWord(args[2]!, 'async')))
  if (!isValid) return BAD_FLUSH
  server.scriptCache = new ScriptCache()
  return OK
}

/** SCRIPT KILL ends scripts, FUNCTION KILL functions. */
export function killScript(server: MemoryRedis, kind: BusyScript['kind']): Reply {
  const busy = server.busyScript
  if (busy === null) return NOT_BUSY
  if (busy.hasWritten) return UNKILLABLE
  if (busy.kind !== kind) return server.busyReply
  server.killBusyScript()
  return OK
}

function debug(args: readonly string[]): Reply {
  const mode = args[2]!.toLowerCase()
  if (mode === 'no') return OK
  return mode === 'yes' || mode === 'sync' ? NO_DEBUGGER : BAD_DEBUG
}
