/**
 * What COMMAND INFO and rules of access control say of SENTINEL and its subcommands: as `command-facts.ts`. A server that is no Sentinel
 * knows none of them.
 *
 * Source: commands/sentinel*.json of Redis 7.0
 */
import type { CommandFacts } from './command-facts.ts'

const ADMINISTRATIVE: CommandFacts = ['@admin @slow @dangerous', '', []]

/** Also of those that a Sentinel in memory has not. */
const SUBCOMMANDS: readonly string[] = [
  ...['ckquorum', 'config', 'debug', 'failover', 'flushconfig', 'get-master-addr-by-name', 'info-cache'],
  ...['is-master-down-by-addr', 'master', 'masters', 'monitor', 'myid', 'pending-scripts', 'remove', 'replicas'],
  ...['reset', 'sentinels', 'set', 'simulate-failure', 'slaves'],
]

export const sentinelFacts: Readonly<Record<string, CommandFacts>> = {
  sentinel: ADMINISTRATIVE,
  ...Object.fromEntries(SUBCOMMANDS.map((name) => [`sentinel|${name}`, ADMINISTRATIVE])),
  'sentinel|help': ['@slow', '', []],
}
