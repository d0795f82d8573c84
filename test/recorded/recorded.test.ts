/** Histories that were recorded elsewhere: belief, effects, and what writes them. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { recordLock } from '../../src/record-lock.ts'
import { judgeBelief } from '../../src/recorded/belief.ts'
import { judgeEffect } from '../../src/recorded/effect.ts'
import { build, lockstorm } from '../cli/binary.ts'

const folder = mkdtempSync(path.join(tmpdir(), 'lockstorm-recorded-'))
beforeAll(build)
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const hash = (token: string): string => `h-${token}`
const lines = (...all: readonly object[]) => [{ place: 'f', lines: all.map((line) => JSON.stringify(line)) }]

/** `a@h1 0..10`: a hold of token a on host h1. */
const hold = (token: string, host: string, from: number, until: number, lock = 'orders') => [
  { t: from, host, lock, token, event: 'acquired' },
  { t: until, host, lock, token, event: 'released' },
]

describe('belief', () => {
  // A |──────10 ms──────|
  // B        |──────────────|   both from 6 to 10
  const overlapping = [...hold('a', 'h1', 0, 10), ...hold('b', 'h2', 6, 20)]

  it('of two holders at once is a violation, with both lines', async () => {
    const { shown, locks, holds } = await judgeBelief(lines(...overlapping), 0, hash)
    expect([locks, holds]).toEqual([1, 2])
    expect(shown).toEqual([
      {
        property: 'mutual-exclusion',
        status: 'violated',
        sentence: 'h1 (#h-a) and h2 (#h-b) both believed to hold "orders" for 4 ms',
        places: ['f:1', 'f:3'],
      },
    ])
  })

  it('that overlaps for no longer than clocks may differ is unknown; on one host there is one clock', async () => {
    const at = async (errorMs: number, other = 'h2') =>
      (await judgeBelief(lines(...hold('a', 'h1', 0, 10), ...hold('b', other, 6, 20)), errorMs, hash)).shown.map(
        ({ status }) => status,
      )
    expect(await at(3)).toEqual(['violated'])
    expect(await at(4)).toEqual(['unknown'])
    expect(await at(100, 'h1')).toEqual(['violated'])
  })

  it.each<[string, readonly object[]]>([
    ['one after the other', [...hold('a', 'h1', 0, 10), ...hold('b', 'h2', 10, 20)]],
    ['of two locks', [...hold('a', 'h1', 0, 10), ...hold('b', 'h2', 5, 20, 'invoices')]],
    [
      'that knows that its lease has ended',
      [{ t: 0, host: 'h1', lock: 'l', token: 'a', event: 'acquired', expiresAt: 5 }, ...hold('b', 'h2', 6, 9, 'l')],
    ],
    [
      'that was told of its loss',
      [
        { t: 0, host: 'h1', lock: 'l', token: 'a', event: 'acquired' },
        { t: 5, host: 'h1', lock: 'l', token: 'a', event: 'lost' },
        ...hold('b', 'h2', 6, 9, 'l'),
      ],
    ],
  ])('%s is sound', async (_, all) => {
    expect((await judgeBelief(lines(...all), 0, hash)).shown).toEqual([])
  })

  it('is prolonged by an extension, and without an end lasts until its host says no more', async () => {
    const extended = [
      { t: 0, host: 'h1', lock: 'l', token: 'a', event: 'acquired', expiresAt: 5 },
      { t: 4, host: 'h1', lock: 'l', token: 'a', event: 'extended', expiresAt: 9 },
      ...hold('b', 'h2', 6, 20, 'l'),
    ]
    expect((await judgeBelief(lines(...extended), 0, hash)).shown).toHaveLength(1)
    const endless = [
      { t: 0, host: 'h1', lock: 'l', token: 'a', event: 'acquired' },
      ...hold('x', 'h1', 30, 31, 'other'),
      ...hold('b', 'h2', 20, 40, 'l'),
    ]
    expect((await judgeBelief(lines(...endless), 0, hash)).shown[0]?.sentence).toContain('for 11 ms')
  })
})

describe('effects', () => {
  const write = (token: string, more: object = {}) => ({ t: 0, resource: 'row', token, ...more })
  const of = async (...all: readonly object[]) => (await judgeEffect(lines(...all), hash)).shown

  it('of a writer that was followed by another are stale, whatever the clocks say', async () => {
    const shown = await of(write('a'), write('b'), write('a'))
    expect(shown).toEqual([
      expect.objectContaining({ property: 'stale-write', status: 'violated', places: ['f:2', 'f:3'] }),
    ])
    expect(await of(write('a'), write('a'), write('b'))).toEqual([])
    expect(await of(write('a'), { ...write('b'), resource: 'other' }, write('a'))).toEqual([])
  })

  it('with a lower fence should have been refused; a higher one is another grant', async () => {
    const shown = await of(write('a', { fence: 1 }), write('b', { fence: 3 }), write('c', { fence: 2 }))
    expect(shown.map(({ property, sentence }) => [property, sentence])).toEqual([
      ['fence-order', '"row" accepted fence 2 after 3'],
    ])
    expect(await of(write('a', { fence: 1 }), write('b', { fence: 2 }), write('a', { fence: 3 }))).toEqual([])
  })

  it('that make one version twice have lost an update', async () => {
    const shown = await of(write('a', { version: 1 }), write('b', { version: 1 }))
    expect(shown.map(({ property, places }) => [property, places])).toEqual([['stale-write', ['f:1', 'f:2']]])
  })
})

