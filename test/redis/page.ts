/**
 * Makes `docs/in-memory-redis.md`: what the in-memory Redis has, has not, and does not do although it takes the setting, read
 * off its tables and its source.
 */
import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { ALL_NAMES } from '../../src/redis/acl/categories.ts'
import { newerCommands } from '../../src/redis/commands/newer.ts'
import { commandTable } from '../../src/redis/commands/table.ts'
import { parameters } from '../../src/redis/config-parameters.ts'
import { REDIS_VERSIONS, VERSIONS } from '../../src/redis/version.ts'
import { LEFT_OUT } from './suites/left-out.ts'
import { PASSED } from './suites/passed.ts'

const SOURCE = path.resolve(import.meta.dirname, '../../src/redis')
/** Where every parameter stands, whatever it does. */
const LISTS = ['config-parameters.ts', 'config-check.ts']
/** Only told by INFO. */
const ONLY_TOLD = ['hz', 'repl-backlog-size', 'tcp-port']

const code = (names: readonly string[]): string => names.map((name) => `\`${name}\``).join(', ')

/** Commands of Redis 7.0.15 that are not there; a command that is missing whole stands for its subcommands. */
function missing(): readonly string[] {
  const table = commandTable()
  return ALL_NAMES.filter((name) => {
    const [parent, sub] = name.split('|') as [string, string?]
    const row = table.get(parent)
    return sub === undefined ? row === undefined : row !== undefined && row.subcommands?.get(sub) === undefined
  }).map((name) => name.toUpperCase().replace('|', ' '))
}

