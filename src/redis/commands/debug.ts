/**
 * DEBUG, as far as clients and tests use it. The default configuration refuses it, but for `DEBUG CLOCK`, which no real
 * Redis has: where the server's clock is moved by hand, `DEBUG CLOCK ADVANCE 500` moves it by 500 ms.
 *
 * Does not model  what shows or breaks the memory of a process (SEGFAULT, JMAP, …): these are refused.
 *
 * Source: debug.c of Redis 7.0; https://redis.io/docs/latest/commands/debug/
 */
import { parseInteger } from '../arguments.ts'
import type { Command, CommandContext } from '../command.ts'
import { parseDouble } from '../double.ts'
import { errorOf, NO_SUCH_KEY, NOT_AN_INTEGER, SYNTAX_ERROR } from '../errors.ts'
import { writeValue } from '../rdb/write-value.ts'
import { NULL_ARRAY, OK, type Reply, status } from '../reply.ts'
import { secondsSinceUse } from '../usage-clock.ts'
import { dataDigest, valueDigest } from '../value-digest.ts'
import { helpReply, unknownSubcommandOf } from './help.ts'
import { NO_KEYS } from './key-positions.ts'
import { encoding, references } from './object.ts'

type Body = (args: readonly string[], context: CommandContext) => Reply

const CLOCK_STANDS = errorOf('ERR The clock of this server is not moved by commands')
const NOT_MODELLED = 'is not modelled by the in-memory Redis'
const NO_HASH_TABLES: Reply = { kind: 'verbatim', format: 'txt', text: 'No stats available for empty dictionaries\n' }
const BAD_PROTOCOL_TYPE = errorOf(
  'ERR Wrong protocol type name. Please use one of the following: string|integer|double|bignum|null|array|set|map|attrib|push|verbatim|true|false',
)
const RELOAD_OPTIONS = ['merge', 'noflush', 'nosave']
const BAD_RELOAD_OPTION = errorOf('ERR DEBUG RELOAD only supports the MERGE, NOFLUSH and NOSAVE options.')
const NOT_RELOADED = errorOf('ERR Error trying to load the RDB dump')
const POPULATE_MAX = 1_000_000

/** By name: how many arguments follow it, at least and at most, and what it does. */
const SUBCOMMANDS = new Map(
  Object.entries<readonly [min: number, max: number, Body]>({
    clock: [2, 2, clock],
    sleep: [1, 1, sleep],
    object: [1, 2, object],
    digest: [0, 0, digest],
    'digest-value': [0, Infinity, (args, { keys }) => args.slice(2).map((key) => status(valueDigest(keys.look(key))))],
    'set-active-expire': [1, 1, setActiveExpire],
    error: [1, 1, (args) => errorOf(args[2]!)],
    log: [1, 1, () => OK],
    populate: [1, 3, populate],
    protocol: [1, 1, protocol],
    reload: [0, Infinity, reload],
    loadaof: [0, 0, persist],
    'change-repl-id': [0, 0, () => OK],
    'quicklist-packed-threshold': [1, 1, () => OK],
    'set-disable-deny-scripts': [1, 1, setDenyScripts],
    htstats: [1, 2, () => NO_HASH_TABLES],
    'htstats-key': [1, 2, () => NO_HASH_TABLES],
    'dict-resizing': [1, 1, () => OK],
    'pause-cron': [1, 1, () => OK],
    replybuffer: [2, 2, () => OK],
    'config-rewrite-force-all': [0, 0, () => OK],
    help: [0, 0, () => helpReply('DEBUG', HELP)],
  }),
)

const HELP = [
  'CLOCK ADVANCE <milliseconds>',
  "    Move the server's clock, where it is moved by hand; backwards, if negative.",
  'DIGEST',
  '    Output a hex signature representing the current DB content.',
  'DIGEST-VALUE <key> [<key> ...]',
  '    Output a hex signature of the values of all the specified keys.',
  'ERROR <string>',
  '    Return a Redis protocol error with <string> as message. Useful for clients',
  '    unit tests to simulate Redis errors.',
  'OBJECT <key>',
  '    Show low level info about `key` and associated value.',
  'POPULATE <count> [<prefix>] [<size>]',
  '    Create <count> string keys named key:<num>.',
  'PROTOCOL <type>',
  '    Reply with a test value of the specified type. <type> can be: string,',
  '    integer, double, null, array, set, map, attrib, push, verbatim, true,',
  '    false, bignum.',
  'RELOAD',
  '    Do nothing: the in-memory Redis has no files.',
  'SET-ACTIVE-EXPIRE (0|1)',
  '    Setting it to 0 disables expiring keys (and hash-fields) in background ',
  '    when they are not accessed (otherwise the Redis behavior).',
  'SLEEP <seconds>',
  '    Stop the server for <seconds>. Decimals allowed.',
]

export const debug: Command = {
  name: 'debug',
  arity: -2,
  flags: ['admin', 'noscript', 'loading', 'stale'],
  ...NO_KEYS,
  execute(args, context) {
    const subcommand = SUBCOMMANDS.get(args[1]!.toLowerCase())
    if (subcommand === undefined) return unknownSubcommandOf(args)
    const [min, max, body] = subcommand
    return args.length - 2 < min || args.length - 2 > max ? unknownSubcommandOf(args) : body(args, context)
  },
}

