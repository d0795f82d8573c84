/** Sorted set commands: textbook cases, then the same conversations with a real server, byte for byte. */
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { fuzz, sequences } from './sequences.ts'
import { ask, converse, type Line, SideBySide, script } from './side-by-side.ts'

let both: SideBySide
beforeAll(async () => {
  both = await SideBySide.start()
})
afterAll(() => both.stop())

describe('textbook', () => {
  test('a fair semaphore: who is too old leaves, who ranks below the limit is in', () => {
    // Redis in Action, 6.3: members scored by time, ZREMRANGEBYSCORE for timeouts, ZRANK against the limit.
    const replies = ask(
      'ZADD sem 100 a 105 b 111 c',
      'ZREMRANGEBYSCORE sem -inf (105',
      'ZADD sem 112 d',
      'ZRANK sem b',
      'ZRANK sem d',
      'ZCARD sem',
      'ZREM sem b c d',
      'EXISTS sem',
    )
    expect(replies).toEqual([3, 1, 1, 0, 2, 3, 3, 0])
  })

  test('equal scores are ordered by the bytes of the member', () => {
    expect(ask('ZADD z 0 b 0 a 0 B 0 "\\xff" 0 aa 0 ""', 'ZRANGE z 0 -1')[1]).toEqual(['', 'B', 'a', 'aa', 'b', '\xff'])
  })

  test('a lexicographic range of a large set of mixed scores is counted by the ranks of its ends', () => {
    // Redis walks its skip list in random leaps there, so a real server answers this or, now and then, something else.
    const long = 'z'.repeat(65)
    const replies = ask(
      `ZADD z 100 a 100 zz 0 foo 0 bar 100 ${long}`,
      'ZLEXCOUNT z [c [foo',
      'ZREMRANGEBYLEX z [c [foo',
    )
    // The walk for the last member in range ends at `a`, which lies before the range, so everything from `foo` on counts.
    expect(replies).toEqual([5, 4, 2])
  })

  test('the examples of ZRANGE on redis.io', () => {
    const fill = 'ZADD z 1 one 2 two 3 three'
    expect(ask(fill, 'ZRANGE z 0 -1', 'ZRANGE z 2 3', 'ZRANGE z -2 -1', 'ZRANGE z 0 1 WITHSCORES')).toEqual([
      3,
      ['one', 'two', 'three'],
      ['three'],
      ['two', 'three'],
      ['one', '1', 'two', '2'],
    ])
    expect(ask(fill, 'ZRANGE z (1 +inf BYSCORE LIMIT 1 1', 'ZRANGE z +inf (1 BYSCORE REV')).toEqual([
      3,
      ['three'],
      ['three', 'two'],
    ])
  })

  test('scores are printed with 17 digits, as 7.0 does', () => {
    expect(ask('ZADD z 0.1 a 1e21 b 3 c -inf d', 'ZMSCORE z a b c d e')[1]).toEqual([
      '0.10000000000000001',
      '1e+21',
      '3',
      '-inf',
      null,
    ])
  })

  test('ZUNIONSTORE with weights, as on redis.io', () => {
    expect(
      ask(
        'ZADD z1 1 one 2 two',
        'ZADD z2 1 one 2 two 3 three',
        'ZUNIONSTORE out 2 z1 z2 WEIGHTS 2 3',
        'ZRANGE out 0 -1 WITHSCORES',
      ),
    ).toEqual([2, 3, 3, ['one', '5', 'three', '9', 'two', '10']])
  })

  test('ZRANDMEMBER brings the score of each member it draws', () => {
    const [, drawn] = ask('ZADD z 1 a 2 b 3 c', 'ZRANDMEMBER z -30 WITHSCORES') as [number, string[]]
    const scores: Record<string, string> = { a: '1', b: '2', c: '3' }
    expect(drawn).toHaveLength(60)
    for (let index = 0; index < 60; index += 2) expect(drawn[index + 1]).toBe(scores[drawn[index]!])
    const [, distinct] = ask('ZADD z 1 a 2 b 3 c', 'ZRANDMEMBER z 2') as [number, string[]]
    expect(new Set(distinct).size).toBe(2)
  })

  test('BZPOPMIN waits, is served when a member appears, and gives up when its time is over', async () => {
    expect(await converse(['B: BZPOPMIN z 5', 'ZADD z 2 b 1 a', 'B: BZPOPMAX y 5', 'PASS'])).toEqual([
      'B> "BZPOPMIN" "z" "5"',
      'A> "ZADD" "z" "2" "b" "1" "a"',
      'A< ":2\\r\\n"',
      'B< "*3\\r\\n$1\\r\\nz\\r\\n$1\\r\\na\\r\\n$1\\r\\n1\\r\\n"',
      'B> "BZPOPMAX" "y" "5"',
      'A> "PASS"',
      'B< "*-1\\r\\n"',
    ])
  })
})

