/**
 * OBJECT: what Redis would say about the inside of a value.
 *
 * Source: https://redis.io/docs/latest/commands/object/
 */
import { parseInteger } from '../arguments.ts'
import type { Command, CommandContext } from '../command.ts'
import { errorOf } from '../errors.ts'
import type { Reply } from '../reply.ts'
import { frequency, secondsSinceUse } from '../usage-clock.ts'
import type { Entry, Value } from '../value.ts'
import { helpCommand } from './help.ts'
import { NO_KEYS, SECOND_ARGUMENT } from './key-positions.ts'

const NO_IDLE_TIME = errorOf(
  'ERR An LFU maxmemory policy is selected, idle time not tracked. Please note that when switching between policies at runtime LRU and LFU data will take some time to adjust.',
)
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
const about = (name: string, answer: (entry: Entry, context: CommandContext) => Reply): Command => ({
  name: `object|${name}`,
  arity: 3,
  flags: ['readonly'],
  ...SECOND_ARGUMENT,
  execute(args, context: CommandContext) {
    const entry = context.keys.look(args[2]!)
    // No client is told of a key that OBJECT does not find, but it counts.
    if (entry === undefined) context.keys.misses++
    else context.keys.hits++
    return entry === undefined ? null : answer(entry, context)
  },
})

export const object: Command = {
  name: 'object',
  arity: -2,
  flags: [],
  ...NO_KEYS,
  execute: () => null,
  subcommands: [
    about('encoding', ({ value }) => encoding(value)),
    about('refcount', ({ value }) => references(value)),
    about('idletime', ({ usage }, { keys, nowMs }) =>
      keys.frequencies === null ? secondsSinceUse(usage, nowMs) : NO_IDLE_TIME,
    ),
    about('freq', ({ usage }, { keys, nowMs }) =>
      keys.frequencies === null ? NO_FREQUENCY : frequency(usage, nowMs, keys.frequencies),
    ),
    helpCommand('object', HELP),
  ],
}

/** The name Redis 7.0 has for the encoding of a value. */
export function encoding(value: Value): string {
  switch (value.type) {
    case 'string':
      if (value.form === 'raw') return 'raw'
      if (value.form === 'chosen' && parseInteger(value.text) !== null) return 'int'
      return value.text.length <= EMBEDDED_BYTES_MAX ? 'embstr' : 'raw'
    case 'list':
      return 'quicklist'
    case 'set':
      return value.isCompact ? 'intset' : 'hashtable'
    case 'hash':
      return value.isCompact ? 'listpack' : 'hashtable'
    case 'zset':
      return value.isCompact ? 'listpack' : 'skiplist'
    case 'stream':
      return 'stream'
  }
}

export function references(value: Value): number {
  if (value.type !== 'string') return 1
  const integer = parseInteger(value.text)
  return integer !== null && integer >= 0 && integer < SHARED_INTEGERS ? SHARED_REFERENCES : 1
}
