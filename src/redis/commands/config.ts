/**
 * CONFIG GET, SET, RESETSTAT, REWRITE.
 *
 * Source: https://redis.io/docs/latest/commands/config-get/
 */
import type { Command, CommandContext, CommandFlag } from '../command.ts'
import { errorOf, SYNTAX_ERROR } from '../errors.ts'
import { OK, type Reply } from '../reply.ts'
import { helpCommand } from './help.ts'
import { NO_KEYS } from './key-positions.ts'

const NO_CONFIG_FILE = errorOf('ERR The server is running without a config file')

const flags: readonly CommandFlag[] = ['admin', 'noscript', 'loading', 'stale']

const HELP = [
  'GET <pattern>',
  '    Return parameters matching the glob-like <pattern> and their values.',
  'SET <directive> <value>',
  '    Set the configuration <directive> to <value>.',
  'RESETSTAT',
  '    Reset statistics reported by the INFO command.',
  'REWRITE',
  '    Rewrite the configuration file.',
]

export const config: Command = {
  name: 'config',
  arity: -2,
  flags: [],
  ...NO_KEYS,
  execute: () => null,
  subcommands: [
    { name: 'config|get', arity: -3, flags, ...NO_KEYS, execute: get },
    { name: 'config|set', arity: -4, flags, ...NO_KEYS, execute: set },
    { name: 'config|resetstat', arity: 2, flags, ...NO_KEYS, execute: resetStatistics },
    {
      name: 'config|rewrite',
      arity: 2,
      flags,
      ...NO_KEYS,
      execute: (_args, { server }) => (server.saveConfiguration() ? OK : NO_CONFIG_FILE),
    },
    helpCommand('config', HELP),
  ],
}

function get(args: readonly string[], { server }: CommandContext): Reply {
  return { kind: 'map', entries: server.config.match(args.slice(2)) }
}

function set(args: readonly string[], { server }: CommandContext): Reply {
  if (args.length % 2 === 1) return SYNTAX_ERROR
  const pairs: [string, string][] = []
  for (let index = 2; index < args.length; index += 2) pairs.push([args[index]!, args[index + 1]!])
  const password = server.config.get('requirepass')
  const refusal = server.config.set(pairs)
  if (refusal === null) server.reconfigure()
  // A lower limit is kept at once, if it can be.
  if (pairs.some(([name]) => name.toLowerCase() === 'maxmemory')) server.makeRoom()
  if (password !== server.config.get('requirepass')) server.passwordChanged()
  return refusal ?? OK
}

function resetStatistics(_args: readonly string[], { server }: CommandContext): Reply {
  server.resetStatistics()
  return OK
}
