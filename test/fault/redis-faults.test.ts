/** What happens inside a Redis node: what clients see of it, and what the truth lane says. */
import { describe, expect, it } from 'vitest'
import type { LockDefinition } from '../../src/lock/lock.ts'
import { defineLock } from '../../src/lock/lock.ts'
import { setNxLua } from '../../src/lock/set-nx-lua.ts'
import { watchdog } from '../../src/lock/watchdog.ts'
import { lockSubject } from '../../src/subject/subject.ts'
import { counterPlan, fault, type Shown, show } from '../check/worlds.ts'

const NODE = { process: 'redis-1' }

/** One client that takes and releases the lock twice, 20 ms of work each, so that the story is the fault's alone. */
const alone = (planned: ReturnType<typeof fault>, lock: LockDefinition = setNxLua): Promise<Shown> =>
  show(
    lockSubject(lock),
    counterPlan({
      clients: 1,
      workload: { kind: 'counter', rounds: 2, workUs: 20_000, retryUs: 20_000, checkFence: false },
      faults: [planned],
    }),
  )

/** Outcomes of operations, and what happened to the key, in order. */
const lines = ({ history }: Shown, ...ops: string[]): string[] =>
  history.records
    .filter(({ type, op }) => (type === 'truth' ? op !== 'extended' : ops.includes(op) && type !== 'invoke'))
    .map(({ type, op, process, value }) => `${process} ${type} ${op} ${[value].flat().join(' ')}`)

/** A lock that releases with EVALSHA alone: the script was loaded once, at the first acquire. */
const bySha = defineLock<{
  call(...args: (string | number)[]): Promise<unknown>
  set(...args: (string | number)[]): Promise<unknown>
}>({
  name: 'by-sha',
  async acquire({ redis, key, token, ttlMs }) {
    if (token === 'A-1') sha = (await redis.call('SCRIPT', 'LOAD', SOURCE)) as string
    return (await redis.set(key, token, 'PX', ttlMs, 'NX')) === 'OK' ? { token } : null
  },
  async release({ redis, key }, lease) {
    return (await redis.call('EVALSHA', sha, 1, key, lease.token as string)) === 1
  },
})
const SOURCE = "if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('del', KEYS[1]) end return 0"
let sha = ''

describe('script-flush', () => {
  it('makes EVALSHA answer NOSCRIPT from then on', async () => {
    const shown = await alone(fault('script-flush', NODE, 'A before release'), bySha as LockDefinition)
    expect(lines(shown, 'release').slice(1, 3)).toEqual([
      'A info release A-1 NOSCRIPT No matching script. Please use EVAL.',
      'redis-1 truth expired orders/42 time A',
    ])
  })
})

describe('flush', () => {
  it('takes the lock away, and the truth lane says that no client did it', async () => {
    const shown = await alone(fault('flush', NODE, 'A before work'))
    expect(lines(shown, 'release').slice(1, 3)).toEqual([
      'redis-1 truth deleted orders/42 flush A',
      'A ok release A-1 false',
    ])
    expect(shown.history.grants[0]?.endedBy).toBe('lost')
  })
})

describe('evict', () => {
  it('takes the key of the lock', async () => {
    const shown = await alone(fault('evict', NODE, 'A before work'))
    expect(lines(shown, 'release').slice(1, 3)).toEqual([
      'redis-1 truth deleted orders/42 eviction A',
      'A ok release A-1 false',
    ])
  })

  it('takes the key that is named and no other', async () => {
    const shown = await alone(fault('evict', { ...NODE, key: 'other' }, 'A before work'))
    expect(lines(shown, 'release').slice(1, 3)).toEqual([
      'redis-1 truth deleted orders/42 A A',
      'A ok release A-1 true',
    ])
  })

  it('is a limit, not a foreign release', async () => {
    const shown = await show(
      lockSubject(setNxLua),
      counterPlan({ faults: [fault('evict', NODE, 'A before work')], headStartUs: 5_000 }),
    )
    expect(shown.kinds).toEqual(['linearizability: limit', 'mutual-exclusion: limit', 'stale-write: limit'])
    expect(shown.violations.map(({ why }) => why)).toContain("redis-1 evicted A's key to save memory.")
  })
})

