/** List commands: textbook cases, then the same conversations with a real server, byte for byte. */
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
  test('LPUSH reverses what it pushes, RPUSH keeps it', () => {
    expect(ask('LPUSH l a b c', 'RPUSH l x y', 'LRANGE l 0 -1')).toEqual([3, 5, ['c', 'b', 'a', 'x', 'y']])
  })

  test('a reliable queue: RPOPLPUSH hands a job over, LREM acknowledges it', () => {
    expect(
      ask('LPUSH jobs a b', 'RPOPLPUSH jobs busy', 'LRANGE busy 0 -1', 'LREM busy -1 a', 'EXISTS busy', 'LLEN jobs'),
    ).toEqual([2, 'a', ['a'], 1, 0, 1])
  })

  test('the examples of LPOS on redis.io', () => {
    const fill = 'RPUSH l a b c d 1 2 3 4 3 3 3'
    expect(ask(fill, 'LPOS l 3', 'LPOS l 3 COUNT 0 RANK 2', 'LPOS l 3 RANK -1', 'LPOS l 3 COUNT 2 MAXLEN 8')).toEqual([
      11,
      6,
      [8, 9, 10],
      10,
      [6],
    ])
  })

  test('who blocks first is served first, and each by the key that appeared', async () => {
    expect(
      await converse(['B: BLPOP jobs 0', 'C: BLPOP other jobs 0', 'RPUSH jobs x y z', 'LRANGE jobs 0 -1']),
    ).toEqual([
      'B> "BLPOP" "jobs" "0"',
      'C> "BLPOP" "other" "jobs" "0"',
      'A> "RPUSH" "jobs" "x" "y" "z"',
      'A< ":3\\r\\n"',
      'B< "*2\\r\\n$4\\r\\njobs\\r\\n$1\\r\\nx\\r\\n"',
      'C< "*2\\r\\n$4\\r\\njobs\\r\\n$1\\r\\ny\\r\\n"',
      'A> "LRANGE" "jobs" "0" "-1"',
      'A< "*1\\r\\n$1\\r\\nz\\r\\n"',
    ])
  })

  test('a timeout answers nil and leaves nothing behind that could swallow a later push', async () => {
    expect(await converse(['B: BLPOP l 3', 'PASS', 'RPUSH l x', 'LLEN l'])).toEqual([
      'B> "BLPOP" "l" "3"',
      'A> "PASS"',
      'B< "*-1\\r\\n"',
      'A> "RPUSH" "l" "x"',
      'A< ":1\\r\\n"',
      'A> "LLEN" "l"',
      'A< ":1\\r\\n"',
    ])
  })
})

