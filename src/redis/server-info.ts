/**
 * The text of INFO: sections of `name:value` lines.
 *
 * Models          what clients act on (version, mode, role, loading), counts of clients, keys and commands.
 * Does not model  memory, CPU and the sizes of files: typical constants are shown, or none. Statistics by command only where commands take time.
 *
 * Source: server.c (`genRedisInfoString`) of Redis 7.0; https://redis.io/docs/latest/commands/info/
 */
import { INFO_CONSTANTS } from './info-constants.ts'
import type { Keyspace } from './keyspace.ts'
import { usedMemory } from './memory-limit.ts'
import type { MemoryRedis } from './memory-redis.ts'
import { REDIS_VERSION_OF_VALKEY } from './version.ts'

type Lines = readonly string[]

const DEFAULT_SECTIONS = [
  'server',
  'clients',
  'memory',
  'persistence',
  'stats',
  'replication',
  'cpu',
  'modules',
  'errorstats',
  'cluster',
  'keyspace',
]
const ALL_SECTIONS = [
  'server',
  'clients',
  'memory',
  'persistence',
  'stats',
  'replication',
  'cpu',
  'modules',
  'commandstats',
  'errorstats',
  'latencystats',
  'cluster',
  'keyspace',
]

/** The sections that `names` ask for (none: the default ones), in Redis's own order. */
export function infoText(server: MemoryRedis, nowMs: number, names: readonly string[]): string {
  const wanted = new Set(names.length === 0 ? DEFAULT_SECTIONS : names.flatMap(sectionsNamed))
  return ALL_SECTIONS.filter((name) => wanted.has(name))
    .map((name) => section(name, server, nowMs))
    .map(([title, ...lines]) => [`# ${title}`, ...lines, ...moreLines(title!, server), ''].join('\r\n'))
    .join('\r\n')
}

function latencyLines({ config, statistics }: MemoryRedis): Lines {
  if (statistics === null || config.get('latency-tracking') === 'no') return []
  return statistics.latencyLines(config.get('latency-tracking-info-percentiles').split(' '))
}

function moreLines(title: string, server: MemoryRedis): Lines {
  const { statistics } = server
  if (statistics === null) return []
  const libraries = server.functions.libraries.size
  const functions =
    title === 'Memory'
      ? [`number_of_functions:${server.functions.functionCount}`, `number_of_libraries:${libraries}`]
      : []
  const traffic = title === 'Stats' ? statistics.traffic.lines() : []
  return [...functions, ...traffic, ...(INFO_CONSTANTS[title] ?? [])]
}

function sectionsNamed(name: string): readonly string[] {
  const lower = name.toLowerCase()
  if (lower === 'default') return DEFAULT_SECTIONS
  if (lower === 'all' || lower === 'everything') return ALL_SECTIONS
  return lower === 'module_list' ? ['modules'] : [lower]
}

/** The title, then the lines. */
function section(name: string, server: MemoryRedis, nowMs: number): Lines {
  switch (name) {
    case 'server':
      return serverLines(server, nowMs)
    case 'clients':
      return clientLines(server)
    case 'memory':
      return memoryLines(server)
    case 'persistence':
      return persistenceLines(server)
    case 'stats':
      return statisticsLines(server)
    case 'replication':
      return replicationLines(server)
    case 'cpu':
      return [
        'CPU',
        'used_cpu_sys:0.000000',
        'used_cpu_user:0.000000',
        'used_cpu_sys_children:0.000000',
        'used_cpu_user_children:0.000000',
      ]
    case 'keyspace':
      return keyspaceLines(server, nowMs)
    case 'cluster':
      return ['Cluster', `cluster_enabled:${server.cluster === null ? 0 : 1}`]
    case 'commandstats':
      return ['Commandstats', ...(server.statistics?.commandLines() ?? [])]
    case 'errorstats':
      return ['Errorstats', ...(server.statistics?.errorLines() ?? [])]
    case 'latencystats':
      return ['Latencystats', ...latencyLines(server)]
    default:
      return ['Modules']
  }
}

