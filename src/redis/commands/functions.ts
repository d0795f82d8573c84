/**
 * FUNCTION, FCALL and FCALL_RO: libraries of Lua functions that the server keeps.
 *
 * Source: https://redis.io/docs/latest/develop/interact/programmability/functions-intro/
 */
import { isWord, parseInteger } from '../arguments.ts'
import type { Command, CommandContext, CommandFlag, Outcome } from '../command.ts'
import { cText, type ErrorReply, errorOf } from '../errors.ts'
import { FunctionLibraries, type FunctionLibrary } from '../function-libraries.ts'
import { globMatches } from '../glob.ts'
import type { MemoryRedis } from '../memory-redis.ts'
import { openPayload, sealPayload } from '../rdb/payload.ts'
import { RdbReader } from '../rdb/reader.ts'
import { FUNCTION } from '../rdb/types.ts'
import { writeString } from '../rdb/writer.ts'
import { OK, type Reply, status } from '../reply.ts'
import { runFunction } from '../script-run.ts'
import { BAD_PAYLOAD } from './dump.ts'
import { helpCommand, unknownSubcommandOf } from './help.ts'
import { NO_KEYS, numberedKeys } from './key-positions.ts'
import { flagsOfScript, killScript, NEGATIVE_KEYS, NO_ENGINE, TOO_MANY_KEYS } from './scripting.ts'

type Args = readonly string[]

const NO_FUNCTION = errorOf('ERR Function not found')
const BAD_KEY_COUNT = errorOf('ERR Bad number of keys provided')
const NO_CODE = errorOf('ERR Function code is missing')
const NO_LIBRARY = errorOf('ERR Library not found')
const NO_LIBRARY_NAME = errorOf('ERR library name argument was not given')
const BAD_POLICY = errorOf('ERR Wrong restore policy given, value should be either FLUSH, APPEND or REPLACE.')
const NOT_A_FUNCTION = errorOf('ERR given type is not a function')
const BAD_FUNCTIONS = errorOf('ERR Failed loading library payload')
const BAD_FLUSH = errorOf('ERR FUNCTION FLUSH only supports SYNC|ASYNC option')

const HELP = [
  'LOAD [REPLACE] <FUNCTION CODE>',
  '    Create a new library with the given library name and code.',
  'DELETE <LIBRARY NAME>',
  '    Delete the given library.',
  'LIST [LIBRARYNAME PATTERN] [WITHCODE]',
  '    Return general information on all the libraries:',
  '    * Library name',
  '    * The engine used to run the Library',
  '    * Library description',
  '    * Functions list',
  '    * Library code (if WITHCODE is given)',
  '    It also possible to get only function that matches a pattern using LIBRARYNAME argument.',
  'STATS',
  '    Return information about the current function running:',
  '    * Function name',
  '    * Command used to run the function',
  '    * Duration in MS that the function is running',
  '    If no function is running, return nil',
  '    In addition, returns a list of available engines.',
  'KILL',
  '    Kill the current running function.',
  'FLUSH [ASYNC|SYNC]',
  '    Delete all the libraries.',
  '    When called without the optional mode argument, the behavior is determined by the',
  '    lazyfree-lazy-user-flush configuration directive. Valid modes are:',
  '    * ASYNC: Asynchronously flush the libraries.',
  '    * SYNC: Synchronously flush the libraries.',
  'DUMP',
  '    Return a serialized payload representing the current libraries, can be restored using FUNCTION RESTORE command',
  'RESTORE <PAYLOAD> [FLUSH|APPEND|REPLACE]',
  '    Restore the libraries represented by the given payload, it is possible to give a restore policy to',
  '    control how to handle existing libraries (default APPEND):',
  '    * FLUSH: delete all existing libraries.',
  '    * APPEND: appends the restored libraries to the existing libraries. On collision, abort.',
  '    * REPLACE: appends the restored libraries to the existing libraries, On collision, replace the old',
  '      libraries with the new libraries (notice that even on this option there is a chance of failure',
  '      in case of functions name collision with another library).',
]

