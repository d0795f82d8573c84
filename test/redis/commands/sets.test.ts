/** Set commands: textbook cases, then the same conversations with a real server, byte for byte. */
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { fuzz, sequences } from './sequences.ts'
import { ask, SideBySide, script } from './side-by-side.ts'

let both: SideBySide
beforeAll(async () => {
  both = await SideBySide.start()
})
afterAll(() => both.stop())

describe('textbook', () => {
  test('the examples of SADD, SREM and SMOVE on redis.io', () => {
    expect(ask('SADD myset Hello', 'SADD myset World', 'SADD myset World', 'SCARD myset')).toEqual([1, 1, 0, 2])
    expect(ask('SADD myset one', 'SADD other three', 'SMOVE myset other one', 'EXISTS myset', 'SCARD other')).toEqual([
      1, 1, 1, 0, 2,
    ])
  })

  test('integers are listed ascending, as numbers and not as texts', () => {
    expect(ask('SADD s 10 9 -1 100 -20 0', 'SMEMBERS s')[1]).toEqual(['-20', '-1', '0', '9', '10', '100'])
  })

  test('integers of 64 bits are ordered exactly', () => {
    const members = ['9223372036854775807', '9223372036854775806', '-9223372036854775808', '9007199254740993']
    expect(ask(['SADD', 's', ...members], 'SMEMBERS s')[1]).toEqual([
      '-9223372036854775808',
      '9007199254740993',
      '9223372036854775806',
      '9223372036854775807',
    ])
  })

  test('SPOP takes every member exactly once, in an order that depends on the seed alone', () => {
    const pops = Array.from({ length: 8 }, () => 'SPOP s')
    const popped = ask('SADD s a b c d e f g', ...pops).slice(1)
    expect(popped.slice(0, 7).toSorted()).toEqual(['a', 'b', 'c', 'd', 'e', 'f', 'g'])
    expect(popped[7]).toBeNull()
    expect(ask('SADD s a b c d e f g', ...pops).slice(1)).toEqual(popped)
  })

  test('SPOP with a count removes exactly what it answers', () => {
    const [, popped, rest] = ask('SADD s a b c d e f g', 'SPOP s 3', 'SMEMBERS s') as [number, string[], string[]]
    expect(popped).toHaveLength(3)
    expect([...popped, ...rest].toSorted()).toEqual(['a', 'b', 'c', 'd', 'e', 'f', 'g'])
  })

  test('SRANDMEMBER draws distinct members for a positive count and repeats them for a negative one', () => {
    const [, distinct, repeated] = ask('SADD s a b c d e', 'SRANDMEMBER s 4', 'SRANDMEMBER s -40') as [
      number,
      string[],
      string[],
    ]
    expect(new Set(distinct).size).toBe(4)
    expect(repeated).toHaveLength(40)
    expect(new Set(repeated)).toEqual(new Set(['a', 'b', 'c', 'd', 'e']))
  })

  test('SRANDMEMBER answers an error instead of a reply of gigabytes', () => {
    expect(ask('SADD s a', 'SRANDMEMBER s -10000001')[1]).toEqual({
      kind: 'error',
      text: "OOM command not allowed when used memory > 'maxmemory'.",
    })
  })

  test('SSCAN hands out a large set in pieces, each member once', () => {
    const members = Array.from({ length: 500 }, (_, index) => `member-${index}`)
    const seen: string[] = []
    let calls = 0
    let cursor = '0'
    do {
      const [, page] = ask(['SADD', 's', ...members], ['SSCAN', 's', cursor, 'COUNT', '20']) as [
        number,
        [string, string[]],
      ]
      cursor = page[0]
      seen.push(...page[1])
      calls++
    } while (cursor !== '0')
    expect(calls).toBeGreaterThan(20)
    expect(seen.toSorted()).toEqual(members.toSorted())
  })
})

const wrongArguments = `SADD; SADD s; SREM s; SMEMBERS; SMEMBERS s t; SISMEMBER s; SISMEMBER s a b; SMISMEMBER s; SCARD;
  SMOVE s t; SMOVE s t a b; SPOP; SPOP s 1 2; SRANDMEMBER; SRANDMEMBER s 1 2; SINTER; SINTERCARD 1; SINTERSTORE d;
  SUNION; SUNIONSTORE d; SDIFF; SDIFFSTORE d; SSCAN s`

