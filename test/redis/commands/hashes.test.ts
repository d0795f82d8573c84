/** Hash commands: textbook cases, then the same conversations with a real server, byte for byte. */
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { fuzz, sequences } from './sequences.ts'
import { ask, type Line, SideBySide, script } from './side-by-side.ts'

let both: SideBySide
beforeAll(async () => {
  both = await SideBySide.start()
})
afterAll(() => both.stop())

describe('textbook', () => {
  test('a reentrant lock counts its holds in one field and is gone with the last', () => {
    // The script of a reentrant lock, step by step: the owner enters twice and leaves twice.
    const replies = ask(
      'EXISTS lock',
      'HINCRBY lock owner-1 1',
      'HEXISTS lock owner-1',
      'HINCRBY lock owner-1 1',
      'HEXISTS lock owner-2',
      'HINCRBY lock owner-1 -1',
      'HINCRBY lock owner-1 -1',
      'HDEL lock owner-1',
      'EXISTS lock',
    )
    expect(replies).toEqual([0, 1, 1, 2, 0, 1, 0, 1, 0])
  })

  test('HSET answers how many fields are new, HMSET that it is done', () => {
    expect(ask('HSET h a 1 b 2', 'HSET h a 3 c 4', 'HMSET h d 5', 'HGETALL h')).toEqual([
      2,
      1,
      { kind: 'status', text: 'OK' },
      ['a', '3', 'b', '2', 'c', '4', 'd', '5'],
    ])
  })

  test('HINCRBYFLOAT computes with 80 bits, as on redis.io', () => {
    expect(ask('HSET mykey field 10.50', 'HINCRBYFLOAT mykey field 0.1', 'HINCRBYFLOAT mykey field -5')).toEqual([
      1,
      '10.6',
      '5.6',
    ])
    expect(ask('HSET mykey field 5.0e3', 'HINCRBYFLOAT mykey field 2.0e2')).toEqual([1, '5200'])
    expect(ask('HSET mykey field 0.1', 'HINCRBYFLOAT mykey field 0.2')).toEqual([1, '0.3'])
  })

  test('HINCRBY is exact to the last of 64 bits and refuses the next', () => {
    expect(
      ask(
        'HSET h f 9223372036854775806',
        'HINCRBY h f 1',
        'HINCRBY h f 1',
        'HGET h f',
        'HINCRBY h f -9223372036854775807',
      ),
    ).toEqual([
      1,
      9223372036854775807n,
      { kind: 'error', text: 'ERR increment or decrement would overflow' },
      '9223372036854775807',
      0,
    ])
  })

  test('HSCAN hands out every field of a large hash exactly once, though others come and go meanwhile', () => {
    const fields = Array.from({ length: 300 }, (_, index) => `field-${index}`)
    const replies: unknown[] = []
    const seen: string[] = []
    let cursor = '0'
    const lines: Line[] = [['HSET', 'h', ...fields.flatMap((field) => [field, 'v'])]]
    do {
      replies.splice(0, Number.POSITIVE_INFINITY, ...ask(...lines, ['HSCAN', 'h', cursor, 'COUNT', '7']))
      const [next, pairs] = replies.at(-1) as [string, string[]]
      seen.push(...pairs.filter((_, index) => index % 2 === 0))
      cursor = next
      lines.push(['HDEL', 'h', `extra-${seen.length - 1}`], ['HSET', 'h', `extra-${seen.length}`, 'v'])
    } while (cursor !== '0')
    const stayed = seen.filter((field) => field.startsWith('field-'))
    expect([...stayed].sort()).toEqual([...fields].sort())
  })

  test('HRANDFIELD draws distinct fields for a positive count, any for a negative one, the same for the same seed', () => {
    const fill = 'HSET h a 1 b 2 c 3 d 4 e 5'
    const [, distinct] = ask(fill, 'HRANDFIELD h 3') as [number, string[]]
    expect(new Set(distinct).size).toBe(3)
    const [, repeated] = ask(fill, 'HRANDFIELD h -20 WITHVALUES') as [number, string[]]
    const values: Record<string, string> = { a: '1', b: '2', c: '3', d: '4', e: '5' }
    expect(repeated).toHaveLength(40)
    for (let index = 0; index < 40; index += 2) expect(repeated[index + 1]).toBe(values[repeated[index]!])
    expect(ask(fill, 'HRANDFIELD h -20 WITHVALUES')[1]).toEqual(repeated)
  })
})

