/** What requests may expect of a session, and whose fault it is when they are wrong: told by hand. */
import { describe, expect, it } from 'vitest'
import { linearizability } from '../../src/check/linearizability.ts'
import { isIdle, type Look, lastUsedUs, mustSee, sessionModel } from '../../src/check/session-model.ts'
import { sessionResurrected } from '../../src/check/session-resurrected.ts'
import { sessionStaleRead } from '../../src/check/session-stale-read.ts'
import { sessionVanished } from '../../src/check/session-vanished.ts'
import type { Operation } from '../../src/history/operation.ts'
import { historyOf, type Line, type Run, strikes } from './by-hand.ts'

const TTL_US = 1_000_000
const KEY = 'sess:1'

/** An operation of a server; null: it never came back. */
const does = (
  client: string,
  op: string,
  fromUs: number,
  untilUs: number,
  { outcome = 'ok', item = 'apple' } = {},
): Line[] => {
  const token = `${client}-${fromUs}`
  const asked = op === 'add' || op === 'remove' ? [token, item] : [token]
  const answer = outcome === 'ok' ? asked : [...asked, 'why']
  return [
    [fromUs, client, 'invoke', op, asked],
    [untilUs, client, outcome as 'ok', op, answer],
  ]
}
/** What a server sees: `user` and the fields beside it; null: no session. */
const looks = (client: string, fromUs: number, untilUs: number, seen: string | null, op = 'read'): Line[] => [
  [fromUs, client, 'invoke', op, [`${client}-${fromUs}`]],
  [untilUs, client, 'ok', op, [`${client}-${fromUs}`, seen]],
]
const login = does('A', 'login', 100, 200)

const session = (lines: readonly Line[], run: Run = {}) =>
  historyOf(lines, { subject: 'session', rules: { ttlMs: TTL_US / 1_000 }, ...run })

describe('when a session was last used before a look at it', () => {
  /** The last look's. */
  const usedUs = (...lines: readonly Line[]) => {
    const model = sessionModel(session(lines))
    return lastUsedUs(model, model.looks.at(-1) as Look)
  }
  const look = looks('B', 900, 950, null)

  it('is the first login at least, whether or not it is known to be one', () => {
    expect(usedUs(...login, ...look)).toBe(100)
    expect(usedUs(...does('A', 'login', 100, 200, { outcome: 'info' }), ...look)).toBe(100)
    expect(usedUs(...look, ...does('A', 'login', 1_000, 1_100))).toBe(Number.NEGATIVE_INFINITY)
  })

  it('is a later login or a change that was acknowledged before', () => {
    for (const op of ['login', 'add']) {
      expect(usedUs(...login, ...does('C', op, 500, 600), ...look)).toBe(500)
      expect(usedUs(...login, ...does('C', op, 500, 600, { outcome: 'info' }), ...look)).toBe(100)
      expect(usedUs(...login, ...does('C', op, 500, 901), ...look)).toBe(100)
    }
  })

  it('is a change whose own server found it before, though it was acknowledged later', () => {
    const later = does('C', 'add', 500, 1_000)
    expect(usedUs(...login, ...later, ...looks('C', 550, 600, 'user'), ...look)).toBe(500)
    expect(usedUs(...login, ...later, ...looks('D', 550, 600, 'user'), ...look)).toBe(100)
    expect(usedUs(...login, ...later, ...looks('C', 550, 600, null), ...look)).toBe(100)
    expect(usedUs(...login, ...later, ...looks('C', 400, 450, 'user'), ...look)).toBe(100)
    expect(
      usedUs(...login, ...later, ...looks('C', 550, 901, 'user'), ...look.slice(0, 1), [
        950,
        'B',
        'ok',
        'read',
        ['B-900', null],
      ]),
    ).toBe(100)
  })

  it('makes it idle after its time to live; before the login it is not', () => {
    const idle = (...lines: readonly Line[]) => {
      const history = session(lines)
      const model = sessionModel(history)
      return isIdle(history, model, model.looks.at(-1) as Look)
    }
    expect(idle(...login, ...looks('B', 1_000_000, 1_000_100, null))).toBe(true)
    expect(idle(...login, ...looks('B', 1_000_000, 1_000_099, null))).toBe(false)
    expect(idle(...looks('B', 10, 20, null), ...login)).toBe(false)
  })
})

