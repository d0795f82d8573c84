/** Server evidence as it is written down: MONITOR, append-only files, several servers, and what is no evidence. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readMonitorLine } from '../../src/recorded/monitor-line.ts'
import { openServerRecording } from '../../src/recorded/open-server.ts'
import { judgeServers, type ServerSettings } from '../../src/recorded/server.ts'
import { MemoryRedis } from '../../src/redis/memory-redis.ts'
import { build, lockstorm } from '../cli/binary.ts'

const folder = mkdtempSync(path.join(tmpdir(), 'lockstorm-server-'))
beforeAll(build)
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const SETTINGS: ServerSettings = { keys: [], isOneEach: false, hash: (token) => `${token}......`, errorMs: 0 }
const RELEASE = 'if redis.call("get",KEYS[1])==ARGV[1] then return redis.call("del",KEYS[1]) end return 0'

let files = 0
const file = (text: string, name?: string): string => {
  files += 1
  const place = path.join(folder, name ?? `${files}.log`)
  writeFileSync(place, text, 'latin1')
  return place
}

/** `at` in ms; `A` is a host. */
const line = (at: number, who: string, ...args: readonly string[]): string => {
  const source = who === 'lua' ? 'lua' : who.includes(':') ? who : `10.0.0.${who.charCodeAt(0) - 64}:4000`
  return `${1_700_000_000 + Math.floor(at / 1_000)}.${String((at % 1_000) * 1_000).padStart(6, '0')} [0 ${source}] ${args.map((arg) => JSON.stringify(arg)).join(' ')}`
}
const take = (at: number, who: string, token: string, ttlMs = 1_000) =>
  line(at, who, 'SET', 'k', token, 'PX', String(ttlMs), 'NX')
/** A release that finds its token. */
const release = (at: number, who: string, token: string) => [
  line(at, who, 'EVAL', RELEASE, '1', 'k', token),
  line(at, 'lua', 'get', 'k'),
  line(at, 'lua', 'del', 'k'),
]
/** A release that finds another token, or none. */
const refused = (at: number, who: string, token: string) => [
  line(at, who, 'EVAL', RELEASE, '1', 'k', token),
  line(at, 'lua', 'get', 'k'),
]
const first = [take(0, 'A', 'a0'), ...release(10, 'A', 'a0')]

const judged = (lines: readonly string[] | readonly (readonly string[])[], settings: Partial<ServerSettings> = {}) => {
  const all = (typeof lines[0] === 'string' ? [lines] : lines) as readonly (readonly string[])[]
  const recordings = all.map((each) => openServerRecording(file(`OK\n${each.join('\n')}\n`)))
  return judgeServers(recordings, { ...SETTINGS, ...settings })
}
const shownBy = async (...given: Parameters<typeof judged>) =>
  (await judged(...given)).shown.map(({ property, status }) => `${property} ${status}`)

describe('a line of MONITOR', () => {
  it('is read back as the in-memory Redis prints it, whatever the bytes', () => {
    const texts = fc.array(
      fc.array(fc.integer({ min: 0, max: 255 })).map((codes) => String.fromCharCode(...codes)),
      { minLength: 1, maxLength: 5 },
    )
    fc.assert(
      fc.property(texts, fc.nat(2 ** 40), (args, nowUs) => {
        const redis = new MemoryRedis({ nowUs: () => nowUs })
        let printed = ''
        redis
          .connect({
            onReply: (reply) => {
              printed = (reply as { readonly text: string }).text
            },
          })
          .execute(['MONITOR'])
        redis.feedMonitors(args, 3, '[::1]:50')
        expect(readMonitorLine(printed, 'f:1')).toEqual({
          place: 'f:1',
          atUs: nowUs,
          slackUs: 0,
          database: 3,
          source: '[::1]:50',
          args,
        })
      }),
    )
  })

  it.each([
    ['1.0 [0 a:1] "x"'],
    ['1.000000 [0 a:1]'],
    ['1.000000 [0 a:1] "x'],
    ['1.000000 [0 a:1] "\\q"'],
    ['1.000000 [0 a:1] "\\x0"'],
    ['1.000000 [0 a:1] "x"y"'],
    ['1.000000 [0 a:1] x'],
    [''],
  ])('is none: %s', (text) => {
    expect(readMonitorLine(text, 'f:1')).toBeNull()
  })
})

