/**
 * Every property has a broken subject that must violate it and a right one that must not, in the same storm.
 */
import { describe, expect, it } from 'vitest'
import { judge } from '../../src/check/judge.ts'
import { CHECKS } from '../../src/check/registry.ts'
import { PROPERTIES } from '../../src/check/verdict.ts'
import { History } from '../../src/history/history.ts'
import { expireOnArrival } from '../../src/lock/articles/expire-on-arrival.ts'
import { sortedSetClientTime, sortedSetTicket } from '../../src/lock/articles/sorted-set.ts'
import { evalsha } from '../../src/lock/evalsha.ts'
import { fenced } from '../../src/lock/fenced.ts'
import { fencedWatchdog } from '../../src/lock/fenced-watchdog.ts'
import { naive } from '../../src/lock/naive.ts'
import { nxPlainDel } from '../../src/lock/nx-plain-del.ts'
import { plainSet } from '../../src/lock/plain-set.ts'
import { setNxLua } from '../../src/lock/set-nx-lua.ts'
import { setnxExpire } from '../../src/lock/setnx-expire.ts'
import { watchdog } from '../../src/lock/watchdog.ts'
import { fieldHash } from '../../src/session/field-hash.ts'
import { optimistic } from '../../src/session/optimistic.ts'
import { overwrite } from '../../src/session/overwrite.ts'
import type { TraceType } from '../../src/sim/trace.ts'
import { appSubject, lockSubject, sessionSubject } from '../../src/subject/subject.ts'
import { reasonZh } from '../../src/words/zh/reasons.ts'
import type { Plan } from '../../src/world/plan.ts'
import { cartModel } from '../subjects/models/cart-model.ts'
import * as mutants from './mutants.ts'
import { cachePlan, cartPlan, counterPlan, fault, jobPlan, show } from './worlds.ts'

const busy = counterPlan({
  clients: 4,
  workload: { kind: 'counter', rounds: 3, workUs: 3_000, retryUs: 4_000, checkFence: true },
})
const paused = counterPlan({
  headStartUs: 5_000,
  faults: [fault('pause', { process: 'A', for: '3s' }, 'A before write')],
})
const pausedUnfenced: Plan = {
  ...paused,
  workload: { kind: 'counter', rounds: 1, workUs: 20_000, retryUs: 20_000, checkFence: false },
}

describe('the registry', () => {
  it('judges every property there is, in the order of the list', () => {
    expect(CHECKS.map((check) => check.name)).toEqual(PROPERTIES)
  })
})

describe('mutual-exclusion', () => {
  it('is lost by GET then SET without any fault, and kept by SET NX', async () => {
    const broken = await show(lockSubject(naive), busy)
    expect(broken.kinds).toContain('mutual-exclusion: bug')
    const right = await show(lockSubject(setNxLua), busy)
    expect(right.kinds).toEqual([])
    expect(right.status).toBe('valid')
  })

  it('is lost, a limit, when a paused holder outlives its lease', async () => {
    const { violations, sometimes } = await show(lockSubject(setNxLua), paused)
    const overlap = violations.find(({ property }) => property === 'mutual-exclusion')
    expect(overlap).toMatchObject({ kind: 'limit', processes: ['A', 'B'] })
    expect(overlap?.why).toBe("A's lease of 1 s ended while A was paused, and A did not know.")
    expect(sometimes).toContain('outlived')
  })

  // A  |--acquire--|........work of 300 ms, lease of 200 ms.........|
  // B                                |--acquire--|
  it('is lost, a bug, when no fault struck and the work is longer than a lease that is not renewed', async () => {
    const long = counterPlan({
      ttlMs: 200,
      headStartUs: 5_000,
      workload: { kind: 'counter', rounds: 1, workUs: 300_000, retryUs: 20_000, checkFence: false },
    })
    const { kinds, violations } = await show(lockSubject(setNxLua), long)
    expect(kinds).toEqual(['linearizability: bug', 'mutual-exclusion: bug', 'stale-write: bug'])
    expect(violations.map(({ needs }) => needs)).toEqual([null, null, null])
    expect(violations[0]?.why).toMatch(
      /^A's work outlives its lease of 200.* ms, and nothing renews it\. No fault held A up\.$/,
    )
    expect((await show(lockSubject(watchdog), long)).kinds).toEqual([])
    // A fault that is over before the lease begins excuses nothing; one that is in force meanwhile does.
    const early: Plan = { ...long, faults: [fault('reset', { process: 'A' }, 'A before acquire')] }
    expect((await show(lockSubject(setNxLua), early)).kinds).toContain('mutual-exclusion: bug')
    const cut: Plan = { ...long, faults: [fault('pause', { process: 'A', for: '1ms' }, 'A before work')] }
    expect((await show(lockSubject(setNxLua), cut)).kinds).toContain('mutual-exclusion: limit')
  })

  it('is not lost by a holder that stops believing at a deadline of its own', async () => {
    expect((await show(lockSubject(fenced), paused)).kinds).toEqual([])
  })
})

