/**
 * What `docs/ioredis-mock.md` asks of both servers: the commands that locks and sessions use, in small stories.
 *
 * A line is a command as one would type it, after the client's name if that is not A; `+500` lets 500 ms pass. Each story
 * begins with an empty server.
 */

/** Stories about one group of commands. */
export interface ProbeGroup {
  readonly title: string
  readonly stories: readonly (readonly string[])[]
}

const GET_AND_DELETE = `"if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('del', KEYS[1]) end return 0"`

export const PROBES: readonly ProbeGroup[] = [
  {
    title: 'SET and its options',
    stories: [
      ['SET k v', 'SET k w NX', 'SET k w XX', 'GET k', 'SET other w XX'],
      ['SET k v PX 500 NX', 'PTTL k', 'SET k w PX 900 XX', 'PTTL k'],
      ['SET k v GET', 'SET k w GET', 'SET k x NX GET', 'GET k'],
      ['SET k v EX 10', 'SET k w KEEPTTL', 'TTL k', 'SET k x', 'TTL k'],
      ['SET k v PXAT 1800000000500', 'PTTL k'],
      ['SET k v EXAT 1800000005', 'PTTL k'],
      ['SET k v PX 0', 'SET k v PX -1', 'SET k v EX 1.5', 'SET k v PX abc'],
      ['SET k v NX XX', 'SET k v EX 1 PX 1', 'SET k v EX', 'SET k v FOO', 'SET k'],
      ['SETNX k v', 'SETNX k w', 'GET k'],
      ['PSETEX k 500 v', 'SETEX k2 1 v', 'PTTL k', 'PTTL k2', 'PSETEX k 0 v', 'SETEX k -1 v'],
      ['GETSET k v', 'GETDEL k', 'GETDEL k', 'SET k v', 'GETEX k PX 500', 'PTTL k', 'GETEX k PERSIST', 'PTTL k'],
      ['SET n 10', 'INCR n', 'INCRBY n -5', 'DECR n', 'INCRBYFLOAT n 0.5', 'INCR n', 'SET n x', 'INCR n'],
      ['SET n 9223372036854775807', 'INCR n', 'GET n'],
      ['SET n 9007199254740993', 'INCR n'],
      ['APPEND k ab', 'STRLEN k', 'SETRANGE k 1 xyz', 'GETRANGE k 0 -1', 'SETBIT k 7 1', 'GETBIT k 7'],
      ['MSET a 1 b 2', 'MGET a b c', 'MSETNX b 3 c 4', 'EXISTS c'],
    ],
  },
  {
    title: 'Expiry',
    stories: [
      ['SET k v PX 500', '+500', 'GET k', 'PTTL k', '+1', 'GET k', 'EXISTS k', 'PTTL k'],
      ['SET k v', 'TTL k', 'PTTL k', 'TTL none', 'PTTL none'],
      ['SET k v', 'PEXPIRE k 500', 'PTTL k', 'PERSIST k', 'PTTL k', 'PERSIST k'],
      [
        'SET k v',
        'EXPIRE k 10 NX',
        'EXPIRE k 20 NX',
        'TTL k',
        'EXPIRE k 5 GT',
        'EXPIRE k 5 LT',
        'TTL k',
        'EXPIRE k 9 XX',
      ],
      ['SET k v', 'EXPIRE k -1', 'EXISTS k', 'EXPIRE none 10'],
      ['SET k v', 'PEXPIREAT k 1800000000500', 'PTTL k', 'PEXPIRETIME k', 'EXPIRETIME k'],
      ['SET k v PX 500', 'RENAME k l', 'PTTL l', 'SET m v', 'COPY l m REPLACE', 'PTTL m'],
      ['SET k v EX 10', 'INCR k', 'APPEND k x', 'TTL k', 'SET k 1 EX 10', 'INCR k', 'TTL k'],
      ['SET k v', 'EXPIRE k', 'EXPIRE k abc', 'PEXPIRE k 99999999999999999999'],
      ['SET k v PX 500', '+501', 'SET k w NX', 'GET k'],
      ['SET k v PX 500', '+501', 'KEYS *', 'DEL k'],
    ],
  },
  {
    title: 'Scripts and conversions between Lua and Redis',
    stories: [
      [`SET k mine`, `EVAL ${GET_AND_DELETE} 1 k other`, `EVAL ${GET_AND_DELETE} 1 k mine`, 'EXISTS k'],
      [
        'EVAL "return redis.call(\'get\', KEYS[1]) == false" 1 none',
        'EVAL "return redis.call(\'get\', KEYS[1]) == nil" 1 none',
      ],
      ['EVAL "return {1, 2, nil, 4}" 0', 'EVAL "return {1, false, 3}" 0', 'EVAL "return {}" 0'],
      ['EVAL "return 3.99" 0', 'EVAL "return -3.99" 0', 'EVAL "return \'3.99\'" 0'],
      ['EVAL "return true" 0', 'EVAL "return false" 0', 'EVAL "return nil" 0', 'EVAL "return" 0'],
      [
        'EVAL "return {ok = \'FINE\'}" 0',
        'EVAL "return {err = \'MY error\'}" 0',
        'EVAL "return redis.status_reply(\'FINE\')" 0',
      ],
      ['EVAL "return redis.error_reply(\'MY error\')" 0', 'EVAL "return {a = 1}" 0'],
      [
        'EVAL "return redis.call(\'set\', KEYS[1], ARGV[1])" 1 k v',
        'EVAL "return redis.call(\'set\', KEYS[1], ARGV[1]).ok" 1 k v',
      ],
      [
        "EVAL \"return redis.call('set', KEYS[1], ARGV[1], 'NX') == false\" 1 k v",
        "EVAL \"return redis.call('set', KEYS[1], ARGV[1], 'NX') == false\" 1 k v",
      ],
      [
        'EVAL "return type(redis.call(\'pttl\', KEYS[1]))" 1 none',
        'EVAL "return type(redis.call(\'incr\', KEYS[1]))" 1 n',
      ],
      [
        'EVAL "return redis.call(\'nosuch\')" 0',
        'EVAL "return redis.pcall(\'nosuch\').err" 0',
        'EVAL "return redis.call(\'get\')" 0',
      ],
      [
        'LPUSH list x',
        "EVAL \"return redis.call('get', 'list')\" 0",
        "EVAL \"return redis.pcall('get', 'list')['err']\" 0",
      ],
      [
        'EVAL "return 1" 1',
        'EVAL "return 1" -1',
        'EVAL "return 1" abc',
        'EVAL "return KEYS[1] .. ARGV[1]" 1 k v',
        'EVAL "return #KEYS + #ARGV" 2 a b c',
      ],
      ['EVAL "return (" 0', 'EVAL "error(\'boom\')" 0', 'EVAL "x = 1 return x" 0', 'EVAL "return nosuch" 0'],
      [
        'EVAL "return tonumber(ARGV[1]) + 1" 0 41',
        'EVAL "return tostring(1)" 0',
        'EVAL "return 10 / 2" 0',
        'EVAL "return 2^53" 0',
      ],
      [
        'EVAL "return cjson.encode({1, 2})" 0',
        `EVAL "return cjson.decode(ARGV[1]).a" 0 '{"a":7}'`,
        'EVAL "return redis.sha1hex(\'\')" 0',
      ],
      ['EVAL "return type(redis.call(\'time\')[1])" 0', 'EVAL "math.randomseed(1) return 1" 0'],
      ["EVAL \"redis.call('set', 'a', 1) error('boom')\" 0", 'GET a'],
      [
        'SCRIPT LOAD "return 7"',
        'EVALSHA b9ea0ef3e8d13a8a4ab7a2cf8d9ff7b1b2d0e37c 0',
        'EVALSHA 4ca238f611c9d0ae4e9a75a5dbac22aedc1e1282 0',
      ],
      [
        'EVAL "return 1" 0',
        'EVALSHA e0e1f9fabfc9d4800c877a703b823ac0578ff8db 0',
        'B: EVALSHA e0e1f9fabfc9d4800c877a703b823ac0578ff8db 0',
      ],
      [
        'EVAL "return 1" 0',
        'SCRIPT EXISTS e0e1f9fabfc9d4800c877a703b823ac0578ff8db',
        'SCRIPT FLUSH',
        'EVALSHA e0e1f9fabfc9d4800c877a703b823ac0578ff8db 0',
      ],
    ],
  },
  {
    title: 'Transactions',
    stories: [
      ['MULTI', 'SET k v', 'GET k', 'EXEC'],
      ['MULTI', 'SET k v', 'DISCARD', 'GET k', 'EXEC', 'DISCARD'],
      ['WATCH k', 'B: SET k other', 'MULTI', 'SET k mine', 'EXEC', 'GET k'],
      ['WATCH k', 'B: SET j other', 'MULTI', 'SET k mine', 'EXEC'],
      ['SET k v PX 500', 'WATCH k', '+501', 'MULTI', 'SET k mine', 'EXEC'],
      ['SET k v', 'WATCH k', 'B: SET k v', 'UNWATCH', 'MULTI', 'SET k mine', 'EXEC'],
      ['WATCH k', 'SET k own', 'MULTI', 'GET k', 'EXEC'],
      ['MULTI', 'NOSUCH', 'SET k v', 'EXEC', 'GET k'],
      ['MULTI', 'SET k', 'EXEC'],
      ['SET k v', 'MULTI', 'INCR k', 'SET k w', 'EXEC', 'GET k'],
      ['MULTI', 'MULTI', 'WATCH k', 'EXEC'],
      ['MULTI', 'EXEC'],
    ],
  },
  {
    title: 'Publish and subscribe',
    stories: [
      ['SUBSCRIBE a b', 'B: PUBLISH a hello', 'B: PUBLISH none hello', 'UNSUBSCRIBE a', 'B: PUBLISH a again'],
      ['PSUBSCRIBE lock:*', 'B: PUBLISH lock:1 free', 'B: PUBLISH other x', 'PUNSUBSCRIBE'],
      ['SUBSCRIBE a', 'GET k', 'PING', 'B: GET k'],
      ['SUBSCRIBE a', 'B: PUBSUB CHANNELS', 'B: PUBSUB NUMSUB a b', 'UNSUBSCRIBE'],
      ['SUBSCRIBE a', 'B: MULTI', 'B: PUBLISH a x', 'B: EXEC'],
      ['SUBSCRIBE a', `B: EVAL "return redis.call('publish', 'a', 'from a script')" 0`],
    ],
  },
  {
    title: 'Blocking',
    stories: [
      ['LPUSH list x', 'BLPOP list 1', 'BRPOP list 0.1'],
      ['BLPOP list 0', 'B: RPUSH list x', 'LLEN list'],
      ['BLPOP list 1', '+1001', 'PING'],
      ['BLMOVE list other LEFT RIGHT 0', 'B: RPUSH list x', 'LRANGE other 0 -1'],
      ['BRPOPLPUSH list other 1', 'B: RPUSH list x', 'B: LRANGE other 0 -1'],
      ['BZPOPMIN z 0', 'B: ZADD z 1 a', 'ZCARD z'],
      ['MULTI', 'BLPOP list 0', 'EXEC'],
      ['BLPOP list -1', 'BLPOP list abc', 'SET s v', 'BLPOP s 1'],
      ['WAIT 0 100', 'WAIT 1 100', '+101', 'PING'],
    ],
  },
  {
    title: 'Hashes',
    stories: [
      ['HSET h a 1 b 2', 'HSET h a 3', 'HGET h a', 'HGET h none', 'HGETALL h', 'HGETALL none'],
      ['HSETNX h a 1', 'HSETNX h a 2', 'HEXISTS h a', 'HLEN h', 'HDEL h a none', 'EXISTS h'],
      ['HINCRBY h n 5', 'HINCRBY h n -7', 'HSET h s x', 'HINCRBY h s 1', 'HINCRBYFLOAT h n 0.1'],
      ['HMSET h a 1 b 2', 'HMGET h a none b', 'HKEYS h', 'HVALS h', 'HSTRLEN h a'],
      ['HSET h a', 'HSET h', 'SET s v', 'HSET s a 1', 'HGET s a'],
      ['HSET h a 1', 'PEXPIRE h 500', 'HSET h b 2', 'PTTL h', '+501', 'HGETALL h'],
    ],
  },
  {
    title: 'Sorted sets',
    stories: [
      [
        'ZADD z 1 a 2 b',
        'ZADD z 3 a',
        'ZADD z NX 9 a',
        'ZADD z XX CH 4 a',
        'ZADD z INCR 1 a',
        'ZSCORE z a',
        'ZSCORE z none',
      ],
      ['ZADD z 1 a 1 b 1 c', 'ZRANK z b', 'ZREVRANK z b', 'ZRANK z none', 'ZRANGE z 0 -1 WITHSCORES', 'ZCARD z'],
      [
        'ZADD z 1 a 2 b 3 c',
        'ZRANGEBYSCORE z -inf (3',
        'ZREVRANGE z 0 0',
        'ZCOUNT z 1 2',
        'ZRANGE z 1 3 BYSCORE LIMIT 0 1',
      ],
      [
        'ZADD z 1 a 2 b 3 c',
        'ZREMRANGEBYSCORE z -inf 1',
        'ZREMRANGEBYRANK z 0 0',
        'ZRANGE z 0 -1',
        'ZREM z c',
        'EXISTS z',
      ],
      [
        'ZADD z 1.5 a',
        'ZINCRBY z 0.1 a',
        'ZADD z 1e20 b',
        'ZSCORE z b',
        'ZADD z x c',
        'ZADD z GT 1 a',
        'ZADD z NX GT 1 a',
      ],
      ['ZADD z 1 a 2 b', 'ZPOPMIN z', 'ZPOPMAX z', 'ZPOPMIN z', 'ZMSCORE z a b'],
      ['ZADD z 1700000000123 a', 'ZSCORE z a', 'ZRANGE z 0 -1 WITHSCORES'],
    ],
  },
  {
    title: 'Errors',
    stories: [
      ['NOSUCH', 'NOSUCH a b', 'GET', 'GET a b', 'CONFIG', 'CLIENT NOSUCH'],
      ['LPUSH list x', 'GET list', 'INCR list', 'HGET list a', 'ZADD list 1 a', 'SET list v'],
      ['SET k v', 'LPUSH k x', 'SADD k x', 'EXPIRE k 1 FOO', 'RENAME none k', 'SELECT 99', 'SELECT x'],
      ['AUTH x', 'CLIENT SETNAME a', 'CLIENT GETNAME', 'HELLO 9'],
      ['PING', 'PING hello', 'ECHO hi', 'TYPE none', 'OBJECT ENCODING none'],
    ],
  },
]
