/**
 * The commands that access control knows, by their full names (`get`, `config|get`), and the categories they are in.
 *
 * All commands of Redis 7.0.15, also those that the in-memory Redis has not, because rules may name them.
 *
 * Source: https://redis.io/docs/latest/operate/oss_and_stack/management/security/acl/
 */
import { type CommandFacts, commandFacts } from '../commands/command-facts.ts'

/** In Redis's own order. */
export const CATEGORIES: readonly string[] = [
  ...['keyspace', 'read', 'write', 'set', 'sortedset', 'list', 'hash', 'string', 'bitmap', 'hyperloglog', 'geo'],
  ...['stream', 'pubsub', 'admin', 'fast', 'slow', 'blocking', 'dangerous', 'connection', 'transaction', 'scripting'],
]

/** Every command and subcommand. */
export const ALL_NAMES: readonly string[] = Object.keys(commandFacts)

/** The commands that the rules of one kind of server may name. */
export class Vocabulary {
  /** Every command and subcommand. */
  readonly names: readonly string[]
  readonly #known: ReadonlySet<string>
  readonly #byCategory = new Map<string, readonly string[]>()
  readonly #subcommands = new Map<string, readonly string[]>()

  /** `facts`: by full name. */
  constructor(facts: Readonly<Record<string, CommandFacts>>) {
    this.names = Object.keys(facts)
    this.#known = new Set(this.names)
    for (const [name, [categories]] of Object.entries(facts)) {
      for (const category of categories.split(' ').map((word) => word.slice(1))) {
        this.#byCategory.set(category, [...(this.#byCategory.get(category) ?? []), name])
      }
      const [parent = '', sub] = name.split('|')
      if (sub !== undefined) this.#subcommands.set(parent, [...this.subcommandsOf(parent), name])
    }
  }

  /** The commands and subcommands of a category in lower case; null: there is no such category. */
  namesIn(category: string): readonly string[] | null {
    return CATEGORIES.includes(category) ? (this.#byCategory.get(category) ?? []) : null
  }

  /** The full name that a rule means; null: there is no such command. */
  fullName(name: string): string | null {
    return this.#known.has(name.toLowerCase()) ? name.toLowerCase() : null
  }

  /** The subcommands of a command. */
  subcommandsOf(name: string): readonly string[] {
    return this.#subcommands.get(name) ?? []
  }
}

export const SERVER_VOCABULARY = new Vocabulary(commandFacts)