describe('a world in which nothing was done', () => {
  const long = (checkLease: boolean): Plan =>
    counterPlan({
      ttlMs: 200,
      workload: { kind: 'counter', rounds: 1, workUs: 300_000, retryUs: 20_000, checkFence: false, checkLease },
    })

  it('is vacuous, and says what never happened', async () => {
    const { history, status, sometimes } = await show(lockSubject(fenced), long(true))
    expect(status).toBe('vacuous')
    expect(sometimes).not.toContain('done')
    const missing =
      'it never happened that a client got its work done: no write ended well; holders gave up, because their leases had ended'
    expect(judge(history).verdict).toEqual({ status: 'vacuous', missing })
    expect(reasonZh(missing)).toBe('从未出现过：有客户端做完了工作（没有一次写入成功；持有者因为租约已经结束而放弃）')
    const renewed = await show(lockSubject(fencedWatchdog), long(true))
    expect([renewed.status, renewed.sometimes.includes('done')]).toEqual(['valid', true])
  })

  it('shows what its lease is worth when clients do not ask it', async () => {
    const { kinds, violations } = await show(lockSubject(fenced), long(false))
    expect(kinds).toEqual(['fence-order: limit', 'linearizability: bug', 'stale-write: bug'])
    expect(violations.find(({ property }) => property === 'stale-write')?.why).toMatch(
      /, and nothing renews it; \w went on without asking its lease\. No fault held \w up\.$/,
    )
    expect((await show(lockSubject(fencedWatchdog), long(false))).status).toBe('valid')
  })
})

describe('stale-write', () => {
  it('is accepted from a paused holder without a fence, refused with one', async () => {
    expect((await show(lockSubject(setNxLua), paused)).kinds).toContain('stale-write: limit')
    const right = await show(lockSubject(fenced), paused)
    expect(right.kinds).toEqual([])
    expect(right.sometimes).toContain('refused')
  })

  it('is accepted even with a fence where the resource does not check it', async () => {
    const { kinds } = await show(lockSubject(fenced), pausedUnfenced)
    expect(kinds).toEqual(['fence-order: limit', 'linearizability: limit', 'stale-write: limit'])
  })
})

describe('a reply that comes after the lease has ended', () => {
  // A  |--SET NX--|........reply 400 ms late........|read--work--write|    lease 250 ms
  // B                    |--SET NX--|read--work----------write|
  const late = counterPlan({
    ttlMs: 250,
    headStartUs: 5_000,
    workload: { kind: 'counter', rounds: 1, workUs: 200_000, retryUs: 3_000, checkFence: true },
    faults: [fault('delay-reply', { process: 'A', for: '400ms' }, 'A before acquire')],
  })

  it('makes what follows the fault of a lock that does not look at its clock', async () => {
    const { kinds, violations } = await show(lockSubject(setNxLua), late)
    expect(kinds).toEqual(['linearizability: bug', 'mutual-exclusion: bug', 'stale-write: bug'])
    const write = violations.find(({ property }) => property === 'stale-write')
    expect(write?.why).toMatch(/^A was told that it has the lock \d+(\.\d+)? ms after its lease had ended: /)
  })

  it('is not taken for a lock by one that does', async () => {
    expect((await show(lockSubject(fenced), late)).kinds).toEqual([])
  })

  it("is nobody's fault where the clock that would have shown it ran slow", async () => {
    const slow = { ...late, faults: [...late.faults, fault('clock-rate', { process: 'A', ppm: -500_000 }, '0ms')] }
    const { violations } = await show(lockSubject(setNxLua), slow)
    expect(violations.find(({ property }) => property === 'stale-write')?.kind).toBe('limit')
  })
})