describe('a look', () => {
  const change = does('A', 'add', 300, 400)
  const mustSeeIt = (...lines: readonly Line[]) => {
    const model = sessionModel(session([...login, ...change, ...lines, ...looks('B', 700, 800, 'user')]))
    return mustSee(
      model,
      model.looks.at(-1) as Look,
      model.changes.find(({ invokedUs }) => invokedUs === 300) as Operation,
    )
  }

  it('must see a change that was acknowledged before it', () => {
    expect(mustSeeIt()).toBe(true)
    expect(mustSeeIt(...does('C', 'login', 500, 600))).toBe(false)
    expect(mustSeeIt(...does('C', 'login', 250, 300))).toBe(true)
    expect(mustSeeIt(...does('C', 'login', 800, 900))).toBe(true)
    expect(mustSeeIt(...does('C', 'login', 799, 900))).toBe(false)
    expect(mustSeeIt(...does('C', 'logout', 799, 900))).toBe(false)
  })

  it('need not see one that another change of the same item may have undone', () => {
    expect(mustSeeIt(...does('C', 'remove', 500, 600))).toBe(false)
    expect(mustSeeIt(...does('C', 'remove', 500, 600, { outcome: 'info' }))).toBe(false)
    expect(mustSeeIt(...does('C', 'remove', 500, 600, { item: 'pear' }))).toBe(true)
    expect(mustSeeIt(...does('C', 'remove', 500, 600, { outcome: 'fail' }))).toBe(true)
    expect(mustSeeIt(...does('C', 'remove', 250, 300))).toBe(true)
    expect(mustSeeIt(...does('C', 'remove', 800, 900))).toBe(true)
  })
})

describe('a stale read', () => {
  const causes = (...lines: readonly Line[]) =>
    sessionStaleRead
      .run(session([...login, ...does('A', 'add', 300, 400), ...looks('B', 700, 800, 'user'), ...lines]))
      .map(({ cause }) => cause.kind)
  const again = looks('B', 850, 900, 'apple user', 'probe')

  it('is of an older copy that was read, or stored by another request that was under way when the change was acknowledged', () => {
    expect(causes()).toEqual([])
    expect(causes(...again)).toEqual(['older-copy-read'])
    expect(causes(...again, ...does('C', 'add', 350, 450, { item: 'pear' }))).toEqual(['older-copy-stored'])
    expect(causes(...again, ...does('C', 'add', 250, 350, { item: 'pear' }))).toEqual(['older-copy-read'])
    expect(causes(...again, ...does('C', 'add', 450, 550, { item: 'pear' }))).toEqual(['older-copy-read'])
    expect(causes(...again, ...does('A', 'add', 350, 450, { item: 'pear' }))).toEqual(['older-copy-read'])
  })
})

/** What a server holds of it. */
const held = (atUs: number, op: string, by: string, text: string, key = KEY): Line => [
  atUs,
  'redis-1',
  'truth',
  op,
  op === 'granted' ? [key, by, 'A', text, null, null] : [key, by, 'A'],
]

describe('a session that is missing', () => {
  const why = (lines: readonly Line[], run?: Run) =>
    sessionVanished.run(session([...login, ...lines], run)).map(({ kind, cause }) => `${kind}: ${cause.kind}`)
  const missed = looks('B', 700, 800, null)

  it('has vanished once its login was acknowledged', () => {
    expect(why(missed)).toEqual(['bug: session-gone'])
    expect(why(looks('B', 150, 250, null))).toEqual([])
  })

  it('is nothing before a login is known to have been one', () => {
    const unknown = does('A', 'login', 100, 200, { outcome: 'info' })
    const before = session([...unknown, ...looks('B', 210, 220, null), ...does('A', 'login', 300, 400)])
    expect(sessionVanished.run(before)).toEqual([])
  })

  it('of which only the application knows the key is a limit when a clock jumped past its end', () => {
    const jumped = (by: string) => why([...missed, strikes(300, 'clock-step', { process: 'redis-1', by })])
    expect(jumped('1s')).toEqual(['limit: redis-lost-it'])
    expect(jumped('999ms')).toEqual(['bug: session-gone'])
  })

  it('is a limit when the server brought back an older state since its login', () => {
    const restarted = (atUs: number) =>
      why([...missed, held(50, 'granted', 'A', 'x'), held(atUs, 'granted', 'restart', 'y')])
    expect(restarted(300)).toEqual(['limit: session-let-go'])
    expect(restarted(99)).toEqual(['bug: session-gone'])
    expect(restarted(801)).toEqual(['bug: session-gone'])
  })
})