describe('what MONITOR shows', () => {
  it('of two hosts that take turns is valid', async () => {
    const lines = [...first, take(20, 'B', 'b1'), take(25, 'A', 'a1'), ...release(30, 'B', 'b1'), take(40, 'A', 'a1')]
    expect(await judged([...lines, ...release(50, 'A', 'a1')])).toMatchObject({
      shown: [],
      locks: 1,
      grants: 3,
      notes: [],
    })
  })

  it('of a delete by another host is a violation, with the lines that show it; of one host it is unknown', async () => {
    const foreign = [...first, take(20, 'A', 'a1'), line(30, 'B', 'DEL', 'k')]
    expect((await judged(foreign)).shown).toEqual([
      expect.objectContaining({
        property: 'foreign-release',
        status: 'violated',
        places: [expect.stringMatching(/:6$/), expect.stringMatching(/:7$/)],
      }),
    ])
    const near = [...first, take(20, 'A', 'a1'), line(30, '10.0.0.1:4001', 'DEL', 'k')]
    expect(await shownBy(near)).toEqual(['foreign-release unknown'])
    expect(await shownBy(near, { isOneEach: true })).toEqual(['foreign-release unknown'])
    const both = [...first, take(20, 'A', 'a1'), line(30, '10.0.0.1:4001', 'DEL', 'k'), line(31, 'A', 'PING')]
    expect(await shownBy(both, { isOneEach: true })).toEqual(['foreign-release violated'])
  })

  it('of a delete by another connection of the host, which may be of a pool, is no proof that the lock was lost', async () => {
    const pooled = [...first, take(20, 'A', 'a1'), line(30, '10.0.0.1:4001', 'DEL', 'k'), ...refused(400, 'A', 'a1')]
    expect(await shownBy(pooled)).toEqual(['foreign-release unknown'])
  })

  it('of a foreign prolongation, a foreign overwrite and a flush', async () => {
    const held = [...first, take(20, 'A', 'a1')]
    expect(await shownBy([...held, line(30, 'B', 'PEXPIRE', 'k', '5000')])).toEqual(['foreign-release violated'])
    expect(await shownBy([...held, line(30, 'B', 'SET', 'k', 'b1', 'PX', '5000')])).toEqual([
      'foreign-release violated',
    ])
    expect(await shownBy([...held, line(30, 'B', 'FLUSHALL')])).toEqual(['foreign-release violated'])
    expect(await shownBy([...held, line(30, 'B', 'FLUSHDB')])).toEqual(['foreign-release violated'])
    expect(await shownBy([...held, line(30, 'A', 'FLUSHALL')])).toEqual([])
    expect(await shownBy([...held, line(30, 'B', 'SET', 'k', 'b1', 'PX', '5000', 'NX')])).toEqual([])
  })

  it('of a script applies its commands once, also when they count', async () => {
    const count = 'redis.call("set",KEYS[1],ARGV[1],"NX","PX",ARGV[2]) redis.call("pexpire",KEYS[1],ARGV[2])'
    const twice = [
      ...first,
      line(20, 'A', 'EVAL', count, '1', 'k', 'a1', '100'),
      line(20, 'lua', 'set', 'k', 'a1', 'NX', 'PX', '100'),
      line(20, 'lua', 'pexpire', 'k', '100'),
      ...release(50, 'A', 'a1'),
    ]
    expect(await judged(twice)).toMatchObject({ shown: [], grants: 2 })
  })

  it.each([
    ['DELEX', ['DELEX', 'k', 'IFEQ']],
    ['DELIFEQ', ['DELIFEQ', 'k']],
  ])('of a release without a script is followed, whichever server has the command: %s', async (_, command) => {
    const given = [
      ...first,
      take(20, 'A', 'a1'),
      line(30, 'A', ...command, 'a1'),
      take(40, 'B', 'b1'),
      line(50, 'A', ...command, 'a1'),
      take(60, 'A', 'a2'),
      line(70, 'B', ...command, 'b1'),
    ]
    expect(await judged(given)).toMatchObject({ grants: 3, shown: [] })
    // Who shows the token gives it back, as with a script.
    expect(await shownBy([...given, take(80, 'B', 'b2'), line(90, 'A', ...command, 'b2')])).toEqual(
      await shownBy([...given, take(80, 'B', 'b2'), ...release(90, 'A', 'b2')]),
    )
  })

  it('that begins in the middle says nothing of what was there before', async () => {
    // Whether B had it, or A, is not known: its SET NX may have been refused.
    expect(await shownBy([take(0, 'A', 'a0'), line(5, 'B', 'DEL', 'k')], { keys: ['k'] })).toEqual([])
    // The key that its release found shows that B had been refused, and A granted.
    const shown = [take(0, 'A', 'a0'), take(2, 'B', 'b0'), ...release(10, 'A', 'a0')]
    expect(await judged(shown)).toMatchObject({ shown: [], grants: 1 })
  })

  it('after another MONITOR began, or the clock went back, says nothing of what was there before', async () => {
    const before = [...first, take(20, 'A', 'a1')]
    expect(await judged([...before, 'OK', line(30, 'B', 'DEL', 'k')])).toMatchObject({
      shown: [],
      notes: [expect.stringMatching(/another recording/)],
    })
    expect(await shownBy([...first, take(9_000, 'A', 'a1'), line(30, 'B', 'DEL', 'k')])).toEqual([])
  })

  it('at the very end of a lease is not known', async () => {
    const edge = (at: number) =>
      shownBy([...first, take(20, 'A', 'a1', 100), take(at, 'B', 'b1'), line(at + 5, 'A', 'DEL', 'k')])
    expect(await edge(121)).toEqual([])
    // The command is shown when it is over; after a silence it may have begun before.
    expect(await edge(200)).toEqual(['overstated-lease unknown'])
    // Sooner: refused, and A's own. Later: granted to B, and A deletes it.
    expect(await edge(100)).toEqual([])
    expect(await edge(300)).toEqual(['foreign-release violated'])
  })

  it('of keys that many hold, or that are no locks, is not judged', async () => {
    const cached = [
      line(0, 'A', 'SET', 'c', 'v', 'EX', '10', 'NX'),
      line(5, 'B', 'DEL', 'c'),
      line(6, 'A', 'SET', 'c', 'w', 'EX', '10', 'NX'),
    ]
    expect(await judged([...cached, line(7, 'B', 'DEL', 'c')])).toMatchObject({
      shown: [],
      locks: 0,
      notes: [expect.stringMatching(/--keys/)],
    })
    const semaphore = [
      line(0, 'A', 'EVAL', 'x', '1', 'z', 'a', '9'),
      line(0, 'lua', 'exists', 'z'),
      line(0, 'lua', 'hset', 'z', 'a', '1'),
      line(0, 'lua', 'hset', 'z', 'b', '1'),
      line(0, 'lua', 'pexpire', 'z', '900'),
      line(5, 'B', 'DEL', 'z'),
    ]
    expect(await shownBy(semaphore)).toEqual([])
  })

  it('of a lock that is a hash: its field is its token', async () => {
    const taken = (at: number, who: string, token: string) => [
      line(at, who, 'EVAL', 'acquire', '1', 'h', '900', token),
      line(at, 'lua', 'exists', 'h'),
      line(at, 'lua', 'hincrby', 'h', token, '1'),
      line(at, 'lua', 'pexpire', 'h', '900'),
    ]
    const given = (at: number, who: string, token: string) => [
      line(at, who, 'EVAL', 'release', '1', 'h', token),
      line(at, 'lua', 'hexists', 'h', token),
      line(at, 'lua', 'del', 'h'),
    ]
    const turns = [
      line(0, 'A', 'DEL', 'h'),
      ...taken(1, 'A', 'a:1'),
      ...given(5, 'A:9', 'a:1'),
      ...taken(9, 'B', 'b:1'),
    ]
    expect(await judged([...turns, ...given(12, 'B', 'b:1')])).toMatchObject({ shown: [], locks: 1 })
    expect(
      await shownBy([...turns, ...given(12, 'B', 'b:1'), ...taken(20, 'A', 'a:2'), line(25, 'B', 'DEL', 'h')]),
    ).toEqual(['foreign-release violated'])
  })

  it('of one token that two clients write proves nothing', async () => {
    const shared = (at: number, who: string) => [
      line(at, who, 'SET', 'k', 'locked', 'PX', '1000', 'NX'),
      ...release(at + 5, who, 'locked'),
    ]
    const lines = [
      ...shared(0, 'A'),
      ...shared(10, 'B'),
      ...shared(20, 'A'),
      line(30, 'A', 'SET', 'k', 'locked', 'PX', '1000', 'NX'),
    ]
    expect(await shownBy([...lines, ...release(40, 'B', 'locked')])).toEqual(['foreign-release violated'])
  })

  it('of a lock that the server lost, and gave to another, is a violation', async () => {
    // A's lease lasts until 1020, nothing deletes it, and at 60 B's script finds B's own token.
    const lost = [...first, take(20, 'A', 'a1'), take(40, 'B', 'b1'), ...release(60, 'B', 'b1')]
    const { shown } = await judged(lost)
    expect(shown).toEqual([
      expect.objectContaining({
        property: 'mutual-exclusion',
        status: 'violated',
        sentence: expect.stringContaining('the server had lost it (a failover, a restart or an eviction)'),
      }),
    ])
  })

  it('of keys without an expiry', async () => {
    const again = [line(0, 'A', 'DEL', 'k'), line(1, 'A', 'SETNX', 'k', 'a1')]
    expect(await shownBy([...again, line(2, 'A', 'DEL', 'k')], { keys: ['k'] })).toEqual(['dead-lock violated'])
    expect(await shownBy([...again, line(2, 'A', 'PEXPIRE', 'k', '900')], { keys: ['k'] })).toEqual([])
    expect(await shownBy(again, { keys: ['k'] })).toEqual(['dead-lock unknown'])
    expect(await shownBy([...again, line(2_000, 'B', 'PING')], { keys: ['k'] })).toEqual(['dead-lock violated'])
    // By the taker's own delete it is likely a lock, and no more.
    expect(
      await shownBy([...again, line(2, 'A', 'DEL', 'k'), line(3, 'A', 'SETNX', 'k', 'a1'), line(4, 'A', 'DEL', 'k')]),
    ).toEqual(['dead-lock unknown'])
  })

  it('of a server that hides what scripts call is not guessed', async () => {
    const hidden = [
      ...[0, 100].flatMap((at) => [
        take(at, 'A', `a${at}`),
        line(at + 10, 'A', 'EVALSHA', 'f'.repeat(40), '1', 'k', `a${at}`),
      ]),
    ]
    expect(await judged(hidden)).toMatchObject({
      shown: [],
      grants: 0,
      notes: [expect.stringMatching(/what scripts called is not in it/)],
    })
  })
})

