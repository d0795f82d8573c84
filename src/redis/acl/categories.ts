/**
 * The commands that access control knows, by their full names (`get`, `config|get`), and the categories they are in.
 *
 * All commands of Redis 7.0.15, also those that the in-memory Redis has not, because rules may name them.
 *
 * Source: https://redis.io/docs/latest/operate/oss_and_stack/management/security/acl/
 */
import { commandFacts } from '../commands/command-facts.ts'

/** In Redis's own order. */
export const CATEGORIES: readonly string[] = [
  ...['keyspace', 'read', 'write', 'set', 'sortedset', 'list', 'hash', 'string', 'bitmap', 'hyperloglog', 'geo'],
  ...['stream', 'pubsub', 'admin', 'fast', 'slow', 'blocking', 'dangerous', 'connection', 'transaction', 'scripting'],
]

/** Every command and subcommand. */
export const ALL_NAMES: readonly string[] = Object.keys(commandFacts)

const known: ReadonlySet<string> = new Set(ALL_NAMES)
const byCategory = new Map<string, readonly string[]>()
const subcommands = new Map<string, readonly string[]>()

for (const name of ALL_NAMES) {
  for (const category of commandFacts[name]![0].split(' ')) {
    byCategory.set(category.slice(1), [...(byCategory.get(category.slice(1)) ?? []), name])
  }
  const [parent, sub] = name.split('|')
  if (sub !== undefined) subcommands.set(parent!, [...(subcommands.get(parent!) ?? []), name])
}

/** The commands and subcommands of a category in lower case; null: there is no such category. */
export const namesIn = (category: string): readonly string[] | null =>
  CATEGORIES.includes(category) ? (byCategory.get(category) ?? []) : null

/** The full name that a rule means; null: there is no such command. */
export const fullName = (name: string): string | null => (known.has(name.toLowerCase()) ? name.toLowerCase() : null)

/** The subcommands of a command. */
export const subcommandsOf = (name: string): readonly string[] => subcommands.get(name) ?? []
