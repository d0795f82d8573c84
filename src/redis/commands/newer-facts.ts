/**
 * What COMMAND INFO says of the commands that newer servers have beyond Redis 7.0: as `command-facts.ts`, from the
 * documentation.
 *
 * Source: https://redis.io/docs/latest/commands/, https://valkey.io/commands/
 */
import { type CommandFacts, commandFacts } from './command-facts.ts'
import { sentinelFacts } from './sentinel-facts.ts'

const READ_FIELDS: CommandFacts = ['@read @hash @fast', '', ['RO access|index 1|range 0 1 0']]
const EXPIRE_FIELDS: CommandFacts = ['@write @hash @fast', '', ['RW update|index 1|range 0 1 0']]
const DELETE_IF: CommandFacts = ['@write @string @fast', '', ['RW delete|index 1|range 0 1 0']]

const newerFacts: Readonly<Record<string, CommandFacts>> = {
  hexpire: EXPIRE_FIELDS,
  hpexpire: EXPIRE_FIELDS,
  hexpireat: EXPIRE_FIELDS,
  hpexpireat: EXPIRE_FIELDS,
  hpersist: EXPIRE_FIELDS,
  httl: READ_FIELDS,
  hpttl: READ_FIELDS,
  hexpiretime: READ_FIELDS,
  hpexpiretime: READ_FIELDS,
  hgetex: ['@write @hash @fast', '', ['RW access update|index 1|range 0 1 0|RW and UPDATE because it changes the TTL']],
  hsetex: EXPIRE_FIELDS,
  hgetdel: ['@write @hash @fast', '', ['RW access delete|index 1|range 0 1 0']],
  delex: DELETE_IF,
  delifeq: DELETE_IF,
  waitaof: ['@slow @connection', 'request_policy:all_shards response_policy:agg_min', []],
  digest: ['@read @string @fast', '', ['RO access|index 1|range 0 1 0']],
  msetex: ['@write @string @slow', '', ['OW update|index 1|keynum 0 1 2']],
}

/** Of any command. */
export const factsOf = (name: string): CommandFacts | undefined =>
  commandFacts[name] ?? newerFacts[name] ?? sentinelFacts[name]