describe('recordLock', () => {
  it('writes what its users believe, tokens hashed, which is judged', async () => {
    const file = path.join(folder, 'belief.ndjson')
    const held = new Map<string, string>()
    const lock = {
      async acquire(name: string, ttlMs: number) {
        const token = `secret-${name}-${held.size}`
        held.set(name, token)
        return { token, expiresAt: Date.now() + ttlMs }
      },
      extend: async (_lease: object) => true,
      release: async (_lease: object) => true,
      tryLock: async (_name: string) => null,
      name: () => 'mine',
    }
    const recorded = recordLock(lock, { file, host: 'h1' })
    const lease = await recorded.acquire('orders', 1_000)
    await recorded.extend(lease)
    await recorded.release(lease)
    expect([await recorded.tryLock('orders'), recorded.name()]).toEqual([null, 'mine'])
    const text = readFileSync(file, 'utf8')
    expect(text).not.toContain('secret')
    const events = text
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
    expect(events.map(({ event, lock: name, host }) => [event, name, host])).toEqual([
      ['acquired', 'orders', 'h1'],
      ['extended', 'orders', 'h1'],
      ['released', 'orders', 'h1'],
    ])
    expect(new Set(events.map(({ token }) => token)).size).toBe(1)
    expect((await judgeBelief([{ place: file, lines: text.split('\n') }], 0, hash)).shown).toEqual([])
  })

  it('takes tokens that are texts, and errors of the lock come through', async () => {
    const file = path.join(folder, 'texts.ndjson')
    const recorded = recordLock(
      {
        lock: async (_name: string) => 'token-1',
        unlock: async (_name: string, _token: string) => {
          throw new Error('gone')
        },
      },
      { file },
    )
    await recorded.lock('orders')
    await expect(recorded.unlock('orders', 'token-1')).rejects.toThrow('gone')
    const events = readFileSync(file, 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line).event)
    expect(events).toEqual(['acquired', 'released'])
  })
})

describe('lockstorm judge', () => {
  const file = (name: string, ...all: readonly (object | string)[]): string => {
    const place = path.join(folder, name)
    writeFileSync(place, all.map((line) => (typeof line === 'string' ? line : JSON.stringify(line))).join('\n'))
    return place
  }

  it('tells what is certain, what is not, and what was read, and never a token', () => {
    const belief = file('b.ndjson', ...hold('secret-a', 'h1', 0, 10), ...hold('secret-b', 'h2', 6, 20))
    const certain = lockstorm(['judge', '--belief', belief])
    expect(certain.code).toBe(1)
    expect(certain.stdout).toMatch(/^✗ mutual-exclusion: h1 \(#[0-9a-f]{6}\) and h2/)
    expect(certain.stdout).toContain(`${belief}:1`)
    expect(certain.stdout).not.toContain('secret')
    const unsure = lockstorm(['judge', '--belief', belief, '--clock-error', '5ms', '--json'])
    expect(unsure.code).toBe(2)
    expect(JSON.parse(unsure.stdout)).toMatchObject({
      schema: 'lockstorm/judged@1',
      status: 'unknown',
      clockErrorMs: 5,
    })
    expect(lockstorm(['judge', '--belief', belief, '--clock-error', '5ms', '--unknown-ok']).code).toBe(0)
    const effect = file('e.ndjson', { t: 1, resource: 'row', token: 'x' })
    const sound = lockstorm(['judge', '--effect', effect])
    expect([sound.code, sound.stdout]).toEqual([0, '✓ valid: 1 write to 1 resource\n'])
    expect(lockstorm(['judge', '--effect', file('empty.ndjson')]).code).toBe(2)
  })

  it.each([
    [['judge'], 'judge: there is nothing to judge'],
    [['judge', '--belief', 'no.ndjson'], 'no.ndjson: there is no such file'],
    [['judge', 'no-history.ndjson'], 'no-history.ndjson: there is no such file'],
    [['judge', '--belief', file('c.ndjson', { t: 0 }), '--clock-error', 'soon'], '--clock-error: expected a duration'],
    [
      ['judge', '--belief', file('d.ndjson', ...hold('a', 'h', 0, 1), 'nonsense')],
      'd.ndjson:3: it is no JSON (8 characters)',
    ],
    [
      ['judge', '--belief', file('g.ndjson', { t: 0, host: 'h', lock: 'l', token: 'a', event: 'aquired' })],
      'g.ndjson:1: event: expected',
    ],
  ])('%j: exit 64, in words', (args, words) => {
    const { code, stdout, stderr } = lockstorm(args)
    expect({ code, stdout }).toEqual({ code: 64, stdout: '' })
    expect(stderr).toContain(words)
    expect(stderr).not.toMatch(/\n {4}at /)
  })

  it('repeats nothing of a line that it cannot read, because it may hold a token', () => {
    const broken = file('t.ndjson', '{"t":0,"host":"h","lock":"l","token":"s3cret","event":"acquired"')
    const number = file('u.ndjson', { t: 0, host: 'h', lock: 'l', token: 4711, event: 'acquired' })
    for (const [flag, path] of [
      ['--belief', broken],
      ['--effect', broken],
      ['--belief', number],
    ] as const) {
      const { code, stdout, stderr } = lockstorm(['judge', flag, path])
      expect(code).toBe(64)
      expect(stdout + stderr).not.toMatch(/s3cret|4711/)
    }
  })

  it('loads no world where it only records: lockstorm/record stands alone', () => {
    const text = readFileSync(path.resolve(import.meta.dirname, '../../dist/record-lock.js'), 'utf8')
    const imported = [...text.matchAll(/^import .* from '([^']+)'/gm)].map(([, name]) => name)
    expect(imported.every((name) => name?.startsWith('node:'))).toBe(true)
  })
})