describe('several servers', () => {
  // One:  A |---------------------------- 1000 ms
  // Two:              B |------| released; each command may have begun 100 ms before
  const one = [...first, take(20, 'A', 'a1')]
  const two = [line(5, 'B', 'DEL', 'k'), take(200, 'B', 'b1'), ...release(500, 'B', 'b1')]

  it('that gave one key to two clients at once: a failover', async () => {
    const { shown } = await judged([one, two])
    expect(shown).toEqual([
      expect.objectContaining({
        property: 'mutual-exclusion',
        status: 'violated',
        sentence: expect.stringContaining(
          '200 ms of both leases at once: the second server did not know of the first grant',
        ),
      }),
    ])
    expect(await shownBy([one, two], { errorMs: 199 })).toEqual(['mutual-exclusion violated'])
    expect(await shownBy([one, two], { errorMs: 200 })).toEqual(['mutual-exclusion unknown'])
  })

  it('do not, when the first lease was over, given back, or given up', async () => {
    expect(await shownBy([[...first, take(20, 'A', 'a1', 100)], two])).toEqual([])
    expect(await shownBy([[...one, ...release(100, 'A', 'a1')], two])).toEqual([])
    const gaveUp = [line(5, 'B', 'DEL', 'k'), ...refused(150, 'A', 'a1'), ...two.slice(1)]
    expect(await shownBy([one, gaveUp])).toEqual([])
  })

  it('that hold one token are the nodes of a quorum lock: that is not judged, and said', async () => {
    const node = (token: string, at: number) => [
      ...first,
      take(at, token === 'a1' ? 'A' : 'B', token),
      ...release(at + 100, 'A', token),
    ]
    const both = await judged([
      node('a1', 20),
      [...first, take(20, 'A', 'a1'), ...release(40, 'A', 'a1'), take(60, 'B', 'b1'), ...release(70, 'B', 'b1')],
    ])
    expect(both.shown).toEqual([])
    expect(both.notes.join()).toContain('as quorum locks do')
  })
})

