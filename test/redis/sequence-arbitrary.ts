/**
 * Random command sequences for the differential suite: every command of the table, with arguments that are sometimes
 * right. Key positions get keys, the rest gets numbers, words that are options somewhere, and bytes.
 *
 * Left out is what redis-server answers at random or from its history: random elements, cursors, memory, logs, ids, and
 * the count of keys, because redis-server removes expired keys in the background ten times a second.
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
  'dbsize',
  'time',
  // It connects to whatever answers at the address that was drawn.
  'migrate',
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
  // Who takes part in replication, which is compared by pairs of servers in `replication/`.
  'replicaof',
  'slaveof',
  'psync',
  'sync',
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
  'dump',
  'restore',
  'restore-asking',
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

const key = fc.constantFrom('a', 'b', 'c', 'str', 'num', 'list', 'set', 'zset', 'hash', 'stream')
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
  'STREAMS',
  'GROUP',
  'MKSTREAM',
  'JUSTID',
  'FORCE',
  '~',
  '=',
  '$',
  '>',
  '*',
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
  fc.tuple(fc.constantFrom('str', 'b'), integer, text).map(([name, one, two]) => `PFADD ${name} ${one} ${two}`),
  fc.tuple(text, text).map(([field, item]) => `HSET hash ${field} ${item} f 5`),
  fc.tuple(fc.constantFrom('stream', 'a'), text).map(([name, item]) => `XADD ${name} * f ${item}`),
  fc.constantFrom('stream', 'b').map((name) => `XGROUP CREATE ${name} g 0 MKSTREAM`),
  fc.tuple(key, fc.constantFrom('1', '50', '100')).map(([name, ms]) => `PEXPIRE ${name} ${ms}`),
)

/** What the holes of a shape may be filled with; a key of the wrong type comes now and then, because any command may meet one. */
const typed = (own: string): fc.Arbitrary<string> =>
  fc.oneof({ weight: 8, arbitrary: fc.constantFrom(own, own, 'a', 'b', 'c') }, { weight: 1, arbitrary: key })
const small = fc.integer({ min: -4, max: 6 }).map(String)
const positive = fc.integer({ min: 0, max: 5 }).map(String)
const score = fc.constantFrom('1', '2', '-1', '0', '1.5', '-0.1', '3', 'inf', '-inf', '0.1', '1e2', '17')
const holes: Readonly<Record<string, fc.Arbitrary<string>>> = {
  K: key,
  STR: typed('str'),
  NUM: typed('num'),
  L: typed('list'),
  S: typed('set'),
  Z: typed('zset'),
  H: typed('hash'),
  X: typed('stream'),
  i: small,
  n: positive,
  f: score,
  t: fc.constantFrom('x', 'y', 'a', 'b', '1', '2', '5', '7', '""', 'abc', '"a b"', '"\\x00\\xff"', 'member'),
  field: fc.constantFrom('f', 'g', 'x', '""', '5'),
  range: fc.constantFrom('1', '2', '(1', '(2', '-inf', '+inf', '0', '(1.5', 'inf', '10', '(-1'),
  lex: fc.constantFrom('-', '+', '[a', '(a', '[b', '(b', '[x', '[', '('),
  end: fc.constantFrom('LEFT', 'RIGHT', 'left'),
  ms: fc.constantFrom('1', '50', '100', '101', '1000'),
  bit: fc.constantFrom('0', '1'),
  offset: fc.integer({ min: 0, max: 40 }).map(String),
  type: fc.constantFrom('u8', 'i8', 'u4', 'i5', 'u1', 'i64', 'u63'),
  id: fc.constantFrom('0', '1', '2-1', '5-*', '*', '1700000000000-0', '1700000000050', '9999999999999-3', '0-1'),
  bound: fc.constantFrom('-', '+', '0', '1', '(2-1', '1700000000000-1', '(1700000000000-0', '1700000000050', '$'),
  old: fc.constantFrom(
    '0',
    '2-1',
    '1700000000000-0',
    '1700000000000-1',
    '1700000000001-0',
    '1700000000050-0',
    '$',
    '>',
  ),
  group: fc.constantFrom('g', 'g', 'h'),
  name: fc.constantFrom('m', 'n'),
  length: fc.constantFrom('0', '1', '100', '2000', '30000', '-1'),
  lon: fc.constantFrom('0', '13.361389', '-180', '179.9', '200', '-0.1'),
  lat: fc.constantFrom('0', '38.115556', '-85', '85.05', '90', '66.5'),
  seconds: fc.constantFrom('0.001', '0.05', '0.1', '1'),
}