describe('fence-order', () => {
  it('is broken by a fence that does not grow', async () => {
    expect((await show(lockSubject(mutants.constantFence), busy)).kinds).toContain('fence-order: bug')
    expect((await show(lockSubject(fenced), busy)).kinds).toEqual([])
  })

  it('is broken by a fence that is drawn in a second command, when that command is late', async () => {
    const late = counterPlan({
      ttlMs: 300,
      headStartUs: 5_000,
      faults: [fault('delay-request', { process: 'A', for: '500ms' }, 'A before send 2')],
    })
    expect((await show(lockSubject(mutants.lateFence), late)).kinds).toContain('fence-order: bug')
    expect((await show(lockSubject(fenced), late)).kinds).toEqual([])
  })

  // A  |SET|DEL|      |--SET--|
  // B     |SET|DEL|              |--SET--|   its first key does not count: it gave that back itself
  it('is broken by a second try that draws no higher token, though the first came before the other client', async () => {
    const plan = counterPlan({ headStartUs: 5_000 })
    const { violations, history } = await show(lockSubject(mutants.takesAgain), plan)
    expect(history.grants.slice(0, 4).map(({ owner }) => owner)).toEqual(['A', 'B', 'A', 'B'])
    expect(violations.map(({ sentence }) => sentence)).toContain(
      'B was granted the lock after A but got fencing token 1, not above 1',
    )
  })
})

describe('foreign-release', () => {
  const late = counterPlan({
    ttlMs: 250,
    headStartUs: 5_000,
    workload: { kind: 'counter', rounds: 1, workUs: 200_000, retryUs: 3_000, checkFence: true },
    faults: [fault('delay-request', { process: 'A', for: '100ms' }, 'A before release')],
  })

  it('is committed by a DEL that does not compare', async () => {
    expect((await show(lockSubject(nxPlainDel), late)).kinds).toContain('foreign-release: bug')
    expect((await show(lockSubject(setNxLua), late)).kinds).toEqual([])
  })

  it('is committed by a waiter that prolongs the lock of another', async () => {
    expect((await show(lockSubject(mutants.extendsForeign), busy)).kinds).toContain('foreign-release: bug')
  })
})

describe('dead-lock', () => {
  it('is what a crash between SETNX and EXPIRE leaves behind, and a crash of a holder with a TTL does not', async () => {
    const crash = counterPlan({
      ttlMs: 300,
      headStartUs: 5_000,
      faults: [fault('crash', { process: 'A' }, 'A before reply 1')],
    })
    const { kinds, violations } = await show(lockSubject(setnxExpire), crash)
    expect(kinds).toEqual(['dead-lock: bug'])
    expect(violations.map(({ sentence }) => sentence)).toContain(
      '"orders/42" has no expiry and no client holds it: it is locked for ever',
    )
    expect((await show(lockSubject(setNxLua), crash)).kinds).toEqual([])
  })

  it('is a lock that can never be taken, because nil is not false in Lua', async () => {
    const { violations } = await show(lockSubject(mutants.nilIsFree), counterPlan({ ttlMs: 200 }))
    expect(violations.map(({ property }) => property)).toEqual(['dead-lock'])
    expect((await show(lockSubject(fenced), counterPlan({ ttlMs: 200 }))).kinds).toEqual([])
  })

  it('is a client that was told nil by its own token, because its driver sent SET NX again', async () => {
    const lost = counterPlan({
      client: 'ioredis',
      headStartUs: 5_000,
      faults: [fault('lose-reply', { process: 'A' }, 'A before acquire')],
    })
    const { kinds, violations } = await show(lockSubject(setNxLua), lost, 'ioredis')
    expect(kinds).toEqual(['orphaned-lock: bug'])
    expect(violations[0]?.sentence).toMatch(
      /^A was told that another client holds the lock, but its own token kept the lock from all clients for \d/,
    )
    expect((await show(lockSubject(fenced), lost, 'ioredis')).kinds).toEqual([])
  })

  it('is a release by a script that the server has forgotten, without a way back to EVAL', async () => {
    const forgotten = counterPlan({
      headStartUs: 5_000,
      faults: [fault('script-flush', { process: 'redis-1' }, 'A before release')],
    })
    const { kinds, violations } = await show(lockSubject(evalsha), forgotten)
    expect(kinds).toEqual(['orphaned-lock: bug'])
    expect(violations[0]?.sentence).toMatch(
      /^A was told NOSCRIPT, but its own token kept the lock from all clients for \d/,
    )
    expect((await show(lockSubject(setNxLua), forgotten)).kinds).toEqual([])
    // A release that the server refused for reasons of its own is nobody's mistake: the TTL is for that.
    const refused = {
      ...forgotten,
      faults: [fault('read-only', { process: 'redis-1', for: '2s' }, 'A before release')],
    }
    expect((await show(lockSubject(evalsha), refused)).kinds).toEqual([])
  })

  it('is a release that says it succeeded and does nothing', async () => {
    expect((await show(lockSubject(mutants.lyingRelease), busy)).kinds).toContain('orphaned-lock: bug')
  })
})