const resp = (...args: readonly string[]): string =>
  `*${args.length}\r\n${args.map((arg) => `$${arg.length}\r\n${arg}\r\n`).join('')}`
const second = 1_700_000_000
const until = (ms: number): string => String(second * 1_000 + ms)

describe('an append-only file', () => {
  const one = [
    resp('SELECT', '0'),
    `#TS:${second}\r\n`,
    resp('MULTI'),
    resp('SET', 'k', '#TS:1\r\n*1\r\n', 'PXAT', until(9_000)),
    resp('EXEC'),
  ]

  it('shows locks without an expiry, and names no clients', async () => {
    const text = [
      resp('SELECT', '0'),
      resp('SETNX', 'k', 'a'),
      resp('DEL', 'k'),
      resp('SET', 'l', 'a', 'PXAT', until(1)),
      resp('DEL', 'l'),
    ]
    const served = await judgeServers([openServerRecording(file(text.join('')))], { ...SETTINGS, keys: ['?'] })
    // Whatever was in k before: what stands in the file was done.
    expect(served.shown.map(({ property, status }) => [property, status])).toEqual([['dead-lock', 'violated']])
    expect(served.notes).toEqual([expect.stringContaining('names no clients')])
    mkdirSync(path.join(folder, 'parts'))
    file(text.join(''), 'parts/base.aof')
    file('', 'parts/incr.aof')
    file('file base.aof seq 1 type b\nfile old.aof seq 1 type h\nfile incr.aof seq 1 type i\n', 'parts/a.manifest')
    const whole = await judgeServers([openServerRecording(path.join(folder, 'parts'))], { ...SETTINGS, keys: ['?'] })
    expect(whole.shown.map(({ property, status, places }) => [property, status, places])).toEqual([
      [
        'dead-lock',
        'violated',
        [expect.stringMatching(/base\.aof:command 2$/), expect.stringMatching(/base\.aof:command 3$/)],
      ],
    ])
  })

  it('of two servers shows a key that was given twice; times are whole seconds', async () => {
    const other = (at: number) => [
      `#TS:${second + at}\r\n`,
      resp('SETNX', 'k', 'b'),
      resp('PEXPIREAT', 'k', until(9_000)),
    ]
    const before = [resp('DEL', 'k'), ...one]
    const earlier = [`#TS:${second - 9}\r\n`, resp('SET', 'k', 'a0', 'PXAT', until(-1)), resp('DEL', 'k')]
    const of = async (at: number, copied: readonly string[] = []) =>
      (
        await judgeServers(
          [
            [...copied, ...before],
            [...copied, ...other(at)],
          ].map((all) => openServerRecording(file(all.join('')))),
          { ...SETTINGS, keys: ['k'] },
        )
      ).shown.map(({ status }) => status)
    expect(await of(20)).toEqual([])
    // Within the second in which each was taken nothing is certain.
    expect(await of(8)).toEqual([])
    expect(await of(5)).toEqual(['violated'])
    // A copy of an earlier grant: it may be a quorum lock's.
    expect(await of(5, earlier)).toEqual(['unknown'])
  })

  it('that was cut in a command, or in a transaction, is read as far as it goes', async () => {
    const text = [resp('DEL', 'k'), ...one, resp('MULTI'), resp('DEL', 'k'), resp('DEL', 'k').slice(0, -3)].join('')
    const served = await judgeServers([openServerRecording(file(text))], { ...SETTINGS, keys: ['k'] })
    expect(served).toMatchObject({ commands: 2, grants: 1, shown: [] })
  })
})

