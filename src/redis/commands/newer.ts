/**
 * The commands that newer servers have beyond those of Redis 7.0, a table for each set of features.
 */
import type { Feature } from '../version.ts'
import { type CommandRow, commandRow } from './command-row.ts'
import { comparingCommands } from './comparing.ts'
import { hashFieldCommands } from './hash-fields.ts'
import { waitAofCommands } from './waitaof.ts'

const all = [...hashFieldCommands, ...comparingCommands, ...waitAofCommands].map(
  ([feature, command]) => [feature, commandRow(command)] as const,
)
const tables = new Map<ReadonlySet<Feature>, ReadonlyMap<string, CommandRow>>()

/** By lower case name. */
export function newerCommands(features: ReadonlySet<Feature>): ReadonlyMap<string, CommandRow> {
  const known = tables.get(features)
  if (known !== undefined) return known
  const table = new Map(all.filter(([feature]) => features.has(feature)).map(([, row]) => [row.name, row]))
  tables.set(features, table)
  return table
}
