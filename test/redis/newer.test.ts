/**
 * The commands of servers newer than Redis 7.0, from their documentation: no such server is here to be compared with.
 */
import { describe, expect, it } from 'vitest'
import { MemoryRedis } from '../../src/redis/memory-redis.ts'
import type { Reply } from '../../src/redis/reply.ts'
import { splitInline } from '../../src/redis/resp/inline-command.ts'
import { REDIS_VERSIONS, type RedisVersion } from '../../src/redis/version.ts'
import { xxh3 } from '../../src/redis/xxh3.ts'

const START_MS = 1_700_000_000_000
const WRONG_TYPE = '-WRONGTYPE Operation against a key holding the wrong kind of value'

/** Runs lines; `+500` lets 500 ms pass. Errors are told as `-text`, statuses as `+text`. */
function run(version: RedisVersion, lines: readonly string[]): unknown[] {
  let nowMs = START_MS
  const server = new MemoryRedis({ nowUs: () => nowMs * 1000, version })
  const told: unknown[] = []
  const connection = server.connect({ onReply: (reply) => told.push(plain(reply)) })
  for (const line of lines) {
    if (line.startsWith('+')) nowMs += Number(line.slice(1))
    else connection.execute(splitInline(line)!)
  }
  return told
}

function plain(reply: Reply): unknown {
  if (reply === null || typeof reply !== 'object') return reply
  if (!('kind' in reply)) return reply.map(plain)
  if (reply.kind === 'error') return `-${reply.text}`
  if (reply.kind === 'status') return `+${reply.text}`
  return reply.kind === 'map' ? Object.fromEntries(reply.entries) : reply
}

/** A line, and what it answers; a line alone lets time pass. */
type Row = readonly [line: string, answer?: unknown]

function expectRows(version: RedisVersion, rows: readonly Row[]): void {
  const told = run(
    version,
    rows.map(([line]) => line),
  )
  const answers = rows.filter(([line]) => !line.startsWith('+'))
  expect(answers.map(([line], index) => [line, told[index]])).toEqual(answers.map(([line, answer]) => [line, answer]))
}

describe('WAITAOF (Redis 7.2)', () => {
  it('waits for disks: the own one is at once, and no replica says that its is', () =>
    expectRows('7.4', [
      ['WAITAOF 0 0 0', [0, 0]],
      ['WAITAOF 1 0 0', '-ERR WAITAOF cannot be used when numlocal is set but appendonly is disabled.'],
      ['WAITAOF 2 0 0', '-ERR value is out of range, value must between 0 and 1'],
      ['WAITAOF 0 -1 0', '-ERR value is out of range, must be positive'],
      ['WAITAOF 0 0 -1', '-ERR timeout is negative'],
      ['CONFIG SET appendonly yes', '+OK'],
      ['WAITAOF 1 0 0', [1, 0]],
      ['MULTI', '+OK'],
      ['WAITAOF 1 1 0', '+QUEUED'],
      ['EXEC', [[1, 0]]],
    ]))

  it('is none of Redis 7.0', () =>
    expectRows('7.0', [['WAITAOF 0 0 0', "-ERR unknown command 'WAITAOF', with args beginning with: '0' '0' '0' "]]))

  it('says what it has when its time is up', () => {
    let nowMs = START_MS
    const server = new MemoryRedis({ nowUs: () => nowMs * 1000, version: '8.4' })
    const told: unknown[] = []
    const connection = server.connect({ onReply: (reply) => told.push(plain(reply)) })
    connection.execute(['CONFIG', 'SET', 'appendonly', 'yes'])
    connection.execute(['WAITAOF', '1', '1', '50'])
    nowMs += 50
    server.tick()
    expect(told).toEqual(['+OK'])
    nowMs += 1
    server.tick()
    expect(told).toEqual(['+OK', [1, 0]])
  })
})