/** Parameters that the source asks for by name. */
function effective(): readonly string[] {
  const text = readdirSync(SOURCE, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts') && !LISTS.includes(file))
    .map((file) => readFileSync(path.join(SOURCE, file), 'utf8'))
    .join('\n')
  return parameters.map(({ name }) => name).filter((name) => isRead(name, text) && !ONLY_TOLD.includes(name))
}

const isRead = (name: string, text: string): boolean =>
  ['get', 'number'].some((how) => text.includes(`${how}('${name}')`))

const total = (which: 'quick' | 'whole' | 'real'): string =>
  Object.values(PASSED)
    .reduce((sum, unit) => sum + unit[which], 0)
    .toLocaleString('en')

const leftOut = (): string =>
  LEFT_OUT.map(({ reason, tests }) => {
    const names = Object.entries(tests).map(([unit, these]) => `${these.length} of \`${unit}\``)
    return `- ${names.join(', ')}: ${reason}.`
  }).join('\n')

const newerRow = (version: keyof typeof VERSIONS): string => {
  const { server, number, features } = VERSIONS[version]
  const names = [...newerCommands(features).keys()].map((name) => name.toUpperCase())
  const options = [
    ...(features.has('set-if-equal') ? ['SET … IFEQ'] : []),
    ...(features.has('hash-names') ? ['HSCAN … NOVALUES'] : []),
    ...(features.has('digests') ? ['SET … IFNE, IFDEQ, IFDNE'] : []),
  ]
  const has = [...names, ...options]
  return `| \`${version}\` | ${server === 'redis' ? 'Redis' : 'Valkey'} ${number} | ${has.length === 0 ? '–' : code(has)} |`
}

export const page = (): string => `# The in-memory Redis

What answers in simulated worlds (\`--redis memory\`) and in \`lockstorm serve\`. It answers as redis-server 7.0.15 does, byte for byte and
error for error: tables of commands and generated sequences are run on both, in RESP2 and RESP3, and a single different byte fails
a test. This page is made by \`npx vitest run test/redis/page.test.ts -u\` from its tables and its source.

\`\`\`sh
lockstorm serve                                  # 127.0.0.1:6379, in real time
lockstorm serve --port 0 --json                  # any free port, told as JSON
lockstorm serve --clock manual                   # time passes when a test says so: DEBUG CLOCK ADVANCE 500
lockstorm serve --redis-version 8.4              # the newer commands, too
lockstorm serve --set requirepass=secret         # a line of redis.conf
lockstorm serve --sentinel                       # a primary, two replicas, three Sentinels that call it mymaster
lockstorm serve --sentinel --set requirepass=x   # the password of all six, which log in to each other
lockstorm serve --cluster                        # a Cluster: three primaries, and a replica of each
\`\`\`

Two of them, or one and a redis-server, replicate: \`REPLICAOF 127.0.0.1 6379\`. Snapshots and the stream have Redis's own format, so
either may follow the other; \`READONLY\`, \`MASTERDOWN\`, \`NOREPLICAS\`, \`WAIT\`, \`ROLE\` and \`INFO replication\` answer
as a pair of redis-servers does.

With \`serve --sentinel\`, \`redis-cli -p 6379 client pause 20000\` (the primary hangs) or \`shutdown\` (it is gone) leads to a failover:
\`redis-cli -p 26379 psubscribe '*'\` shows it. Commands, events, votes and timing are those of redis-sentinel: ours and real ones elect each
other and promote each other's servers. \`SENTINEL SET mymaster down-after-milliseconds 500\` makes them quicker.

## Newer commands

\`--redis-version\` adds commands; all else stays as in 7.0. They are written after their documentation: no such server was there to be
compared with.

\`serve\`, \`hunt\`, \`run\`, \`replay\` and \`frontier\` have the flag, a config file \`redisVersion\`, and a scenario \`redis-version: 8.4\`.
A token names the version of its world. On every other Redis (\`--redis server\`) it must be the version that this has. So a lock
whose release is \`DELEX key IFEQ token\`, with no script, is hunted:

\`\`\`sh
lockstorm hunt ./my-lock.ts --redis-version 8.4
\`\`\`

Without it, a lock that needs a newer command is refused with the version that has it; one that also knows a way on 7.0 is tested on that.

| version | tells itself to be | has beyond 7.0 |
|---|---|---|
${REDIS_VERSIONS.map(newerRow).join('\n')}

## What it has not

- ${code(missing())}.
- Files: \`SAVE\` and its relatives answer as if the disk were perfect; \`lockstorm serve\` keeps nothing when it ends. In worlds servers have disks:
  [topologies.md](topologies.md#what-is-on-their-disks).
- Of a Cluster: hostnames, replicas that move to another primary. What nodes of \`serve --cluster\` say to each other stays in their process: the
  port of a bus that \`CLUSTER NODES\` names is not there, and no other node can join. \`redis-cli --cluster check\`, \`info\`, \`fix\`,
  \`rebalance\` and \`reshard\` need none. Of replication: snapshots that are first written to a disk. Of Sentinel: scripts, \`INFO-CACHE\` and \`SIMULATE-FAILURE\`; of \`SENTINEL CONFIG\` the host names.
- Strings beyond 64 MiB: what would make one answers \`OOM\`, where redis-server takes up to 512 MiB.
- Memory: \`MEMORY USAGE\` is exact for strings, and for sets and hashes that are hash tables, and an estimate for other collections; \`INFO memory\`
  has typical constants.
- \`COMMAND DOCS\` has Redis 7.0's text in \`serve\`; of commands that are newer, and in simulated worlds, entries are empty.
- Certificates: in worlds \`tls.connect\` meets a server that is trusted. One whose certificate no client accepts is the fault \`refuse\`: ioredis 5 and node-redis 6
  pause between attempts and fail commands as when the connection is refused; only the code of the error differs.
- Deadlines of fields of hashes are left out of \`DUMP\`.
- In simulated worlds commands take no time: \`SLOWLOG\`, \`LATENCY\` and \`INFO commandstats\` have nothing to tell there.

## What other people's tests say of it

Redis's own suite (Tcl, of 7.0.15, in its mode for an external server) runs against \`serve\` in CI. A redis-server passes ${total('real')} of its
tests there, \`serve\` ${total('whole')}: CI runs ${total('quick')} of them, and \`npm run proofs\` all (\`test/redis/suites/\`). Left out:

${leftOut()}

Tests of clients are not in their packages; these were run by hand from their repositories on 30 November 2026:

| suite | \`serve\` | passes |
|---|---|---|
| ioredis 5.9.3, \`test/functional\` (Sentinel and Cluster are servers of its own there) | \`--redis-version 8.4\` | 384 of 384 |
| the same | 7.0 | 373; the others need \`HEXPIRE\`, \`HPEXPIRE\`, \`HSCAN … NOVALUES\` |
| ioredis 5.9.3, \`test/cluster\` | \`--cluster --port 3000\` | 17 of 17 |
| node-redis 6.2.1, \`lib/commands\` as of Redis 7.0: each command by a client and by a Cluster client | 7.0; \`--cluster\`, its nodes reset and met anew | 1,624 of the 1,625 that a redis-server passes; the other needs \`LOLWUT\` |
| the same, \`lib/cluster\` | the same | 185 of 185; one leaves \`MIGRATE\` 10 ms, and passed when run again |
| the same, \`lib/sentinel\` | 7.0, and Sentinels of three \`--sentinel\`, with and without \`--set requirepass\` | 93 of 93; three more need modules |
| redis-semaphore 5.7.0, with three servers that its tests stop and start | 7.0 | 170 of 170 |
| BullMQ 5.81.3, built, without what is for Bun and Valkey GLIDE; its tests of a Cluster with two Clusters, one of them with a password | 7.0; \`--cluster\`, with and without \`--set requirepass\` | 1,112 of 1,112, four of them when run again: on the busy machine a child process takes longer than the 250 or 200 ms that two of them give it, concurrent jobs do not keep step, and a job ends before its test listens; a redis-server fails each of the four now and then, too |
| the same through node-redis 6.1.0 | 7.0 | 847 of 847 |

## Settings

These do what they do in Redis: ${code(effective())}.

All others are checked, remembered and listed as redis-server does it, and change nothing.
`