describe('client-pause', () => {
  it("lets a release wait, and executes it in its client's name", async () => {
    const shown = await alone(fault('client-pause', { ...NODE, for: '100ms' }, 'A before release'))
    const [granted, deleted] = shown.history.records.filter(({ type }) => type === 'truth')
    const struck = shown.history.records.find(({ type }) => type === 'fault')
    expect([granted?.op, deleted?.op, deleted?.value]).toEqual(['granted', 'deleted', ['orders/42', 'A', 'A']])
    // By the server's clock in whole ms, and over when that is past the deadline.
    const overMs = Math.floor((struck?.atUs ?? 0) / 1000) + 100 + 1
    expect(deleted?.atUs).toBe(overMs * 1000)
  })

  it('lets reads through when only writes wait', async () => {
    const reader = defineLock({
      name: 'reader',
      async acquire({ redis, key, token }) {
        await redis.set(key, token, 'PX', 1000)
        return { token }
      },
      async release({ redis, key }) {
        return (await redis.get(key)) === null
      },
    })
    const release = async (only: string): Promise<number> => {
      const { history } = await alone(
        fault('client-pause', { ...NODE, for: '100ms', only }, 'A before release'),
        reader,
      )
      const operation = history.operations.find(({ op }) => op === 'release')
      return Math.floor(((operation?.endedUs ?? 0) - (operation?.invokedUs ?? 0)) / 10_000)
    }
    expect([await release('write'), await release('all')]).toEqual([0, 10])
  })

  it('holds back what an operator does, too', async () => {
    const shown = await show(
      lockSubject(setNxLua),
      counterPlan({
        clients: 1,
        faults: [
          fault('client-pause', { ...NODE, for: '50ms' }, 'A before work'),
          fault('flush', NODE, 'A after work'),
        ],
      }),
    )
    const [pausing, flushing] = shown.history.faults
    const deleted = shown.history.records.find(({ type, op }) => type === 'truth' && op === 'deleted')
    expect((deleted?.atUs ?? 0) - (pausing?.fromUs ?? 0)).toBeGreaterThan(50_000)
    expect((flushing?.fromUs ?? 0) - (pausing?.fromUs ?? 0)).toBeLessThan(50_000)
    // What waited before the operator's command runs before it.
    expect(deleted?.value).toEqual(['orders/42', 'A', 'A'])
  })
})

