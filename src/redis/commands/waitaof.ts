/**
 * WAITAOF (Redis 7.2): waits until what the client wrote is on disks.
 *
 * Written after the documentation: there is no such server to compare with where this was made.
 *
 * Models          the server's own append-only file, which counts as synced at once: where versions that have the command are chosen
 *                 (`lockstorm serve`), no server has a disk; the timeout.
 * Does not model  replicas with an append-only file: none acknowledges that it has synced.
 *
 * Source: https://redis.io/docs/latest/commands/waitaof/
 */
import { parseInteger, timeoutMsArgument } from '../arguments.ts'
import { BLOCKED, type Command, type CommandContext, type Outcome } from '../command.ts'
import { errorOf, NOT_AN_INTEGER } from '../errors.ts'
import type { Feature } from '../version.ts'
import { NO_KEYS } from './key-positions.ts'

const BAD_LOCAL = errorOf('ERR value is out of range, value must between 0 and 1')
const BAD_REPLICAS = errorOf('ERR value is out of range, must be positive')
const NOT_ON_REPLICA = errorOf(
  'ERR WAITAOF cannot be used with replica instances. Please also note that writes to replicas are just local and are not propagated.',
)
const NO_FILE = errorOf('ERR WAITAOF cannot be used when numlocal is set but appendonly is disabled.')

export const waitAofCommands: readonly (readonly [Feature, Command])[] = [
  ['waitaof', { name: 'waitaof', arity: 4, flags: ['noscript'], ...NO_KEYS, execute: waitAof }],
]

function waitAof(args: readonly string[], { connection, mustNotBlock, server }: CommandContext): Outcome {
  const local = parseInteger(args[1]!)
  if (local === null) return NOT_AN_INTEGER
  if (local < 0 || local > 1) return BAD_LOCAL
  const replicas = parseInteger(args[2]!)
  if (replicas === null) return NOT_AN_INTEGER
  if (replicas < 0) return BAD_REPLICAS
  const timeoutMs = timeoutMsArgument(args[3]!)
  if (timeoutMs !== null && typeof timeoutMs !== 'number') return timeoutMs
  if (server.fault.readOnly || server.replication?.isReplica) return NOT_ON_REPLICA
  const isAppending = server.config.get('appendonly') === 'yes'
  if (local === 1 && !isAppending) return NO_FILE
  const acked = [isAppending ? 1 : 0, 0]
  if (replicas === 0 || mustNotBlock) return acked
  connection.block({ keys: [], timeoutMs, retry: () => BLOCKED, onTimeout: acked })
  return BLOCKED
}
