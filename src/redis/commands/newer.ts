/**
 * The commands that newer servers have beyond those of Redis 7.0, a table for each set of features.
 */
import { type Feature, REDIS_VERSIONS, type RedisVersion, VERSIONS } from '../version.ts'
import { type CommandRow, commandRow } from './command-row.ts'
import { comparingCommands, setConditions } from './comparing.ts'
import { hashFieldCommands } from './hash-fields.ts'
import { waitAofCommands } from './waitaof.ts'

const all = [...hashFieldCommands, ...comparingCommands, ...waitAofCommands].map(
  ([feature, command]) => [feature, commandRow(command)] as const,
)
const tables = new Map<ReadonlySet<Feature>, ReadonlyMap<string, CommandRow>>()

const features = new Map<string, Feature>([
  ...all.map(([feature, { name }]) => [name, feature] as const),
  ...setConditions,
])

/** The versions that have a command which Redis 7.0 has not, or one of its options: `delex`, `set ifeq`. None: it is no such command. */
export function versionsWith(command: string): readonly RedisVersion[] {
  const feature = features.get(command.toLowerCase())
  return REDIS_VERSIONS.filter((version) => {
    const known: ReadonlySet<Feature> = VERSIONS[version].features
    return feature !== undefined && known.has(feature)
  })
}

/** By lower case name. */
export function newerCommands(features: ReadonlySet<Feature>): ReadonlyMap<string, CommandRow> {
  const known = tables.get(features)
  if (known !== undefined) return known
  const table = new Map(all.filter(([feature]) => features.has(feature)).map(([, row]) => [row.name, row]))
  tables.set(features, table)
  return table
}
