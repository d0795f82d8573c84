/**
 * The configuration parameters of Redis 7.0.15 with their defaults, kinds and limits: what CONFIG GET lists and CONFIG SET
 * checks. Only a few of them change what the in-memory server does; see `config.ts`.
 *
 * Source: config.c of Redis 7.0; the defaults are those that a server without a configuration file reports.
 */

/** What a value may be. */
export type ParameterKind =
  | { readonly kind: 'flag' }
  | { readonly kind: 'text' }
  | { readonly kind: 'choice'; readonly choices: readonly string[]; readonly allowsMany: boolean }
  | { readonly kind: 'integer' | 'memory' | 'octal'; readonly min: bigint; readonly max: bigint }

/** One parameter. */
export interface Parameter {
  readonly name: string
  readonly preset: string
  readonly type: ParameterKind
  /** The name it had in older versions; CONFIG GET lists both. */
  readonly alias?: string
  readonly isImmutable?: boolean
  /** May be set only where the configuration allows it, which by default it does not. */
  readonly isProtected?: boolean
  /** Not listed by patterns. */
  readonly isHidden?: boolean
}

type Options = Pick<Parameter, 'alias' | 'isImmutable' | 'isProtected' | 'isHidden'>

const flag = (name: string, preset: string, options?: Options): Parameter => ({
  name,
  preset,
  type: { kind: 'flag' },
  ...options,
})

const text = (name: string, preset: string, options?: Options): Parameter => ({
  name,
  preset,
  type: { kind: 'text' },
  ...options,
})

const choice = (name: string, preset: string, choices: readonly string[], options?: Options): Parameter => ({
  name,
  preset,
  type: { kind: 'choice', choices, allowsMany: false },
  ...options,
})

const choices = (name: string, preset: string, known: readonly string[]): Parameter => ({
  name,
  preset,
  type: { kind: 'choice', choices: known, allowsMany: true },
})

const number =
  (kind: 'integer' | 'memory' | 'octal') =>
  (name: string, preset: string, min: bigint, max: bigint, options?: Options): Parameter => ({
    name,
    preset,
    type: { kind, min, max },
    ...options,
  })

const integer = number('integer')
const memory = number('memory')
const octal = number('octal')