const conversations = {
  'wrong number of arguments': `LPUSH l; RPUSH; LPUSHX l; RPUSHX l; LPOP; LPOP l 1 2; RPOP l 1 2; LLEN; LLEN a b; LRANGE l 0; LINDEX l; LSET l 0;
    LINSERT l BEFORE a; LREM l 0; LTRIM l 0; LPOS l; LMOVE a b LEFT; RPOPLPUSH a; LMPOP 1 l; BLPOP l; BRPOP l; BLMOVE a b LEFT RIGHT;
    BRPOPLPUSH a b; BLMPOP 0 1 l`,
  'another type': `SET s x; RPUSH l a; LPUSH s a; RPUSH s a; LPUSHX s a; RPUSHX s a; LPOP s; LPOP s 1; LPOP s 0; RPOP s; LLEN s; LRANGE s 0 -1; LINDEX s 0;
    LSET s 0 a; LINSERT s BEFORE a b; LREM s 0 a; LTRIM s 0 1; LPOS s a; LPOS s a COUNT 1; LMOVE s l LEFT LEFT; LMOVE l s LEFT LEFT; LMOVE none s LEFT LEFT;
    RPOPLPUSH s l; RPOPLPUSH l s; LMPOP 1 s LEFT; LMPOP 2 none s LEFT; LMPOP 2 l s LEFT; RPUSH l a; BLPOP s 0; BLPOP none s 0; BLPOP l s 0; BRPOP s 0; RPUSH l a;
    BLMOVE s l LEFT LEFT 0; BLMOVE l s LEFT LEFT 0; BRPOPLPUSH s l 0; BRPOPLPUSH l s 0; BLMPOP 0 1 s LEFT; BLMPOP 0 2 none s LEFT; LRANGE l 0 -1`,
  'another type and bad arguments': `SET s x; LPOP s x; LRANGE s x 1; LINDEX s x; LSET s x a; LINSERT s FOO a b; LREM s x a; LTRIM s x 1; LPOS s a RANK 0; LMOVE s s FOO LEFT;
    BLPOP s x; LMPOP 1 s FOO; LINDEX none x; LSET none x a`,
  pushing: `LPUSH l a b c; RPUSH l d e; LRANGE l 0 -1; LPUSHX l x y; RPUSHX l z; LPUSHX none a; RPUSHX none a b; EXISTS none; LLEN l; LLEN none; LRANGE l 0 -1;
    RPUSH b "" "a b" "\x00\xff\r\n"; LRANGE b 0 -1; lpush l q; LINDEX l 0`,
  popping: `RPUSH l a b c d e; LPOP l; RPOP l; LPOP l 2; RPOP l 5; EXISTS l; LPOP l; RPOP l; LPOP l 1; RPOP l 0; RPUSH l a b c; LPOP l 0; RPOP l 2; LPOP l -1; LPOP l x;
    LPOP l 1.0; LPOP l ""; LPOP none x; LPOP l 9223372036854775807; RPOP l 9223372036854775808; LPOP none -1`,
  'a TTL outlives changes and dies with the key': `RPUSH l a; PEXPIRE l 100000; RPUSH l b; LPOP l; PERSIST l; PEXPIRE l 100000; LPOP l; RPUSH l a; PERSIST l; PEXPIRE l 100000;
    RPUSH m x; LMOVE l m LEFT LEFT; PERSIST m; RPUSH l a; PERSIST l; PEXPIRE m 100000; LMOVE l m LEFT LEFT; PERSIST m; PEXPIRE m 100000; LTRIM m 1 0; RPUSH m a; PERSIST m`,
  LRANGE: `RPUSH l a b c d; LRANGE l 0 -1; LRANGE l 1 2; LRANGE l -2 -1; LRANGE l 2 1; LRANGE l 5 9; LRANGE l -100 1; LRANGE l 0 100; LRANGE l -1 -2; LRANGE l 3 3; LRANGE none 0 -1;
    LRANGE l x 1; LRANGE l 1 x; LRANGE l 1.5 2; LRANGE none x 1; LRANGE l -9223372036854775808 9223372036854775807; LRANGE l 0 9223372036854775808; LRANGE l " 1" 2; LRANGE l -0 1`,
  'LINDEX, LSET': `RPUSH l a b c; LINDEX l 0; LINDEX l -1; LINDEX l 3; LINDEX l -4; LINDEX l x; LINDEX none 0; LINDEX l 9223372036854775807; LSET l 0 x; LSET l -1 z; LSET l 3 q; LSET l -4 q;
    LSET l x q; LSET none 0 a; LRANGE l 0 -1; LSET l 9223372036854775808 q; LSET l -9223372036854775808 q; LINDEX l -9223372036854775808`,
  LINSERT: `RPUSH l a b a; LINSERT l BEFORE a x; LINSERT l after a y; LINSERT l AFTER none z; LINSERT l BEFORE b ""; LINSERT none BEFORE a b; LINSERT l FOO a b; LINSERT none FOO a b; LRANGE l 0 -1`,
  LREM: `RPUSH l a b a c a a; LREM l 2 a; LRANGE l 0 -1; LREM l -1 a; LRANGE l 0 -1; LREM l 0 x; LREM l 5 b; LREM l 0 a; LREM l 0 c; EXISTS l; LREM none 0 a; RPUSH l a; LREM l x a; LREM l 1.5 a;
    RPUSH l b a b a; LREM l -2 a; LRANGE l 0 -1; LREM l 9223372036854775807 b; LRANGE l 0 -1; LREM l 9223372036854775808 b; LREM none x a`,
  LTRIM: `RPUSH l a b c d e; LTRIM l 1 3; LRANGE l 0 -1; LTRIM l 0 -2; LRANGE l 0 -1; LTRIM l -100 100; LRANGE l 0 -1; LTRIM l 2 1; EXISTS l; LTRIM none 0 1; RPUSH l a; LTRIM l x 1; LTRIM l 1 x; LTRIM l 5 9; EXISTS l;
    RPUSH l a b; LTRIM l -1 -1; LRANGE l 0 -1; LTRIM l -9223372036854775808 9223372036854775807; LLEN l; LTRIM none x 1`,
  LPOS: `RPUSH l a b c a b c a; LPOS l a; LPOS l c; LPOS l x; LPOS none a; LPOS l a RANK 2; LPOS l a RANK -1; LPOS l a RANK -2; LPOS l a RANK 9; LPOS l a COUNT 2; LPOS l a COUNT 0; LPOS l x COUNT 1;
    LPOS none a COUNT 1; LPOS l a RANK -1 COUNT 2; LPOS l a RANK 2 COUNT 9; LPOS l a MAXLEN 1; LPOS l b MAXLEN 1; LPOS l a COUNT 0 MAXLEN 4; LPOS l a RANK -1 COUNT 0 MAXLEN 4; LPOS l b MAXLEN 0; LPOS l a RANK 2 COUNT 1 MAXLEN 100`,
  'LPOS options': `RPUSH l a b; LPOS l a RANK 0; LPOS l a RANK x; LPOS l a RANK; LPOS l a COUNT -1; LPOS l a COUNT x; LPOS l a MAXLEN -1; LPOS l a MAXLEN x; LPOS l a FOO 1; LPOS l a rank 1 count 1 maxlen 1;
    LPOS l a RANK 1 RANK -1; LPOS none a RANK 0; LPOS l a COUNT; LPOS l a RANK 9223372036854775807; LPOS l a RANK -9223372036854775807`,
  'LMOVE, RPOPLPUSH': `RPUSH a 1 2 3; LMOVE a b LEFT RIGHT; LMOVE a b RIGHT LEFT; LRANGE b 0 -1; LMOVE a b left left; EXISTS a; LMOVE a b LEFT LEFT; RPOPLPUSH b c; RPOPLPUSH b b; LRANGE b 0 -1; LMOVE b b LEFT RIGHT;
    LRANGE b 0 -1; LMOVE b b LEFT LEFT; LMOVE b b RIGHT RIGHT; RPUSH one x; RPOPLPUSH one one; LMOVE one one LEFT RIGHT; LRANGE one 0 -1; RPOPLPUSH none b; LMOVE a b FOO LEFT; LMOVE a b LEFT FOO; LMOVE none none LEFT LEFT`,
  LMPOP: `RPUSH l a b c d; LMPOP 1 l LEFT; LMPOP 1 l right COUNT 2; LMPOP 2 none l LEFT COUNT 9; EXISTS l; LMPOP 1 none LEFT; LMPOP 2 none none2 RIGHT COUNT 3; RPUSH l a; RPUSH m b; LMPOP 2 l m LEFT COUNT 5; LLEN m`,
  'LMPOP options': `RPUSH l a; LMPOP 0 l LEFT; LMPOP -1 l LEFT; LMPOP x l LEFT; LMPOP 2 l LEFT; LMPOP 9 l LEFT; LMPOP 1 l FOO; LMPOP 1 l LEFT COUNT; LMPOP 1 l LEFT COUNT 0; LMPOP 1 l LEFT COUNT x;
    LMPOP 1 l LEFT COUNT 1 COUNT 1; LMPOP 1 l LEFT FOO 1; LMPOP 1 l LEFT COUNT -1; LMPOP 1.5 l LEFT; LMPOP 2 l LEFT LEFT; LLEN l`,
  'blocking commands that need not wait': `RPUSH l a b c d e f; BLPOP l 0; BRPOP none l 0; BLPOP l l 5; BLMPOP 0 2 none l LEFT COUNT 2; BLMOVE l m LEFT RIGHT 0; EXISTS l; BRPOPLPUSH m l 0; BLMPOP 0 1 l RIGHT; EXISTS l m;
    RPUSH l a; BLMOVE l l LEFT RIGHT 0; BLPOP l 0.5; RPUSH l a; BLPOP l 1e1; RPUSH l a; BLPOP l 0x10`,
  'timeouts that are none': `BLPOP l x; BLPOP l -1; BLPOP l ""; BLPOP l " 1"; BLPOP l 1x; BLPOP l inf; BLPOP l -inf; BLPOP l nan; BLPOP l 1e30; BLPOP l -0.0001; BLPOP l 9223372036854775807; BRPOP l x;
    BLMOVE l m LEFT RIGHT x; BLMOVE l m LEFT RIGHT -1; BLMOVE l m FOO RIGHT x; BLMOVE l m LEFT FOO 0; BRPOPLPUSH l m x; BRPOPLPUSH l m -1; BLMPOP x 1 l LEFT; BLMPOP -1 1 l LEFT; BLMPOP x 0 l LEFT; BLMPOP 0 0 l LEFT;
    BLMPOP 0 x l LEFT; BLMPOP 0 1 l FOO; BLMPOP 0 2 l LEFT; BLMPOP 0 1 l LEFT COUNT 0; BLMPOP x 1 l FOO; BLMPOP x 1 l LEFT COUNT x`,
  'inside MULTI nothing waits': `MULTI; BLPOP l 0; BRPOP l 0; BLMPOP 0 1 l LEFT; BLMOVE l m LEFT LEFT 0; BRPOPLPUSH l m 0; RPUSH l a b c; BLPOP l 0; BLMOVE l m LEFT LEFT 0; BRPOPLPUSH l m 1; BLPOP l x; EXEC; LRANGE m 0 -1`,
  'who blocked first is served first': `B: BLPOP l 0; C: BRPOP l 0; D: BLMPOP 0 1 l LEFT COUNT 2; E: BLPOP l 0; RPUSH l a b c d; LLEN l; RPUSH l e f; LRANGE l 0 -1`,
  'one element, many who wait': `B: BLPOP l 0; C: BLPOP l 0; D: BLPOP l 0; LPUSH l a; LPUSH l b; EXISTS l; LPUSH l c; LLEN l`,
  'several keys': `B: BLPOP x y 0; C: BLPOP y x 0; RPUSH y a; RPUSH x b; EXISTS x y`,
  'the same key twice': `B: BLPOP x x 0; RPUSH x a b; LLEN x; B: BLPOP q q 0; RPUSH q a`,
  'keys in the order in which they appeared': `B: BLPOP x y z 0; C: BLPOP x y z 0; MULTI; RPUSH z 1; RPUSH x 2; RPUSH y 3; EXEC; LRANGE x 0 -1; LRANGE y 0 -1; LRANGE z 0 -1`,
  'a list that is gone again before EXEC ends': `B: BLPOP x 0; MULTI; RPUSH x a; DEL x; EXEC; MULTI; RPUSH x a; LPOP x; RPUSH x b c; EXEC; LRANGE x 0 -1`,
  'a list that has become something else before EXEC ends': `B: BLPOP x 0; MULTI; RPUSH x a; DEL x; SET x text; EXEC; DEL x; SADD x a; DEL x; RPUSH x a`,
  'a push that is taken back inside MULTI': `B: BLPOP x 0; MULTI; LPUSH x a; LPUSH x b; LPUSH x c; EXEC; LRANGE x 0 -1`,
  'BLMOVE chains': `B: BLMOVE a b LEFT LEFT 0; C: BLMOVE b c LEFT LEFT 0; D: BLPOP c 0; RPUSH a x; EXISTS a b c; LRANGE c 0 -1`,
  'BLMOVE in a circle': `B: BLMOVE a b LEFT LEFT 0; C: BLMOVE b a LEFT LEFT 0; RPUSH a x; LRANGE a 0 -1; LRANGE b 0 -1`,
  'BLMOVE onto itself': `B: BLMOVE a a LEFT RIGHT 0; RPUSH a x y; LRANGE a 0 -1; C: BRPOPLPUSH n n 0; RPUSH n 1 2; LRANGE n 0 -1`,
  'BRPOPLPUSH and its next': `B: BRPOPLPUSH a b 0; C: BLPOP b 0; D: BLPOP a 0; RPUSH a 1 2; EXISTS a b`,
  'BLMOVE to another type': `SET s x; B: BLMOVE a s LEFT LEFT 0; C: BLPOP a 0; RPUSH a 1; EXISTS a; GET s`,
  'BLMOVE to what became another type': `B: BLMOVE a s LEFT LEFT 0; SET s x; RPUSH a 1; LRANGE a 0 -1`,
  'lists made by other commands': `B: BLPOP a 0; C: BLPOP b 0; D: BLPOP c 0; E: BLPOP d 0; RPUSH src 1 2 3; COPY src a; RENAME src b; RPUSH new 3 1 2; SORT new STORE c; RPOPLPUSH new d; EXISTS a b c d`,
  'LINSERT and LSET do not wake, LMOVE does': `B: BLPOP a 0; LINSERT a BEFORE x y; LPUSHX a x; RPUSH z 1 2; LMOVE z a LEFT LEFT; EXISTS a; B: BLPOP a 0; RPOPLPUSH z a`,
  'a list that overwrites something else wakes nobody': `RPUSH src 1 2; B: BLPOP k 0; SET k x; SORT src STORE k; LRANGE k 0 -1; RPUSH k z; DEL k; RPUSH k q`,
  'a list that takes the place of something else does': `RPUSH src 1 2; B: BLPOP k 0; C: BLPOP j 0; SET k x; SET j x; COPY src k REPLACE; RENAME src j; LRANGE k 0 -1`,
  'a key that was something else first is ready when it is a list': `B: BLPOP k1 k2 0; MULTI; SET k1 x; RPUSH k2 a; DEL k1; RPUSH k1 b; EXEC`,
  'lists from another database': `B: BLPOP x 0; C: BLPOP y 0; SELECT 1; RPUSH x other; RPUSH y other; MOVE y 0; SWAPDB 0 1; EXISTS x y`,
  'two databases': `B: BLPOP x 0; SELECT 1; RPUSH x other; SELECT 0; LLEN x; RPUSH x mine; SELECT 1; LLEN x`,
  'FLUSHALL does not wake': `B: BLPOP x 0; FLUSHALL; DEL x; RPUSH x a; EXISTS x`,
  'a served client goes on': `B: BLPOP x 0; RPUSH x a; B: RPUSH y 1; B: LRANGE y 0 -1`,
  'a script wakes who waits, after its end': `B: BLPOP x 0; C: BLPOP y x 0; EVAL "redis.call('RPUSH', 'x', '1', '2', '3') return redis.call('LLEN', 'x')" 0; LRANGE x 0 -1`,
  'a script that takes back what it pushed wakes nobody': `B: BLPOP x 0; EVAL "redis.call('RPUSH', 'x', '1') redis.call('DEL', 'x') return 1" 0; RPUSH x 2`,
  'a script inside EXEC wakes when EXEC ends': `B: BLPOP x 0; MULTI; EVAL "return redis.call('RPUSH', 'x', '1')" 0; RPUSH x 2; EXEC; LRANGE x 0 -1`,
  'inside a script nothing waits': `EVAL "return redis.call('BLPOP', 'x', 0)" 0; EVAL "return redis.call('BRPOPLPUSH', 'x', 'y', 0)" 0; EVAL "return redis.call('BLMOVE', 'x', 'y', 'LEFT', 'LEFT', 0)" 0;
    EVAL "return redis.call('BLMPOP', 0, 1, 'x', 'LEFT')" 0; RPUSH x 1 2; EVAL "return redis.call('BLMPOP', 0, 1, 'x', 'LEFT', 'COUNT', 2)" 0; EVAL "return redis.call('LPOP', 'x', 3)" 0`,
  'time that is over': `B: BLPOP x 0.01; PASS; B: BRPOP x y 0.01; PASS; B: BLMOVE x y LEFT LEFT 0.01; PASS; B: BRPOPLPUSH x y 0.01; PASS; B: BLMPOP 0.01 1 x LEFT; PASS; RPUSH x a; LLEN x; B: BLPOP x 0.001`,
  'WATCH sees what a blocked client took': `C: WATCH x; B: BLPOP x 0; C: MULTI; RPUSH x a; C: PING; C: EXEC`,
} as const