/** What a history that was written by hand says of its world. */
const READ = { struck: [], voters: ['redis-1'], isBlocking: false, limitReached: null, plan: {} }

describe('linearizability', () => {
  type Line = readonly [atUs: number, process: string, type: TraceType, op: string, value: string]
  const RULES = { ttlMs: 1000, checkFence: false, orphanUs: 100, firstReconnectUs: 50_000, reconnectUs: 2_000_000 }
  const historyOf = (lines: readonly Line[]): History =>
    new History({
      records: lines.map(([atUs, process, type, op, value], seq) => {
        const fields = op === 'probe' || op === 'load' ? value.split(',') : value.split(' ')
        return { atUs, seq, process, type, op, value: fields }
      }),
      healedUs: 9,
      endUs: 9,
      ...READ,
      subject: 'session',
      rules: RULES,
    })

  // C         |------------ add c1, with a copy that has b1 ------------|
  // B  |-- add b1 --|-- remove b1 --|            look: b1 is there again
  it('is unknown, not kept, when too many orders would have to be tried', () => {
    // Whether each of twenty changes took effect nobody knows; what the two looks saw fits none of the million ways.
    const changes = Array.from({ length: 20 }, (_, index) => `C${index}`)
    const lines: readonly Line[] = [
      [0, 'A', 'invoke', 'login', 'A-1'],
      [1, 'A', 'ok', 'login', 'A-1'],
      ...changes.map((name) => [2, name, 'invoke', 'add', `${name}-1 ${name}`] as const),
      ...changes.map((name) => [3, name, 'info', 'add', `${name}-1 ${name}`] as const),
      [4, 'A', 'invoke', 'load', 'A-2,a1'],
      [5, 'A', 'ok', 'load', 'A-2,a1,C0 user'],
      [6, 'A', 'invoke', 'probe', 'A-3'],
      [7, 'A', 'ok', 'probe', 'A-3,user'],
    ]
    const { verdict } = judge(historyOf(lines))
    expect(verdict.status).toBe('unknown')
    expect(verdict).toMatchObject({ reason: expect.stringContaining('was not found out in 50,000 steps') })
  })

  // B's second call and the return of its first are of one microsecond, and have an order all the same.
  it('does not let a removal take effect before the addition that its own client had finished', () => {
    const lines: readonly Line[] = [
      [0, 'A', 'invoke', 'login', 'A-1'],
      [1, 'A', 'ok', 'login', 'A-1'],
      [2, 'B', 'invoke', 'add', 'B-1 b1'],
      [5, 'B', 'ok', 'add', 'B-1 b1'],
      [5, 'B', 'invoke', 'remove', 'B-2 b1'],
      [9, 'B', 'ok', 'remove', 'B-2 b1'],
      [9, 'A', 'invoke', 'probe', 'A-2'],
      [9, 'A', 'ok', 'probe', 'A-2,b1 user'],
    ]
    const check = CHECKS.find(({ name }) => name === 'linearizability')
    const found = check?.run(historyOf(lines))
    expect(found?.map(({ kind }) => kind)).toEqual(['bug'])
  })
})

describe('hang', () => {
  it('is a promise that nobody settles', async () => {
    expect((await show(lockSubject(mutants.waitsForEver), busy)).kinds).toContain('hang: bug')
    expect((await show(lockSubject(setNxLua), busy)).kinds).toEqual([])
  })

  it('is not a load that throws because its connection was cut', async () => {
    const cut = cartPlan({ faults: [fault('lose-reply', { process: 'A' }, 'A before load 2')] })
    const { kinds, sometimes } = await show(sessionSubject(optimistic), cut)
    expect(kinds).toEqual([])
    expect(sometimes).toContain('unknown')
  })
})

