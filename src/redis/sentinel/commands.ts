/**
 * The commands that a Sentinel has: a few of every server's, INFO, ROLE and PUBLISH in words of its own, and SENTINEL.
 *
 * Does not model  INFO-CACHE and SIMULATE-FAILURE; of SENTINEL SET the scripts, the renamed commands and
 *                 `master-reboot-down-after-period`.
 *
 * Source: sentinel.c (`sentinelCommand` and its relatives) of Redis 7.0, whose HELP this is
 */
import { Vocabulary } from '../acl/categories.ts'
import { parseInteger } from '../arguments.ts'
import type { Command, CommandContext, Outcome } from '../command.ts'
import { commandFacts } from '../commands/command-facts.ts'
import { type CommandRow, commandRow } from '../commands/command-row.ts'
import { helpCommand } from '../commands/help.ts'
import { NO_KEYS } from '../commands/key-positions.ts'
import { sentinelFacts } from '../commands/sentinel-facts.ts'
import { commandTable } from '../commands/table.ts'
import { cText, errorOf, NOT_AN_INTEGER } from '../errors.ts'
import { globMatches } from '../glob.ts'
import { NULL_ARRAY, OK, type Reply, status } from '../reply.ts'
import { infoText } from '../server-info.ts'
import { startFailover } from './failover.ts'
import { configure } from './global-settings.ts'
import { HELLO_CHANNEL } from './instance-link.ts'
import { instanceReply } from './instance-reply.ts'
import type { MonitoredPrimary } from './monitored-primary.ts'
import { isPeriod } from './periods.ts'
import type { Sentinel } from './sentinel.ts'
import { voteFor } from './votes.ts'

const NO_SUCH_PRIMARY = errorOf('ERR No such master with that name')
const ONLY_HELLOS = errorOf('ERR Only HELLO messages are accepted by Sentinel instances.')
const IN_PROGRESS = errorOf('INPROG Failover already in progress')
const NO_GOOD_REPLICA = errorOf('NOGOODSLAVE No suitable replica to promote')
const BAD_QUORUM = errorOf('ERR Invalid quorum')
const BAD_PORT = errorOf('ERR Invalid port')
const LOW_QUORUM = errorOf('ERR Quorum must be 1 or greater.')
const DUPLICATE_NAME = errorOf('ERR Duplicate master name.')

/** Those of every server that a Sentinel has, too. */
const SHARED = ['acl', 'auth', 'client', 'command', 'hello', 'ping', 'shutdown']
const SUBSCRIBING = ['subscribe', 'unsubscribe', 'psubscribe', 'punsubscribe']
const SECTIONS = ['server', 'clients', 'stats', 'cpu']

type Body = (args: readonly string[], sentinel: Sentinel, context: CommandContext) => Outcome

const command = (name: string, arity: number, body: Body, flags: Command['flags'] = ['admin']): Command => ({
  name,
  arity,
  flags,
  ...NO_KEYS,
  execute: (args, context) => body(args, context.server.sentinel as Sentinel, context),
})

/** SENTINEL … with the name of a primary. */
const about = (name: string, body: (primary: MonitoredPrimary, sentinel: Sentinel) => Reply): Command =>
  command(`sentinel|${name}`, 3, (args, sentinel) => {
    const primary = sentinel.primaries.get(args[2]!)
    return primary === undefined ? NO_SUCH_PRIMARY : body(primary, sentinel)
  })

const replicas = (primary: MonitoredPrimary, { nowMs }: Sentinel): Reply =>
  [...primary.replicas.values()]
    .filter(({ isAnnounced }) => isAnnounced)
    .map((each) => instanceReply(each, primary, nowMs))

