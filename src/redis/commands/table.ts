/**
 * The command table: every command of the in-memory Redis, found by any spelling of its name.
 *
 * One table serves every server of the process. Spellings that were seen are remembered, so that looking up `SET` or
 * `set` costs one Map access.
 */
import type { Command } from '../command.ts'
import { acl } from './acl.ts'
import { bitmaps } from './bitmaps.ts'
import { client } from './client.ts'
import { clusterCommands } from './cluster.ts'
import { type CommandRow, commandRow } from './command-row.ts'
import { config } from './config.ts'
import { connectionCommands } from './connection.ts'
import { debug } from './debug.ts'
import { diagnostics } from './diagnostics.ts'
import { dumping } from './dump.ts'
import { expiry } from './expiry.ts'
import { functionCommands } from './functions.ts'
import { geo } from './geo.ts'
import { hashes } from './hashes.ts'
import { hyperLogLogs } from './hyperloglogs.ts'
import { introspection } from './introspection.ts'
import { keyCommands } from './keys.ts'
import { lists } from './lists.ts'
import { migrate } from './migrate.ts'
import { module } from './module.ts'
import { object } from './object.ts'
import { pubSubCommands } from './pub-sub.ts'
import { replicationCommands } from './replication.ts'
import { scripting } from './scripting.ts'
import { serverCommands } from './server.ts'
import { sets } from './sets.ts'
import { sort } from './sort.ts'
import { sortedSets } from './sorted-sets.ts'
import { streams } from './streams.ts'
import { strings } from './strings.ts'
import { transactions } from './transactions.ts'

const commands: readonly Command[] = [
  ...strings,
  ...bitmaps,
  ...hashes,
  ...lists,
  ...sets,
  ...sortedSets,
  ...streams,
  ...hyperLogLogs,
  ...geo,
  ...keyCommands,
  ...expiry,
  ...dumping,
  migrate,
  ...sort,
  object,
  ...transactions,
  ...pubSubCommands,
  ...scripting,
  ...functionCommands,
  ...connectionCommands,
  client,
  ...serverCommands,
  ...replicationCommands,
  config,
  debug,
  acl,
  introspection,
  module,
  ...diagnostics,
  ...clusterCommands,
]

/** A client could send endless spellings; beyond this many they are looked up the slow way. */
const SPELLINGS_MAX = 4096

const rows: ReadonlyMap<string, CommandRow> = new Map(commands.map((command) => [command.name, commandRow(command)]))
const spellings = new Map<string, CommandRow>(rows)

/** Every command, by its lower case name. */
export const commandTable = (): ReadonlyMap<string, CommandRow> => rows

/** Every command's lower case name. */
export const commandNames = (): readonly string[] => [...rows.keys()]

/**
 * The row that `args` call: a command, or for a command with subcommands the row of the subcommand. `undefined` when
 * there is no such command; null when there is, but not with this subcommand.
 */
export function findCommand(args: readonly string[]): CommandRow | undefined | null {
  const row = spellings.get(args[0]!) ?? respell(spellings, args[0]!)
  if (row === undefined || row.subcommands === null || args.length === 1) return row
  return row.subcommands.get(args[1]!) ?? respell(row.subcommands, args[1]!) ?? null
}

/** The same in a table of few commands, whose spellings are not remembered. */
export function findIn(table: ReadonlyMap<string, CommandRow>, args: readonly string[]): CommandRow | undefined | null {
  const row = table.get(args[0]!.toLowerCase())
  if (row === undefined || row.subcommands === null || args.length === 1) return row
  return row.subcommands.get(args[1]!.toLowerCase()) ?? null
}

function respell(names: Map<string, CommandRow>, spelling: string): CommandRow | undefined {
  const row = names.get(spelling.toLowerCase())
  if (row !== undefined && names.size < SPELLINGS_MAX) names.set(spelling, row)
  return row
}