describe('what is no evidence: exit 64, one message, no token', () => {
  it.each([
    ['no-such-file.log', null, 'there is no such file'],
    ['text.log', 'OK\nhello "secret"\n', 'text.log:2: it is no line of MONITOR'],
    ['middle.log', `OK\n${take(0, 'A', 'secret')}\n{"secret":1}\n`, 'middle.log:3: it is no line of MONITOR'],
    [
      'cut-middle.log',
      `OK\n${take(0, 'A', 'secret').slice(0, -4)}\n${take(0, 'A', 'secret')}\n`,
      'cut-middle.log:2: it is no line of MONITOR',
    ],
    ['dump.rdb', 'REDIS0011secret', 'dump.rdb: it begins with a snapshot (RDB)'],
    ['broken.aof', `${resp('SET', 'k', 'secret')}secret\r\n`, 'broken.aof:command 2: it is no append-only file'],
    ['length.aof', '*2\r\n$x\r\nsecret\r\n', 'length.aof:command 1: it is no append-only file'],
    ['a.manifest', 'file base.aof seq 1 typo\n', 'a.manifest:1: it is no line of a manifest'],
    ['b.manifest', 'file ../../../etc/passwd seq 1 type b\n', 'b.manifest:1: it is no line of a manifest'],
    ['c.manifest', 'file gone.aof seq 1 type b\n', 'c.manifest:1: there is no '],
  ])('%s', (name, text, words) => {
    const place = text === null ? path.join(folder, name) : file(text, name)
    const { code, stdout, stderr } = lockstorm(['judge', '--server', place])
    expect({ code, stdout }).toEqual({ code: 64, stdout: '' })
    expect(stderr).toContain(words)
    expect(stderr).not.toContain('secret')
    expect(stderr).not.toMatch(/\n {4}at /)
  })

  it('a last line that was cut is passed over', async () => {
    const text = `OK\n${first.join('\n')}\n${take(30, 'A', 'a1').slice(0, -4)}`
    expect((await judgeServers([openServerRecording(file(text))], SETTINGS)).commands).toBe(4)
  })
})