const conversations = {
  'wrong number of arguments': `HSET; HSET h; HSET h a; HSET h a 1 b; HMSET h a 1 b; HMSET h a; hmset h a 1 b; HSETNX h a;
    HSETNX h a 1 b; HGET h; HGET h a b; HMGET h; HGETALL; HGETALL h a; HLEN; HEXISTS h; HDEL h; HINCRBY h a; HSTRLEN h;
    HINCRBYFLOAT h a; HRANDFIELD; HSCAN h`,
  'setting and getting': `HSET h a 1; HSET h a 1; HSET h a 2 a 3 b 4; HGET h a; HGET h z; HGET none a; HLEN h; HLEN none;
    HSETNX h a 9; HSETNX h c 9; HGETALL h; HKEYS h; HVALS h; HKEYS none; HVALS none; HGETALL none`,
  'any bytes': `HSET h "" "" "a b" "\x00\xff"; HGET h ""; HGET h "a b"; HSTRLEN h "a b"; HSTRLEN h ""; HSTRLEN h z; HGETALL h`,
  'many fields at once': `HMSET h a 1 b 2; HMGET h a z b a; HMGET none a b; HEXISTS h a; HEXISTS h z; HEXISTS none a;
    HSTRLEN none a`,
  'the key goes with its last field': `HSET h a 1 b 2 c 3; HDEL h a a z; HDEL h b c d; EXISTS h; HDEL h a; HDEL none a;
    HSET h a 1; HGETALL h`,
  'fields keep the order in which they were added': `HSET h a 1 b 2 c 3; HDEL h a; HSET h a 9; HGETALL h; HSET h b 8; HKEYS h`,
  'a TTL outlives changes and dies with the key': `HSET h a 1; PEXPIRE h 100000; HSET h b 2; HINCRBY h a 1; PERSIST h;
    PEXPIRE h 100000; HDEL h a b; HSET h a 1; PERSIST h`,
  'HINCRBY to the edges of 64 bits': `HINCRBY h a 5; HINCRBY h a -7; HINCRBY h a 0; HGET h a; HINCRBY h b 9223372036854775807;
    HINCRBY h b 1; HINCRBY h c -9223372036854775808; HINCRBY h c -1; HINCRBY h c 9223372036854775807; HGETALL h;
    HSET h a 9007199254740993; HINCRBY h a 1; HINCRBY h a 9007199254740993; HINCRBY h a -18014398509481987; HGET h a`,
  'HINCRBY by what is no integer': `HINCRBY h a 9223372036854775808; HINCRBY h a 1.5; HINCRBY h a ""; HINCRBY h a " 1";
    HINCRBY h a +1; HINCRBY h a 01; HINCRBY h a -0; EXISTS h`,
  'HINCRBY of what is no integer': `HSET h a x b 1.5 c " 1" d 9223372036854775808 e 007 f ""; HINCRBY h a 1; HINCRBY h b 1;
    HINCRBY h c 1; HINCRBY h d 1; HINCRBY h e 1; HINCRBY h f 1; HGETALL h`,
  HINCRBYFLOAT: `HINCRBYFLOAT h a 1.5; HINCRBYFLOAT h a 1e2; HINCRBYFLOAT h a -0.1; HINCRBYFLOAT h b 0.1; HINCRBYFLOAT h b 0.2;
    HINCRBYFLOAT h c 3; HINCRBYFLOAT h c -3; HINCRBYFLOAT h d 1e-18; HINCRBYFLOAT h e 12345678901234567890;
    HINCRBYFLOAT h f 1.23456789012345678901234; HGETALL h`,
  'HINCRBYFLOAT by what is no float': `HINCRBYFLOAT h a x; HINCRBYFLOAT h a ""; HINCRBYFLOAT h a nan; HINCRBYFLOAT h a inf;
    HINCRBYFLOAT h a -inf; HINCRBYFLOAT h a 1e5000; HINCRBYFLOAT h a " 1"; HINCRBYFLOAT h a 0x10; HGETALL h`,
  'HINCRBYFLOAT of what is no float': `HSET h a x b inf c 1e4000 d " 1" e ""; HINCRBYFLOAT h a 1; HINCRBYFLOAT h b 1;
    HINCRBYFLOAT h d 1; HINCRBYFLOAT h e 1`,
  'another type': `SET s x; HSET s a 1; HMSET s a 1; HSETNX s a 1; HGET s a; HMGET s a; HGETALL s; HKEYS s; HVALS s; HLEN s;
    HEXISTS s a; HDEL s a; HINCRBY s a 1; HINCRBYFLOAT s a 1; HSTRLEN s a; HRANDFIELD s; HRANDFIELD s 1; HSCAN s 0`,
  'another type and bad arguments': `SET s x; HSET s a; HINCRBY s a x; HINCRBYFLOAT s a x; HSCAN s x; HSCAN s 0 COUNT x;
    HRANDFIELD s x; HRANDFIELD s 1 x`,
  'HRANDFIELD of nothing': `HRANDFIELD none; HRANDFIELD none 3; HRANDFIELD none -3; HRANDFIELD none 3 WITHVALUES;
    HRANDFIELD none x; HRANDFIELD none 3 WITHVALUE; HRANDFIELD none 3 WITHVALUES x`,
  'HRANDFIELD of one field': `HSET h a 1; HRANDFIELD h; HRANDFIELD h 1; HRANDFIELD h 1 WITHVALUES; HRANDFIELD h -3;
    HRANDFIELD h -2 withvalues; HRANDFIELD h 0; HRANDFIELD h 0 WITHVALUES; HRANDFIELD h 9223372036854775807`,
  'HRANDFIELD counts': `HSET h a 1; HRANDFIELD h 4611686018427387903 WITHVALUES; HRANDFIELD h 4611686018427387904 WITHVALUES;
    HRANDFIELD h -9223372036854775808; HRANDFIELD h -4611686018427387904 WITHVALUES; HRANDFIELD h 9223372036854775808;
    HRANDFIELD h 1.0; HRANDFIELD h ""`,
  'HRANDFIELD of everything': `HSET h a 1 b 2 c 3; HRANDFIELD h 3; HRANDFIELD h 10 WITHVALUES; HRANDFIELD h 3 WITHVALUES`,
  HSCAN: `HSET h a 1 b 2 c 3 aa 4; HSCAN h 0; HSCAN h 0 MATCH a*; HSCAN h 0 COUNT 1; HSCAN h 0 MATCH * COUNT 2; HSCAN h 5;
    HSCAN h 0 match [bc] match a; HSCAN none 0`,
  'HSCAN options': `HSCAN none 0 COUNT x; HSET h a 1; HSCAN h 0 COUNT x; HSCAN h 0 COUNT 0; HSCAN h 0 COUNT -1; HSCAN h 0 COUNT;
    HSCAN h 0 MATCH; HSCAN h 0 FOO 1; HSCAN h 0 TYPE hash; HSCAN h 0 NOVALUES`,
  'HSCAN cursors': `HSET h a 1; HSCAN none x; HSCAN h ""; HSCAN h -1; HSCAN h +0; HSCAN h " 0"; HSCAN h 0x; HSCAN h 00;
    HSCAN h 18446744073709551615; HSCAN h 18446744073709551616; HSCAN h -18446744073709551616; HSCAN h 1e3`,
  'inside scripts': `HSET h a 1 b 2; EVAL "return redis.call('HGETALL', 'h')" 0; EVAL "return redis.call('HINCRBY', 'h', 'a', 5)" 0; EVAL "return redis.call('HGET', 'h', 'none')" 0; EVAL "return redis.call('HMGET', 'h', 'a', 'none', 'b')" 0;
    EVAL "redis.setresp(3) return redis.call('HGETALL', 'h')" 0; EVAL "redis.setresp(3) return redis.call('HGETALL', 'h').map.a" 0; EVAL "redis.setresp(3) return redis.call('HRANDFIELD', 'h', 2, 'WITHVALUES')" 0;
    EVAL "return redis.call('HINCRBYFLOAT', 'h', 'a', '0.1')" 0; EVAL "return redis.pcall('HINCRBY', 'h', 'a', 1)" 0`,
  'MULTI with an arity error': `MULTI; HSET h a 1; HGET h; EXEC; HGETALL h`,
  'MULTI with an error inside': `MULTI; HSET h a 1; HINCRBY h a x; HGETALL h; EXEC; HGETALL h`,
} as const