const HELP = [
  'CKQUORUM <master-name>',
  '    Check if the current Sentinel configuration is able to reach the quorum',
  '    needed to failover a master and the majority needed to authorize the',
  '    failover.',
  'CONFIG SET <param> <value>',
  '    Set a global Sentinel configuration parameter.',
  'CONFIG GET <param>',
  '    Get global Sentinel configuration parameter.',
  'DEBUG [<param> <value> ...]',
  '    Show a list of configurable time parameters and their values (milliseconds).',
  '    Or update current configurable parameters values (one or more).',
  'GET-MASTER-ADDR-BY-NAME <master-name>',
  '    Return the ip and port number of the master with that name.',
  'FAILOVER <master-name>',
  '    Manually failover a master node without asking for agreement from other',
  '    Sentinels',
  'FLUSHCONFIG',
  '    Force Sentinel to rewrite its configuration on disk, including the current',
  '    Sentinel state.',
  'IS-MASTER-DOWN-BY-ADDR <ip> <port> <current-epoch> <runid>',
  "    Check if the master specified by ip:port is down from current Sentinel's",
  '    point of view.',
  'MASTER <master-name>',
  '    Show the state and info of the specified master.',
  'MASTERS',
  '    Show a list of monitored masters and their state.',
  'MONITOR <name> <ip> <port> <quorum>',
  '    Start monitoring a new master with the specified name, ip, port and quorum.',
  'MYID',
  '    Return the ID of the Sentinel instance.',
  'PENDING-SCRIPTS',
  '    Get pending scripts information.',
  'REMOVE <master-name>',
  "    Remove master from Sentinel's monitor list.",
  'REPLICAS <master-name>',
  '    Show a list of replicas for this master and their state.',
  'RESET <pattern>',
  '    Reset masters for specific master name matching this pattern.',
  'SENTINELS <master-name>',
  '    Show a list of Sentinel instances for this master and their state.',
  'SET <master-name> <option> <value> [<option> <value> ...]',
  '    Set configuration parameters for certain masters.',
]

const own: readonly Command[] = [
  command('info', -1, info, ['loading', 'stale']),
  command('role', 1, (_args, { primaries }) => ['sentinel', [...primaries.keys()]], ['noscript', 'loading', 'stale']),
  command('publish', 3, publish, ['pubsub', 'loading', 'stale', 'fast']),
  {
    ...command('sentinel', -2, () => null),
    subcommands: [
      command('sentinel|masters', 2, (_args, { primaries, nowMs }) =>
        [...primaries.values()].map((primary) => instanceReply(primary.instance, primary, nowMs)),
      ),
      about('master', (primary, { nowMs }) => instanceReply(primary.instance, primary, nowMs)),
      about('replicas', replicas),
      about('slaves', replicas),
      about('sentinels', (primary, { nowMs }) =>
        [...primary.sentinels.values()].map((each) => instanceReply(each, primary, nowMs)),
      ),
      command('sentinel|myid', 2, (_args, { id }) => id),
      command('sentinel|get-master-addr-by-name', 3, addressOf),
      command('sentinel|is-master-down-by-addr', 6, isDown),
      about('ckquorum', checkQuorum),
      about('failover', failOver),
      command('sentinel|reset', 3, reset),
      command('sentinel|monitor', 6, monitor),
      about('remove', (primary, sentinel) => {
        sentinel.forget(primary)
        sentinel.save()
        return OK
      }),
      command('sentinel|set', -5, set),
      command('sentinel|debug', -2, debug),
      command('sentinel|config', -3, (args, sentinel) =>
        configure(args, sentinel.settings, {
          onChange: () => sentinel.save(),
          onLogin: () => sentinel.leaveSentinels(),
        }),
      ),
      command('sentinel|flushconfig', 2, (_args, sentinel) => {
        sentinel.save()
        return OK
      }),
      command('sentinel|pending-scripts', 2, () => []),
      helpCommand('sentinel', HELP),
    ],
  },
]

const NAMES = new Set([...SHARED, ...SUBSCRIBING, 'info', 'role', 'publish'])