describe('lockstorm judge --server', () => {
  it('tells what it found and what it read, and never a token', () => {
    const place = file(
      `OK\n${[...first, take(20, 'A', 'secret-1'), line(30, 'B', 'DEL', 'k')].join('\n')}\n`,
      'cli.log',
    )
    const { code, stdout } = lockstorm(['judge', '--server', place])
    expect(code).toBe(1)
    expect(stdout).toMatch(/^✗ foreign-release: 10\.0\.0\.2:4000 deleted "k" of 10\.0\.0\.1:4000\s+\(#[0-9a-f]{6}\)/)
    expect(stdout).toContain('✗ violated: 2 grants of 1 lock in 6 commands of servers')
    expect(stdout).not.toContain('secret')
    const json = JSON.parse(lockstorm(['judge', '--server', place, '--json']).stdout)
    expect(json).toMatchObject({
      status: 'violated',
      server: { servers: 1, commands: 6, locks: 1, grants: 2 },
      shown: [{ cause: { kind: 'token-not-compared', how: 'deleted' } }],
    })
    expect(JSON.stringify(json)).not.toContain('secret')
    const nothing = lockstorm(['judge', '--server', file('OK\n')])
    expect([nothing.code, nothing.stdout]).toEqual([2, expect.stringContaining('vacuous: 0 grants')])
  })
})
