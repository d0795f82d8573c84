/** Every difference that was ever found, as small as it could be made. */
import type { Sequence } from '../differential.ts'

export const regressions: readonly Sequence[] = [
  // A script whose reply is nil ran twice.
  ['EVAL "return redis.call(unpack(ARGV))" 0 getset a NX', 'GET a'],
  // Numbers of ranges and of SORT end at a zero byte.
  [
    'ZADD z 1 a',
    'ZRANGEBYSCORE z "\\x00\\xff" "1\\x002"',
    'ZREMRANGEBYSCORE z "\\x00\\xff" 0.1',
    'ZRANGEBYLEX z "-\\x00x" "+\\x00"',
  ],
  ['RPUSH a "\\x00\\xff" 1', 'SORT a'],
  // SET of a key that had expired before WATCH changes it twice: the expired value goes, the new one comes.
  ['SET k v PX 100', '+101', 'WATCH k', 'B: SET k new', 'MULTI', 'PING', 'EXEC'],
  // EXECABORT repeats the error without its ERR.
  ['MULTI', 'EXEC x', 'MULTI', 'AUTH a b c d', 'EXEC'],
  // A refused command, too, uses up CLIENT REPLY SKIP.
  ['CLIENT REPLY SKIP', 'FOO', 'PING'],
  // C prints a client's bytes up to the first zero.
  ['"fo\\x00o" "a\\x00b" c', 'EXPIRE k 1 "f\\x00oo"', 'CONFIG SET "fo\\x00o" 1', 'HELLO 3 "f\\x00"'],
  // A pause that has already ended holds nobody.
  ['CLIENT PAUSE 0', 'PING'],
  // COMMAND INFO of an unknown command is a null, not a null array.
  ['COMMAND INFO nosuch'],
  // Ends of ranges may be beyond every double; weights of SORT may be subnormal where nothing had to be rounded.
  ['ZADD z 1 a', 'ZCOUNT z 0x4000000p998 0', 'ZCOUNT z 0 0x4000000p998', 'ZCOUNT z 1e400 0'],
  ['RPUSH l 0x1p-1023 0', 'SORT l', 'RPUSH l 1e-310', 'SORT l'],
  // MONITOR hides passwords; see `monitor.test.ts`. The numbers of INCRBYFLOAT are those of an 80-bit long double.
  ['SET f 123456789012345678901234567890', 'INCRBYFLOAT f 0'],
  // A hash is compact up to 512 fields, a sorted set up to 128 members, a set of integers up to 512.
  [`HSET h ${pairs(512)}`, 'OBJECT ENCODING h', 'HSCAN h 0', 'HSET h one more', 'OBJECT ENCODING h'],
  [`ZADD z ${pairs(128)}`, 'OBJECT ENCODING z', 'ZSCAN z 0', 'ZADD z 1 more', 'OBJECT ENCODING z'],
  [`SADD s ${numbers(512)}`, 'OBJECT ENCODING s', 'SADD s 1000', 'OBJECT ENCODING s'],
  // Patterns with very many stars.
  [`SET ${'a'.repeat(5000)} 1`, `KEYS ${'*?'.repeat(5000)}`, `KEYS ${'*?'.repeat(900)}`, `KEYS ${'*a'.repeat(1001)}*`],
  // While clients are paused, keys whose time is up are hidden and stay.
  [
    'SET a 1 PX 10',
    'SET b 1 PX 10',
    'CLIENT PAUSE 5000 WRITE',
    '+100',
    'GET a',
    'EXISTS b',
    'DBSIZE',
    `EVAL_RO "return string.match(redis.call('info', 'stats'), 'expired_keys:%d')" 0`,
    'CLIENT UNPAUSE',
    'GET a',
    'DBSIZE',
    `EVAL_RO "return string.match(redis.call('info', 'stats'), 'expired_keys:%d')" 0`,
  ],
  [
    'CONFIG SET maxmemory-policy allkeys-lru',
    'CONFIG SET notify-keyspace-events KEA',
    'B: PSUBSCRIBE *',
    'SET a 1',
    'CONFIG SET maxmemory 1',
    'DBSIZE',
  ],
  // BITFIELD makes the string longer before it refuses to write to it, and tells no client that watches it.
  ...['', 'SET s a', 'SET s a PX 5000'].map((before) => [
    ...(before === '' ? [] : [before]),
    'GET s',
    'WATCH s',
    'B: BITFIELD s OVERFLOW FAIL INCRBY u8 #3 -1',
    'MULTI',
    'GET s',
    'PTTL s',
    'EXEC',
    'WATCH s',
    'B: BITFIELD s OVERFLOW FAIL INCRBY u8 #5 -1 SET u8 0 1',
    'MULTI',
    'GET s',
    'EXEC',
  ]),
  [
    'CONFIG SET notify-keyspace-events KEA',
    'B: SUBSCRIBE __keyevent@0__:new',
    'BITFIELD s OVERFLOW FAIL INCRBY u8 0 -1',
  ],
]

function numbers(count: number): string {
  return Array.from({ length: count }, (_, index) => index).join(' ')
}

/** `0 f0 1 f1 …`: scores with members, or fields with values. */
function pairs(count: number): string {
  return Array.from({ length: count }, (_, index) => `${index} f${index}`).join(' ')
}