describe('fields that end (Redis 7.4)', () => {
  it('says of each field what became of it', () =>
    expectRows('7.4', [
      ['HEXPIRE none 10 FIELDS 2 a b', [-2, -2]],
      ['HSET h a 1 b 2 c 3', 3],
      ['HEXPIRE h 10 FIELDS 3 a b x', [1, 1, -2]],
      ['HTTL h FIELDS 3 a c x', [10, -1, -2]],
      ['HPTTL h FIELDS 1 a', [10_000]],
      ['HEXPIRETIME h FIELDS 1 a', [START_MS / 1000 + 10]],
      ['HPEXPIRETIME h FIELDS 1 a', [START_MS + 10_000]],
      ['HPEXPIRE h 500 NX FIELDS 2 a c', [0, 1]],
      ['HPEXPIRE h 400 XX FIELDS 1 c', [1]],
      ['HPEXPIRE h 300 GT FIELDS 1 c', [0]],
      ['HPEXPIRE h 300 LT FIELDS 1 c', [1]],
      ['HPERSIST h FIELDS 3 a c x', [1, 1, -2]],
      ['HPERSIST h FIELDS 1 a', [-1]],
      ['HPEXPIRE h 300 GT FIELDS 1 c', [0]],
      ['HPEXPIRE h 300 LT FIELDS 1 c', [1]],
      ['HEXPIREAT h 1 FIELDS 1 c', [2]],
      ['HPEXPIRE h 0 FIELDS 1 b', [2]],
      ['HGETALL h', ['a', '1']],
      ['HEXPIRE h 0 FIELDS 1 a', [2]],
      ['EXISTS h', 0],
    ]))

  it('is without a field when its time is up, and gone without the last one', () =>
    expectRows('7.4', [
      ['HSET h a 1 b 2', 2],
      ['HPEXPIRE h 100 FIELDS 1 a', [1]],
      ['+100'],
      ['HGET h a', '1'],
      ['+1'],
      ['HGET h a', null],
      ['HLEN h', 1],
      ['HPEXPIRE h 50 FIELDS 1 b', [1]],
      ['COPY h copy', 1],
      ['RENAME h moved', '+OK'],
      ['+51'],
      ['DBSIZE', 2],
      ['EXISTS copy moved', 0],
      ['DBSIZE', 0],
    ]))

  it('keeps a deadline that a field is changed with, and drops one that a field is written over with', () =>
    expectRows('7.4', [
      ['HSET h a 1 b 2', 2],
      ['HEXPIRE h 10 FIELDS 2 a b', [1, 1]],
      ['HINCRBY h a 1', 2],
      ['HSET h b 3', 0],
      ['HTTL h FIELDS 2 a b', [10, -1]],
      ['HDEL h a', 1],
      ['HSET h a 1', 1],
      ['HTTL h FIELDS 1 a', [-1]],
    ]))

  it('refuses what makes no sense', () =>
    expectRows('7.4', [
      ['SET s v', '+OK'],
      ['HEXPIRE s 10 FIELDS 1 a', WRONG_TYPE],
      ['HEXPIRE h 10 FIELDS 1', "-ERR wrong number of arguments for 'hexpire' command"],
      ['HEXPIRE h x FIELDS 1 a', '-ERR value is not an integer or out of range'],
      ['HEXPIRE h -1 FIELDS 1 a', '-ERR invalid expire time, must be >= 0'],
      ['HEXPIRE h 9999999999999 FIELDS 1 a', "-ERR invalid expire time in 'hexpire' command"],
      ['HEXPIRE h 10 FIELD 1 a', '-ERR Mandatory argument FIELDS is missing or not at the right position'],
      ['HEXPIRE h 10 FIELDS 0 a', '-ERR Parameter `numFields` should be greater than 0'],
      ['HEXPIRE h 10 FIELDS 2 a', '-ERR The `numfields` parameter must match the number of arguments'],
      ['HTTL h FIELDS 0 a', '-ERR Number of fields must be a positive integer'],
    ]))
})

describe('HSCAN … NOVALUES (Redis 7.4, Valkey 8.0)', () => {
  it('hands out names alone', () =>
    expectRows('7.4', [
      ['HSET h a 1 b 2', 2],
      ['HSCAN h 0', ['0', ['a', '1', 'b', '2']]],
      ['HSCAN h 0 NOVALUES', ['0', ['a', 'b']]],
      ['HSCAN h 0 novalues MATCH b COUNT 5', ['0', ['b']]],
      ['SSCAN h 0 NOVALUES', WRONG_TYPE],
      ['HSCAN h 0 MATCH NOVALUES', ['0', []]],
    ]))

  it('is none of Redis 7.0', () =>
    expectRows('7.0', [
      ['HSET h a 1', 1],
      ['HSCAN h 0 NOVALUES', '-ERR syntax error'],
    ]))
})