describe('hang where a fault makes work last', () => {
  const slowed = (by: string) =>
    cartPlan({ ttlMs: 2_000, settleUs: 6_000_000, faults: [fault('slow-work', { process: 'B', by }, '0us')] })

  it('is not work that goes on for longer than the calm', async () => {
    expect((await show(sessionSubject(overwrite), slowed('6400ms'))).kinds).not.toContain('hang: bug')
  })

  it('is a promise that nobody settles, all the same', async () => {
    const shown = await show(
      lockSubject(mutants.waitsForEver),
      counterPlan({ faults: [fault('slow-work', { process: 'B', by: '500ms' }, '0us')] }),
    )
    expect(shown.kinds).toContain('hang: bug')
  })
})

describe('a lock that its own lost reply blocks', () => {
  const lost = fault('lose-reply', { process: 'A' }, 'A before reply 1')
  const tries = (...others: ReturnType<typeof fault>[]) =>
    show(lockSubject(setNxLua), counterPlan({ client: 'ioredis', clients: 1, ttlMs: 500, faults: [lost, ...others] }))
  const refused = (code: string) =>
    show(
      lockSubject(fenced),
      counterPlan({ clients: 1, faults: [lost, fault(code, { process: 'redis-1', for: '400ms' }, 'A before send 2')] }),
    )

  it('is one that could take its attempt back, and does not', async () => {
    expect((await tries()).kinds).toEqual(['orphaned-lock: bug'])
  })

  it.each(['read-only', 'misconf', 'busy'])('is not one whose taking back is refused: %s', async (code) => {
    const { kinds, history } = await refused(code)
    // It tried, the key stayed for as long as it was refused, and then it was gone.
    const [grant] = history.grants
    expect((grant?.untilUs ?? 0) - (grant?.fromUs ?? 0)).toBeGreaterThan(390_000)
    expect(kinds).toEqual([])
  })
})

describe('hang after a restart', () => {
  const rows = (lines: readonly (readonly [number, string, TraceType, string, string | null])[]) =>
    new History({
      records: lines.map(([atUs, process, type, op, value], seq) => ({ atUs, seq, process, type, op, value })),
      healedUs: 50,
      endUs: 100,
      ...READ,
      subject: 'lock',
      rules: { ttlMs: 1, checkFence: true, orphanUs: 1, firstReconnectUs: 50_000, reconnectUs: 2_000_000 },
    })
  const hang = CHECKS.find(({ name }) => name === 'hang')

  it('is not what the process was waiting for when it ended, but what it waits for in its new life', () => {
    const history = rows([
      [1, 'A', 'invoke', 'acquire', 'A-1'],
      [2, 'A', 'note', 'ended', 'killed'],
      [3, 'A', 'invoke', 'acquire', 'A.1-1'],
      [90, 'world', 'note', 'settled', null],
    ])
    const violations = hang?.run(history) ?? []
    expect(violations.map(({ atUs }) => atUs)).toEqual([3])
  })
})

describe('overstated-lease', () => {
  it('is a lease counted from a reply that was late', async () => {
    const late = counterPlan({
      headStartUs: 5_000,
      faults: [fault('delay-reply', { process: 'A', for: '500ms' }, 'A before acquire')],
    })
    const { kinds } = await show(lockSubject(mutants.countsFromReply), late)
    expect(kinds).toContain('overstated-lease: bug')
    expect((await show(lockSubject(fenced), late)).kinds).toEqual([])
  })
})

describe('crash', () => {
  it.each([
    ['an exception in a timer', mutants.throwsInTimer, /renewal failed/],
    ['a rejection that nobody handles', mutants.unhandledRejection, /nobody listens/],
    ['process.exit', mutants.exits, /process\.exit\(1\)/],
  ])('is %s, and costs the simulated process only', async (_name, lock, message) => {
    const { violations, history } = await show(lockSubject(lock), busy)
    const crash = violations.find(({ property }) => property === 'crash')
    expect(crash?.kind).toBe('bug')
    expect(crash?.sentence).toMatch(message)
    expect(history.ended.size).toBeGreaterThan(0)
  })

  it('does not happen to the watchdog, whose renewals fail quietly while it is cut off', async () => {
    const cut = counterPlan({
      headStartUs: 5_000,
      faults: [fault('partition', { groups: [['A'], ['redis-1']], for: '2s' }, 'A after acquire')],
    })
    expect((await show(lockSubject(watchdog), cut)).kinds).not.toContain('crash: bug')
  })
})