/** Calls that make sense: words stand for themselves, holes are filled, `?` may be left out, `a|b` is one of them. */
const shapes: readonly string[] = [
  'set K t ?NX|XX|GET ?PX|EX n',
  'set STR t PX ms ?NX|XX ?GET',
  'set STR t KEEPTTL',
  'getex STR ?PX ?ms',
  'getex STR PERSIST',
  'setex STR n t',
  'psetex STR ms t',
  'incrby NUM i',
  'decrby NUM i',
  'incrbyfloat NUM f',
  'getrange STR i i',
  'substr STR i i',
  'setrange STR n t',
  'lcs STR STR ?LEN|IDX',
  'lcs STR STR IDX MINMATCHLEN n WITHMATCHLEN',
  'setbit STR offset bit',
  'getbit STR offset',
  'bitcount STR i i ?BIT|BYTE',
  'bitpos STR bit ?i',
  'bitpos STR bit i i ?BIT|BYTE',
  'bitop and|or|xor STR STR K ?K',
  'bitop not STR STR',
  'bitfield STR set type offset i get type offset',
  'bitfield STR overflow wrap|sat|fail incrby type offset i',
  'bitfield_ro STR get type offset',
  'expire K n ?NX|XX|GT|LT',
  'pexpire K ms ?NX|XX|GT|LT',
  'pexpireat K 1700000000050',
  'rename K K',
  'renamenx K K',
  'copy K K ?REPLACE',
  'copy K K DB 1',
  'move K 1',
  'persist K',
  '~sort L ?ALPHA ?DESC',
  'sort L LIMIT i i',
  '~sort Z ALPHA STORE K',
  '~sort S',
  'sort_ro L ALPHA LIMIT n n',
  'lpush L t t',
  'rpush L t',
  'lpushx L t',
  'lpop L ?n',
  'rpop L ?n',
  'llen L',
  'lrange L i i',
  'lindex L i',
  'lset L i t',
  'linsert L BEFORE|AFTER t t',
  'lrem L i t',
  'ltrim L i i',
  'lpos L t ?RANK ?i',
  'lpos L t COUNT n',
  'lpos L t RANK i COUNT n MAXLEN n',
  'lmove L L end end',
  'rpoplpush L L',
  'lmpop 2 L K end ?COUNT ?n',
  'lmpop 1 L end COUNT n',
  'blpop L K seconds',
  'brpop L seconds',
  'blmove L L end end seconds',
  'brpoplpush L K seconds',
  'blmpop seconds 2 L K end COUNT n',
  'bzpopmin Z seconds',
  'bzpopmax Z K seconds',
  'bzmpop seconds 1 Z MIN|MAX',
  'sadd S i i t',
  'srem S i t',
  '~sinter S S',
  '~sunion S K',
  '~sdiff S S K',
  'sintercard 2 S S ?LIMIT ?n',
  'smove S K i',
  'sismember S i',
  'smismember S i t',
  '~smembers S',
  'sinterstore K S S',
  'sunionstore K S S',
  'sdiffstore K S S',
  'hset H field t field t',
  'hsetnx H field t',
  'hincrby H field i',
  'hincrbyfloat H field f',
  'hdel H field field',
  '~hgetall H',
  'hmget H field field',
  'hstrlen H field',
  'hmset H field i',
  'zadd Z f t f t',
  'zadd Z NX|XX|GT|LT ?CH f t',
  'zadd Z INCR f t',
  'zadd Z XX INCR f t',
  'zincrby Z f t',
  'zrem Z t t',
  'zcard Z',
  'zcount Z range range',
  'zlexcount Z lex lex',
  'zrank Z t',
  'zrevrank Z t',
  'zscore Z t',
  'zmscore Z t t',
  'zrange Z i i ?REV ?WITHSCORES',
  'zrange Z range range BYSCORE ?REV ?WITHSCORES',
  'zrange Z range range BYSCORE LIMIT n i',
  'zrange Z lex lex BYLEX ?REV',
  'zrange Z lex lex BYLEX LIMIT n i',
  'zrevrange Z i i ?WITHSCORES',
  'zrangebyscore Z range range ?WITHSCORES',
  'zrangebyscore Z range range LIMIT n i',
  'zrevrangebyscore Z range range ?WITHSCORES',
  'zrangebylex Z lex lex',
  'zrevrangebylex Z lex lex LIMIT n n',
  'zrangestore K Z i i',
  'zrangestore K Z range range BYSCORE REV',
  'zremrangebyrank Z i i',
  'zremrangebyscore Z range range',
  'zremrangebylex Z lex lex',
  'zpopmin Z ?n',
  'zpopmax Z ?n',
  'zmpop 2 Z K MIN|MAX ?COUNT ?n',
  'zunion 2 Z Z ?WITHSCORES',
  'zunion 2 Z S WEIGHTS f f ?WITHSCORES',
  'zinter 2 Z S AGGREGATE MIN|MAX|SUM WITHSCORES',
  'zinter 2 Z Z',
  'zdiff 2 Z Z ?WITHSCORES',
  'zunionstore K 2 Z S ?AGGREGATE ?MIN|MAX',
  'zunionstore K 2 Z Z WEIGHTS f f AGGREGATE MAX',
  'zinterstore K 2 Z Z',
  'zdiffstore K 2 Z Z',
  'zintercard 2 Z Z LIMIT n',
  'xadd X id field t',
  'xadd X id field t field i',
  'xadd X MAXLEN ~|= n id field t',
  'xadd X NOMKSTREAM id field t',
  'xlen X',
  'xrange X bound bound ?COUNT ?i',
  'xrevrange X bound bound',
  'xdel X old old',
  'xtrim X MAXLEN|MINID ?~|= n ?LIMIT ?n',
  'xsetid X old ?ENTRIESADDED ?n',
  'xread COUNT n STREAMS X K old old',
  'xread BLOCK ms STREAMS X old',
  'xread BLOCK ms STREAMS X K $ $',
  'xreadgroup GROUP group name ?NOACK COUNT n STREAMS X old',
  'xreadgroup GROUP group name STREAMS X >',
  'xreadgroup GROUP group name BLOCK ms STREAMS X >',
  'xack X group old old',
  'xpending X group',
  'xpending X group ?IDLE ?n bound bound n ?name',
  'xclaim X group name n old old ?JUSTID|FORCE',
  'xclaim X group name n old IDLE|TIME|RETRYCOUNT n',
  'xautoclaim X group name n old ?COUNT ?n ?JUSTID',
  'xgroup create X group old ?MKSTREAM',
  'xgroup setid X group old',
  'xgroup destroy X group',
  'xgroup createconsumer X group name',
  'xgroup delconsumer X group name',
  'xinfo stream X ?FULL',
  'xinfo groups X',
  'xinfo consumers X group',
  'pfadd STR t t',
  'pfadd K i t x',
  'pfcount STR ?K',
  'pfmerge STR STR K',
  'pfdebug encoding|decode|todense STR',
  'geoadd Z lon lat t lon lat t',
  'geoadd Z NX|XX ?CH lon lat t',
  'geopos Z t t',
  'geohash Z t',
  'geodist Z t t ?km|mi|ft',
  'georadius Z lon lat length km ?WITHDIST ?ASC|DESC',
  'georadius Z lon lat length km STORE K',
  'georadiusbymember_ro Z t length km WITHHASH ?WITHCOORD',
  'geosearch Z FROMMEMBER t BYBOX length length km ?ASC',
  'geosearch Z FROMLONLAT lon lat BYRADIUS length mi COUNT n ANY',
  'geosearchstore K Z FROMLONLAT lon lat BYRADIUS length km',
  'wait 0 ms',
  'wait 1 ms',
]