const everyCommandOnAString = `SET s x; SADD s a; SREM s a; SMEMBERS s; SISMEMBER s a; SMISMEMBER s a; SCARD s; SMOVE s t a;
  SADD t a; SMOVE t s a; SMOVE t s zz; SMOVE none s a; SPOP s; SPOP s 1; SPOP s 0; SRANDMEMBER s; SRANDMEMBER s 1; SRANDMEMBER s 0;
  SINTER s; SINTER none s; SINTER s none; SINTER t s; SINTERCARD 2 none s; SINTERSTORE d s; SINTERSTORE d none s; SUNION s;
  SUNION t s; SUNIONSTORE d t s; SDIFF s; SDIFF t s; SDIFF none s; SDIFFSTORE d s; SSCAN s 0; GET s; SMEMBERS t; EXISTS d`

const ordered = {
  'wrong number of arguments': wrongArguments,
  'another type': everyCommandOnAString,
  'adding and removing integers': `SADD s 3 1 2 3; SMEMBERS s; SADD s 2; SCARD s; SISMEMBER s 2; SISMEMBER s 9; SISMEMBER none 2;
    SMISMEMBER s 1 9 2; SMISMEMBER none 1 2; SREM s 1 9; SREM s 2 3; EXISTS s; SREM s 1; SMEMBERS s; SCARD s; SMEMBERS none`,
  'integers and their look-alikes': `SADD s 1; SADD s 01; SREM s 01; SCARD s; SADD t -0; SISMEMBER t 0; SISMEMBER t -0; SCARD t`,
  'members in numeric order': `SADD s 10 9 -1 100 -20 0 9223372036854775807 -9223372036854775808; SMEMBERS s; SRANDMEMBER s 100;
    SSCAN s 0; SUNION s; SINTER s; SDIFF s; SPOP s 100; EXISTS s`,
  'a TTL outlives changes and dies with the key': `SADD s 1; PEXPIRE s 100000; SADD s 2; SREM s 1; PERSIST s; PEXPIRE s 100000;
    SREM s 2; SADD s 1; PERSIST s`,
  SMOVE: `SADD s 1 2; SADD t 3; SMOVE s t 1; SMOVE s t 9; SMOVE s s 2; SMOVE s s 9; SMOVE none t 1; SMOVE s new 2; EXISTS s;
    SMEMBERS t; SMEMBERS new; SADD u 3; SMOVE u t 3; EXISTS u; SMEMBERS t`,
  'SPOP of nothing': `SPOP none; SPOP none 3; SPOP none 0; SPOP none -1; SPOP none x; SPOP none 9223372036854775808;
    SADD s 1; SPOP s 0; SPOP s -1; SPOP s x; SPOP s ""; SPOP s 1.0; SPOP s; SPOP s; SADD s 1 2; SPOP s 2; EXISTS s;
    SADD s 1; SPOP s 9223372036854775807; EXISTS s`,
  'SRANDMEMBER counts': `SRANDMEMBER none; SRANDMEMBER none 3; SRANDMEMBER none x; SADD s 7; SRANDMEMBER s; SRANDMEMBER s 1;
    SRANDMEMBER s 5; SRANDMEMBER s -4; SRANDMEMBER s 0; SRANDMEMBER s -9223372036854775808; SRANDMEMBER s 9223372036854775808;
    SRANDMEMBER s x; SRANDMEMBER s 9223372036854775807; SCARD s`,
  'algebra of integers': `SADD a 1 2 3 4; SADD b 3 4 5; SADD c 4; SINTER a b; SINTER a b c; SINTER a; SINTER a none; SINTER none;
    SUNION a b; SUNION a none; SUNION none none; SDIFF a b; SDIFF a none; SDIFF none a; SDIFF a a; SDIFF a b c; SDIFF a;
    SINTER a a; SUNION a a`,
  'algebra that is stored': `SADD a 1 2 3 4; SADD b 3 4 5; SINTERSTORE d a b; SMEMBERS d; SUNIONSTORE d a b; SMEMBERS d;
    SDIFFSTORE d a b; SMEMBERS d; SINTERSTORE d a none; EXISTS d; SINTERSTORE d a none; SUNIONSTORE a a b; SMEMBERS a;
    SDIFFSTORE a a a; EXISTS a; SUNIONSTORE d none; SET x 1; SUNIONSTORE x b; SMEMBERS x; TYPE x; SET x 1; SDIFFSTORE x none; EXISTS x`,
  'what is stored has no TTL': `SADD a 1; SADD d 2; PEXPIRE d 100000; SUNIONSTORE d a; PERSIST d; PEXPIRE d 100000;
    SINTERSTORE d a a; PERSIST d`,
  SINTERCARD: `SADD a 1 2 3 4; SADD b 3 4 5; SINTERCARD 2 a b; SINTERCARD 2 a b LIMIT 1; SINTERCARD 2 a b limit 0;
    SINTERCARD 2 a b LIMIT 9; SINTERCARD 1 a; SINTERCARD 2 a none; SINTERCARD 2 a b LIMIT 1 LIMIT 9`,
  'SINTERCARD options': `SINTERCARD 0 a; SINTERCARD -1 a; SINTERCARD x a; SINTERCARD 2 a; SINTERCARD 1 a b; SINTERCARD 1 a LIMIT;
    SINTERCARD 1 a LIMIT x; SINTERCARD 1 a LIMIT -1; SINTERCARD 1 a FOO 1; SINTERCARD 9223372036854775807 a; SINTERCARD 1.5 a`,
  SSCAN: `SADD s 3 1 2 11; SSCAN s 0; SSCAN s 0 MATCH 1*; SSCAN s 0 COUNT 1; SSCAN s 7; SSCAN none 0; SSCAN none x;
    SSCAN none 0 FOO; SSCAN s 0 COUNT 0; SSCAN s 0 COUNT x; SSCAN s 0 FOO 1; SSCAN s x; SSCAN s 0 MATCH`,
  'inside scripts': `SADD s 3 1 2; EVAL "return redis.call('SMEMBERS', 's')" 0; EVAL "redis.setresp(3) return redis.call('SMEMBERS', 's')" 0; EVAL "redis.setresp(3) return redis.call('SMEMBERS', 's').set['2']" 0;
    EVAL "return redis.call('SPOP', 's', 9)" 0; EVAL "return redis.call('SPOP', 's')" 0; EVAL "return redis.call('SISMEMBER', 's', '1')" 0`,
  'inside MULTI': `MULTI; SADD s 1 2; SMEMBERS s; SPOP s 9; SINTER; EXEC; MULTI; SADD s 1 2; SMEMBERS s; SPOP s 9; EXEC`,
} as const

