/**
 * Random command sequences for the differential suite: every command of the table, with arguments that are sometimes
 * right. Key positions get keys, the rest gets numbers, words that are options somewhere, and bytes.
 *
 * Left out is what redis-server answers at random or from its history: random elements, cursors, memory, logs, ids.
 */
import fc from 'fast-check'
import { commandTable } from '../../src/redis/commands/table.ts'
import type { Sequence } from './differential.ts'

const LEFT_OUT = new Set([
  // Random elements and cursors.
  'randomkey',
  'spop',
  'srandmember',
  'hrandfield',
  'zrandmember',
  'scan',
  'hscan',
  'sscan',
  'zscan',
  // The server and its history.
  'info',
  'memory',
  'object',
  'command',
  'acl',
  'latency',
  'slowlog',
  'client',
  'hello',
  'config',
  'lastsave',
  'time',
  // The process, its disk, and everybody's connections.
  'shutdown',
  'save',
  'bgsave',
  'bgrewriteaof',
  'monitor',
  'debug',
  'quit',
  'reset',
  'auth',
  'script',
  'cluster',
  // Replies that cannot be counted; the tables have them.
  'subscribe',
  'psubscribe',
  'ssubscribe',
  'unsubscribe',
  'punsubscribe',
  'sunsubscribe',
  'pubsub',
  // Made below.
  'eval',
  'evalsha',
  'eval_ro',
  'evalsha_ro',
  'multi',
  'exec',
  'discard',
  'watch',
  'unwatch',
  'select',
  'swapdb',
  'flushall',
  'flushdb',
])

/** The order of these replies, or of what they are made of, is random in Redis. */
const UNORDERED = new Set([
  'keys',
  'smembers',
  'sinter',
  'sunion',
  'sdiff',
  'hgetall',
  'hkeys',
  'hvals',
  'sort',
  'sort_ro',
  'eval',
  'exec',
])

const names = [...commandTable().keys()].filter((name) => !LEFT_OUT.has(name))

const key = fc.constantFrom('a', 'b', 'c', 'str', 'num', 'list', 'set', 'zset', 'hash')
const integer = fc.oneof(
  { weight: 6, arbitrary: fc.integer({ min: -3, max: 12 }).map(String) },
  {
    weight: 1,
    arbitrary: fc.constantFrom('100', '-100', '9223372036854775807', '-9223372036854775808', '9007199254740993'),
  },
)
const word = fc.constantFrom(
  'NX',
  'XX',
  'GT',
  'LT',
  'CH',
  'INCR',
  'EX',
  'PX',
  'KEEPTTL',
  'GET',
  'PERSIST',
  'WITHSCORES',
  'LIMIT',
  'BYSCORE',
  'BYLEX',
  'REV',
  'LEFT',
  'RIGHT',
  'BEFORE',
  'AFTER',
  'COUNT',
  'RANK',
  'MAXLEN',
  'MIN',
  'MAX',
  'WEIGHTS',
  'AGGREGATE',
  'SUM',
  'ASC',
  'DESC',
  'ALPHA',
  'STORE',
  'BIT',
  'BYTE',
  'AND',
  'OR',
  'XOR',
  'NOT',
  'REPLACE',
  'DB',
  'LEN',
  'IDX',
  'u8',
  'i5',
  'SET',
  'INCRBY',
  'OVERFLOW',
  'SAT',
  'FAIL',
)
const text = fc.constantFrom(
  'x',
  'y',
  'member',
  '1.5',
  '-0.1',
  '3.0e2',
  'inf',
  '-inf',
  '(1',
  '(2.5',
  '[a',
  '(b',
  '+',
  '-',
  '""',
  '"a b"',
  '"\\x00\\xff"',
  'abc',
  '0.1',
  '5',
)
const value = fc.oneof(
  { weight: 4, arbitrary: integer },
  { weight: 3, arbitrary: text },
  { weight: 2, arbitrary: word },
  { weight: 1, arbitrary: key },
)