const conversations = {
  'wrong number of arguments': `ZADD; ZADD z 1; ZINCRBY z 1; ZREM z; ZSCORE z; ZMSCORE z; ZCARD; ZCOUNT z 1; ZLEXCOUNT z -; ZRANK z;
    ZREVRANK z; ZRANGE z 0; ZRANGESTORE d z 0; ZRANGEBYSCORE z 0; ZRANGEBYLEX z -; ZREVRANGE z 0; ZREMRANGEBYRANK z 0; ZPOPMIN;
    ZPOPMIN z 1 2; ZPOPMAX z 1 2; ZMPOP 1 z; BZPOPMIN z; BZMPOP 0 1 z; ZRANDMEMBER; ZUNION 1; ZUNIONSTORE d 1; ZINTERCARD 1; ZSCAN z`,
  'another type': `SET s x; ZADD s 1 a; ZINCRBY s 1 a; ZREM s a; ZSCORE s a; ZMSCORE s a; ZCARD s; ZCOUNT s 0 1; ZLEXCOUNT s - +;
    ZRANK s a; ZREVRANK s a; ZRANGE s 0 -1; ZRANGESTORE d s 0 -1; ZRANGEBYSCORE s 0 1; ZRANGEBYLEX s - +; ZREVRANGE s 0 -1;
    ZREVRANGEBYSCORE s 1 0; ZREVRANGEBYLEX s + -; ZREMRANGEBYRANK s 0 1; ZREMRANGEBYSCORE s 0 1; ZREMRANGEBYLEX s - +; ZPOPMIN s;
    ZPOPMAX s 0; ZMPOP 1 s MIN; ZMPOP 2 none s MIN; BZPOPMIN s 0; BZPOPMAX none s 0; BZMPOP 0 2 none s MAX; ZRANDMEMBER s;
    ZRANDMEMBER s 1; ZUNION 1 s; ZINTER 2 none s; ZDIFF 2 none s; ZUNIONSTORE d 1 s; ZINTERCARD 1 s; ZSCAN s 0`,
  'another type and bad arguments': `SET s x; ZADD s x a; ZADD s XX 1 a; ZADD s NX XX 1 a; ZRANGE s x y; ZRANGE s 0 1 FOO; ZCOUNT s x y;
    ZLEXCOUNT s x y; ZREMRANGEBYSCORE s x y; ZPOPMIN s x; ZRANDMEMBER s x; ZUNION 1 s FOO; ZUNION 0 s; ZSCAN s x; BZPOPMIN s x`,
  ZADD: `ZADD z 1 a; ZADD z 1 a; ZADD z 2 a 3 b; ZADD z 1 c 2 c; ZRANGE z 0 -1 WITHSCORES; ZADD z CH 5 a 3 b 1 d; ZSCORE z a;
    ZSCORE z none; ZSCORE none a; ZCARD z; ZCARD none; ZMSCORE z a x b; ZMSCORE none a`,
  'ZADD NX, XX': `ZADD z NX 1 a; ZADD z NX 2 a 2 b; ZADD z XX 3 a 3 c; ZADD z XX CH 4 a 3 b 3 c; ZADD new XX 1 a; EXISTS new;
    ZADD z NX CH 9 a 9 e; ZRANGE z 0 -1 WITHSCORES; ZADD z NX XX 1 a; ZADD z xx nx 1 a`,
  'ZADD GT, LT': `ZADD z 5 a; ZADD z GT 3 a; ZSCORE z a; ZADD z GT CH 7 a; ZADD z LT 9 a; ZADD z LT CH 6 a; ZADD z GT CH 6 a;
    ZADD z GT 1 b; ZADD z LT 2 c; ZADD z GT XX 9 d; ZADD z GT LT 1 a; ZADD z GT NX 1 a; ZADD z LT NX 1 a; ZADD z GT LT NX 1 a;
    ZRANGE z 0 -1 WITHSCORES`,
  'ZADD INCR': `ZADD z INCR 1 a; ZADD z INCR 2.5 a; ZADD z INCR NX 1 a; ZADD z INCR XX 1 b; ZADD z INCR GT -1 a; ZADD z INCR LT -1 a;
    ZADD z INCR LT 1 a; ZADD z INCR 1 a 2 b; ZADD z INCR CH 1 a; ZADD new INCR XX 1 a; ZADD z XX INCR 0 a; ZADD z INCR GT 0 a; ZSCORE z a`,
  'ZADD of bad arguments': `ZADD z a 1; ZADD z 1 a x b; ZADD z 1 a 2; ZADD z NX; ZADD z NX 1; ZADD z CH INCR; ZADD z FOO 1 a;
    ZADD z "" a; ZADD z " 1" a; ZADD z "1 " a; ZADD z nan a; ZADD z 1e400 a; ZADD z 1e-400 a; ZADD z 0x a; ZADD z 1e a; EXISTS z`,
  'ZADD of unusual scores': `ZADD z inf a -inf b +inf c infinity d -Infinity e INF f; ZADD z 0x10 g 1e3 h .5 i 5. j +7 k 0x1p-1 l;
    ZRANGE z 0 -1 WITHSCORES; ZADD z -0 m; ZSCORE z m; ZINCRBY z -0 n; ZSCORE z n; ZSCAN z 0`,
  NaN: `ZADD z inf a; ZINCRBY z -inf a; ZADD z INCR -inf a; ZSCORE z a; ZINCRBY z nan a; ZADD z -inf b; ZADD z CH INCR inf b`,
  'how scores are printed': `ZADD z 0.1 a 1.5 b 100 c 1e15 d 1e16 e 1e17 f 1e18 g 1e21 h 1.23456789012345678 i 3.0 j -2.50 k
    1e-5 l 0.0001 m 4.9e-324 n 1.7976931348623157e308 o 9007199254740993 p 123456789012345678 q 0.30000000000000004 r;
    ZRANGE z 0 -1 WITHSCORES; ZSCAN z 0; ZSCORE z f; ZINCRBY z 1 q; ZINCRBY z 0.1 a; ZINCRBY z 0.2 a; ZADD z 4611686018427387904 s
    4611686018427387905 t 9223372036854775807 u -9223372036854775808 v; ZSCAN z 0 MATCH [s-v]; ZMSCORE z s t u v`,
  ZINCRBY: `ZINCRBY z 1 a; ZINCRBY z 2.5 a; ZINCRBY z -1e3 a; ZINCRBY z x a; ZINCRBY z inf a; ZRANGE z 0 -1 WITHSCORES; ZINCRBY z 1 b`,
  'ZREM, ZRANK': `ZADD z 1 a 2 b 3 c 3 d; ZRANK z a; ZRANK z d; ZRANK z x; ZRANK none a; ZREVRANK z a; ZREVRANK z d; ZREVRANK z x;
    ZREVRANK none a; ZREM z a a x; ZREM z x; ZREM none a; ZREM z b c d e; EXISTS z; ZRANK z a`,
  'a TTL outlives changes and dies with the key': `ZADD z 1 a; PEXPIRE z 100000; ZADD z 2 b; ZINCRBY z 1 a; ZREM z b; PERSIST z;
    PEXPIRE z 100000; ZREM z a; ZADD z 1 a; PERSIST z; PEXPIRE z 100000; ZPOPMIN z 1; ZADD z 1 a; PERSIST z; PEXPIRE z 100000;
    ZREMRANGEBYSCORE z -inf inf; ZADD z 1 a; PERSIST z; PEXPIRE z 100000; ZUNIONSTORE z 1 z; PERSIST z`,
  'ZCOUNT and score bounds': `ZADD z 1 a 2 b 2 c 3 d inf e -inf f; ZCOUNT z 1 2; ZCOUNT z (1 2; ZCOUNT z 1 (2; ZCOUNT z (1 (2;
    ZCOUNT z -inf +inf; ZCOUNT z (-inf (inf; ZCOUNT z 3 1; ZCOUNT z 2 2; ZCOUNT z (2 2; ZCOUNT none 0 1; ZCOUNT z "" ""; ZCOUNT z ( (;
    ZCOUNT z " 1" 2; ZCOUNT z "1 " 2; ZCOUNT z x 1; ZCOUNT z 1 x; ZCOUNT z nan 1; ZCOUNT z [1 2; ZCOUNT z 1e400 inf; ZCOUNT z -1e400 0;
    ZCOUNT z 0x1 0x2; ZCOUNT z 1e-400 1; ZCOUNT z (( 1; ZCOUNT none x y; ZCOUNT z -Infinity INFINITY; ZCOUNT z ("" 1`,
  ZRANGEBYSCORE: `ZADD z 1 a 2 b 2 c 3 d 4 e; ZRANGEBYSCORE z 2 3; ZRANGEBYSCORE z (2 3 WITHSCORES; ZRANGEBYSCORE z -inf +inf LIMIT 1 2;
    ZRANGEBYSCORE z -inf +inf LIMIT 1 -1; ZRANGEBYSCORE z -inf +inf LIMIT -1 2; ZRANGEBYSCORE z 2 +inf LIMIT -1 -1; ZREVRANGEBYSCORE z 3 2 LIMIT -1 -1; ZRANGEBYSCORE z -inf +inf LIMIT 0 0;
    ZRANGEBYSCORE z -inf +inf LIMIT 9 1; ZRANGEBYSCORE z 2 3 withscores limit 1 1; ZRANGEBYSCORE z 2 3 LIMIT 1 1 WITHSCORES;
    ZREVRANGEBYSCORE z 3 2; ZREVRANGEBYSCORE z 3 2 WITHSCORES LIMIT 1 1; ZREVRANGEBYSCORE z 2 3; ZREVRANGEBYSCORE z +inf (2 LIMIT 0 1;
    ZRANGEBYSCORE z 3 2; ZRANGEBYSCORE none 0 1; ZRANGEBYSCORE none 0 1 WITHSCORES; ZRANGEBYSCORE z x 1; ZREVRANGEBYSCORE z 1 x`,
  'ZRANGEBYSCORE options': `ZADD z 1 a 2 b; ZRANGEBYSCORE z 1 2 LIMIT 1; ZRANGEBYSCORE z 1 2 LIMIT x 1; ZRANGEBYSCORE z 1 2 LIMIT 1 x;
    ZRANGEBYSCORE z 1 2 FOO; ZRANGEBYSCORE z 1 2 REV; ZRANGEBYSCORE z 1 2 BYSCORE; ZRANGEBYSCORE z 1 2 LIMIT 0 1 LIMIT 1 1;
    ZRANGEBYSCORE z 1 2 WITHSCORES WITHSCORES; ZRANGEBYSCORE none 1 2 FOO; ZRANGEBYSCORE z x 2 FOO;
    ZRANGEBYSCORE z 1 2 LIMIT 9223372036854775807 9223372036854775807; ZRANGEBYSCORE z 1 2 LIMIT 0 9223372036854775808`,
  'ZRANGE by rank': `ZADD z 1 a 2 b 3 c 4 d; ZRANGE z 0 -1; ZRANGE z 1 2; ZRANGE z -2 -1; ZRANGE z 2 1; ZRANGE z 9 10; ZRANGE z -100 100;
    ZRANGE z -100 -99; ZRANGE z 0 -1 REV; ZRANGE z 1 2 REV WITHSCORES; ZRANGE z -1 -1 REV; ZREVRANGE z 0 1; ZREVRANGE z 0 1 WITHSCORES;
    ZREVRANGE z -1 -1; ZREVRANGE z 3 9; ZRANGE none 0 -1; ZRANGE none 0 -1 WITHSCORES; ZRANGE z 0 -1 withscores rev`,
  'ZRANGE options': `ZADD z 1 a 2 b; ZRANGE z 0 -1 LIMIT 0 1; ZRANGE z 0 -1 LIMIT 0 -1; ZRANGE z 0 -1 LIMIT 5 -1; ZRANGE z 0 -1 FOO;
    ZRANGE z x 1; ZRANGE z 1 x; ZRANGE z 1.5 2; ZRANGE z (1 2; ZRANGE z 1 2 BYSCORE BYLEX; ZRANGE z - + BYLEX WITHSCORES;
    ZRANGE z 0 1 REV REV; ZRANGE z 0 1 BYLEX; ZREVRANGE z 0 1 REV; ZREVRANGE z 0 1 BYSCORE; ZREVRANGE z 0 1 LIMIT 0 1;
    ZREVRANGE z 0 1 LIMIT 0 -1; ZRANGE z 0 1 LIMIT; ZRANGE z 0 1 LIMIT 1; ZRANGE none 0 x; ZRANGE z 9223372036854775807 -1;
    ZRANGE z -9223372036854775808 9223372036854775807; ZRANGE z 0 9223372036854775808`,
  'ZRANGE BYSCORE, BYLEX': `ZADD z 1 a 2 b 3 c 4 d; ZRANGE z 2 3 BYSCORE; ZRANGE z 3 2 BYSCORE REV; ZRANGE z 2 3 BYSCORE REV;
    ZRANGE z (1 +inf BYSCORE LIMIT 1 2 WITHSCORES; ZRANGE z +inf (1 BYSCORE REV LIMIT 1 1; ZRANGE z x 1 BYSCORE;
    ZADD l 0 a 0 b 0 c 0 d; ZRANGE l [b [c BYLEX; ZRANGE l [c [b BYLEX REV; ZRANGE l - + BYLEX LIMIT 1 2; ZRANGE l + - BYLEX REV LIMIT 0 2;
    ZRANGE l (a (d BYLEX; ZRANGE l b c BYLEX; ZRANGE l - + BYSCORE; ZRANGE z 1 2 BYSCORE LIMIT 0 -1 REV`,
  'lexicographic ranges': `ZADD z 0 a 0 b 0 c 0 d 0 "" 0 aa; ZRANGEBYLEX z - +; ZRANGEBYLEX z + -; ZRANGEBYLEX z - -; ZRANGEBYLEX z + +;
    ZRANGEBYLEX z [b [c; ZRANGEBYLEX z (b [c; ZRANGEBYLEX z [b (c; ZRANGEBYLEX z (b (b; ZRANGEBYLEX z [b [b; ZRANGEBYLEX z [c [b;
    ZRANGEBYLEX z - (b; ZRANGEBYLEX z (b +; ZRANGEBYLEX z [ [a; ZRANGEBYLEX z ( [a; ZRANGEBYLEX z [zz +; ZRANGEBYLEX z - [; ZREVRANGEBYLEX z + -;
    ZREVRANGEBYLEX z [c (a; ZREVRANGEBYLEX z [c (a LIMIT 1 1; ZRANGEBYLEX z - + LIMIT 2 2; ZRANGEBYLEX z - + LIMIT -1 2; ZRANGEBYLEX z [b + LIMIT -1 2; ZREVRANGEBYLEX z [b - LIMIT -1 2; ZRANGEBYLEX z - + LIMIT 0 0;
    ZRANGEBYLEX z - + LIMIT 9 1; ZRANGEBYLEX z - + LIMIT 1 -5; ZLEXCOUNT z - +; ZLEXCOUNT z [a (c; ZLEXCOUNT z [x [y; ZLEXCOUNT none - +; ZLEXCOUNT z + -`,
  'lexicographic bounds': `ZADD z 0 a; ZRANGEBYLEX z a b; ZRANGEBYLEX z "" +; ZRANGEBYLEX z -x +; ZRANGEBYLEX z - +x; ZLEXCOUNT z x y;
    ZREMRANGEBYLEX z x y; ZRANGEBYLEX none x y; ZRANGEBYLEX z - + WITHSCORES; ZREVRANGEBYLEX z - x; ZRANGEBYLEX z - + FOO`,
  'lexicographic ranges over mixed scores': `ZADD z 1 c 2 a 3 d 4 b; ZRANGEBYLEX z - +; ZRANGEBYLEX z [a [c; ZRANGEBYLEX z [b [c; ZRANGEBYLEX z (a [d;
    ZREVRANGEBYLEX z [c [a; ZREVRANGEBYLEX z [d [b; ZLEXCOUNT z [a [c; ZLEXCOUNT z [c [d; ZRANGEBYLEX z [a [c LIMIT 1 9; ZRANGEBYLEX z [a [c LIMIT 3 9;
    ZRANGEBYLEX z [a [c LIMIT 2 9; ZREVRANGEBYLEX z [d [b LIMIT 2 5; ZREMRANGEBYLEX z [a [c; ZRANGE z 0 -1`,
  'ZREMRANGEBY…': `ZADD z 1 a 2 b 3 c 4 d 5 e 6 f; ZREMRANGEBYRANK z 0 1; ZREMRANGEBYRANK z -1 -1; ZREMRANGEBYRANK z 9 10; ZREMRANGEBYRANK z 2 1;
    ZREMRANGEBYRANK none 0 1; ZREMRANGEBYRANK z x 1; ZREMRANGEBYSCORE z (3 4; ZREMRANGEBYSCORE z -inf 0; ZREMRANGEBYSCORE z x 1;
    ZREMRANGEBYSCORE none -inf +inf; ZRANGE z 0 -1; ZREMRANGEBYSCORE z 5 3; ZREMRANGEBYSCORE z -inf +inf; EXISTS z; ZADD z 0 a 0 b 0 c;
    ZREMRANGEBYLEX z [b +; ZREMRANGEBYLEX z + -; ZREMRANGEBYLEX none - +; ZREMRANGEBYRANK z 0 -1; EXISTS z; ZREMRANGEBYLEX z - +`,
  ZRANGESTORE: `ZADD z 1 a 2 b 3 c 4 d; ZRANGESTORE d z 1 2; ZRANGE d 0 -1 WITHSCORES; ZRANGESTORE d z (1 3 BYSCORE; ZRANGE d 0 -1 WITHSCORES;
    ZRANGESTORE d z 3 (1 BYSCORE REV LIMIT 0 1; ZRANGE d 0 -1 WITHSCORES; ZRANGESTORE d z - + BYLEX LIMIT 1 2; ZRANGE d 0 -1;
    ZRANGESTORE d z 0 0 REV; ZRANGE d 0 -1; ZRANGESTORE d none 0 -1; EXISTS d; ZRANGESTORE z z 1 2; ZRANGE z 0 -1; ZRANGESTORE z z 5 6; EXISTS z;
    ZADD z 1 a; SET s x; ZRANGESTORE s z 0 -1; TYPE s; ZRANGESTORE d s 0 -1 WITHSCORES; ZRANGESTORE d z 0 -1 LIMIT 0 1; ZRANGESTORE d z x 1;
    PEXPIRE s 100000; ZRANGESTORE s z 0 -1; PERSIST s`,
  'ZPOPMIN, ZPOPMAX': `ZADD z 1 a 2 b 2 c 3 d 4 e; ZPOPMIN z; ZPOPMAX z; ZPOPMIN z 2; ZPOPMAX z 0; ZPOPMIN z 1; EXISTS z; ZPOPMIN z; ZPOPMIN none;
    ZPOPMAX none 3; ZPOPMIN none 0; ZPOPMIN z -1; ZPOPMIN z x; ZPOPMIN none x; ZADD z 1 a 2 b 3 c; ZPOPMAX z 9; ZADD z 1 a; ZPOPMAX z 1; ZADD z 1.5 a; ZPOPMIN z`,
  ZMPOP: `ZADD z 1 a 2 b 3 c; ZMPOP 1 z MIN; ZMPOP 1 z max COUNT 5; EXISTS z; ZMPOP 1 none MIN; ZADD y 1 x; ZMPOP 2 none y MIN; ZADD y 1 x;
    ZADD z 2 b; ZMPOP 2 z y MAX COUNT 1; ZMPOP 2 z y MAX`,
  'ZMPOP options': `ZADD z 1 a; ZMPOP 0 z MIN; ZMPOP -1 z MIN; ZMPOP x z MIN; ZMPOP 2 z MIN; ZMPOP 9 z MIN; ZMPOP 1 z FOO; ZMPOP 1 z MIN COUNT;
    ZMPOP 1 z MIN COUNT 0; ZMPOP 1 z MIN COUNT x; ZMPOP 1 z MIN COUNT 1 COUNT 1; ZMPOP 1 z MIN FOO 1; ZMPOP 1 z MIN COUNT -1; ZMPOP 1.5 z MIN; ZCARD z`,
  ZUNION: `ZADD a 1 x 2 y; ZADD b 10 y 20 z; ZUNION 2 a b; ZUNION 2 a b WITHSCORES; ZUNION 2 a b WEIGHTS 2 3 WITHSCORES;
    ZUNION 2 a b AGGREGATE MIN WITHSCORES; ZUNION 2 a b AGGREGATE MAX WITHSCORES; ZUNION 2 a b WITHSCORES AGGREGATE SUM WEIGHTS 1 0.5;
    ZUNION 2 a none WITHSCORES; ZUNION 2 none none; ZUNION 1 a WEIGHTS -1 WITHSCORES; SADD s y w; ZUNION 2 a s WITHSCORES;
    ZUNION 2 s s WITHSCORES; ZUNION 2 a a WITHSCORES; ZUNION 3 a b s WEIGHTS 1 2 3 WITHSCORES`,
  'ZINTER, ZDIFF': `ZADD a 1 x 2 y 3 z; ZADD b 10 y 20 z; SADD s y; ZINTER 2 a b; ZINTER 2 a b WITHSCORES; ZINTER 2 a b AGGREGATE MIN WITHSCORES;
    ZINTER 2 b a AGGREGATE MAX WEIGHTS 1 10 WITHSCORES; ZINTER 3 a b s WITHSCORES; ZINTER 2 a none; ZINTER 2 a a WITHSCORES; ZDIFF 2 a b;
    ZDIFF 2 a b WITHSCORES; ZDIFF 2 b a; ZDIFF 3 a s b WITHSCORES; ZDIFF 1 a WITHSCORES; ZDIFF 2 a a; ZDIFF 2 none a; ZDIFF 2 a none WITHSCORES;
    ZDIFF 2 s a; ZDIFF 1 s WITHSCORES; ZINTERCARD 2 a b; ZINTERCARD 2 a b LIMIT 1; ZINTERCARD 2 a b LIMIT 0; ZINTERCARD 1 s; ZINTERCARD 2 a none`,
  'algebra that is stored': `ZADD a 1 x 2 y 3 z; ZADD b 10 y 20 z; ZUNIONSTORE d 2 a b; ZRANGE d 0 -1 WITHSCORES; ZINTERSTORE d 2 a b WEIGHTS 1 -1;
    ZRANGE d 0 -1 WITHSCORES; ZDIFFSTORE d 2 a b; ZRANGE d 0 -1 WITHSCORES; ZDIFFSTORE d 2 a a; EXISTS d; ZINTERSTORE d 2 a none; ZUNIONSTORE a 2 a a;
    ZRANGE a 0 -1 WITHSCORES; SET s x; ZUNIONSTORE s 1 a; TYPE s; ZUNIONSTORE d 1 none; ZUNIONSTORE d 2 a b AGGREGATE MAX; ZRANGE d 0 -1 WITHSCORES`,
  'algebra of bad arguments': `ZADD a 1 x; ZUNION 0 a; ZUNION -1 a; ZUNION x a; ZUNION 2 a; ZINTER 0 a; ZDIFF 0 a; ZINTERCARD 0 a; ZUNIONSTORE d 0 a;
    ZINTERSTORE d 0 a; ZDIFFSTORE d 0 a; ZUNIONSTORE d 9 a; ZUNION 1 a FOO; ZUNION 1 a WEIGHTS; ZUNION 1 a WEIGHTS x; ZUNION 1 a WEIGHTS 1 2;
    ZUNION 1 a WEIGHTS nan; ZUNION 1 a AGGREGATE; ZUNION 1 a AGGREGATE FOO; ZDIFF 1 a WEIGHTS 1; ZDIFF 1 a AGGREGATE SUM; ZUNIONSTORE d 1 a WITHSCORES;
    ZINTERCARD 1 a WITHSCORES; ZINTERCARD 1 a LIMIT; ZINTERCARD 1 a LIMIT -1; ZINTERCARD 1 a LIMIT x; ZINTERCARD 1 a LIMIT 1 LIMIT 2; ZINTERCARD 1 a WEIGHTS 1;
    ZUNION 1 a LIMIT 1; ZUNION 1.5 a; ZINTERCARD 2 a`,
  'infinities in algebra': `ZADD a inf x -inf y 1 z; ZADD b -inf x inf y 2 z; ZUNION 2 a b WITHSCORES; ZINTER 2 a b WITHSCORES; ZUNION 1 a WEIGHTS 0 WITHSCORES;
    ZINTER 2 a b WEIGHTS 0 1 WITHSCORES; ZINTER 2 a b WEIGHTS 1 0 AGGREGATE MIN WITHSCORES; ZINTER 2 a b WEIGHTS 1 0 AGGREGATE MAX WITHSCORES;
    ZUNION 2 a b WEIGHTS inf -inf WITHSCORES; ZUNION 2 a b WEIGHTS 0 0 AGGREGATE MIN WITHSCORES; ZUNION 1 a WEIGHTS -0 WITHSCORES;
    ZUNIONSTORE d 1 a WEIGHTS -0; ZRANGE d 0 -1 WITHSCORES`,
  'sums begin with the smallest set': `ZADD a 0.1 x 0 p 0 q; ZADD b 0.2 x 0 p; ZADD c 0.3 x; ZUNION 3 a b c WITHSCORES; ZINTER 3 a b c WITHSCORES; ZINTER 3 c a b WITHSCORES;
    ZADD d 1e100 x; ZADD e 1 x 1 y; ZADD f -1e100 x 1 y 1 z; ZUNION 3 d e f WITHSCORES; ZUNION 3 f e d WITHSCORES; ZINTER 3 e f d WITHSCORES`,
  ZRANDMEMBER: `ZRANDMEMBER none; ZRANDMEMBER none 3; ZRANDMEMBER none -3 WITHSCORES; ZRANDMEMBER none x; ZADD z 1.5 a; ZRANDMEMBER z; ZRANDMEMBER z 1; ZRANDMEMBER z 1 WITHSCORES;
    ZRANDMEMBER z -3 WITHSCORES; ZRANDMEMBER z 0; ZRANDMEMBER z 5 withscores; ZRANDMEMBER z 1 FOO; ZRANDMEMBER z 1 WITHSCORES x; ZRANDMEMBER z -9223372036854775808;
    ZRANDMEMBER z 4611686018427387904 WITHSCORES; ZRANDMEMBER z 4611686018427387903 WITHSCORES; ZRANDMEMBER z x; ZADD z 2 b 3 c; ZRANDMEMBER z 3; ZRANDMEMBER z 9 WITHSCORES`,
  ZSCAN: `ZADD z 1 a 2.5 b 3 ab; ZSCAN z 0; ZSCAN z 0 MATCH a*; ZSCAN z 0 COUNT 1; ZSCAN z 7; ZSCAN none 0; ZSCAN none x; ZSCAN none 0 FOO; ZSCAN z 0 COUNT 0;
    ZSCAN z 0 COUNT x; ZSCAN z 0 FOO 1; ZSCAN z x; ZSCAN z 0 MATCH`,
  'blocking pops that need not wait': `ZADD z 1 a 2 b 3 c 4 d; BZPOPMIN z 0; BZPOPMAX z 0; BZMPOP 0 1 z MIN; BZMPOP 0 1 z MAX COUNT 9; ZADD y 1.5 x; BZPOPMIN none y 0; EXISTS y;
    ZADD y 1 x; BZMPOP 0 2 none y MIN COUNT 2; ZADD y 1 x; BZPOPMAX y y 0`,
  'blocking pops of bad arguments': `BZPOPMIN z x; BZPOPMIN z -1; BZPOPMIN z ""; BZPOPMIN z " 1"; BZPOPMIN z inf; BZPOPMIN z nan; BZPOPMIN z 1e30; BZPOPMIN z -0.0001; BZMPOP x 1 z MIN;
    BZMPOP -1 1 z MIN; BZMPOP 0 0 z MIN; BZMPOP 0 x z MIN; BZMPOP 0 1 z FOO; BZMPOP 0 2 z MIN; BZMPOP 0 1 z MIN COUNT 0; BZMPOP x 0 z MIN; BZMPOP 0 1 z MIN COUNT 1 x; BZMPOP -1 1 z FOO`,
  'blocking pops inside MULTI': `MULTI; BZPOPMIN z 0; BZPOPMAX z 0; BZMPOP 0 1 z MIN; ZADD z 1 a 2 b; BZPOPMIN z 0; BZMPOP 0 1 z MIN; EXEC; EXISTS z`,
  'waiting and being served': `B: BZPOPMIN z 0; C: BZPOPMAX y z 0; D: BZMPOP 0 2 x z MIN COUNT 2; ZADD z 1 a 2 b 3 c 4 d 5 e; ZRANGE z 0 -1; B: PING; C: PING`,
  'waiting for one of several': `B: BZPOPMIN x y z 0; MULTI; ZADD z 1 a; ZADD x 1 b; EXEC; ZRANGE z 0 -1; ZRANGE x 0 -1`,
  'waiting is not ended by another type': `B: BZPOPMIN z 0; RPUSH z a; DEL z; SET z a; DEL z; ZADD z 1 a; EXISTS z`,
  'a list and a sorted set for the same key': `B: BLPOP k 0; C: BZPOPMIN k 0; D: BLPOP k 0; ZADD k 1 a; RPUSH k x y; EXISTS k`,
  'a sorted set that comes and goes inside MULTI': `B: BZPOPMIN z 0; MULTI; ZADD z 1 a; DEL z; EXEC; MULTI; ZADD z 1 a; ZADD z 2 b; ZREM z a; EXEC; EXISTS z`,
  'sorted sets made by other commands': `B: BZPOPMIN z 0; C: BZPOPMIN y 0; D: BZPOPMIN x 0; ZADD a 1 m 2 n; ZUNIONSTORE z 1 a; COPY a y; RENAME a x; EXISTS x y z`,
  'a sorted set that overwrites something else wakes nobody': `ZADD src 1 a; B: BZPOPMIN k 0; SET k x; ZUNIONSTORE k 1 src; ZCARD k; ZADD k 2 b; DEL k; ZADD k 3 c`,
  'inside scripts': `ZADD z 1 a 2.5 b 3 c; EVAL "return redis.call('ZRANGE', 'z', 0, -1, 'WITHSCORES')" 0; EVAL "return redis.call('ZSCORE', 'z', 'b')" 0; EVAL "return redis.call('BZMPOP', 0, 1, 'none', 'MIN')" 0;
    EVAL "redis.setresp(3) return redis.call('ZSCORE', 'z', 'b')" 0; EVAL "redis.setresp(3) return redis.call('ZRANGE', 'z', 0, -1, 'WITHSCORES')" 0; EVAL "redis.setresp(3) return redis.call('ZPOPMIN', 'z', 1)" 0;
    EVAL "redis.setresp(3) return redis.call('ZRANGE', 'z', 0, 0, 'WITHSCORES')[1][2].double * 2" 0; EVAL "return redis.call('ZPOPMAX', 'z', 1)" 0; EVAL "return redis.call('BZPOPMIN', 'z', 0)" 0`,
  'a script wakes who waits, after its end': `B: BZPOPMIN x 0; EVAL "redis.call('ZADD', 'x', 5, 'a') redis.call('ZADD', 'x', 1, 'b') return redis.call('ZCARD', 'x')" 0; ZCARD x`,
  'time that is over': `B: BZPOPMIN z 0.01; PASS; B: BZMPOP 0.01 1 z MIN; PASS; ZADD z 1 a; ZCARD z`,
} as const

