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
]
