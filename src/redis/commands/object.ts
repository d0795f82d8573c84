/**
 * OBJECT: what Redis would say about the inside of a value.
 *
 * Does not model  encodings that depend on the history of a value rather than on what it holds now, access times
 *                 (IDLETIME is always 0).
 *
 * Source: https://redis.io/docs/latest/commands/object/
 */
import { parseInteger } from '../arguments.ts'
import type { Command, CommandContext } from '../command.ts'
import { isCompact } from '../compact.ts'
import { errorOf } from '../errors.ts'
import type { Reply } from '../reply.ts'
import type { Value } from '../value.ts'
import { helpCommand } from './help.ts'
import { NO_KEYS, SECOND_ARGUMENT } from './key-positions.ts'

const NO_FREQUENCY = errorOf(
  'ERR An LFU maxmemory policy is not selected, access frequency not tracked. Please note that when switching between policies at runtime LRU and LFU data will take some time to adjust.',
)
/** Strings up to this length share one block of memory with their header. */
const EMBEDDED_BYTES_MAX = 44
/** Redis keeps one shared object for each integer below this. */
const SHARED_INTEGERS = 10_000
const SHARED_REFERENCES = 2147483647

const HELP = [
  'ENCODING <key>',
  '    Return the kind of internal representation used in order to store the value',
  '    associated with a <key>.',
  'FREQ <key>',
  '    Return the access frequency index of the <key>. The returned integer is',
  '    proportional to the logarithm of the recent access frequency of the key.',
  'IDLETIME <key>',
  '    Return the idle time of the <key>, that is the approximated number of',
  '    seconds elapsed since the last access to the key.',
  'REFCOUNT <key>',
  '    Return the number of references of the value associated with the specified',
  '    <key>.',
]

/** A subcommand that answers something about the value at `args[2]`, and nil when there is none. */
const about = (name: string, answer: (value: Value) => Reply): Command => ({
  name: `object|${name}`,
  arity: 3,
  flags: ['readonly'],
  ...SECOND_ARGUMENT,
  execute(args, { keys }: CommandContext) {
    const entry = keys.find(args[2]!)
    return entry === undefined ? null : answer(entry.value)
  },
})

export const object: Command = {
  name: 'object',
  arity: -2,
  flags: [],
  ...NO_KEYS,
  execute: () => null,
  subcommands: [
    about('encoding', encoding),
    about('refcount', references),
    about('idletime', () => 0),
    about('freq', () => NO_FREQUENCY),
    helpCommand('object', HELP),
  ],
}

/** The name Redis 7.0 has for the encoding of a value. */
export function encoding(value: Value): string {
  switch (value.type) {
    case 'string':
      if (parseInteger(value.text) !== null) return 'int'
      return value.text.length <= EMBEDDED_BYTES_MAX ? 'embstr' : 'raw'
    case 'list':
      return 'quicklist'
    case 'set':
      return isCompact(value) ? 'intset' : 'hashtable'
    case 'hash':
      return isCompact(value) ? 'listpack' : 'hashtable'
    case 'zset':
      return isCompact(value) ? 'listpack' : 'skiplist'
  }
}

function references(value: Value): number {
  if (value.type !== 'string') return 1
  const integer = parseInteger(value.text)
  return integer !== null && integer >= 0 && integer < SHARED_INTEGERS ? SHARED_REFERENCES : 1
}
