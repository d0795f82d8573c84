/**
 * What COMMAND DOCS says of a command: Redis 7.0's own words, in the order of its fields.
 *
 * The text is redis-server 7.0.15's answer (https://redis.io/docs/latest/commands/command-docs/), copyright (c) Salvatore Sanfilippo and
 * the other contributors of Redis, under its three-clause BSD licence. Commands of later versions have no documentation here.
 */
import { type Reply, status } from '../reply.ts'

/** By the name of the command, as JSON has it. */
export type CommandDocs = Readonly<Record<string, DocumentedCommand>>

/** One command, or one subcommand. */
export type DocumentedCommand = Readonly<Record<string, Doc>> & { readonly subcommands?: CommandDocs }

type Doc = string | number | readonly Doc[] | { readonly [field: string]: Doc }

/** Fields whose elements have no order. */
const SETS: ReadonlySet<string> = new Set(['flags', 'doc_flags', 'history'])

/** What is known of a command or a subcommand (`config|get`); undefined: nothing. */
export function docsOf(docs: CommandDocs, name: string): DocumentedCommand | undefined {
  const [container = ''] = name.split('|', 1)
  const documented = Object.hasOwn(docs, container) ? docs[container] : undefined
  return container === name ? documented : documented?.subcommands?.[name]
}

/** As the protocol has it: maps, arrays, and sets of flags. */
export function docReply(doc: Doc): Reply {
  if (typeof doc !== 'object') return doc
  if (Array.isArray(doc)) return doc.map(docReply)
  return {
    kind: 'map',
    entries: Object.entries(doc).map(([field, value]) => [field, fieldReply(field, value)] as const),
  }
}

function fieldReply(field: string, value: Doc): Reply {
  if (!SETS.has(field) || !Array.isArray(value)) return docReply(value)
  const items = value as readonly Doc[]
  return { kind: 'set', items: items.map((item) => (typeof item === 'string' ? status(item) : docReply(item))) }
}