function serverLines(server: MemoryRedis, nowMs: number): Lines {
  const uptimeSeconds = Math.max(0, Math.floor((nowMs - server.startedMs) / 1000))
  return [
    'Server',
    ...(server.kind === 'redis'
      ? [`redis_version:${server.version}`]
      : [`redis_version:${REDIS_VERSION_OF_VALKEY}`, 'server_name:valkey', `valkey_version:${server.version}`]),
    'redis_git_sha1:00000000',
    'redis_git_dirty:0',
    'redis_build_id:0',
    `redis_mode:${server.mode}`,
    'os:Linux x86_64',
    'arch_bits:64',
    'monotonic_clock:POSIX clock_gettime',
    'multiplexing_api:epoll',
    'atomicvar_api:c11-builtin',
    'gcc_version:12.2.0',
    'process_id:1',
    'process_supervised:no',
    `run_id:${server.runId}`,
    `tcp_port:${server.config.get('port')}`,
    `server_time_usec:${server.nowUs()}`,
    `uptime_in_seconds:${uptimeSeconds}`,
    `uptime_in_days:${Math.floor(uptimeSeconds / 86_400)}`,
    `hz:${server.config.get('hz')}`,
    `configured_hz:${server.config.get('hz')}`,
    'lru_clock:0',
    'executable:/redis-server',
    'config_file:',
    'io_threads_active:0',
  ]
}

function clientLines(server: MemoryRedis): Lines {
  return [
    'Clients',
    `connected_clients:${server.connections.size - (server.replication?.replicas.count ?? 0)}`,
    'cluster_connections:0',
    `maxclients:${server.config.get('maxclients')}`,
    'client_recent_max_input_buffer:0',
    'client_recent_max_output_buffer:0',
    `blocked_clients:${server.waiting.blockedCount}`,
    `tracking_clients:${server.tracking?.clients.length ?? 0}`,
    `clients_in_timeout_table:${server.waiting.timedCount}`,
  ]
}

function memoryLines(server: MemoryRedis): Lines {
  const used = usedMemory(server)
  return [
    'Memory',
    `used_memory:${used}`,
    `used_memory_human:${(used / 1024).toFixed(2)}K`,
    'used_memory_rss:7045120',
    'used_memory_rss_human:6.72M',
    'used_memory_peak:1149640',
    'used_memory_peak_human:1.10M',
    `maxmemory:${server.config.get('maxmemory')}`,
    `maxmemory_policy:${server.config.get('maxmemory-policy')}`,
    `number_of_cached_scripts:${server.scriptCache.size}`,
    'mem_allocator:jemalloc-5.3.0',
  ]
}

/** Of an append-only file whose size is not known, because it has no bytes. */
const APPENDING = ['aof_pending_rewrite:0', 'aof_buffer_length:0', 'aof_pending_bio_fsync:0', 'aof_delayed_fsync:0']

function persistenceLines(server: MemoryRedis): Lines {
  const isAppending = server.config.get('appendonly') === 'yes'
  return [
    'Persistence',
    `loading:${server.fault.loading ? 1 : 0}`,
    'async_loading:0',
    `rdb_changes_since_last_save:${server.unsavedChanges}`,
    'rdb_bgsave_in_progress:0',
    `rdb_last_save_time:${Math.floor(server.lastSaveMs / 1000)}`,
    `rdb_last_bgsave_status:${server.fault.misconf ? 'err' : 'ok'}`,
    `aof_enabled:${isAppending ? 1 : 0}`,
    'aof_rewrite_in_progress:0',
    'aof_last_bgrewrite_status:ok',
    'aof_last_write_status:ok',
    ...(isAppending ? APPENDING : []),
  ]
}

function statisticsLines(server: MemoryRedis): Lines {
  return [
    'Stats',
    `total_connections_received:${server.connectionCount}`,
    `total_commands_processed:${server.commandCount}`,
    `instantaneous_ops_per_sec:${server.statistics?.traffic.commandsPerSecond ?? 0}`,
    'rejected_connections:0',
    `expired_keys:${sum(server, ({ expiredCount }) => expiredCount)}`,
    `evicted_keys:${server.evictedCount}`,
    `keyspace_hits:${sum(server, ({ hits }) => hits)}`,
    `keyspace_misses:${sum(server, ({ misses }) => misses)}`,
    `pubsub_channels:${server.pubSub.channels.size}`,
    `pubsub_patterns:${server.pubSub.patterns.size}`,
    `pubsubshard_channels:${server.pubSub.shardChannels.size}`,
    `tracking_total_keys:${server.tracking?.keyCount ?? 0}`,
    `tracking_total_items:${server.tracking?.itemCount ?? 0}`,
    `tracking_total_prefixes:${server.tracking?.prefixes.size ?? 0}`,
    `total_error_replies:${server.statistics?.errorCount ?? 0}`,
  ]
}