const many: readonly Line[] = [
  ['ZADD', 'z', ...Array.from({ length: 200 }, (_, index) => [String(index % 7), `m${index}`]).flat()],
  'ZADD z -0 zero 1e17 large 0.1 tenth',
  'ZMSCORE z zero large tenth',
  'ZRANGE z 0 -1 WITHSCORES',
  'ZRANGEBYSCORE z (2 4 LIMIT 3 20 WITHSCORES',
  'ZREVRANGEBYSCORE z 4 (2 LIMIT 3 20',
  'ZCOUNT z 1 5',
  'ZRANK z m100',
  'ZREVRANK z m100',
  'ZRANDMEMBER z 1000',
  'ZINCRBY z 10 m3',
  'ZREMRANGEBYRANK z 10 150',
  'ZPOPMAX z 5',
  'ZUNIONSTORE d 2 z z WEIGHTS 2 -1',
  'ZRANGE d 0 -1 WITHSCORES',
  'ZREMRANGEBYSCORE z -inf 3',
  'ZCARD z',
]

describe.each([2, 3] as const)('RESP%i, compared with redis-server', (resp) => {
  test.each(Object.entries(conversations))('%s', (_, text) => both.compare(script(text), { resp }))
  test('more members than a listpack holds', () => both.compare(many, { resp }))
  test('a member longer than a listpack holds', () =>
    both.compare(
      [
        ['ZADD', 'z', '-0', 'm'.repeat(65), '-0', 'short', '1e17', 'large'],
        'ZRANGE z 0 -1 WITHSCORES',
        'ZADD z -0 x',
        'ZSCORE z x',
      ],
      { resp },
    ))
})

