/**
 * MIGRATE, of a server that reaches no other: what is wrong with its arguments is said, and a key that is there cannot leave.
 *
 * Source: cluster.c (`migrateCommand`) of Redis 7.0; https://redis.io/docs/latest/commands/migrate/
 */
import { isWord, parseInteger } from '../arguments.ts'
import type { Command, CommandContext } from '../command.ts'
import { errorOf, NOT_AN_INTEGER, SYNTAX_ERROR } from '../errors.ts'
import { type Reply, status } from '../reply.ts'

type Args = readonly string[]

const KEY_AND_KEYS = errorOf('ERR When using MIGRATE KEYS option, the key argument must be set to the empty string')
const UNREACHABLE = errorOf('IOERR error or timeout writing to target instance')
const FIRST_OPTION = 6

/** By the word: how many arguments it takes. */
const OPTIONS: ReadonlyMap<string, number> = new Map([
  ['copy', 0],
  ['replace', 0],
  ['auth', 1],
  ['auth2', 2],
])

/** Where `KEYS` stands; 0: nowhere, null: the options make no sense. */
function keysWord(args: Args): number | null {
  for (let index = FIRST_OPTION; index < args.length; index++) {
    if (isWord(args[index]!, 'keys')) return index
    const takes = OPTIONS.get(args[index]!.toLowerCase())
    if (takes === undefined || index + takes >= args.length) return null
    index += takes
  }
  return 0
}

export const migrate: Command = {
  name: 'migrate',
  arity: -6,
  flags: ['write', 'movablekeys'],
  firstKey: 3,
  lastKey: 3,
  keyStep: 1,
  keysOf: (args) => {
    const at = keysWord(args)
    return at === null || at === 0 ? [args[3]!] : args[3] === '' ? args.slice(at + 1) : null
  },
  execute,
}

function execute(args: Args, { keys }: CommandContext): Reply {
  const at = keysWord(args)
  if (at === null) return SYNTAX_ERROR
  if (at !== 0 && args[3] !== '') return KEY_AND_KEYS
  if (parseInteger(args[5]!) === null || parseInteger(args[4]!) === null) return NOT_AN_INTEGER
  const names = at === 0 ? [args[3]!] : args.slice(at + 1)
  return names.some((name) => keys.find(name) !== undefined) ? UNREACHABLE : status('NOKEY')
}