describe('a node that refuses', () => {
  it.each([
    ['read-only', "READONLY You can't write against a read only replica. script: "],
    ['misconf', 'MISCONF Redis is configured to save RDB snapshots'],
    ['loading', 'LOADING Redis is loading the dataset in memory'],
    ['busy', 'BUSY Redis is busy running a script. You can only call SCRIPT KILL or SHUTDOWN NOSAVE.'],
  ])("%s: the release fails with Redis's own error, and the lock is free when its lease ends", async (kind, text) => {
    const shown = await alone(fault(kind, { ...NODE, for: '300ms' }, 'A before release'))
    const [, released, expired] = lines(shown, 'release')
    expect(released).toContain(`A info release A-1 ${text}`)
    expect(expired).toBe('redis-1 truth expired orders/42 time A')
  })

  it('oom: a lock can be released but not taken', async () => {
    const shown = await alone(fault('oom', { ...NODE, for: '300ms' }, 'A before work'))
    expect(lines(shown, 'release', 'acquire').slice(1, 5)).toEqual([
      expect.stringMatching(/^A ok acquire A-1/),
      'redis-1 truth deleted orders/42 A A',
      'A ok release A-1 true',
      "A info acquire A-2 OOM command not allowed when used memory > 'maxmemory'.",
    ])
  })

  it('busy: reads are refused, too, until the script of another tenant is killed', async () => {
    const reader = defineLock({
      name: 'reader',
      acquire: async ({ redis, key, token, ttlMs }) =>
        (await redis.set(key, token, 'PX', ttlMs, 'NX')) === 'OK' ? { token } : null,
      release: async ({ redis, key }) => (await redis.get(key)) !== null && (await redis.del(key)) === 1,
    })
    const outcomes = async (kind: string): Promise<readonly string[]> =>
      lines(await alone(fault(kind, { ...NODE, for: '20ms' }, 'A before release'), reader), 'release', 'acquire')
        .filter((line) => line.includes('release') || line.includes('acquire'))
        .slice(1, 4)
    const text = 'BUSY Redis is busy running a script. You can only call SCRIPT KILL or SHUTDOWN NOSAVE.'
    // The key of the release that was refused keeps the next acquire out.
    expect(await outcomes('busy')).toEqual([
      `A info release A-1 ${text}`,
      `A info acquire A-2 ${text}`,
      'A fail acquire A-3',
    ])
    expect((await outcomes('read-only'))[0]).toContain("A info release A-1 READONLY You can't write")
  })

  it('loading after a restart: what it kept is there, and it answers LOADING until it has read that', async () => {
    const restart = fault('slow-start', { ...NODE, for: '40ms' }, 'A before release')
    const shown = await alone(restart)
    const [granted, , ...others] = lines(shown, 'release', 'acquire').filter((line) => !line.includes('truth'))
    expect(granted).toMatch(/^A ok acquire A-1/)
    const [refused, kept] = ['LOADING Redis is loading the dataset in memory', '']
    expect(others.slice(0, 2).map((line) => line.replace(/^A (info|fail) acquire A-\d+ ?/, ''))).toEqual([
      refused,
      refused,
    ])
    expect(others.find((line) => line.startsWith('A fail'))?.replace(/^A fail acquire A-\d+ ?/, '')).toBe(kept)
    expect(lines(shown, 'release').at(-1)).toBe('A ok release A-probe-1 true')
  })

  it('wrong-password: open connections are cut and new ones answered NOAUTH, until the password is taken back', async () => {
    const shown = await alone(fault('wrong-password', { ...NODE, for: '300ms' }, 'A before release'))
    const [, released, expired] = lines(shown, 'release')
    expect(released).toMatch(/^A info release A-1 /)
    expect(expired).toBe('redis-1 truth expired orders/42 time A')
    expect(lines(shown, 'acquire')).toContainEqual(
      expect.stringMatching(/^A info acquire A-\d+ NOAUTH Authentication required\.$/),
    )
    expect(lines(shown, 'release').at(-1)).toBe('A ok release A-probe-1 true')
  })

  it('missing-right: a lock is taken and not given back, with an error that says why, until scripts are allowed again', async () => {
    const shown = await alone(fault('missing-right', { ...NODE, right: 'scripting', for: '300ms' }, 'A before release'))
    const [, released, expired] = lines(shown, 'release')
    expect(released).toMatch(/^A info release A-1 NOPERM this user has no permissions to run the 'eval' command/)
    expect(expired).toBe('redis-1 truth expired orders/42 time A')
    expect(lines(shown, 'release').at(-1)).toBe('A ok release A-probe-1 true')
  })

  it('takes writes again when the time is up', async () => {
    const shown = await alone(fault('read-only', { ...NODE, for: '50ms' }, 'A before work'), watchdog)
    expect(lines(shown, 'release').filter((line) => line.includes(' ok release '))).toHaveLength(2)
  })

  it('takes writes again when the storm is over before', async () => {
    const shown = await show(
      lockSubject(setNxLua),
      counterPlan({ clients: 1, faults: [fault('oom', { ...NODE, for: '10m' }, 'A before work')] }),
    )
    expect(shown.history.operations.find(({ op }) => op === 'probe')?.outcome).toBe('ok')
  })
})

describe('a fault', () => {
  it('sends no message that counts: sites are where they would be without it', async () => {
    const story = async (...planned: ReturnType<typeof fault>[]): Promise<unknown> => {
      const crash = fault('crash', { process: 'A' }, 'redis-1 before exec 2')
      const { history } = await show(lockSubject(setNxLua), counterPlan({ clients: 1, faults: [...planned, crash] }))
      return history.records
        .filter(({ type, op }) => type !== 'fault' || op === 'crash')
        .map(({ atUs, process, type, op, value }) => [atUs, process, type, op, value])
    }
    const expected = await story()
    expect(expected).toContainEqual([expect.any(Number), 'A', 'note', 'ended', 'killed'])
    for (const [kind, settings] of [
      ['script-flush', {}],
      ['flush', {}],
      ['evict', {}],
      ['oom', { for: '1ms' }],
    ] as const) {
      expect(await story(fault(kind, { ...NODE, ...settings }, '1us')), kind).toEqual(expected)
    }
  })
})