const callFlags: readonly CommandFlag[] = [
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

const calling = (name: string, flags: readonly CommandFlag[], byReadCommand: boolean): Command => ({
  name,
  arity: -3,
  flags,
  ...numberedKeys(2),
  execute: (args, context) => call(args, context, byReadCommand),
  flagsOf: (args, { server }) => {
    const known = server.functions.find(args[1]!)
    return known === undefined ? flags : flagsOfScript(flags, known.function.flags)
  },
})

const sub = (
  name: string,
  arity: number,
  flags: readonly CommandFlag[],
  execute: (args: Args, context: CommandContext) => Outcome,
): Command => ({ name: `function|${name}`, arity, flags, ...NO_KEYS, execute })

export const functionCommands: readonly Command[] = [
  calling('fcall', callFlags, false),
  calling('fcall_ro', readFlags, true),
  {
    name: 'function',
    arity: -2,
    flags: [],
    ...NO_KEYS,
    execute: () => null,
    subcommands: [
      sub('load', -3, ['write', 'denyoom', 'noscript'], load),
      sub('delete', 3, ['write', 'noscript'], remove),
      sub('flush', -2, ['write', 'noscript'], flush),
      sub('dump', 2, ['noscript'], dump),
      sub('restore', -3, ['write', 'denyoom', 'noscript'], restore),
      sub('list', -2, ['noscript'], list),
      sub('stats', 2, ['noscript', 'allow_busy'], statistics),
      sub('kill', 2, ['noscript', 'allow_busy'], (_args, { server }) => killScript(server, 'function')),
      helpCommand('function', HELP),
    ],
  },
]

function call(args: Args, context: CommandContext, byReadCommand: boolean): Outcome {
  const known = context.server.functions.find(args[1]!)
  if (known === undefined) return NO_FUNCTION
  const count = parseInteger(args[2]!)
  if (count === null) return BAD_KEY_COUNT
  if (count > args.length - 3) return TOO_MANY_KEYS
  if (count < 0) return NEGATIVE_KEYS
  const functionCall = { keys: args.slice(3, 3 + count), argv: args.slice(3 + count) }
  return runFunction(known, functionCall, { connection: context.connection, args, byReadCommand })
}

function load(args: Args, { keys, server }: CommandContext): Reply {
  let replaces = false
  for (const option of args.slice(2, -1)) {
    if (!isWord(option, 'replace')) return errorOf(`ERR Unknown option given: ${cText(option)}`)
    replaces = true
  }
  if (args.length < 3) return NO_CODE
  if (server.scripts === null) return NO_ENGINE
  const loaded = server.functions.load(server.scripts, args.at(-1)!, replaces)
  if (typeof loaded === 'string') keys.changes++
  return loaded
}

function remove(args: Args, { keys, server }: CommandContext): Reply {
  if (!server.functions.delete(args[2]!)) return NO_LIBRARY
  keys.changes++
  return OK
}

function flush(args: Args, { keys, server }: CommandContext): Reply {
  if (args.length > 3) return unknownSubcommandOf(args)
  if (args.length === 3 && !isWord(args[2]!, 'sync') && !isWord(args[2]!, 'async')) return BAD_FLUSH
  server.functions = new FunctionLibraries()
  keys.changes++
  return OK
}

function dump(_args: Args, { server }: CommandContext): Reply {
  const settings = server.config.writeSettings()
  const mark = String.fromCharCode(FUNCTION)
  return sealPayload(
    [...server.functions.libraries.values()].map(({ code }) => mark + writeString(code, settings)).join(''),
  )
}

function restore(args: Args, { keys, server }: CommandContext): Reply {
  if (args.length > 4) return unknownSubcommandOf(args)
  const policy = args[3]?.toLowerCase() ?? 'append'
  if (policy !== 'append' && policy !== 'replace' && policy !== 'flush') return BAD_POLICY
  const payload = openPayload(args[2]!)
  if (payload === null) return BAD_PAYLOAD
  const restored = readLibraries(payload, server)
  if (restored instanceof FunctionLibraries) {
    const refusal =
      policy === 'flush' ? null : server.functions.join([...restored.libraries.values()], policy === 'replace')
    if (refusal !== null) return refusal
    if (policy === 'flush') server.functions = restored
    keys.changes++
    return OK
  }
  return restored
}

/** The libraries of a payload, which must get along with each other. */
function readLibraries(payload: string, { scripts }: MemoryRedis): FunctionLibraries | ErrorReply {
  if (scripts === null) return NO_ENGINE
  const restored = new FunctionLibraries()
  for (const reader = new RdbReader(payload); !reader.isAtEnd; ) {
    if (reader.byte() !== FUNCTION) return NOT_A_FUNCTION
    const code = reader.string()
    if (reader.hasFailed) return BAD_FUNCTIONS
    const loaded = restored.load(scripts, code, false)
    if (typeof loaded !== 'string') return loaded
  }
  return restored
}

function list(args: Args, { server }: CommandContext): Reply {
  let hasCode = false
  let pattern: string | null = null
  for (let index = 2; index < args.length; index++) {
    if (!hasCode && isWord(args[index]!, 'withcode')) {
      hasCode = true
    } else if (pattern === null && isWord(args[index]!, 'libraryname')) {
      if (index + 1 === args.length) return NO_LIBRARY_NAME
      pattern = args[++index]!
    } else {
      return errorOf(`ERR Unknown argument ${cText(args[index]!)}`)
    }
  }
  return [...server.functions.libraries.values()]
    .filter(({ name }) => pattern === null || globMatches(pattern, name, { ignoreCase: true }))
    .map((library) => describe(library, hasCode))
}

const FLAG_ORDER = ['no-writes', 'allow-oom', 'allow-stale', 'no-cluster', 'allow-cross-slot-keys'] as const

function describe({ name, code, compiled }: FunctionLibrary, hasCode: boolean): Reply {
  const functions = compiled.functions.map(
    (each): Reply => ({
      kind: 'map',
      entries: [
        ['name', each.name],
        ['description', each.description],
        ['flags', { kind: 'set', items: FLAG_ORDER.filter((flag) => each.flags.has(flag)).map(status) }],
      ],
    }),
  )
  const entries: [Reply, Reply][] = [
    ['library_name', name],
    ['engine', 'LUA'],
    ['functions', functions],
  ]
  if (hasCode) entries.push(['library_code', code])
  return { kind: 'map', entries }
}

function statistics(_args: Args, { nowMs, server }: CommandContext): Reply {
  const busy = server.busyScript
  if (busy?.kind === 'script') return server.busyReply
  const running: Reply =
    busy === null
      ? null
      : {
          kind: 'map',
          entries: [
            ['name', busy.name],
            ['command', busy.args],
            ['duration_ms', nowMs - busy.sinceMs],
          ],
        }
  const { libraries, functionCount } = server.functions
  const counts: Reply = {
    kind: 'map',
    entries: [
      ['libraries_count', libraries.size],
      ['functions_count', functionCount],
    ],
  }
  return {
    kind: 'map',
    entries: [
      ['running_script', running],
      ['engines', { kind: 'map', entries: [['LUA', counts]] }],
    ],
  }
}