describe('a session that is there again after its logout', () => {
  const logout = does('A', 'logout', 500, 600)
  const ghost = looks('B', 700, 800, 'user')
  const why = (...lines: readonly Line[]) =>
    sessionResurrected.run(session([...login, ...logout, ...lines])).map(({ kind, cause }) => [kind, cause])
  const STORED = [['bug', { kind: 'stored-after-logout', writer: null }]]

  it('is a bug, of a request that was under way then where one was', () => {
    expect(why(...ghost)).toEqual(STORED)
    const writer = (fromUs: number, untilUs: number) => why(...ghost, ...does('C', 'add', fromUs, untilUs))
    expect(writer(550, 650)).toEqual([['bug', { kind: 'stored-after-logout', writer: 'C' }]])
    expect(writer(400, 500)).toEqual(STORED)
    expect(writer(600, 650)).toEqual(STORED)
  })

  it('is none where the logout is not known to have been one', () => {
    const lines = [...login, ...does('A', 'logout', 500, 600, { outcome: 'info' }), ...ghost]
    expect(sessionResurrected.run(session(lines))).toEqual([])
  })

  it('is none of whoever logs in again, unless it was there before that', () => {
    expect(why(...ghost, ...does('A', 'login', 650, 690))).toEqual([])
    expect(why(...ghost, ...does('A', 'login', 850, 900))).toEqual(STORED)
    expect(why(...ghost, ...does('C', 'login', 300, 400))).toEqual(STORED)
  })

  it('is a limit when the server forgot the logout: it has what was there before it', () => {
    const had = [held(150, 'granted', 'A', 'x'), held(550, 'deleted', 'A', '')]
    const back = (text: string, key = KEY) => why(...ghost, ...had, held(650, 'granted', 'failover', text, key))
    expect(back('x')).toEqual([['limit', { kind: 'logout-forgotten', node: 'redis-1', how: 'failover' }]])
    expect(back('y')).toEqual(STORED)
    expect(back('x', 'sess:2')).toEqual(STORED)
    // A server that forgets all has not brought it back.
    expect(why(...ghost, ...had, strikes(650, 'flush', { process: 'redis-1' }))).toEqual(STORED)
  })
})

describe('requests that no order explains', () => {
  /** The key has a second to live, and the clock of Redis ends it sooner. */
  const endsEarly = (fromUs: number, untilUs: number): Line[] => [
    [fromUs, 'redis-1', 'truth', 'granted', [KEY, 'A', 'A', 'x', fromUs + TTL_US, TTL_US]],
    held(untilUs, 'expired', 'time', ''),
  ]
  const why = (...lines: readonly Line[]) =>
    linearizability.run(session([...login, ...lines])).map(({ kind, cause }) => `${kind}: ${cause.kind}`)

  it('are a limit where the clock of Redis explains one of those that found no session', () => {
    const early = endsEarly(150, 500_000)
    expect(why(...early, ...looks('B', 600_000, 600_100, null))).toEqual(['limit: redis-lost-it'])
    expect(why(...early, ...looks('C', 300, 400, null), ...looks('B', 600_000, 600_100, null))).toEqual([
      'limit: redis-lost-it',
    ])
    expect(why(...early, ...looks('C', 300, 400, null))).toEqual(['bug: no-order-explains-it'])
  })

  it('are a bug where that came before the login, or when the session had been idle for long enough', () => {
    const lost = [...does('A', 'add', 300, 400), ...looks('B', 500, 600, 'user')]
    expect(why(...lost)).toEqual(['bug: no-order-explains-it'])
    expect(why(...lost, ...endsEarly(150, 900_000), ...looks('B', 2_000_000, 2_000_100, null))).toEqual([
      'bug: no-order-explains-it',
    ])
    expect(why(...endsEarly(10, 50), ...looks('B', 60, 70, null), ...lost)).toEqual(['bug: no-order-explains-it'])
  })
})