const many: readonly Line[] = [
  ['RPUSH', 'l', ...Array.from({ length: 600 }, (_, index) => `item-${index % 50}`)],
  ['LPUSH', 'l', 'x'.repeat(9000), 'y'.repeat(100)],
  'LLEN l',
  'LINDEX l 300',
  'LREM l -3 item-7',
  'LREM l 3 item-7',
  'LPOS l item-7 COUNT 0',
  'LINSERT l AFTER item-20 new',
  'LRANGE l 15 40',
  'LTRIM l 10 -20',
  'LPOP l 100',
  'RPOP l 100',
  'LREM l 0 item-3',
  'LRANGE l 0 -1',
]

describe.each([2, 3] as const)('RESP%i, compared with redis-server', (resp) => {
  test.each(Object.entries(conversations))('%s', (_, text) => both.compare(script(text), { resp }))
  test('a list of several nodes', () => both.compare(many, { resp }))
})

const key = fc.constantFrom('a', 'b', 'c', 's')
const item = fc.constantFrom('x', 'y', 'z', '1', '')
const index = fc.constantFrom('0', '1', '2', '-1', '-2', '9', '-9', 'q')
const count = fc.constantFrom('0', '1', '2', '9', '-1', 'q')
const side = fc.constantFrom('LEFT', 'RIGHT')
const place = fc.constantFrom('BEFORE', 'AFTER')

