/**
 * COMMAND: what the server knows about its own commands.
 *
 * Models          COUNT, LIST, INFO, GETKEYS, DOCS for the commands that the in-memory Redis has; DOCS says nothing where the
 *                 server was not given the documentation, and of commands that are newer than 7.0.
 *
 * Source: https://redis.io/docs/latest/commands/command/
 */
import { keysOfCall } from '../acl/key-access.ts'
import { isWord } from '../arguments.ts'
import type { Command, CommandContext } from '../command.ts'
import { docReply, docsOf } from '../docs/command-docs.ts'
import { errorOf, SYNTAX_ERROR } from '../errors.ts'
import { globMatches } from '../glob.ts'
import { type Reply, status } from '../reply.ts'
import type { CommandRow } from './command-row.ts'
import { helpCommand } from './help.ts'
import { NO_KEYS } from './key-positions.ts'
import { factsOf } from './newer-facts.ts'

const NO_SUCH_COMMAND = errorOf('ERR Invalid command specified')
const NO_KEY_ARGUMENTS = errorOf('ERR The command has no key arguments')
const WRONG_COUNT = errorOf('ERR Invalid number of arguments specified for command')
const BAD_ARGUMENTS = errorOf('ERR Invalid arguments specified for command')

const HELP = [
  '(no subcommand)',
  '    Return details about all Redis commands.',
  'COUNT',
  '    Return the total number of commands in this Redis server.',
  'LIST',
  '    Return a list of all commands in this Redis server.',
  'INFO [<command-name> ...]',
  '    Return details about multiple Redis commands.',
  '    If no command names are given, documentation details for all',
  '    commands are returned.',
  'DOCS [<command-name> ...]',
  '    Return documentation details about multiple Redis commands.',
  '    If no command names are given, documentation details for all',
  '    commands are returned.',
  'GETKEYS <full-command>',
  '    Return the keys from a full Redis command.',
  'GETKEYSANDFLAGS <full-command>',
  '    Return the keys and the access flags from a full Redis command.',
]

const flags = ['loading', 'stale'] as const

export const introspection: Command = {
  name: 'command',
  arity: -1,
  flags,
  ...NO_KEYS,
  execute: (_args, { server }) => [...server.commands.values()].map(describe),
  subcommands: [
    { name: 'command|count', arity: 2, flags, ...NO_KEYS, execute: (_args, { server }) => server.commands.size },
    { name: 'command|list', arity: -2, flags, ...NO_KEYS, execute: list },
    { name: 'command|info', arity: -2, flags, ...NO_KEYS, execute: info },
    { name: 'command|docs', arity: -2, flags, ...NO_KEYS, execute: docs },
    { name: 'command|getkeys', arity: -4, flags, ...NO_KEYS, execute: getKeys },
    { name: 'command|getkeysandflags', arity: -4, flags, ...NO_KEYS, execute: getKeysAndFlags },
    helpCommand('command', HELP),
  ],
}

function list(args: readonly string[], { server }: CommandContext): Reply {
  const names = allNames(server.commands.values())
  if (args.length === 2) return names
  if (args.length !== 5 || !isWord(args[2]!, 'filterby')) return SYNTAX_ERROR
  const value = args[4]!
  switch (args[3]!.toLowerCase()) {
    case 'module':
      return []
    case 'aclcat':
      return names.filter((name) => factsOf(name)?.[0].split(' ').includes(`@${value.toLowerCase()}`))
    case 'pattern':
      return names.filter((name) => globMatches(value, name, { ignoreCase: true }))
    default:
      return SYNTAX_ERROR
  }
}

/** The names of commands and their subcommands. */
function allNames(rows: Iterable<CommandRow>): readonly string[] {
  const names = new Set<string>()
  for (const row of rows) {
    names.add(row.name)
    for (const subcommand of row.subcommands?.values() ?? []) names.add(subcommand.name)
  }
  return [...names]
}

/** The row that a name such as `get` or `config|get` stands for. */
function named(name: string, { server }: CommandContext): CommandRow | null {
  const parts = name.split('|')
  if (parts.length > 2) return null
  const row = server.findCommand(parts)
  if (row === undefined || row === null) return null
  // A command without subcommands takes the second part for an argument, which is no name of a command.
  return parts.length === 2 && !row.name.includes('|') ? null : row
}

function info(args: readonly string[], context: CommandContext): Reply {
  if (args.length === 2) return [...context.server.commands.values()].map(describe)
  return args.slice(2).map((name) => {
    const row = named(name, context)
    return row === null ? null : describe(row)
  })
}

