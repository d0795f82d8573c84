/**
 * SLOWLOG, LATENCY, MEMORY: what tools ask a server about. The logs are empty
 * where commands take no time (see `statistics.ts`).
 *
 * Models partly     MEMORY USAGE: exact for strings, an estimate for collections.
 *
 * Source: https://redis.io/docs/latest/commands/?group=server
 */
import { isWord, parseInteger, rangeArgument } from '../arguments.ts'
import type { Command, CommandContext, CommandFlag } from '../command.ts'
import { formatDouble } from '../double.ts'
import { errorOf, NOT_AN_INTEGER, SYNTAX_ERROR } from '../errors.ts'
import { latencyReport } from '../latency-doctor.ts'
import { latencyGraph } from '../latency-graph.ts'
import { usedMemory } from '../memory-limit.ts'
import { memoryUsage } from '../memory-usage.ts'
import { OK, type Reply } from '../reply.ts'
import { helpCommand } from './help.ts'
import { NO_KEYS, SECOND_ARGUMENT } from './key-positions.ts'

const NO_ALLOCATOR = 'Stats not supported for the current allocator'
/** What a server without data uses. */
const STARTUP_BYTES = 876_112
const INT64_MAX_AS_NUMBER = 2 ** 63
const NOTHING_STORED =
  "Hi Sam, this instance is empty or is using very little memory, my issues detector can't be used in these conditions. Please, leave for your mission on Earth and fill it with some data. The new Sam and I will be back to our programming as soon as I finished rebooting.\n"

const admin: readonly CommandFlag[] = ['admin', 'noscript', 'loading', 'stale']
const log: readonly CommandFlag[] = ['admin', 'loading', 'stale']

const container = (name: string, subcommands: readonly Command[]): Command => ({
  name,
  arity: -2,
  flags: [],
  ...NO_KEYS,
  execute: () => null,
  subcommands,
})

type Body = (args: readonly string[], context: CommandContext) => Reply

const sub = (name: string, arity: number, flags: readonly CommandFlag[], execute: Body): Command => ({
  name,
  arity,
  flags,
  ...NO_KEYS,
  execute,
})

const text = (lines: string): Reply => ({ kind: 'verbatim', format: 'txt', text: lines })

export const diagnostics: readonly Command[] = [
  container('slowlog', [
    sub('slowlog|get', -2, log, slowlogGet),
    sub('slowlog|len', 2, log, (_args, { server }) => server.statistics?.slow.length ?? 0),
    sub('slowlog|reset', 2, log, slowlogReset),
    helpCommand('slowlog', [
      'GET [<count>]',
      '    Return top <count> entries from the slowlog (default: 10, -1 mean all).',
      '    Entries are made of:',
      '    id, timestamp, time in microseconds, arguments array, client IP and port,',
      '    client name',
      'LEN',
      '    Return the length of the slowlog.',
      'RESET',
      '    Reset the slowlog.',
    ]),
  ]),
  container('latency', [
    sub('latency|latest', 2, admin, latencyLatest),
    sub('latency|history', 3, admin, latencyHistory),
    sub('latency|graph', 3, admin, graphOfLatency),
    sub('latency|reset', -2, admin, (args, { server }) => server.statistics?.forgetSamples(args.slice(2)) ?? 0),
    sub('latency|doctor', 2, admin, latencyDoctor),
    sub('latency|histogram', -2, admin, latencyHistogram),
    helpCommand('latency', [
      'DOCTOR',
      '    Return a human readable latency analysis report.',
      'GRAPH <event>',
      '    Return an ASCII latency graph for the <event> class.',
      'HISTORY <event>',
      '    Return time-latency samples for the <event> class.',
      'LATEST',
      '    Return the latest latency samples for all events.',
      'RESET [<event> ...]',
      '    Reset latency data of one or more <event> classes.',
      '    (default: reset all data for all event classes)',
      'HISTOGRAM [COMMAND ...]',
      '    Return a cumulative distribution of latencies in the format of a histogram for the specified command names.',
      '    If no commands are specified then all histograms are replied.',
    ]),
  ]),
  container('memory', [
    { name: 'memory|usage', arity: -3, flags: ['readonly'], ...SECOND_ARGUMENT, execute: usage },
    sub('memory|stats', 2, [], memoryStats),
    sub('memory|malloc-stats', 2, [], () => text(NO_ALLOCATOR)),
    sub('memory|doctor', 2, [], () => text(NOTHING_STORED)),
    sub('memory|purge', 2, [], () => OK),
    helpCommand('memory', [
      'DOCTOR',
      '    Return memory problems reports.',
      'MALLOC-STATS',
      '    Return internal statistics report from the memory allocator.',
      'PURGE',
      '    Attempt to purge dirty pages for reclamation by the allocator.',
      'STATS',
      '    Return information about the memory usage of the server.',
      'USAGE <key> [SAMPLES <count>]',
      '    Return memory in bytes used by <key> and its value. Nested values are',
      '    sampled up to <count> times (default: 5, 0 means sample all).',
    ]),
  ]),
]

const SLOW_ENTRIES = 10