describe('sessions', () => {
  it('lose an update when whole sessions overwrite each other, and not with WATCH', async () => {
    expect((await show(sessionSubject(overwrite), cartPlan())).kinds).toContain('session-lost-update: bug')
    expect((await show(sessionSubject(optimistic), cartPlan())).kinds).toEqual([])
  })

  it('come back after the logout when a slow request saves them, and not with WATCH', async () => {
    const slow = cartPlan({
      workload: { kind: 'cart', requests: 2, workUs: 10_000, logout: true },
      faults: [fault('slow-work', { process: 'B', by: '500ms' }, 'B before load')],
    })
    expect((await show(sessionSubject(overwrite), slow)).kinds).toContain('session-resurrected: bug')
    expect((await show(sessionSubject(fieldHash), slow)).kinds).toContain('session-resurrected: bug')
    expect((await show(sessionSubject(optimistic), slow)).kinds).toEqual([])
  })

  it('vanish when their time to live is too short', async () => {
    expect((await show(sessionSubject(mutants.shortLived), cartPlan())).kinds).toContain('session-vanished: bug')
    expect((await show(sessionSubject(fieldHash), cartPlan())).kinds).toEqual([])
  })

  it('vanish, a limit, when the server itself lets them go', async () => {
    const evicted = cartPlan({ faults: [fault('evict', { process: 'redis-1' }, 'B after add')] })
    const { kinds, violations } = await show(sessionSubject(fieldHash), evicted)
    expect(kinds).toEqual(['linearizability: limit', 'session-lost-update: limit', 'session-vanished: limit'])
    expect(violations[0]?.why).toBe('redis-1 let the session go (eviction), and nothing else has it.')
  })

  it('are read stale from a copy on each server', async () => {
    expect((await show(sessionSubject(mutants.cachedStore()), cartPlan())).kinds).toContain('session-stale-read: bug')
  })
})

describe('web applications', () => {
  const withLogout = cartPlan({
    workload: { kind: 'cart', requests: 2, workUs: 10_000, logout: true },
    faults: [fault('slow-work', { process: 'B', by: '500ms' }, 'B before add')],
  })

  it('are valid when they change a session in one step and give a new id at the login', async () => {
    for (const plan of [cartPlan(), withLogout]) {
      const { status, kinds } = await show(appSubject(cartModel('right')), plan)
      expect(kinds).toEqual([])
      expect(status).toBe('valid')
    }
  })

  it('cross sessions when a login keeps the id that a stranger may have planted', async () => {
    const { violations } = await show(appSubject(cartModel('fixed', { loginKeepsId: true })), cartPlan())
    expect(violations.map(({ sentence }) => sentence)).toEqual(['C served a stranger, who had never logged in, as u1'])
  })

  it('cross sessions when two users get one id, here the time in seconds', async () => {
    const newId = (): string => String(Math.floor(Date.now() / 1000))
    const { violations } = await show(appSubject(cartModel('same', { newId })), cartPlan())
    expect(violations.filter(({ property }) => property === 'session-crossed').map(({ sentence }) => sentence)).toEqual(
      expect.arrayContaining([expect.stringMatching(/^\w served u1 as u2$|^C served u2 as u1$/)]),
    )
  })
})

describe('a load that fails', () => {
  it('is over: it does not count as a hang', async () => {
    const cut = cartPlan({ faults: [fault('lose-reply', { process: 'B' }, 'B before add')] })
    const { kinds, sometimes } = await show(sessionSubject(fieldHash), cut)
    expect(sometimes).toContain('unknown')
    expect(kinds).toEqual([])
  })
})