const commands = sequences([
  ['RPUSH', key, item],
  ['LPUSH', key, item, item],
  ['RPUSH', key, item, item, item],
  ['LPUSHX', key, item],
  ['RPUSHX', key, item, item],
  ['LPOP', key],
  ['RPOP', key],
  ['LPOP', key, count],
  ['RPOP', key, count],
  ['LLEN', key],
  ['LRANGE', key, index, index],
  ['LRANGE', key, '0', '-1'],
  ['LINDEX', key, index],
  ['LSET', key, index, item],
  ['LINSERT', key, place, item, item],
  ['LREM', key, count, item],
  ['LTRIM', key, index, index],
  ['LPOS', key, item],
  ['LPOS', key, item, 'RANK', index, 'COUNT', count, 'MAXLEN', count],
  ['LMOVE', key, key, side, side],
  ['RPOPLPUSH', key, key],
  ['LMPOP', '2', key, key, side, 'COUNT', count],
  ['DEL', key],
])

test('any sequence of list commands answers like redis-server', async () => {
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(2 as const, 3 as const), commands, (resp, lines) =>
      both.compare(['SET s text', ...lines], { resp }),
    ),
    fuzz,
  )
})

const client = fc.constantFrom('A', 'B', 'C', 'D', 'E')
const queue = fc.constantFrom('a', 'b', 'c')
const crowd = fc.array(
  fc.tuple(
    client,
    fc.oneof(
      {
        arbitrary: fc.tuple(fc.constantFrom('BLPOP', 'BRPOP', 'BZPOPMIN', 'BZPOPMAX'), queue, queue, fc.constant('0')),
        weight: 4,
      },
      { arbitrary: fc.tuple(fc.constant('BLMOVE'), queue, queue, side, side, fc.constant('0')), weight: 3 },
      {
        arbitrary: fc.tuple(
          fc.constant('BLMPOP'),
          fc.constant('0'),
          fc.constant('2'),
          queue,
          queue,
          side,
          fc.constant('COUNT'),
          fc.constant('2'),
        ),
        weight: 1,
      },
      {
        arbitrary: fc.tuple(fc.constant('BZMPOP'), fc.constant('0'), fc.constant('1'), queue, fc.constant('MIN')),
        weight: 1,
      },
      { arbitrary: fc.tuple(fc.constantFrom('RPUSH', 'LPUSH'), queue, item, item), weight: 4 },
      { arbitrary: fc.tuple(fc.constant('ZADD'), queue, fc.constant('1'), item, fc.constant('2'), item), weight: 2 },
      { arbitrary: fc.tuple(fc.constantFrom('RPOPLPUSH', 'RENAME', 'COPY'), queue, queue), weight: 2 },
      { arbitrary: fc.tuple(fc.constantFrom('DEL', 'LLEN'), queue), weight: 1 },
      { arbitrary: fc.tuple(fc.constant('SET'), queue, item), weight: 1 },
      { arbitrary: fc.tuple(fc.constant('SORT'), queue, fc.constant('ALPHA'), fc.constant('STORE'), queue), weight: 1 },
      { arbitrary: fc.tuple(fc.constant('ZUNIONSTORE'), queue, fc.constant('1'), queue), weight: 1 },
      { arbitrary: fc.tuple(fc.constant('COPY'), queue, queue, fc.constant('REPLACE')), weight: 1 },
      { arbitrary: fc.tuple(fc.constantFrom('MULTI', 'EXEC')), weight: 3 },
    ),
  ),
  { minLength: 10, maxLength: 50, size: 'max' },
)

test('any crowd of clients that wait for each other is served like by redis-server', async () => {
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(2 as const, 3 as const), crowd, (resp, steps) =>
      both.compare(
        steps.map(([name, args]) => `${name}: ${args.map((arg) => (arg === '' ? '""' : arg)).join(' ')}`),
        { resp },
      ),
    ),
    fuzz,
  )
})