function slowlogGet(args: readonly string[], { server }: CommandContext): Reply {
  const count =
    args.length === 2
      ? SLOW_ENTRIES
      : rangeArgument(args[2]!, -1, INT64_MAX_AS_NUMBER, 'count should be greater than or equal to -1')
  if (typeof count !== 'number') return count
  const entries = server.statistics?.slow ?? []
  return entries
    .slice(0, count === -1 ? entries.length : count)
    .map(({ id, seconds, us, args: shown, address, name }) => [id, seconds, us, shown, address, name])
}

function slowlogReset(_args: readonly string[], { server }: CommandContext): Reply {
  server.statistics?.forgetSlow()
  return OK
}

function latencyLatest(_args: readonly string[], { server }: CommandContext): Reply {
  const { statistics } = server
  return (statistics?.events ?? []).map((event) => {
    const last = statistics!.samplesOf(event).at(-1)!
    return [event, last.seconds, last.ms, statistics!.highestMsOf(event)]
  })
}

function latencyHistory(args: readonly string[], { server }: CommandContext): Reply {
  return (server.statistics?.samplesOf(args[2]!) ?? []).map(({ seconds, ms }) => [seconds, ms])
}

function graphOfLatency(args: readonly string[], { server }: CommandContext): Reply {
  const event = args[2]!
  const samples = server.statistics?.samplesOf(event) ?? []
  if (samples.length === 0) return errorOf(`ERR No samples available for event '${event}'`)
  const highestMs = server.statistics!.highestMsOf(event)
  return text(latencyGraph(event, samples, { highestMs, nowSeconds: Math.floor(server.nowMs / 1000) }))
}

function latencyDoctor(_args: readonly string[], { server }: CommandContext): Reply {
  const { statistics } = server
  const events = (statistics?.events ?? []).map((name) => ({
    name,
    samples: statistics!.samplesOf(name),
    highestMs: statistics!.highestMsOf(name),
  }))
  const { latencyMs, slowUs } = server.statisticsLimits()
  return text(latencyReport(events, { nowSeconds: Math.floor(server.nowMs / 1000), latencyMs, slowUs }))
}

function latencyHistogram(args: readonly string[], { server }: CommandContext): Reply {
  const { statistics } = server
  const names = args.length === 2 ? [null] : args.slice(2).map((name) => name.toLowerCase())
  return { kind: 'map', entries: names.flatMap((name) => statistics?.histogramsOf(name) ?? []) }
}

/** What is used is estimated; the rest is that of a redis-server that has just started. */
function memoryStats(_args: readonly string[], { server }: CommandContext): Reply {
  const used = usedMemory(server)
  const databases = server.databases.filter(({ size }) => size > 0)
  const keyCount = databases.reduce((sum, { size }) => sum + size, 0)
  const dataset = used - STARTUP_BYTES
  const ratio = (value: number): Reply => ({ kind: 'double', text: formatDouble(value) })
  const tables = databases.map(({ index, size }): readonly [Reply, Reply] => [
    `db.${index}`,
    {
      kind: 'map',
      entries: [
        ['overhead.hashtable.main', size * 72],
        ['overhead.hashtable.expires', 0],
        ['overhead.hashtable.slot-to-keys', 0],
      ],
    },
  ])
  const entries: (readonly [Reply, Reply])[] = [
    ['peak.allocated', used],
    ['total.allocated', used],
    ['startup.allocated', STARTUP_BYTES],
    ['replication.backlog', 0],
    ['clients.slaves', 0],
    ['clients.normal', 1800],
    ['cluster.links', 0],
    ['aof.buffer', 0],
    ['lua.caches', 0],
    ['functions.caches', 200],
    ...tables,
    ['overhead.total', STARTUP_BYTES],
    ['keys.count', keyCount],
    ['keys.bytes-per-key', keyCount === 0 ? 0 : Math.floor(dataset / keyCount)],
    ['dataset.bytes', dataset],
    ['dataset.percentage', ratio(100)],
    ['peak.percentage', ratio(100)],
    ['allocator.allocated', used],
    ['allocator.active', used],
    ['allocator.resident', used],
    ['allocator-fragmentation.ratio', ratio(1)],
    ['allocator-fragmentation.bytes', 0],
    ['allocator-rss.ratio', ratio(1)],
    ['allocator-rss.bytes', 0],
    ['rss-overhead.ratio', ratio(1)],
    ['rss-overhead.bytes', 0],
    ['fragmentation', ratio(1)],
    ['fragmentation.bytes', 0],
  ]
  return { kind: 'map', entries }
}

function usage(args: readonly string[], { keys }: CommandContext): Reply {
  for (let index = 3; index < args.length; index += 2) {
    if (!isWord(args[index]!, 'samples') || index + 1 >= args.length) return SYNTAX_ERROR
    const samples = parseInteger(args[index + 1]!)
    if (samples === null) return NOT_AN_INTEGER
    if (samples < 0) return SYNTAX_ERROR
  }
  const entry = keys.find(args[2]!)
  return entry === undefined ? null : memoryUsage(args[2]!, entry.value)
}