const key = fc.constantFrom('a', 'b', 'c', 's')
const member = fc.constantFrom('a', 'b', 'c', 'd', '', 'aa', '1')
const score = fc.oneof(
  fc.constantFrom('0', '1', '2', '3', '-1', '0.1', '0.2', 'inf', '-inf', '1e17', 'x', '-0', '2.5'),
  fc.double({ noNaN: true }).map(String),
  fc.integer().map(String),
)
const bound = fc.oneof(
  score,
  score.map((text) => `(${text}`),
  fc.constantFrom('-inf', '+inf'),
)
const lex = fc.oneof(
  fc.constantFrom('-', '+'),
  member.map((text) => `[${text}`),
  member.map((text) => `(${text}`),
)
const rank = fc.constantFrom('0', '1', '2', '-1', '-2', '9', '-9', 'x')
const condition = fc.constantFrom('NX', 'XX', 'GT', 'LT', 'CH', 'INCR')
const aggregate = fc.constantFrom('SUM', 'MIN', 'MAX')
const end = fc.constantFrom('MIN', 'MAX')

const commands = sequences([
  ['ZADD', key, score, member],
  ['ZADD', key, score, member, score, member, score, member],
  ['ZADD', key, condition, score, member],
  ['ZADD', key, condition, condition, score, member, score, member],
  ['ZINCRBY', key, score, member],
  ['ZREM', key, member, member],
  ['ZMSCORE', key, member, member],
  ['ZCARD', key],
  ['ZCOUNT', key, bound, bound],
  ['ZLEXCOUNT', key, lex, lex],
  ['ZRANK', key, member],
  ['ZREVRANK', key, member],
  ['ZRANGE', key, rank, rank, 'WITHSCORES'],
  ['ZRANGE', key, rank, rank, 'REV'],
  ['ZRANGE', key, bound, bound, 'BYSCORE', 'LIMIT', rank, rank],
  ['ZRANGE', key, bound, bound, 'BYSCORE', 'REV', 'WITHSCORES'],
  ['ZRANGE', key, lex, lex, 'BYLEX', 'LIMIT', rank, rank],
  ['ZREVRANGEBYLEX', key, lex, lex, 'LIMIT', rank, rank],
  ['ZREVRANGEBYSCORE', key, bound, bound, 'WITHSCORES', 'LIMIT', rank, rank],
  ['ZRANGESTORE', key, key, bound, bound, 'BYSCORE'],
  ['ZREMRANGEBYRANK', key, rank, rank],
  ['ZREMRANGEBYSCORE', key, bound, bound],
  ['ZREMRANGEBYLEX', key, lex, lex],
  ['ZPOPMIN', key],
  ['ZPOPMAX', key, rank],
  ['ZMPOP', '2', key, key, end, 'COUNT', rank],
  ['BZMPOP', '0', '1', 'a', end],
  ['ZUNION', '2', key, key, 'WITHSCORES', 'AGGREGATE', aggregate],
  ['ZUNION', '3', key, key, key, 'WEIGHTS', score, score, score, 'WITHSCORES'],
  ['ZINTER', '2', key, key, 'WEIGHTS', score, score, 'AGGREGATE', aggregate, 'WITHSCORES'],
  ['ZDIFF', '2', key, key, 'WITHSCORES'],
  ['ZUNIONSTORE', key, '2', key, key],
  ['ZINTERSTORE', key, '2', key, key, 'AGGREGATE', aggregate],
  ['ZDIFFSTORE', key, '2', key, key],
  ['ZINTERCARD', '2', key, key, 'LIMIT', rank],
  ['ZSCAN', key, '0'],
  ['DEL', key],
])

test('any sequence of sorted set commands answers like redis-server', async () => {
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(2 as const, 3 as const), commands, (resp, lines) =>
      both.compare(['SET s text', ...lines], { resp }),
    ),
    fuzz,
  )
})