const sum = ({ databases }: MemoryRedis, count: (keys: Keyspace) => number): number =>
  databases.reduce((total, keys) => total + count(keys), 0)

/** A fault has made it a replica whose primary cannot be reached. */
const REPLICA_BY_FAULT: Lines = [
  'role:slave',
  'master_host:127.0.0.1',
  'master_port:1',
  'master_link_status:down',
  'master_last_io_seconds_ago:-1',
  'master_sync_in_progress:0',
  'slave_read_repl_offset:0',
  'slave_repl_offset:0',
  'master_link_down_since_seconds:-1',
  'slave_priority:100',
  'slave_read_only:1',
  'replica_announced:1',
]

function replicationLines(server: MemoryRedis): Lines {
  const { replication, config } = server
  const needed = config.get('min-replicas-to-write')
  const needsGood = needed !== '0' && config.get('min-replicas-max-lag') !== '0'
  const second = Math.floor(server.nowMs / 1000)
  return [
    'Replication',
    ...roleLines(server),
    `connected_slaves:${replication?.replicas.count ?? 0}`,
    ...(needsGood ? [`min_slaves_good_slaves:${replication?.replicas.goodCount ?? 0}`] : []),
    ...(replication?.replicas.all ?? []).map(({ host, port, state, ackedOffset, ackedSecond }, index) => {
      const lagS = state === 'online' ? second - ackedSecond : 0
      return `slave${index}:ip=${host},port=${port},state=${state},offset=${ackedOffset},lag=${lagS}`
    }),
    `master_failover_state:${replication?.handover?.state ?? 'no-failover'}`,
    `master_replid:${replication?.id ?? server.runId}`,
    `master_replid2:${replication?.secondId ?? '0'.repeat(40)}`,
    `master_repl_offset:${replication?.offset ?? 0}`,
    `second_repl_offset:${replication?.secondOffset ?? -1}`,
    `repl_backlog_active:${replication?.backlog == null ? 0 : 1}`,
    `repl_backlog_size:${config.get('repl-backlog-size')}`,
    `repl_backlog_first_byte_offset:${replication?.backlog?.firstOffset ?? 0}`,
    `repl_backlog_histlen:${replication?.backlog?.length ?? 0}`,
  ]
}

function roleLines(server: MemoryRedis): Lines {
  const { replication, config, nowMs } = server
  const link = replication?.link ?? null
  if (replication === null || link === null) return server.fault.readOnly ? REPLICA_BY_FAULT : ['role:master']
  const secondsSince = (ms: number): number => Math.floor(nowMs / 1000) - Math.floor(ms / 1000)
  const down = link.downSinceMs === null ? [] : [`master_link_down_since_seconds:${secondsSince(link.downSinceMs)}`]
  return [
    'role:slave',
    `master_host:${link.host}`,
    `master_port:${link.port}`,
    `master_link_status:${link.isUp ? 'up' : 'down'}`,
    `master_last_io_seconds_ago:${link.isUp ? secondsSince(link.lastBytesMs) : -1}`,
    `master_sync_in_progress:${link.state === 'sync' ? 1 : 0}`,
    `slave_read_repl_offset:${replication.offset + link.uncountedBytes}`,
    `slave_repl_offset:${replication.offset}`,
    ...down,
    `slave_priority:${config.get('replica-priority')}`,
    `slave_read_only:${config.get('replica-read-only') === 'yes' ? 1 : 0}`,
    `replica_announced:${config.get('replica-announced') === 'yes' ? 1 : 0}`,
  ]
}

function keyspaceLines(server: MemoryRedis, nowMs: number): Lines {
  const lines = ['Keyspace']
  server.removeExpired()
  for (const keys of server.databases) {
    if (keys.size === 0) continue
    let expiring = 0
    let totalMs = 0
    for (const [, { expireAtMs }] of keys.entries()) {
      if (expireAtMs === null) continue
      expiring++
      totalMs += Math.max(0, Number(expireAtMs) - nowMs)
    }
    // A replica looks for no keys whose time is up, so it never finds how much time they have.
    const averageMs = expiring === 0 || server.replication?.isReplica ? 0 : Math.floor(totalMs / expiring)
    lines.push(`db${keys.index}:keys=${keys.size},expires=${expiring},avg_ttl=${averageMs}`)
  }
  return lines
}
