/** The first world of a user's lock: what cannot be tested is refused in words, and the keys of the lock are learned. */
import { describe, expect, it } from 'vitest'
import { basePlans, DEFAULT_PARAMETERS } from '../../src/explore/base-plan.ts'
import { Explorer } from '../../src/explore/explorer.ts'
import type { LockContext, LockDefinition } from '../../src/lock/lock.ts'
import { COMPARE_AND_DELETE } from '../../src/lock/release-script.ts'
import { setNxLua } from '../../src/lock/set-nx-lua.ts'
import type { SessionApp, SessionAppContext } from '../../src/session/session-app.ts'
import { inMacrotask } from '../../src/sim/node/drain.ts'
import type { SimProcess } from '../../src/sim/process.ts'
import { UsageError } from '../../src/sim/usage-error.ts'
import { appSubject, lockSubject, type Subject, sessionSubject } from '../../src/subject/subject.ts'
import { tryOut } from '../../src/tryout/try-out.ts'
import { memoryProvider, nodeEnvironment } from '../../src/world/node/environment.ts'

const provider = memoryProvider()
const parameters = { ...DEFAULT_PARAMETERS, client: 'ioredis' as const }
const tried = (subject: Subject) => tryOut(subject, parameters, { provider, hosts: {} })

/** A right lock, with some of it changed. */
const lock = (changes: Partial<Record<keyof LockDefinition, unknown>>, prefix = ''): Subject =>
  lockSubject({
    name: 'own',
    acquire: async ({ redis, key, token, ttlMs }: LockContext) =>
      (await redis.set(prefix + key, token, 'PX', ttlMs, 'NX')) === 'OK' ? { token } : null,
    release: async ({ redis, key, token }: LockContext) =>
      (await redis.eval(COMPARE_AND_DELETE, 1, prefix + key, token)) === 1,
    ...changes,
  } as LockDefinition)

async function refusal(subject: Subject): Promise<string> {
  try {
    await tried(subject)
  } catch (error) {
    if (error instanceof UsageError) return `${error.place}: ${error.problem}\n${error.fix}`
    throw error
  }
  return 'it is accepted'
}

describe('a set-up that is wrong', () => {
  // As code is that was written for another driver: the types do not matter here.
  type Loose = {
    redis: Record<string, (...given: unknown[]) => Promise<unknown>>
    key: string
    token: string
    ttlMs: number
  }
  const acquire = (run: (context: Loose) => unknown): Subject => lock({ acquire: run })

  it.each<[string, Subject, RegExp[]]>([
    [
      'a misspelt command',
      acquire(async ({ redis, key }) => redis.sett?.(key) ?? (redis as never as { sett(): unknown }).sett()),
      [/^test\/tryout\/try-out\.test\.ts:\d+: acquire failed in each of \d+ attempts/, /TypeError: .*sett/],
    ],
    [
      'options of node-redis given to ioredis',
      acquire(({ redis, key, token, ttlMs }) => redis.set?.(key, token, { PX: ttlMs, NX: true })),
      [/^own: acquire failed in each of \d+ attempts, .*: ReplyError: ERR syntax error/, /client: 'node-redis'/],
    ],
    [
      'a method of node-redis',
      acquire(({ redis, key, token }) => (redis as never as { setNX(...given: unknown[]): unknown }).setNX(key, token)),
      [/redis\.setNX is not a function/, /it speaks to node-redis: add client: 'node-redis'/],
    ],
    [
      'a missing return',
      acquire(async ({ redis, key, token }) => void (await redis.set?.(key, token, 'NX'))),
      [/acquire returned undefined each time: a return may be missing/],
    ],
    [
      'a number',
      acquire(({ redis, key, token }) => redis.setnx?.(key, token)),
      [/acquire returned 1: expected a lease/],
    ],
    ['no command at all', acquire(async () => ({})), [/sent no command to Redis/]],
    ['a promise that never settles', acquire(() => new Promise(() => {})), [/acquire never settled/]],
    [
      'a mistake in release',
      lock({
        release: async ({ redis, key }: { redis: { dell(key: string): unknown }; key: string }) => redis.dell(key),
      }),
      [/release failed in each of \d+ attempts, .*redis\.dell is not a function/],
    ],
    [
      'a command that the in-memory Redis does not have',
      acquire(({ redis }) => redis.call?.('CLUSTER', 'SHARDS')),
      [
        /it sends .*, which the in-memory Redis does not have|acquire failed in each/,
        /--redis server|make one attempt/,
      ],
    ],
    [
      'a store that fails each time',
      sessionSubject({
        name: 'broken',
        load: () => Promise.reject(new Error('no load')),
        save: () => Promise.reject(new Error('no save')),
        destroy: () => Promise.reject(new Error('no destroy')),
      } as never),
      [/^broken: all of \d+ requests failed, without any fault: no /],
    ],
  ])('%s: is refused in words', async (_, subject, patterns) => {
    const told = await refusal(subject)
    for (const pattern of patterns) expect(told).toMatch(pattern)
  })

  it('is told how the lock was understood, where that is what may be wrong', async () => {
    const understood = 'mine.ts: class Mine, lock(key)'
    const given = async (run: (context: Loose) => unknown): Promise<string> => refusal({ ...acquire(run), understood })
    const mistaken = await given(({ redis }) => (redis as never as { client: { set(): unknown } }).client.set())
    expect(mistaken).toMatch(/^test\/tryout\/try-out\.test\.ts:\d+: acquire failed in each of/)
    expect(mistaken).toContain('it was taken for mine.ts: class Mine, lock(key); lockstorm init with this file writes')
    expect(await given(async ({ redis, key }) => void (await redis.set?.(key, 'x', 'NX')))).toBe(
      `${understood}: what takes the lock returned undefined each time, though it returns a value elsewhere: whether the client has the lock is not clear\nreturn true, or a token, when the client has the lock, and false or null when another one has it`,
    )
  })

  it('is none where Redis refuses a release, or where a lock is taken and never had: those are verdicts', async () => {
    const refused = lock({ release: ({ redis, key }: LockContext) => redis.call('HDEL', key, 'field') })
    expect(await refusal(refused)).toBe('it is accepted')
    expect(await refusal(acquire(async ({ redis, key }) => ((await redis.get?.(key)) === 'x' ? {} : null)))).toBe(
      'it is accepted',
    )
  })
})