describe('stale-cache', () => {
  const slow = { faults: [fault('slow-work', { process: 'A', by: '200ms' }, 'A before rebuild')] }
  const two = { clients: 2, ...slow }

  it('is served after a slow fill, whatever the lock, when the writer does not take it; not with a generation', async () => {
    const faults = ['A', 'B', 'C'].map((process) =>
      fault('slow-work', { process, by: '200ms' }, `${process} before rebuild`),
    )
    const { violations } = await show(lockSubject(setNxLua), cachePlan({}, { faults }))
    expect(violations.map(({ property, kind }) => [property, kind])).toContainEqual(['stale-cache', 'limit'])
    expect(violations[0]?.why).toMatch(/D does not take the lock, so no lock prevents it: fence the fill\.$/)
    const { kinds } = await show(lockSubject(setNxLua), cachePlan({ checkGeneration: true }, { faults }))
    expect(kinds).toEqual([])
  })

  it('is a bug of a lock that both take and that does not exclude', async () => {
    const plan = cachePlan({ writerLocks: true }, two)
    expect((await show(lockSubject(plainSet), plan)).kinds).toContain('stale-cache: bug')
    expect((await show(lockSubject(setNxLua), plan)).kinds).toEqual([])
  })

  it('is a limit when the lease of the one that fills has ended', async () => {
    const paused = cachePlan(
      { writerLocks: true, everyUs: 100_000 },
      { clients: 3, headStartUs: 5_000, faults: [fault('pause', { process: 'A', for: '3s' }, 'A before fill')] },
    )
    const { kinds, violations } = await show(lockSubject(fenced), paused)
    expect(kinds).toEqual(['stale-cache: limit'])
    expect(violations[0]?.why).toMatch(/^A's lease of 1(.001)? s ended while A was paused, and A did not know.$/)
  })

  it('blames nobody who filled in before the invalidation, while the writer still waited for the lock', async () => {
    // B makes the value too when A's lease has ended, in good time; then C gets the lock that it has waited for.
    const slower = { faults: [fault('slow-work', { process: 'A', by: '300ms' }, 'A before rebuild')] }
    const plan = cachePlan(
      { writerLocks: true, writes: 1, retryUs: 5_000, everyUs: 120_000 },
      { clients: 3, headStartUs: 5_000, ttlMs: 100, ...slower },
    )
    const { history, kinds, violations } = await show(lockSubject(setNxLua), plan)
    const early = history.operations.find(({ op, process }) => op === 'fill' && process === 'B')
    const update = history.operations.find(({ op }) => op === 'update')
    expect(early?.endedUs).toBeGreaterThan(update?.invokedUs ?? Number.POSITIVE_INFINITY)
    expect(kinds).toContain('stale-cache: limit')
    expect(kinds).not.toContain('stale-cache: bug')
    const stale = violations.find(({ property }) => property === 'stale-cache')
    expect(stale?.why).toMatch(/^A's lease .* ended while A was still working/)
  })
})

describe('stampede', () => {
  it('is what a lock lets happen that does not exclude', async () => {
    const many = cachePlan({ reads: 2, writes: 0 }, { clients: 6 })
    expect((await show(lockSubject(naive), many)).kinds).toContain('stampede: bug')
    expect((await show(lockSubject(setNxLua), many)).kinds).toEqual([])
  })

  it('is a bug when making the value takes longer than the lease, because renewing it prevents that', async () => {
    const long = cachePlan({ reads: 1, writes: 0, workUs: 300_000 }, { ttlMs: 200 })
    expect((await show(lockSubject(setNxLua), long)).kinds).toContain('stampede: bug')
    expect((await show(lockSubject(fencedWatchdog), long)).kinds).toEqual([])
  })
})

describe('job-run-twice', () => {
  const late = [fault('clock-offset', { process: 'C', by: '-100ms' }, '0ms')]

  it('is the doing of a lock that lets in two at once', async () => {
    expect((await show(lockSubject(naive), jobPlan())).kinds).toContain('job-run-twice: bug')
    expect((await show(lockSubject(setNxLua), jobPlan())).kinds).toEqual([])
  })

  it('is a limit when a late clock finds the lock free again', async () => {
    const { kinds, violations } = await show(lockSubject(setNxLua), jobPlan({}, { faults: late }))
    expect(kinds).toEqual(['job-run-twice: limit'])
    expect(violations).toHaveLength(3)
  })

  it('does not happen where the lock is kept, or the resource remembers', async () => {
    for (const workload of [{ keepLock: true }, { checkTick: true }]) {
      const { kinds, history } = await show(lockSubject(setNxLua), jobPlan(workload, { faults: late }))
      expect(kinds).toEqual([])
      expect(history.records.filter(({ type, op }) => type === 'effect' && op === 'run')).toHaveLength(3)
    }
  })
})

describe('starvation', () => {
  const crowd = (bypasses: number | null): Plan =>
    counterPlan({
      clients: 4,
      ttlMs: 10_000,
      headStartUs: 5_000,
      staggerUs: 5_000,
      workload: {
        kind: 'counter',
        rounds: 8,
        workUs: 20_000,
        retryUs: 7_000,
        checkFence: true,
        ...(bypasses === null ? {} : { bypasses }),
      },
    })

  it('befalls who polls, and not who queues', async () => {
    expect((await show(lockSubject(setNxLua), crowd(4))).kinds).toEqual(['starvation: bug'])
    expect((await show(lockSubject(sortedSetTicket), crowd(4))).kinds).toEqual([])
  })

  it('is not judged where the scenario does not say how often is too often', async () => {
    expect((await show(lockSubject(setNxLua), crowd(null))).kinds).toEqual([])
  })
})

describe('late-signal', () => {
  const lost = counterPlan({
    ttlMs: 200,
    headStartUs: 5_000,
    workload: { kind: 'counter', rounds: 1, workUs: 2_000_000, retryUs: 20_000, checkFence: true },
    faults: [fault('restart', { process: 'redis-1', after: '10ms', 'keep-data': false }, 'A after read')],
  })

  it('is a watchdog that looks too seldom, and not one that looks every third of the lease', async () => {
    const late = await show(lockSubject(mutants.lazyWatchdog), lost, 'ioredis')
    expect(late.kinds).toContain('late-signal: bug')
    const right = await show(lockSubject(watchdog), lost, 'ioredis')
    expect(right.history.holds.some(({ endedBy }) => endedBy === 'lost')).toBe(true)
    expect(right.kinds).not.toContain('late-signal: bug')
  })
})

describe('a queue', () => {
  it('is jumped by a slow command with an older score; the one in front then loses what it has', async () => {
    const slow = counterPlan({
      clients: 3,
      headStartUs: 5_000,
      workload: { kind: 'counter', rounds: 1, workUs: 100_000, retryUs: 5_000, checkFence: true },
      faults: [fault('delay-request', { process: 'A', for: '50ms' }, 'A before acquire')],
    })
    const { violations } = await show(lockSubject(sortedSetClientTime), slow)
    expect(violations[0]).toMatchObject({ property: 'mutual-exclusion', kind: 'bug' })
    expect(violations[0]?.why).toMatch(/^A went before [BC] in the queue\.$/)
    const right = await show(lockSubject(sortedSetTicket), slow)
    expect(right.kinds).toEqual([])
    // Each grant is its own client's, although it came by the command of the one before.
    expect(right.history.holds.map((hold) => hold.backing?.votes[0]?.owner)).toEqual(
      right.history.holds.map(({ client }) => client),
    )
  })
})

describe('dead-lock of a dead holder', () => {
  const arriving = (lock: typeof setNxLua) =>
    show(
      lockSubject(lock),
      counterPlan({
        clients: 6,
        headStartUs: 5_000,
        staggerUs: 600_000,
        faults: [fault('crash', { process: 'A' }, 'A before write')],
      }),
    )

  it('is a lock that waiters prolong', async () => {
    const { violations } = await arriving(expireOnArrival)
    expect(violations.find(({ property }) => property === 'dead-lock')?.sentence).toMatch(
      /^the lock of A, which had ended, stayed 2\.\d+ s longer than its lease$/,
    )
    expect((await arriving(setNxLua)).kinds).toEqual([])
  })

  it('is a release that Redis refuses, in its own words', async () => {
    const { violations } = await show(lockSubject(mutants.wrongRelease), busy)
    expect(violations.find(({ property }) => property === 'orphaned-lock')?.why).toBe(
      'Redis refused it: ERR value is not an integer or out of range',
    )
  })
})

describe('vacuity', () => {
  it('calls a world in which one client is alone vacuous, not valid', async () => {
    const { status } = await show(lockSubject(setNxLua), counterPlan({ clients: 1 }))
    expect(status).toBe('vacuous')
  })
})