/** The arguments after the name: about as many as the arity wants, keys where keys are expected. */
function argumentsOf(name: string): fc.Arbitrary<string[]> {
  const { arity, command } = commandTable().get(name)!
  const least = Math.abs(arity) - 1
  const most = arity > 0 ? least : least + 5
  const count = fc.oneof(
    { weight: 12, arbitrary: fc.integer({ min: least, max: most }) },
    { weight: 1, arbitrary: fc.integer({ min: 0, max: most + 1 }) },
  )
  return count.chain((length) => {
    const isKey = (position: number): boolean => {
      if (command.firstKey === 0) return position > 1 && position < 4
      const last = command.lastKey < 0 ? length + 1 + command.lastKey : command.lastKey
      return position >= command.firstKey && position <= last && (position - command.firstKey) % command.keyStep === 0
    }
    const positions = Array.from({ length }, (_, index) =>
      isKey(index + 1) ? fc.oneof({ weight: 9, arbitrary: key }, { weight: 1, arbitrary: value }) : value,
    )
    return fc.tuple(...positions)
  })
}

const anyCommand = fc.constantFrom(...names).chain((name) => argumentsOf(name).map((args) => ({ name, args })))

/** Commands that fill the keys with values of their types, so that the others meet something. */
const fill = fc.oneof(
  fc.tuple(key, text).map(([name, item]) => `SET ${name} ${item}`),
  fc.tuple(integer).map(([amount]) => `SET num ${amount}`),
  fc.tuple(fc.constantFrom('list', 'a'), text, text).map(([name, one, two]) => `RPUSH ${name} ${one} ${two} x`),
  fc.tuple(fc.constantFrom('set', 'b'), integer, integer).map(([name, one, two]) => `SADD ${name} ${one} ${two} 7`),
  fc
    .tuple(fc.constantFrom('zset', 'c'), integer, text)
    .map(([name, score, member]) => `ZADD ${name} ${score} ${member} 2 b 2 a`),
  fc.tuple(text, text).map(([field, item]) => `HSET hash ${field} ${item} f 5`),
  fc.tuple(key, fc.constantFrom('1', '50', '100')).map(([name, ms]) => `PEXPIRE ${name} ${ms}`),
)

const line = (name: string, args: readonly string[]): string =>
  [(UNORDERED.has(name) ? '~' : '') + name, ...args].join(' ')

const plain = anyCommand.map(({ name, args }) => line(name, args))

const scripted = anyCommand.chain(({ name, args }) =>
  fc.constantFrom('redis.call', 'redis.pcall', 'redis.setresp(3) return redis.call').map((call) => {
    const body = call.startsWith('redis.setresp') ? `${call}(unpack(ARGV))` : `return ${call}(unpack(ARGV))`
    return `~eval "${body}" 0 ${[name, ...args].join(' ')}`
  }),
)

const control = fc.oneof(
  fc.constantFrom('multi', '~exec', '~exec', 'discard', 'unwatch', 'flushdb', 'select 0', 'select 1', 'swapdb 0 1'),
  key.map((name) => `watch ${name}`),
)

const step = fc.oneof(
  { weight: 5, arbitrary: fill },
  { weight: 14, arbitrary: plain },
  { weight: 2, arbitrary: scripted },
  { weight: 2, arbitrary: control },
)

const connection = fc.constantFrom('', '', '', 'B: ', 'C: ')

/** Sequences of lines for `compare`. */
export const sequenceArbitrary: fc.Arbitrary<Sequence> = fc.array(
  fc.oneof(
    { weight: 20, arbitrary: fc.tuple(connection, step).map(([who, command]) => who + command) },
    { weight: 1, arbitrary: fc.constantFrom('+1', '+50', '+101') },
  ),
  { minLength: 1, maxLength: 40 },
)