const unordered = {
  texts: `SADD s a b c a; SMEMBERS s; SADD s "" "a b" "\x00\xff"; SMEMBERS s; SCARD s; SSCAN s 0; SSCAN s 0 MATCH a*; SREM s a "";
    SMEMBERS s; SRANDMEMBER s 100; SPOP s 100; EXISTS s`,
  'texts and integers': `SADD s 1 2 3; SADD s a; SMEMBERS s; SADD t 2 3 b; SINTER s t; SUNION s t; SDIFF s t; SDIFF t s;
    SINTERSTORE d s t; SMEMBERS d; SUNIONSTORE d s t; SMEMBERS d; SDIFFSTORE d s t; SMEMBERS d; SREM s a; SMEMBERS s`,
} as const

describe.each([2, 3] as const)('RESP%i, compared with redis-server', (resp) => {
  test.each(Object.entries(ordered))('%s', (_, text) => both.compare(script(text), { resp }))
  test.each(Object.entries(unordered))('%s, in any order', (_, text) =>
    both.compare(script(text), { resp, isUnordered: true }),
  )
})

const key = fc.constantFrom('a', 'b', 'c', 'd', 's')
const member = fc.constantFrom('1', '2', '3', '10', '-4', 'x', 'y', '', '01')
const count = fc.constantFrom('0', '1', '2', '5', '-1', 'x')
const commands = sequences([
  ['SADD', key, member],
  ['SADD', key, member, member, member],
  ['SREM', key, member],
  ['SREM', key, member, member, member],
  ['SMEMBERS', key],
  ['SISMEMBER', key, member],
  ['SMISMEMBER', key, member, member],
  ['SCARD', key],
  ['SMOVE', key, key, member],
  ['SPOP', key, fc.constantFrom('0', '100', '-1')],
  ['SRANDMEMBER', key, fc.constantFrom('0', '100', 'x')],
  ['SINTER', key, key],
  ['SINTER', key, key, key],
  ['SINTERCARD', count, key, key],
  ['SINTERCARD', '2', key, key, 'LIMIT', count],
  ['SINTERSTORE', key, key, key],
  ['SUNION', key, key],
  ['SUNIONSTORE', key, key, key],
  ['SDIFF', key, key],
  ['SDIFF', key, key, key],
  ['SDIFFSTORE', key, key, key],
  ['SSCAN', key, '0', 'MATCH', fc.constantFrom('*', '1*', '[xy]', '?')],
  ['DEL', key],
])

test('any sequence of set commands answers like redis-server', async () => {
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(2 as const, 3 as const), commands, (resp, lines) =>
      both.compare(['SET s text', ...lines], { resp, isUnordered: true }),
    ),
    fuzz,
  )
})