describe('HGETEX, HSETEX, HGETDEL (Redis 8.0)', () => {
  it('get and set with a deadline', () =>
    expectRows('8.0', [
      ['HSETEX h EX 60 FIELDS 2 a 1 b 2', 1],
      ['HTTL h FIELDS 2 a b', [60, 60]],
      ['HSETEX h FNX EX 10 FIELDS 2 b 3 c 4', 0],
      ['HSETEX h FXX EX 10 FIELDS 2 b 3 c 4', 0],
      ['HSETEX h FXX KEEPTTL FIELDS 1 b 3', 1],
      ['HSETEX h FIELDS 1 a 2', 1],
      ['HTTL h FIELDS 2 a b', [-1, 60]],
      ['HGETEX h FIELDS 3 a b x', ['2', '3', null]],
      ['HGETEX h PX 500 FIELDS 1 a', ['2']],
      ['HPTTL h FIELDS 1 a', [500]],
      ['HGETEX h PERSIST FIELDS 1 a', ['2']],
      ['HTTL h FIELDS 1 a', [-1]],
      ['HGETEX h PXAT 1 FIELDS 1 a', ['2']],
      ['HEXISTS h a', 0],
      ['HGETEX none EX 1 FIELDS 1 a', [null]],
      ['HGETDEL h FIELDS 2 b x', ['3', null]],
      ['EXISTS h', 0],
      ['HGETDEL h FIELDS 1 b', [null]],
    ]))

  it('refuse what makes no sense', () =>
    expectRows('8.0', [
      [
        'HSETEX h EX 60 KEEPTTL FIELDS 1 a 1',
        '-ERR Only one of EX, PX, EXAT, PXAT or KEEPTTL arguments can be specified',
      ],
      [
        'HGETEX h EX 60 PERSIST FIELDS 1 a',
        '-ERR Only one of EX, PX, EXAT, PXAT or PERSIST arguments can be specified',
      ],
      ['HSETEX h FNX FXX FIELDS 1 a 1', '-ERR Only one of FXX or FNX arguments can be specified'],
      ['HGETEX h EX -1 FIELDS 1 a', '-ERR invalid expire time, must be >= 0'],
      ['HGETEX h EX 1 FOO 1 a', '-ERR unknown argument: FOO'],
      ['HGETDEL h FIELDS 0 a', '-ERR Number of fields must be a positive integer'],
    ]))
})

describe('comparing (Redis 8.4)', () => {
  it('writes what still is what the client believes', () =>
    expectRows('8.4', [
      ['SET k b IFEQ a', null],
      ['SET k a IFNE b', '+OK'],
      ['SET k b IFEQ a PX 500', '+OK'],
      ['PTTL k', 500],
      ['SET k c IFEQ a GET', 'b'],
      ['SET k c KEEPTTL IFEQ b GET', 'b'],
      ['PTTL k', 500],
      ['SET k d IFNE c', null],
      [`SET k d IFDEQ ${xxh3('c')}`, '+OK'],
      [`SET k e IFDNE ${xxh3('d').toUpperCase()}`, null],
      [`SET k e IFDNE ${xxh3('c')}`, '+OK'],
      ['SET k v IFEQ e NX', '-ERR syntax error'],
      ['SET k v IFEQ e IFNE f', '-ERR syntax error'],
      ['SET k v IFEQ', '-ERR syntax error'],
      ['RPUSH l a', 1],
      ['SET l v IFEQ a', WRONG_TYPE],
      ['SET k v EX IFEQ', '-ERR value is not an integer or out of range'],
    ]))

  it('deletes what still is what the client believes', () =>
    expectRows('8.4', [
      ['DELEX k', 0],
      ['SET k a', '+OK'],
      ['DELEX k IFEQ b', 0],
      ['DELEX k IFNE a', 0],
      ['DELEX k IFEQ a', 1],
      ['SET k "Hello world"', '+OK'],
      ['DIGEST k', 'b6acb9d84a38ff74'],
      ['DELEX k IFDNE b6acb9d84a38ff74', 0],
      ['DELEX k IFDEQ b6acb9d84a38ff74', 1],
      ['DIGEST k', null],
      ['RPUSH l a', 1],
      ['DELEX l IFEQ a', WRONG_TYPE],
      ['DIGEST l', WRONG_TYPE],
      ['DELEX l', 1],
    ]))

  it('writes several keys with one lease, or none', () =>
    expectRows('8.4', [
      ['MSETEX 2 a 1 b 2 NX PX 500', 1],
      ['MSETEX 2 b 3 c 4 NX', 0],
      ['MSETEX 2 b 3 c 4 XX', 0],
      ['MSETEX 1 b 3 XX KEEPTTL', 1],
      ['MGET a b c', ['1', '3', null]],
      ['PTTL b', 500],
      ['COMMAND GETKEYS MSETEX 2 a 1 b 2 EX 5', ['a', 'b']],
      ['MSETEX 0 a 1', '-ERR invalid numkeys value'],
      ['MSETEX 1 a 1 NX XX', '-ERR syntax error'],
    ]))
})

