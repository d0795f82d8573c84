/**
 * ACL: users and what they may do.
 *
 * Does not model  files of users: ACL LOAD and SAVE are refused, as by a server without `aclfile`.
 *
 * Source: https://redis.io/docs/latest/commands/?group=server, acl.c (`aclCommand`) of Redis 7.0
 */
import { CATEGORIES } from '../acl/categories.ts'
import { hasSpaces, type Selector } from '../acl/selector.ts'
import { mergedRules, User } from '../acl/user.ts'
import { DEFAULT_USER, denialOf } from '../acl/users.ts'
import { isWord, parseInteger } from '../arguments.ts'
import type { Command, CommandContext, CommandFlag } from '../command.ts'
import { formatDouble } from '../double.ts'
import { cText, errorOf, NOT_AN_INTEGER, wrongArity } from '../errors.ts'
import { OK, type Reply } from '../reply.ts'
import { helpCommand, unknownSubcommandOf } from './help.ts'
import { NO_KEYS } from './key-positions.ts'

const GENERATED_BITS_MAX = 4096
const BAD_BITS = errorOf(
  `ERR ACL GENPASS argument must be the number of bits for the output password, a positive number up to ${GENERATED_BITS_MAX}`,
)
const BAD_USER_NAME = errorOf("ERR Usernames can't contain spaces or null characters")
const DEFAULT_STAYS = errorOf("ERR The 'default' user cannot be removed")
const NO_FILE = errorOf(
  'ERR This Redis instance is not configured to use an ACL file. You may want to specify users via the ACL SETUSER command and then issue a CONFIG REWRITE (assuming you have a Redis configuration file set) in order to store users in the Redis configuration.',
)
const LOG_ENTRIES = 10

const admin: readonly CommandFlag[] = ['admin', 'noscript', 'loading', 'stale']
const anyone: readonly CommandFlag[] = ['noscript', 'loading', 'stale']

const HELP = [
  'CAT [<category>]',
  '    List all commands that belong to <category>, or all command categories',
  '    when no category is specified.',
  'DELUSER <username> [<username> ...]',
  '    Delete a list of users.',
  'DRYRUN <username> <command> [<arg> ...]',
  '    Returns whether the user can execute the given command without executing the command.',
  'GETUSER <username>',
  "    Get the user's details.",
  'GENPASS [<bits>]',
  '    Generate a secure 256-bit user password. The optional `bits` argument can',
  '    be used to specify a different size.',
  'LIST',
  '    Show users details in config file format.',
  'LOAD',
  '    Reload users from the ACL file.',
  'LOG [<count> | RESET]',
  '    Show the ACL log entries.',
  'SAVE',
  '    Save the current config to the ACL file.',
  'SETUSER <username> <attribute> [<attribute> ...]',
  '    Create or modify a user with the specified attributes.',
  'USERS',
  '    List all the registered usernames.',
  'WHOAMI',
  '    Return the current connection username.',
]

type Body = (args: readonly string[], context: CommandContext) => Reply

const sub = (name: string, arity: number, flags: readonly CommandFlag[], execute: Body): Command => ({
  name: `acl|${name}`,
  arity,
  flags,
  ...NO_KEYS,
  execute,
})

export const acl: Command = {
  name: 'acl',
  arity: -2,
  flags: [],
  ...NO_KEYS,
  execute: () => null,
  subcommands: [
    sub('whoami', 2, anyone, (_args, { connection }) => connection.user.name),
    sub('users', 2, admin, (_args, { server }) => server.users.all().map(({ name }) => name)),
    sub('list', 2, admin, (_args, { server }) =>
      server.users.all().map((user) => `user ${user.name} ${user.describe()}`),
    ),
    sub('cat', -2, anyone, cat),
    sub('setuser', -3, admin, setUser),
    sub('getuser', 3, admin, getUser),
    sub('deluser', -3, admin, deleteUsers),
    sub('dryrun', -4, admin, dryRun),
    sub('genpass', -2, anyone, generatePassword),
    sub('log', -2, admin, log),
    sub('load', 2, admin, () => NO_FILE),
    sub('save', 2, admin, () => NO_FILE),
    helpCommand('acl', HELP),
  ],
}