function shapeArbitrary(shape: string): fc.Arbitrary<string> {
  const parts = shape.split(' ').map((part): fc.Arbitrary<string> => {
    const isOptional = part.startsWith('?')
    const name = isOptional ? part.slice(1) : part
    const filled = holes[name] ?? fc.constantFrom(...name.split('|'))
    return isOptional ? fc.oneof(filled, fc.constant('')) : filled
  })
  return fc.tuple(...parts).map((words) => words.filter((item) => item !== '').join(' '))
}

const shaped = fc.constantFrom(...shapes).chain(shapeArbitrary)

const line = (name: string, args: readonly string[]): string =>
  [(UNORDERED.has(name) ? '~' : '') + name, ...args].join(' ')

const plain = anyCommand.map(({ name, args }) => line(name, args))

const bare = fc.oneof(
  anyCommand.map(({ name, args }) => [name, ...args].join(' ')),
  shaped.map((call) => call.replace('~', '')),
)

const scripted = bare.chain((call) =>
  fc.constantFrom('redis.call', 'redis.pcall', 'redis.setresp(3) return redis.call').map((how) => {
    const body = how.startsWith('redis.setresp') ? `${how}(unpack(ARGV))` : `return ${how}(unpack(ARGV))`
    return `~eval "${body}" 0 ${call}`
  }),
)

/** Values as DUMP writes them, and as RESTORE reads them. The order in a hash table is random. */
const DUMP = `local e = redis.call('object', 'encoding', KEYS[1]) return e ~= 'hashtable' and redis.call('dump', KEYS[1])`
const COPY = `local v = redis.call('dump', KEYS[1]) return v and redis.call('restore', KEYS[2], ARGV[1], v, ARGV[2])`

