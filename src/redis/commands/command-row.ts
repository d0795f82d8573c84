/**
 * A command prepared for the server's loop: its flags as bits, its subcommands by name.
 */
import type { Command, CommandFlag } from '../command.ts'

/** The flags the server acts on; the others are only printed by COMMAND INFO. */
export const WRITE = 1
export const READONLY = 2
export const DENY_OOM = 4
export const NO_SCRIPT = 8
export const LOADING = 16
export const STALE = 32
export const NO_AUTH = 64
export const ALLOW_BUSY = 128
export const NO_MULTI = 256
export const MAY_REPLICATE = 512
export const SKIP_MONITOR = 1024
export const ADMIN = 2048
export const BLOCKING = 4096
/** EXEC, DISCARD, MULTI, WATCH, QUIT and RESET run inside MULTI, everything else is queued. */
export const RUNS_IN_MULTI = 8192
/** Allowed to a RESP2 client that has subscriptions. */
export const ALLOWED_TO_SUBSCRIBERS = 16384
/** DEBUG and MODULE, which the default configuration refuses. */
export const PROTECTED = 32768

const BITS: Partial<Record<CommandFlag, number>> = {
  write: WRITE,
  readonly: READONLY,
  denyoom: DENY_OOM,
  noscript: NO_SCRIPT,
  loading: LOADING,
  stale: STALE,
  no_auth: NO_AUTH,
  allow_busy: ALLOW_BUSY,
  no_multi: NO_MULTI,
  may_replicate: MAY_REPLICATE,
  skip_monitor: SKIP_MONITOR,
  admin: ADMIN,
  blocking: BLOCKING,
}

const NEVER_QUEUED = new Set(['exec', 'discard', 'multi', 'watch', 'quit', 'reset'])
const SUBSCRIBER_COMMANDS = new Set([
  'ping',
  'subscribe',
  'ssubscribe',
  'unsubscribe',
  'sunsubscribe',
  'psubscribe',
  'punsubscribe',
  'quit',
  'reset',
])

/** What a configuration must allow. */
const LOCAL_ONLY: ReadonlySet<string> = new Set(['debug', 'module|load', 'module|loadex', 'module|unload'])

export interface CommandRow {
  readonly name: string
  readonly arity: number
  readonly bits: number
  readonly command: Command
  /** By spelling, filled as spellings are seen; null: the command has no subcommands. */
  readonly subcommands: Map<string, CommandRow> | null
}

export function commandRow(command: Command): CommandRow {
  let bits = flagBits(command.flags)
  if (NEVER_QUEUED.has(command.name)) bits |= RUNS_IN_MULTI
  if (SUBSCRIBER_COMMANDS.has(command.name)) bits |= ALLOWED_TO_SUBSCRIBERS
  if (LOCAL_ONLY.has(command.name)) bits |= PROTECTED
  const subcommands =
    command.subcommands === undefined
      ? null
      : new Map(command.subcommands.map((sub) => [sub.name.slice(sub.name.indexOf('|') + 1), commandRow(sub)]))
  return { name: command.name, arity: command.arity, bits, command, subcommands }
}

/** The bits of flags as they are printed. */
export function flagBits(flags: readonly CommandFlag[]): number {
  let bits = 0
  for (const flag of flags) bits |= BITS[flag] ?? 0
  return bits
}