/** What rules of access control may name. */
export const SENTINEL_VOCABULARY = new Vocabulary({
  ...Object.fromEntries(Object.entries(commandFacts).filter(([name]) => NAMES.has(name.split('|')[0] ?? ''))),
  ...sentinelFacts,
})

let table: ReadonlyMap<string, CommandRow> | null = null

/** Every command of a Sentinel, by its lower case name. */
export function sentinelCommands(): ReadonlyMap<string, CommandRow> {
  if (table === null) {
    const all = commandTable()
    const shared = [...SHARED, ...SUBSCRIBING].map((name) => [name, all.get(name) as CommandRow] as const)
    table = new Map([...shared, ...own.map((each) => [each.name, commandRow(each)] as const)])
  }
  return table
}

function addressOf(args: readonly string[], { primaries }: Sentinel): Reply {
  const primary = primaries.get(args[2]!)
  if (primary === undefined) return NULL_ARRAY
  const { host, port } = primary.currentAddress
  return [host, String(port)]
}

/** What another Sentinel asks: is the primary down, and may it have the vote? */
function isDown(args: readonly string[], sentinel: Sentinel): Reply {
  const port = parseInteger(args[3]!)
  const epoch = parseInteger(args[4]!)
  if (port === null || epoch === null) return NOT_AN_INTEGER
  const primary = sentinel.primaryAt({ host: args[2]!, port })
  const says = primary?.instance.isDown === true && sentinel.tiltSinceMs === null ? 1 : 0
  const candidate = args[5]!
  if (primary === null || candidate === '*') return [says, '*', 0]
  voteFor(sentinel, primary, candidate, epoch)
  return [says, primary.vote ?? '*', primary.voteEpoch]
}

function checkQuorum({ usableCount, quorum, majority }: MonitoredPrimary): Reply {
  const missing = [
    ...(usableCount < quorum ? ['Not enough available Sentinels to reach the specified quorum for this master'] : []),
    ...(usableCount < majority
      ? ['Not enough available Sentinels to reach the majority and authorize a failover']
      : []),
  ]
  const usable = `${usableCount} usable Sentinels. `
  return missing.length === 0
    ? status(`OK ${usable}Quorum and failover authorization can be reached`)
    : errorOf(`NOQUORUM ${usable}${missing.join('. ')}`)
}

function failOver(primary: MonitoredPrimary, sentinel: Sentinel): Reply {
  if (primary.failover !== 'none') return IN_PROGRESS
  if (primary.selectReplica() === null) return NO_GOOD_REPLICA
  startFailover(sentinel, primary)
  primary.isForced = true
  return OK
}

function reset(args: readonly string[], sentinel: Sentinel): Reply {
  const matching = [...sentinel.primaries.values()].filter(({ name }) => globMatches(args[2]!, name))
  for (const primary of matching) {
    primary.reset(false)
    sentinel.tell('+reset-master', primary, primary.instance)
  }
  return matching.length
}

/** What came before a mistake stays changed. */
function debug(args: readonly string[], { periods }: Sentinel): Reply {
  if (args.length === 2) {
    return { kind: 'map', entries: Object.entries(periods).map(([name, ms]) => [name, String(ms)] as const) }
  }
  for (let at = 2; at < args.length; at += 2) {
    const [option, value] = [args[at]!, args[at + 1]]
    const name = option.toUpperCase()
    if (!isPeriod(name) || value === undefined) {
      return errorOf(`ERR Unknown option or number of arguments for SENTINEL DEBUG '${cText(option)}'`)
    }
    const ms = parseInteger(value)
    if (ms === null || ms <= 0)
      return errorOf(`ERR Invalid argument '${cText(value)}' for SENTINEL DEBUG '${cText(option)}'`)
    periods[name] = ms
  }
  return OK
}