describe.each([2, 3] as const)('RESP%i, compared with redis-server', (resp) => {
  test.each(Object.entries(conversations))('%s', (_, text) => both.compare(script(text), { resp }))

  test('a hash with long values, in any order', () =>
    both.compare(
      [['HSET', 'h', 'a', 'v'.repeat(65), 'b', '2', 'c', '3'], 'HGETALL h', 'HKEYS h', 'HVALS h', 'HLEN h'],
      {
        resp,
        isUnordered: true,
      },
    ))
})

const key = fc.constantFrom('h', 'h', 'h', 'g', 's')
const field = fc.constantFrom('a', 'b', 'c', '', '1')
const number = fc.constantFrom(
  '1',
  '-1',
  '7',
  '0',
  '1.5',
  '9223372036854775807',
  '-9223372036854775808',
  'x',
  '',
  '1e3',
)
const value = fc.oneof(field, number)
const commands = sequences([
  ['HSET', key, field, value],
  ['HSET', key, field, value, field, value],
  ['HMSET', key, field, value],
  ['HSETNX', key, field, value],
  ['HGET', key, field],
  ['HMGET', key, field, field],
  ['HGETALL', key],
  ['HKEYS', key],
  ['HVALS', key],
  ['HLEN', key],
  ['HEXISTS', key, field],
  ['HDEL', key, field],
  ['HDEL', key, field, field, field],
  ['HINCRBY', key, field, number],
  ['HINCRBYFLOAT', key, field, number],
  ['HSTRLEN', key, field],
  ['HRANDFIELD', key, fc.constantFrom('0', '100', 'x')],
  ['HSCAN', key, fc.constantFrom('0', '3', 'x'), 'MATCH', fc.constantFrom('*', 'a', '[ab]', '?')],
  ['DEL', key],
])

test('any sequence of hash commands answers like redis-server', async () => {
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(2 as const, 3 as const), commands, (resp, lines) =>
      both.compare(['SET s text', ...lines], { resp }),
    ),
    fuzz,
  )
})