function cat(args: readonly string[], { server }: CommandContext): Reply {
  if (args.length === 2) return CATEGORIES
  if (args.length > 3) return unknownSubcommandOf(args)
  return (
    server.users.vocabulary.namesIn(args[2]!.toLowerCase()) ??
    errorOf(`ERR Unknown category '${cText(args[2]!).slice(0, 128)}'`)
  )
}

function setUser(args: readonly string[], { server }: CommandContext): Reply {
  const name = args[2]!
  if (hasSpaces(name)) return BAD_USER_NAME
  const merged = mergedRules(args.slice(3))
  if ('open' in merged) {
    return errorOf(`ERR Unmatched parenthesis in acl selector starting at '${cText(merged.open)}'.`)
  }
  const { users } = server
  const known = users.find(name)
  const user = known ?? new User(name, users.vocabulary, server.config.get('acl-pubsub-default') === 'allchannels')
  const changed = user.copy()
  for (const rule of merged.rules) {
    const problem = changed.apply(rule)
    if (problem !== null) return errorOf(`ERR Error in ACL SETUSER modifier '${cText(rule)}': ${problem}`)
  }
  if (known !== undefined) server.dropSubscribers(known, changed)
  user.adopt(changed)
  users.add(user)
  server.userChanged(user)
  return OK
}

const selectorFields = (selector: Selector): readonly (readonly [Reply, Reply])[] => [
  ['commands', selector.commandRules()],
  ['keys', selector.keyRules().join(' ')],
  ['channels', selector.channelRules().join(' ')],
]

function getUser(args: readonly string[], { server }: CommandContext): Reply {
  const user = server.users.find(args[2]!)
  if (user === undefined) return null
  const [own, ...others] = user.selectors
  return {
    kind: 'map',
    entries: [
      ['flags', { kind: 'set', items: user.flags() }],
      ['passwords', user.passwords],
      ...selectorFields(own!),
      ['selectors', others.map((selector): Reply => ({ kind: 'map', entries: selectorFields(selector) }))],
    ],
  }
}

function deleteUsers(args: readonly string[], { server, connection }: CommandContext): Reply {
  const names = args.slice(2)
  if (names.includes(DEFAULT_USER)) return DEFAULT_STAYS
  let count = 0
  for (const name of names) {
    const user = server.users.find(name)
    if (user === undefined) continue
    server.users.delete(name)
    server.dropUser(user, connection)
    count++
  }
  return count
}

function dryRun(args: readonly string[], { server }: CommandContext): Reply {
  const user = server.users.find(args[2]!)
  if (user === undefined) return errorOf(`ERR User '${cText(args[2]!)}' not found`)
  const call = args.slice(3)
  const found = server.findCommand(call)
  if (found === undefined || found === null) return errorOf(`ERR Command '${cText(args[3]!)}' not found`)
  const { name, arity } = found
  if (arity > 0 ? call.length !== arity : call.length < -arity) return wrongArity(name)
  const denial = denialOf(user, found, call)
  if (denial === null) return OK
  return denial.reason === 'command'
    ? `This user has no permissions to run the '${name}' command`
    : `This user has no permissions to access the '${cText(call[denial.at]!)}' ${denial.reason}`
}

function generatePassword(args: readonly string[], { server }: CommandContext): Reply {
  const bits = args.length === 2 ? 256 : parseInteger(args[2]!)
  if (bits === null) return NOT_AN_INTEGER
  if (bits <= 0 || bits > GENERATED_BITS_MAX) return BAD_BITS
  return server.random.hex(Math.ceil(bits / 4))
}

function log(args: readonly string[], { server, nowMs }: CommandContext): Reply {
  if (args.length === 3 && isWord(args[2]!, 'reset')) {
    server.users.log.clear()
    return OK
  }
  if (args.length > 3) return unknownSubcommandOf(args)
  const count = args.length === 2 ? LOG_ENTRIES : parseInteger(args[2]!)
  if (count === null) return NOT_AN_INTEGER
  return server.users.log.entries.slice(0, Math.max(0, count)).map(
    (entry): Reply => ({
      kind: 'map',
      entries: [
        ['count', entry.count],
        ['reason', entry.reason],
        ['context', entry.context],
        ['object', entry.object],
        ['username', entry.user],
        ['age-seconds', { kind: 'double', text: formatDouble((nowMs - entry.atMs) / 1000) }],
        ['client-info', entry.client],
      ],
    }),
  )
}
