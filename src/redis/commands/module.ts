/**
 * MODULE: there are none, and none can be loaded.
 *
 * Source: module.c (`moduleCommand`) of Redis 7.0; https://redis.io/docs/latest/commands/module-list/
 */
import type { Command, CommandFlag } from '../command.ts'
import { errorOf } from '../errors.ts'
import type { Reply } from '../reply.ts'
import { helpCommand } from './help.ts'
import { NO_KEYS } from './key-positions.ts'

const NOT_LOADED = errorOf('ERR Error loading the extension. Please check the server logs.')
const NOT_THERE = errorOf('ERR Error unloading module: no such module with that name')

const HELP = [
  'LIST',
  '    Return a list of loaded modules.',
  'LOAD <path> [<arg> ...]',
  '    Load a module library from <path>, passing to it any optional arguments.',
  'LOADEX <path> [[CONFIG NAME VALUE] [CONFIG NAME VALUE]] [ARGS ...]',
  '    Load a module library from <path>, while passing it module configurations and optional arguments.',
  'UNLOAD <name>',
  '    Unload a module.',
]

const changing: readonly CommandFlag[] = ['admin', 'noscript', 'no_async_loading']

const sub = (name: string, arity: number, flags: readonly CommandFlag[], reply: Reply): Command => ({
  name: `module|${name}`,
  arity,
  flags,
  ...NO_KEYS,
  execute: () => reply,
})

export const module: Command = {
  name: 'module',
  arity: -2,
  flags: [],
  ...NO_KEYS,
  execute: () => null,
  subcommands: [
    sub('list', 2, ['admin', 'noscript'], []),
    sub('load', -3, changing, NOT_LOADED),
    sub('loadex', -3, changing, NOT_LOADED),
    sub('unload', 3, changing, NOT_THERE),
    helpCommand('module', HELP),
  ],
}