/** Every parameter, by name. */
export const parameters: readonly Parameter[] = [
  choice('acl-pubsub-default', 'resetchannels', ['allchannels', 'resetchannels']),
  text('aclfile', '', { isImmutable: true }),
  integer('acllog-max-len', '128', 0n, 9223372036854775807n),
  integer('active-defrag-cycle-max', '25', 1n, 99n),
  integer('active-defrag-cycle-min', '1', 1n, 99n),
  memory('active-defrag-ignore-bytes', '104857600', 1n, 9223372036854775807n),
  integer('active-defrag-max-scan-fields', '1000', 1n, 9223372036854775807n),
  integer('active-defrag-threshold-lower', '10', 0n, 1000n),
  integer('active-defrag-threshold-upper', '100', 0n, 1000n),
  integer('active-expire-effort', '1', 1n, 10n),
  flag('activedefrag', 'no'),
  flag('activerehashing', 'yes'),
  flag('always-show-logo', 'no', { isImmutable: true }),
  flag('aof-disable-auto-gc', 'no'),
  flag('aof-load-truncated', 'yes'),
  flag('aof-rewrite-incremental-fsync', 'yes'),
  flag('aof-timestamp-enabled', 'no'),
  flag('aof-use-rdb-preamble', 'yes'),
  text('aof_rewrite_cpulist', '', { isImmutable: true }),
  text('appenddirname', 'appendonlydir', { isImmutable: true }),
  text('appendfilename', 'appendonly.aof', { isImmutable: true }),
  choice('appendfsync', 'everysec', ['everysec', 'always', 'no']),
  flag('appendonly', 'no'),
  memory('auto-aof-rewrite-min-size', '67108864', 0n, 9223372036854775807n),
  integer('auto-aof-rewrite-percentage', '100', 0n, 2147483647n),
  text('bgsave_cpulist', '', { isImmutable: true }),
  text('bind', '* -::*'),
  text('bind-source-addr', ''),
  text('bio_cpulist', '', { isImmutable: true }),
  integer('busy-reply-threshold', '5000', 0n, 9223372036854775807n, { alias: 'lua-time-limit' }),
  text('client-output-buffer-limit', 'normal 0 0 0 slave 268435456 67108864 60 pubsub 33554432 8388608 60'),
  memory('client-query-buffer-limit', '1073741824', 1048576n, 9223372036854775807n),
  flag('cluster-allow-pubsubshard-when-down', 'yes'),
  flag('cluster-allow-reads-when-down', 'no'),
  flag('cluster-allow-replica-migration', 'yes'),
  integer('cluster-announce-bus-port', '0', 0n, 65535n),
  text('cluster-announce-hostname', ''),
  text('cluster-announce-ip', ''),
  integer('cluster-announce-port', '0', 0n, 65535n),
  integer('cluster-announce-tls-port', '0', 0n, 65535n),
  text('cluster-config-file', 'nodes.conf', { isImmutable: true }),
  flag('cluster-enabled', 'no', { isImmutable: true }),
  memory('cluster-link-sendbuf-limit', '0', 0n, 18446744073709551615n),
  integer('cluster-migration-barrier', '1', 0n, 2147483647n),
  integer('cluster-node-timeout', '15000', 0n, 9223372036854775807n),
  integer('cluster-port', '0', 0n, 65535n, { isImmutable: true }),
  choice('cluster-preferred-endpoint-type', 'ip', ['ip', 'hostname', 'unknown-endpoint']),
  flag('cluster-replica-no-failover', 'no', { alias: 'cluster-slave-no-failover' }),
  integer('cluster-replica-validity-factor', '10', 0n, 2147483647n, { alias: 'cluster-slave-validity-factor' }),
  flag('cluster-require-full-coverage', 'yes'),
  flag('crash-log-enabled', 'yes'),
  flag('crash-memcheck-enabled', 'yes'),
  flag('daemonize', 'no', { isImmutable: true }),
  integer('databases', '16', 1n, 2147483647n, { isImmutable: true }),
  text('dbfilename', 'dump.rdb', { isProtected: true }),
  text('dir', '/', { isProtected: true }),
  flag('disable-thp', 'yes', { isImmutable: true }),
  flag('dynamic-hz', 'yes'),
  choice('enable-debug-command', 'no', ['no', 'yes', 'local'], { isImmutable: true }),
  choice('enable-module-command', 'no', ['no', 'yes', 'local'], { isImmutable: true }),
  choice('enable-protected-configs', 'no', ['no', 'yes', 'local'], { isImmutable: true }),
  integer('hash-max-listpack-entries', '512', 0n, 9223372036854775807n, { alias: 'hash-max-ziplist-entries' }),
  memory('hash-max-listpack-value', '64', 0n, 9223372036854775807n, { alias: 'hash-max-ziplist-value' }),
  memory('hll-sparse-max-bytes', '3000', 0n, 9223372036854775807n),
  integer('hz', '10', 0n, 2147483647n),
  text('ignore-warnings', ''),
  integer('io-threads', '1', 1n, 128n, { isImmutable: true }),
  flag('io-threads-do-reads', 'no', { isImmutable: true }),
  flag('jemalloc-bg-thread', 'yes'),
  integer('key-load-delay', '0', -2147483648n, 2147483647n, { isHidden: true }),
  integer('latency-monitor-threshold', '0', 0n, 9223372036854775807n),
  flag('latency-tracking', 'yes'),
  text('latency-tracking-info-percentiles', '50 99 99.9'),
  flag('lazyfree-lazy-eviction', 'no'),
  flag('lazyfree-lazy-expire', 'no'),
  flag('lazyfree-lazy-server-del', 'no'),
  flag('lazyfree-lazy-user-del', 'no'),
  flag('lazyfree-lazy-user-flush', 'no'),
  integer('lfu-decay-time', '1', 0n, 2147483647n),
  integer('lfu-log-factor', '10', 0n, 2147483647n),
  integer('list-compress-depth', '0', 0n, 2147483647n),
  integer('list-max-listpack-size', '-2', -2147483648n, 2147483647n, { alias: 'list-max-ziplist-size' }),
  integer('loading-process-events-interval-bytes', '2097152', 1024n, 2147483647n, { isHidden: true }),
  text('logfile', '', { isImmutable: true }),
  choice('loglevel', 'notice', ['debug', 'verbose', 'notice', 'warning']),
  text('masterauth', ''),
  text('masteruser', ''),
  integer('maxclients', '10000', 1n, 4294967295n),
  memory('maxmemory', '0', 0n, 18446744073709551615n),
  memory('maxmemory-clients', '0', -100n, 9223372036854775807n),
  integer('maxmemory-eviction-tenacity', '10', 0n, 100n),
  choice('maxmemory-policy', 'noeviction', [
    'volatile-lru',
    'volatile-lfu',
    'volatile-random',
    'volatile-ttl',
    'allkeys-lru',
    'allkeys-lfu',
    'allkeys-random',
    'noeviction',
  ]),
  integer('maxmemory-samples', '5', 1n, 2147483647n),
  integer('min-replicas-max-lag', '10', 0n, 2147483647n, { alias: 'min-slaves-max-lag' }),
  integer('min-replicas-to-write', '0', 0n, 2147483647n, { alias: 'min-slaves-to-write' }),
  flag('no-appendfsync-on-rewrite', 'no'),
  text('notify-keyspace-events', ''),
  choice('oom-score-adj', 'no', ['no', 'yes', 'relative', 'absolute']),
  text('oom-score-adj-values', '0 200 800'),
  text('pidfile', '', { isImmutable: true }),
  integer('port', '6379', 0n, 65535n),
  text('proc-title-template', '{title} {listen-addr} {server-mode}'),
  choice('propagation-error-behavior', 'ignore', ['ignore', 'panic', 'panic-on-replicas']),
  flag('protected-mode', 'yes'),
  memory('proto-max-bulk-len', '536870912', 1048576n, 9223372036854775807n),
  flag('rdb-del-sync-files', 'no'),
  integer('rdb-key-save-delay', '0', -2147483648n, 2147483647n, { isHidden: true }),
  flag('rdb-save-incremental-fsync', 'yes'),
  flag('rdbchecksum', 'yes', { isImmutable: true }),
  flag('rdbcompression', 'yes'),
  memory('repl-backlog-size', '1048576', 1n, 9223372036854775807n),
  integer('repl-backlog-ttl', '3600', 0n, 9223372036854775807n),
  flag('repl-disable-tcp-nodelay', 'no'),
  choice('repl-diskless-load', 'disabled', ['disabled', 'on-empty-db', 'swapdb']),
  flag('repl-diskless-sync', 'yes'),
  integer('repl-diskless-sync-delay', '5', 0n, 2147483647n),
  integer('repl-diskless-sync-max-replicas', '0', 0n, 2147483647n),
  integer('repl-ping-replica-period', '10', 1n, 2147483647n, { alias: 'repl-ping-slave-period' }),
  integer('repl-timeout', '60', 1n, 2147483647n),
  text('replica-announce-ip', '', { alias: 'slave-announce-ip' }),
  integer('replica-announce-port', '0', 0n, 65535n, { alias: 'slave-announce-port' }),
  flag('replica-announced', 'yes'),
  flag('replica-ignore-disk-write-errors', 'no'),
  flag('replica-ignore-maxmemory', 'yes', { alias: 'slave-ignore-maxmemory' }),
  flag('replica-lazy-flush', 'no', { alias: 'slave-lazy-flush' }),
  integer('replica-priority', '100', 0n, 2147483647n, { alias: 'slave-priority' }),
  flag('replica-read-only', 'yes', { alias: 'slave-read-only' }),
  flag('replica-serve-stale-data', 'yes', { alias: 'slave-serve-stale-data' }),
  text('replicaof', '', { alias: 'slaveof', isImmutable: true }),
  text('requirepass', ''),
  choice('sanitize-dump-payload', 'no', ['no', 'yes', 'clients']),
  text('save', ''),
  text('server_cpulist', '', { isImmutable: true }),
  integer('set-max-intset-entries', '512', 0n, 9223372036854775807n),
  flag('set-proc-title', 'yes', { isImmutable: true }),
  choices('shutdown-on-sigint', 'default', ['default', 'save', 'nosave', 'now', 'force']),
  choices('shutdown-on-sigterm', 'default', ['default', 'save', 'nosave', 'now', 'force']),
  integer('shutdown-timeout', '10', 0n, 2147483647n),
  integer('slowlog-log-slower-than', '10000', -1n, 9223372036854775807n),
  integer('slowlog-max-len', '128', 0n, 9223372036854775807n),
  integer('socket-mark-id', '0', 0n, 4294967295n, { isImmutable: true }),
  flag('stop-writes-on-bgsave-error', 'yes'),
  memory('stream-node-max-bytes', '4096', 0n, 9223372036854775807n),
  integer('stream-node-max-entries', '100', 0n, 9223372036854775807n),
  choice('supervised', 'no', ['upstart', 'systemd', 'auto', 'no'], { isImmutable: true }),
  flag('syslog-enabled', 'no', { isImmutable: true }),
  choice(
    'syslog-facility',
    'local0',
    ['user', 'local0', 'local1', 'local2', 'local3', 'local4', 'local5', 'local6', 'local7'],
    { isImmutable: true },
  ),
  text('syslog-ident', 'redis', { isImmutable: true }),
  integer('tcp-backlog', '511', 0n, 2147483647n, { isImmutable: true }),
  integer('tcp-keepalive', '300', 0n, 2147483647n),
  integer('timeout', '0', 0n, 2147483647n),
  choice('tls-auth-clients', 'yes', ['no', 'yes', 'optional']),
  text('tls-ca-cert-dir', ''),
  text('tls-ca-cert-file', ''),
  text('tls-cert-file', ''),
  text('tls-ciphers', ''),
  text('tls-ciphersuites', ''),
  text('tls-client-cert-file', ''),
  text('tls-client-key-file', ''),
  text('tls-client-key-file-pass', ''),
  flag('tls-cluster', 'no'),
  text('tls-dh-params-file', ''),
  text('tls-key-file', ''),
  text('tls-key-file-pass', ''),
  integer('tls-port', '0', 0n, 65535n),
  flag('tls-prefer-server-ciphers', 'no'),
  text('tls-protocols', ''),
  flag('tls-replication', 'no'),
  integer('tls-session-cache-size', '20480', 0n, 2147483647n),
  integer('tls-session-cache-timeout', '300', 0n, 2147483647n),
  flag('tls-session-caching', 'yes'),
  integer('tracking-table-max-keys', '1000000', 0n, 9223372036854775807n),
  text('unixsocket', '', { isImmutable: true }),
  octal('unixsocketperm', '0', 0n, 511n, { isImmutable: true }),
  flag('use-exit-on-panic', 'no', { isHidden: true }),
  integer('watchdog-period', '0', 0n, 2147483647n, { isHidden: true }),
  integer('zset-max-listpack-entries', '128', 0n, 9223372036854775807n, { alias: 'zset-max-ziplist-entries' }),
  memory('zset-max-listpack-value', '64', 0n, 9223372036854775807n, { alias: 'zset-max-ziplist-value' }),
]