function clock(args: readonly string[], { server }: CommandContext): Reply {
  if (args[2]!.toLowerCase() !== 'advance') return SYNTAX_ERROR
  const ms = parseInteger(args[3]!)
  if (ms === null) return NOT_AN_INTEGER
  if (!server.hasMovableClock || server.passMs === null) return CLOCK_STANDS
  server.passMs(ms)
  return OK
}

function sleep(args: readonly string[], { server }: CommandContext): Reply {
  const seconds = parseDouble(args[2]!) ?? 0
  if (server.passMs === null) return errorOf(`ERR DEBUG SLEEP ${NOT_MODELLED}`)
  server.passMs(Math.max(0, seconds * 1000))
  return OK
}

/** Memory has no addresses here. */
function object(args: readonly string[], { keys, nowMs, server }: CommandContext): Reply {
  // Also a key whose time is up, as long as nothing has removed it.
  const entry = keys.peek(args[2]!)
  if (entry === undefined) return NO_SUCH_KEY
  const { value, usage } = entry
  const size = writeValue(value, server.config.writeSettings()).length - 1
  const idle = secondsSinceUse(usage, nowMs)
  return status(
    `Value at:0x7f0000000000 refcount:${references(value)} encoding:${encoding(value)} serializedlength:${size} lru:${usage} lru_seconds_idle:${idle}`,
  )
}

function digest(_args: readonly string[], { server }: CommandContext): Reply {
  server.removeExpired()
  return status(dataDigest(server.databases))
}

function setActiveExpire(args: readonly string[], { server }: CommandContext): Reply {
  server.expiresActively = parseInteger(args[2]!) !== 0
  return OK
}

function setDenyScripts(args: readonly string[], { server }: CommandContext): Reply {
  server.allowsAllInScripts = parseInteger(args[2]!) !== 0
  return OK
}

function populate(args: readonly string[], { keys }: CommandContext): Reply {
  const count = parseInteger(args[2]!)
  const size = args.length === 5 ? parseInteger(args[4]!) : 0
  if (count === null || count < 0 || count > POPULATE_MAX || size === null) return NOT_AN_INTEGER
  for (let index = 0; index < count; index++) {
    const key = `${args[3] ?? 'key'}:${index}`
    if (keys.look(key) !== undefined) continue
    const text = `value:${index}`
    keys.put(
      key,
      {
        type: 'string',
        text: size === 0 ? text : text.slice(0, size).padEnd(size, '\0'),
        form: 'text',
      },
      null,
    )
  }
  return OK
}

function persist(_args: readonly string[], { server, nowMs }: CommandContext): Reply {
  server.removeExpired()
  server.hasSaved(nowMs)
  return OK
}

/** Data that is saved and loaded is the same data, unless it is loaded on top of itself: then each key is there already. */
function reload(args: readonly string[], context: CommandContext): Reply {
  const options = args.slice(2).map((arg) => arg.toLowerCase())
  if (options.some((option) => !RELOAD_OPTIONS.includes(option))) return BAD_RELOAD_OPTION
  const reply = persist(args, context)
  const { databases, functions } = context.server
  const isEmpty = functions.libraries.size === 0 && databases.every(({ size }) => size === 0)
  return options.includes('noflush') && !options.includes('merge') && !isEmpty ? NOT_RELOADED : reply
}

const TEXT = 'This is a verbatim\nstring'

function protocol(args: readonly string[], { resp }: CommandContext): Reply {
  const three: readonly Reply[] = [0, 1, 2]
  const flags: readonly (readonly [Reply, Reply])[] = [0, 1, 2].map((index) => [
    index,
    { kind: 'boolean', value: index === 1 },
  ])
  switch (args[2]!.toLowerCase()) {
    case 'string':
      return 'Hello World'
    case 'integer':
      return 12_345
    case 'double':
      return { kind: 'double', text: '3.141' }
    case 'null':
      return resp === 2 ? null : NULL_ARRAY
    case 'array':
      return three
    case 'set':
      return { kind: 'set', items: three }
    case 'map':
      return { kind: 'map', entries: flags }
    case 'push':
      return resp === 2
        ? errorOf('ERR RESP2 is not supported by this command')
        : { kind: 'push', items: ['server-cpu-usage', 42] }
    case 'attrib':
      return {
        kind: 'attributed',
        attributes: [['key-popularity', ['key:123', 90]]],
        reply: 'Some real reply following the attribute',
      }
    case 'verbatim':
      return { kind: 'verbatim', format: 'txt', text: TEXT }
    case 'true':
      return { kind: 'boolean', value: true }
    case 'false':
      return { kind: 'boolean', value: false }
    case 'bignum':
      return resp === 2
        ? '1234567999999999999999999999999999999'
        : { kind: 'bigNumber', text: '1234567999999999999999999999999999999' }
    default:
      return BAD_PROTOCOL_TYPE
  }
}