function monitor(args: readonly string[], sentinel: Sentinel): Reply {
  const [, , name = '', host = '', portText = '', quorumText = ''] = args
  const quorum = parseInteger(quorumText)
  if (quorum === null) return BAD_QUORUM
  const port = parseInteger(portText)
  if (port === null) return BAD_PORT
  if (quorum <= 0) return LOW_QUORUM
  if (sentinel.primaries.has(name)) return DUPLICATE_NAME
  sentinel.monitor({ name, address: { host, port }, quorum })
  sentinel.save()
  return OK
}

/** The numbers that SENTINEL SET can change. */
const NUMBERS = new Map<string, 'downAfterMs' | 'failoverTimeoutMs' | 'parallelSyncs' | 'quorum'>([
  ['down-after-milliseconds', 'downAfterMs'],
  ['failover-timeout', 'failoverTimeoutMs'],
  ['parallel-syncs', 'parallelSyncs'],
  ['quorum', 'quorum'],
])
/** The texts. */
const TEXTS = new Map<string, 'user' | 'password'>([
  ['auth-user', 'user'],
  ['auth-pass', 'password'],
])

function set(args: readonly string[], sentinel: Sentinel): Reply {
  const primary = sentinel.primaries.get(args[2]!)
  if (primary === undefined) return NO_SUCH_PRIMARY
  for (let index = 3; index < args.length; index += 2) {
    const option = args[index]!
    const value = args[index + 1]
    const numberField = NUMBERS.get(option.toLowerCase())
    const textField = TEXTS.get(option.toLowerCase())
    if ((numberField === undefined && textField === undefined) || value === undefined) {
      return errorOf(`ERR Unknown option or number of arguments for SENTINEL SET '${cText(option)}'`)
    }
    if (numberField !== undefined) {
      const number = parseInteger(value)
      if (number === null || number <= 0) {
        return errorOf(`ERR Invalid argument '${cText(value)}' for SENTINEL SET '${cText(option)}'`)
      }
      primary[numberField] = number
    }
    if (textField !== undefined) {
      primary[textField] = value
      primary.leaveServers()
    }
    sentinel.save()
    sentinel.tell('+set', primary, primary.instance, ` ${option} ${textField === 'password' ? '******' : value}`)
  }
  return OK
}

function publish(args: readonly string[], sentinel: Sentinel): Reply {
  if (args[1] !== HELLO_CHANNEL) return ONLY_HELLOS
  sentinel.hear(args[2]!)
  return 1
}

function info(args: readonly string[], sentinel: Sentinel, { server, nowMs }: CommandContext): Reply {
  const asked = args.slice(1).map((name) => name.toLowerCase())
  const wantsAll = asked.length === 0 || asked.some((name) => ['default', 'all', 'everything'].includes(name))
  const sections = wantsAll ? SECTIONS : asked.filter((name) => SECTIONS.includes(name))
  const texts = sections.length === 0 ? [] : [infoText(server, nowMs, sections)]
  if (wantsAll || asked.includes('sentinel')) texts.push(ownSection(sentinel))
  return texts.join('\r\n')
}

function ownSection({ primaries, tiltSinceMs, nowMs }: Sentinel): string {
  const lines = [...primaries.values()].map(
    ({ name, instance: { address, isDown }, isDown: isObjectivelyDown, replicas, sentinels }, index) => {
      const state = isObjectivelyDown ? 'odown' : isDown ? 'sdown' : 'ok'
      const counts = `slaves=${replicas.size},sentinels=${sentinels.size + 1}`
      return `master${index}:name=${name},status=${state},address=${address.host}:${address.port},${counts}`
    },
  )
  return [
    '# Sentinel',
    `sentinel_masters:${primaries.size}`,
    `sentinel_tilt:${tiltSinceMs === null ? 0 : 1}`,
    `sentinel_tilt_since_seconds:${tiltSinceMs === null ? -1 : Math.floor((nowMs - tiltSinceMs) / 1000)}`,
    'sentinel_running_scripts:0',
    'sentinel_scripts_queue_length:0',
    'sentinel_simulate_failure_flags:0',
    ...lines,
    '',
  ].join('\r\n')
}