function describe(row: CommandRow): Reply {
  const { name, arity, command } = row
  const [categories, tips, keySpecifications] = factsOf(name) ?? ['', '', []]
  const shown = command.flags.filter((flag) => flag !== 'may_replicate')
  const subcommands = [...new Set(row.subcommands?.values() ?? [])]
  return [
    name,
    arity,
    { kind: 'set', items: shown.map(status) },
    command.firstKey,
    command.lastKey,
    command.keyStep,
    { kind: 'set', items: words(categories).map(status) },
    { kind: 'set', items: words(tips) },
    { kind: 'set', items: keySpecifications.map(describeKeys) },
    subcommands.length === 0 ? { kind: 'set', items: [] } : subcommands.map(describe),
  ]
}

const words = (text: string): readonly string[] => (text === '' ? [] : text.split(' '))

/** `RW access|index 1|range 0 1 0|notes`. */
function describeKeys(specification: string): Reply {
  const [access, begin, find, notes] = specification.split('|') as [string, string, string, string?]
  const entries: [Reply, Reply][] = [
    ['flags', { kind: 'set', items: words(access).map(status) }],
    ['begin_search', describeStep(begin)],
    ['find_keys', describeStep(find)],
  ]
  return { kind: 'map', entries: notes === undefined ? entries : [['notes', notes], ...entries] }
}

const PARTS: Readonly<Record<string, readonly string[]>> = {
  index: ['index'],
  keyword: ['keyword', 'startfrom'],
  range: ['lastkey', 'keystep', 'limit'],
  keynum: ['keynumidx', 'firstkey', 'keystep'],
  unknown: [],
}

function describeStep(step: string): Reply {
  const [type, ...values] = step.split(' ') as [string, ...string[]]
  const parts = PARTS[type] ?? []
  const spec = parts.map((part, index): [Reply, Reply] => {
    const value = values[index]!
    return [part, /^-?[0-9]+$/.test(value) ? Number(value) : value]
  })
  return {
    kind: 'map',
    entries: [
      ['type', type],
      ['spec', { kind: 'map', entries: spec }],
    ],
  }
}

function docs(args: readonly string[], context: CommandContext): Reply {
  const names = args.length === 2 ? [...context.server.commands.keys()] : args.slice(2)
  const documented = context.server.docs()
  return {
    kind: 'map',
    entries: names
      .map((name) => named(name, context))
      .filter((row) => row !== null)
      .map(({ name }) => [name, docReply(docsOf(documented, name) ?? {})] as const),
  }
}

function getKeys(args: readonly string[], { server }: CommandContext): Reply {
  const call = args.slice(2)
  const row = server.findCommand(call)
  if (row === undefined || row === null) return NO_SUCH_COMMAND
  if (!hasKeys(row.name)) return NO_KEY_ARGUMENTS
  if (row.arity > 0 ? call.length !== row.arity : call.length < -row.arity) return WRONG_COUNT
  const keys = keysOf(row.command, call)
  if (keys !== null && keys.length > 0) return keys
  return row.command.flags.includes('no_mandatory_keys') ? [] : BAD_ARGUMENTS
}

function getKeysAndFlags(args: readonly string[], context: CommandContext): Reply {
  const keys = getKeys(args, context)
  if (!Array.isArray(keys) || keys.length === 0) return keys
  const call = args.slice(2)
  const row = context.server.findCommand(call)
  const found = row === undefined || row === null ? null : keysOfCall(row.name, call)
  return (found ?? []).map((key): Reply => [call[key.at]!, { kind: 'set', items: key.flags.map(status) }])
}

/** Channels are found like keys, and are none. */
const hasKeys = (name: string): boolean =>
  factsOf(name)?.[2].some((specification) => !specification.startsWith('not_key|')) ?? false

/** The keys of a call, by the command's own rule or by its positions; null when the arguments make no sense. */
export function keysOf(
  { firstKey, lastKey, keyStep, keysOf: find }: Command,
  call: readonly string[],
): readonly string[] | null {
  if (find !== undefined) return find(call)
  if (firstKey === 0) return []
  const last = lastKey < 0 ? call.length + lastKey : lastKey
  const keys: string[] = []
  for (let index = firstKey; index <= last; index += keyStep) {
    if (index >= call.length) return null
    keys.push(call[index]!)
  }
  return keys
}