const dumped = fc.oneof(
  key.map((name) => `eval "${DUMP}" 1 ${name}`),
  fc
    .tuple(key, key, fc.constantFrom('0', '50', '1000', '-1'), fc.constantFrom('REPLACE', 'ABSTTL', 'NX'))
    .map(([from, to, ms, option]) => `eval "${COPY}" 2 ${from} ${to} ${ms} ${option}`),
)

const control = fc.oneof(
  fc.constantFrom('multi', '~exec', '~exec', 'discard', 'unwatch', 'flushdb', 'select 0', 'select 1', 'swapdb 0 1'),
  key.map((name) => `watch ${name}`),
  fc.constantFrom('on', 'on noloop', 'on bcast', 'on bcast prefix s', 'off').map((how) => `client tracking ${how}`),
)

const step = fc.oneof(
  { weight: 5, arbitrary: fill },
  { weight: 7, arbitrary: plain },
  { weight: 12, arbitrary: shaped },
  { weight: 2, arbitrary: scripted },
  { weight: 1, arbitrary: dumped },
  { weight: 2, arbitrary: control },
)

const connection = fc.constantFrom('', '', '', 'B: ', 'C: ')

/** A whole transaction of one client, sometimes with a change by another in the middle. */
const transaction = fc
  .tuple(
    fc.option(key),
    fc.array(fc.oneof(shaped, shaped, fill, scripted), { minLength: 1, maxLength: 4 }),
    fc.option(fill),
  )
  .map(([watched, commands, foreign]) => [
    ...(watched === null ? [] : [`watch ${watched}`]),
    'multi',
    ...commands.map((command) => command.replace('~', '')),
    ...(foreign === null ? [] : [`D: ${foreign}`]),
    '~exec',
  ])

/** Sequences of lines for `compare`. */
export const sequenceArbitrary: fc.Arbitrary<Sequence> = fc
  .array(
    fc.oneof(
      { weight: 20, arbitrary: fc.tuple(connection, step).map(([who, command]) => [who + command]) },
      { weight: 1, arbitrary: fc.constantFrom(['+1'], ['+50'], ['+101']) },
      { weight: 2, arbitrary: transaction },
    ),
    { minLength: 1, maxLength: 40 },
  )
  .map((steps) => steps.flat())

const rule = fc.oneof(
  fc.constantFrom('on', 'off', 'nopass', 'resetpass', 'reset', 'allkeys', 'resetkeys', '+@all', '-@all', '~*', '&*'),
  fc.constantFrom('resetchannels', 'allchannels', 'clearselectors', '>x', '<x', 'foo', '+select|0', '+config|get'),
  fc.tuple(fc.constantFrom('+', '-'), fc.constantFrom(...names)).map((parts) => parts.join('')),
  fc
    .tuple(fc.constantFrom('+@', '-@'), fc.constantFrom('read', 'write', 'string', 'hash', 'fast', 'slow', 'admin'))
    .map((parts) => parts.join('')),
  fc
    .tuple(fc.constantFrom('~', '%R~', '%W~', '%RW~'), fc.constantFrom('a', 's*', '[ab]', '*'))
    .map((parts) => parts.join('')),
  fc.constantFrom('a', 'x*', '*').map((channel) => `&${channel}`),
)

/** Rules for a user, and what the user may do then: asked, or done by a client that has logged in. */
export const permissionsArbitrary: fc.Arbitrary<Sequence> = fc
  .array(
    fc.oneof(
      fc.array(rule, { minLength: 1, maxLength: 4 }).map((rules) => [`acl setuser u ${rules.join(' ')}`]),
      fc.array(rule, { minLength: 1, maxLength: 3 }).map((rules) => [`acl setuser u (${rules.join(' ')})`]),
      fc.constant(['^acl list', '^acl getuser u']),
      bare.map((call) => [`acl dryrun u ${call}`]),
      shaped.map((call) => [call.replace(/^(~?)/, 'B: $1')]),
      fc
        .constantFrom('publish a x', 'spublish x1 y', 'config get maxmemory', 'select 1', 'dbsize')
        .map((call) => [`B: ?${call}`]),
      fc.constantFrom('B: auth u x', 'B: auth u y', 'B: reset', 'B: acl whoami', 'acl users').map((call) => [call]),
    ),
    { minLength: 4, maxLength: 40 },
  )
  .map((steps) => ['acl setuser u on nopass +@all ~* &*', 'B: auth u x', ...steps.flat()])