describe('Valkey', () => {
  it('has SET IFEQ from 8.1 and DELIFEQ from 9.0 on', () => {
    expectRows('valkey-8.1', [
      ['SET k a', '+OK'],
      ['SET k b IFEQ a', '+OK'],
      ['SET k b IFNE a', '-ERR syntax error'],
      ['DELIFEQ k b', "-ERR unknown command 'DELIFEQ', with args beginning with: 'k' 'b' "],
    ])
    expectRows('valkey-9.0', [
      ['SET mykey abc123', '+OK'],
      ['DELIFEQ mykey other', 0],
      ['DELIFEQ mykey abc123', 1],
      ['DELIFEQ mykey abc123', 0],
      ['SADD mykey v', 1],
      ['DELIFEQ mykey v', WRONG_TYPE],
    ])
    expect(run('valkey-9.0', ['HELLO 3'])[0]).toMatchObject({ server: 'valkey', version: '9.0.0' })
  })
})

describe('a version', () => {
  it.each(REDIS_VERSIONS)('%s has its commands, and lists them', (version) => {
    const server = new MemoryRedis({ nowUs: () => 0, version })
    const base = new MemoryRedis({ nowUs: () => 0 })
    expect(server.commands.size - base.commands.size).toBe(server.newer?.size ?? 0)
    const names = ['hexpire', 'hsetex', 'hgetdel', 'delex', 'delifeq'].filter((name) => server.commands.has(name))
    expect(names).toEqual(
      {
        '7.0': [],
        '7.4': ['hexpire'],
        '8.0': ['hexpire', 'hsetex', 'hgetdel'],
        '8.4': ['hexpire', 'hsetex', 'hgetdel', 'delex'],
        'valkey-8.1': [],
        'valkey-9.0': ['hexpire', 'hsetex', 'delifeq'],
      }[version],
    )
  })

  it('is asked for permissions as any', () =>
    expectRows('8.4', [
      ['ACL SETUSER default resetkeys ~a* -get', '+OK'],
      ['DELEX a', 0],
      ['DELEX b', '-NOPERM this user has no permissions to access one of the keys used as arguments'],
      ['MSETEX 2 a 1 b 2', '-NOPERM this user has no permissions to access one of the keys used as arguments'],
    ]))
})

describe('XXH3', () => {
  // As the reference implementation computes them for bytes 3, 10, 17, …
  it.each([
    [0, '2d06800538d394c2'],
    [1, '13e608bc156defed'],
    [3, 'a9088dda485b481c'],
    [4, '6d9253b16c8b1ed3'],
    [8, '60539db630471163'],
    [9, 'feff668361d723a8'],
    [16, 'b8c859b0f030b585'],
    [17, '714a04408e79b80f'],
    [128, '67425a03650261bf'],
    [129, 'c664bf3311c6abc4'],
    [240, '64556dc6b462a6cf'],
    [241, '8beadd3a8874fe17'],
    [1024, '9b81661c641c72b1'],
    [3000, 'c89178bb873c6b3d'],
  ])('of %d bytes', (length, digest) => {
    const bytes = Array.from({ length }, (_, index) => String.fromCharCode((index * 7 + 3) % 256)).join('')
    expect(xxh3(bytes)).toBe(digest)
  })
})