describe('a web application', () => {
  /** Only the user who logs in first is served; whether a login sets a cookie is its setting. */
  const app = (setsCookie: boolean): Subject =>
    appSubject({
      name: 'app',
      start: ({ redis }: SessionAppContext): SessionApp => ({
        async request({ action, cookie, user = '' }) {
          if (action === 'login') {
            await redis.set('user', user, 'NX')
            return { status: 200, setCookie: setsCookie ? [`user=${user}`] : [] }
          }
          const isServed = cookie === `user=${await redis.get('user')}`
          const cart = isServed ? { user: cookie.replace('user=', ''), items: [] } : null
          return { status: isServed ? 200 : 401, setCookie: [], cart }
        },
      }),
    })

  it('whose login has no effect is refused in words: its cookie may be a secure one', async () => {
    expect(await refusal(app(false))).toMatch(/^app: its login was answered, and no request .*x-forwarded-proto/s)
  })

  it('whose login has no effect because of another one is none: that is a verdict', async () => {
    expect(await refusal(app(true))).toBe('it is accepted')
  })
})

describe('the keys of a lock', () => {
  const keysOf = async (subject: Subject) => (await tried(subject)).keys

  it('are learned where it has a prefix, counts in a hash, or stands in a queue', async () => {
    expect(await keysOf(lock({}, 'locks:'))).toEqual(['locks:orders/42'])
    const inHash = lock({
      acquire: async ({ redis, key, token }: LockContext) =>
        (await redis.hset('all', key, token)) === 1 ? { token } : null,
      release: async ({ redis, key }: LockContext) => (await redis.hdel('all', key)) === 1,
    })
    expect(await keysOf(inHash)).toEqual(['all'])
    const inQueue = lock({
      acquire: async ({ redis, key, token }: LockContext) => {
        await redis.zadd(`q:${key}`, Date.now(), token)
        return (await redis.zrank(`q:${key}`, token)) === 0 ? { token } : null
      },
      release: async ({ redis, key, token }: LockContext) => (await redis.zrem(`q:${key}`, token)) === 1,
    })
    expect(await keysOf(inQueue)).toEqual(['q:orders/42'])
  })

  it('do not have a counter among them that only grows', async () => {
    const withFence = lock({
      acquire: async ({ redis, key, token, ttlMs }: LockContext) =>
        (await redis.set(`locks:${key}`, token, 'PX', ttlMs, 'NX')) === 'OK'
          ? { token, fence: await redis.incr(`fence:${key}`) }
          : null,
      release: async ({ redis, key, token }: LockContext) =>
        (await redis.eval(COMPARE_AND_DELETE, 1, `locks:${key}`, token)) === 1,
    })
    expect(await keysOf(withFence)).toEqual(['locks:orders/42'])
  })

  it('are those that expire, where a release does its work after it has returned', async () => {
    const leaving = lock({
      acquire: async ({ redis, key, token, ttlMs }: LockContext) =>
        (await redis.set(`leader:${key}`, token, 'PX', ttlMs, 'NX')) === 'OK'
          ? { token, term: await redis.incr(`term:${key}`) }
          : null,
      // As `stop()` of redis-leader: it asks first, and nothing says when it is done.
      release: async ({ redis, key, token }: LockContext) => {
        redis.eval(COMPARE_AND_DELETE, 1, `leader:${key}`, token)
        return true
      },
    })
    expect(await keysOf(leaving)).toEqual(['leader:orders/42'])
  })

  it('are what it says, if it says something, and the key of the context, if it writes that', async () => {
    expect(await keysOf(lock({ keys: () => ['locks:orders/42'] }, 'locks:'))).toEqual([])
    expect(await keysOf(lock({}))).toEqual([])
  })

  it('stand for the key of the context wherever that is another', async () => {
    const { subject } = await tried(lock({}, 'locks:'))
    expect(subject.kind === 'lock' && subject.lock.keys?.('invoices/7')).toEqual(['locks:invoices/7'])
  })

  it('are known in each process, so that repairs act on the lock and not on the key of the context', async () => {
    const own = lock({}, 'locks:')
    const { subject } = await tried({ ...own, in: () => own })
    const mine = await subject.in?.({} as SimProcess)
    expect(mine?.kind === 'lock' && mine.lock.keys?.('orders/42')).toEqual(['locks:orders/42'])
  })

  it("are looked for in memory, never on a server of the user's", async () => {
    const node = (): never => {
      throw new Error('the server is asked')
    }
    const ofUser = { provider: { ...provider, kind: 'url', node }, hosts: {} }
    const fixed = lock({
      acquire: async ({ redis, key, token }: LockContext) =>
        (await redis.set(`locks:${key}`, token, 'PX', 10_000, 'NX')) === 'OK' ? { token } : null,
      release: async ({ redis, key, token }: LockContext) =>
        (await redis.eval(COMPARE_AND_DELETE, 1, `locks:${key}`, token)) === 1,
    })
    expect(await tryOut(fixed, parameters, ofUser)).toMatchObject({ keys: ['locks:orders/42'], leaseMs: 10_000 })
    // What memory does not know, such a server may.
    const throttled = lock({ acquire: ({ redis, key }: LockContext) => redis.call('CL.THROTTLE', key, 1, 1, 1) })
    expect(await tryOut(throttled, parameters, ofUser)).toEqual({
      subject: throttled,
      keys: [],
      parameters,
      leaseMs: null,
      patienceMs: null,
      ledTo: new Map(),
    })
  })

  it('lead to the findings of a lock without a prefix', async () => {
    const findings = async (subject: Subject) => {
      const { subject: ready } = await tried(subject)
      const bases = basePlans(ready, parameters)
      const explorer = new Explorer({
        subject: ready,
        environment: nodeEnvironment('ioredis', provider),
        bases,
        isLossy: false,
        onStorm: () => {},
      })
      const results = await inMacrotask(() =>
        explorer.run({ kind: 'singles', base: 0, from: 0, until: 60 }, { losses: [] }),
      )
      return JSON.stringify(results, (key, value) =>
        value instanceof Map ? [...value] : ['historyHash', 'course'].includes(key) ? undefined : value,
      ).replaceAll('locks:orders/42', 'orders/42')
    }
    const plain = await findings(lock({}))
    expect(plain).toContain('"property":"mutual-exclusion"')
    expect(await findings(lock({}, 'locks:'))).toEqual(plain)
  })
})

describe('a lease', () => {
  it.each([
    [
      'true',
      async ({ redis, key, token, ttlMs }: LockContext) => (await redis.set(key, token, 'PX', ttlMs, 'NX')) === 'OK',
    ],
    [
      'a token',
      async ({ redis, key, token, ttlMs }: LockContext) =>
        (await redis.set(key, token, 'PX', ttlMs, 'NX')) === 'OK' ? token : null,
    ],
  ])('may be %s', async (_, acquire) => {
    expect(await refusal(lock({ acquire, release: setNxLua.release }))).toBe('it is accepted')
  })
})
