/** Locks as people have them: each shape runs in a world, and does there what a definition by hand would do. */
import { describe, expect, it } from 'vitest'
import type { LockContext } from '../../src/lock/lock.ts'
import { callOf } from '../../src/subject/shape/arguments.ts'
import { parametersOf, type Wish, wishOf } from '../../src/subject/shape/parameters.ts'
import { type Recognized, recognize } from '../../src/subject/shape/recognize.ts'
import { returnsSomething } from '../../src/subject/shape/use.ts'
import { lockSubject } from '../../src/subject/subject.ts'
import { counterPlan, show } from '../check/worlds.ts'

type Redis = LockContext['redis']
const SCRIPT = "if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('del', KEYS[1]) end return 0"
let count = 0

class RedisLock {
  readonly client: Redis
  constructor(client: Redis) {
    this.client = client
  }
  async lock(resource: string, ttl: number): Promise<string | null> {
    const value = `v${++count}`
    return (await this.client.set(resource, value, 'PX', ttl, 'NX')) === 'OK' ? value : null
  }
  async unlock(resource: string, value: string): Promise<boolean> {
    return (await this.client.eval(SCRIPT, 1, resource, value)) === 1
  }
}

class KeyedMutex {
  readonly #redis: Redis
  readonly #key: string
  readonly #ttlSeconds: number
  readonly #value = `m${++count}`
  constructor({ redis, key, ttlSeconds }: { redis: Redis; key: string; ttlSeconds: number }) {
    this.#redis = redis
    this.#key = key
    this.#ttlSeconds = ttlSeconds
  }
  async acquire(): Promise<boolean> {
    return (await this.#redis.set(this.#key, this.#value, 'EX', this.#ttlSeconds, 'NX')) === 'OK'
  }
  async release(): Promise<void> {
    await this.#redis.eval(SCRIPT, 1, this.#key, this.#value)
  }
}

const createLocker = (redis: Redis) => ({
  async acquire(key: string, opts: { ttl: number }) {
    const token = `f${++count}`
    if ((await redis.set(key, token, 'PX', opts.ttl, 'NX')) !== 'OK') return null
    return { token, release: async () => (await redis.eval(SCRIPT, 1, key, token)) === 1 }
  },
})

async function withLock(redis: Redis, key: string, fn: () => Promise<void>, ttlMs: number): Promise<void> {
  const token = `w${++count}`
  while ((await redis.set(key, token, 'PX', ttlMs, 'NX')) !== 'OK')
    await new Promise((resolve) => setTimeout(resolve, 10))
  try {
    await fn()
  } finally {
    await redis.eval(SCRIPT, 1, key, token)
  }
}

async function acquireLock(redis: Redis, name: string, owner: string, ms: number): Promise<boolean> {
  return (await redis.set(name, owner, 'PX', ms, 'NX')) === 'OK'
}
async function releaseLock(redis: Redis, name: string, owner: string): Promise<boolean> {
  return (await redis.eval(SCRIPT, 1, name, owner)) === 1
}

/** As redislock has it: its callback is called `fn`, and says nothing but that there was no error. */
class Nodeback {
  readonly client: Redis
  readonly #token = `n${++count}`
  #key = ''
  constructor(client: Redis) {
    this.client = client
  }
  acquire(key: string, fn: (error: Error | null) => void): void {
    this.#key = key
    const attempt = (): void => {
      this.client.set(key, this.#token, 'PX', 10_000, 'NX').then((reply) => {
        if (reply === 'OK') fn(null)
        else setTimeout(attempt, 20)
      }, fn)
    }
    attempt()
  }
  release(fn: (error: Error | null, count?: unknown) => void): void {
    this.client.eval(SCRIPT, 1, this.#key, this.#token).then((reply) => fn(null, reply), fn)
  }
}

/** As `redis-lock` does it: what is handed out releases. */
async function lock(redis: Redis, key: string, timeout: number): Promise<(() => Promise<void>) | null> {
  const token = `r${++count}`
  if ((await redis.set(key, token, 'PX', timeout, 'NX')) !== 'OK') return null
  return async () => {
    await redis.eval(SCRIPT, 1, key, token)
  }
}

/** As a file of this text is told that has one lock. */
function only(exported: Readonly<Record<string, unknown>>, text = ''): Recognized {
  const found = recognize(exported, { name: 'mine', text })
  expect(found).toHaveLength(1)
  expect(found[0]?.question).toBeNull()
  return found[0] as Recognized
}

const SHAPES = [
  [{ RedisLock }, 'class RedisLock, lock(resource, ttl), unlock(resource, value)'],
  [{ default: KeyedMutex }, 'class KeyedMutex, acquire(), release()'],
  [{ Nodeback }, 'class Nodeback, acquire(key, fn), release(fn)'],
  [{ createLocker }, 'factory createLocker(redis)'],
  [{ withLock }, 'function withLock(redis, key, fn, ttlMs)'],
  [{ acquireLock, releaseLock }, 'functions acquireLock(redis, name, owner, ms), releaseLock(redis, name, owner)'],
] as const

describe('a lock that people have', () => {
  it.each(SHAPES)('%o is told as "%s", and is right', async (exported, words) => {
    const found = only(exported)
    expect(found.words).toBe(words)
    const plan = counterPlan({
      clients: 3,
      workload: { kind: 'counter', rounds: 2, workUs: 20_000, retryUs: 20_000, checkFence: false },
    })
    const { status, kinds, history } = await show(lockSubject(found.lock), plan)
    expect([status, kinds]).toEqual(['valid', []])
    // Every round of every client was worked: the counter says six.
    expect(history.lanes.effects.filter(({ op }) => op === 'write')).toHaveLength(6)
  })

  it('is told by what it hands out: a function that releases', async () => {
    const found = only({ lock, unlock: () => {} })
    const { status, history } = await show(lockSubject(found.lock), counterPlan())
    expect(status).toBe('valid')
    expect(history.grants.every(({ endedBy }) => endedBy === 'deleted')).toBe(true)
  })

  it('is none where nothing takes or gives back', () => {
    expect(recognize({ format: (text: string) => text, VERSION: 3 }, { name: 'mine', text: '' })).toEqual([])
    expect(recognize({ default: class Store {} }, { name: 'mine', text: '' })).toEqual([])
  })
})

describe('what is called with what', () => {
  const knowledge = { usual: ['key', 'ttlMs', 'token'] as const, text: '' }
  const take = new Set<Wish>(['key', 'ttl', 'ttlMs', 'ttlS', 'token', 'redis'])

  it('locks what has an id, where nothing is called a key', () => {
    const called = (target: (...given: never[]) => unknown) => callOf(target, { ...knowledge, wishes: take })
    // As the state adapter of chat has it.
    expect(called((threadId: string, ttlMs: number) => [threadId, ttlMs])).toEqual({
      args: ['key', 'ttlMs'],
      unclear: [],
      services: [],
    })
    expect(called((orderId: string, key: string) => [orderId, key])).toEqual({
      args: [null, 'key'],
      unclear: ['orderId'],
      services: [],
    })
    expect(called((clientId: string, resource: string) => [clientId, resource]).args).toEqual(['token', 'key'])
  })

  it('takes a lease for how long one lasts where there is none to give back', () => {
    const target = (id: string, lease: number) => [id, lease]
    expect(callOf(target as never, { ...knowledge, wishes: take }).args).toEqual(['key', 'ttlMs'])
    const giveBack = new Set<Wish>([...take, 'lease'])
    expect(callOf(target as never, { ...knowledge, wishes: giveBack, text: 'back' }).args).toEqual(['key', 'lease'])
  })
})

describe('what a parameter asks for', () => {
  it.each([
    ['ttl', 'ttl'],
    ['ttlMs', 'ttlMs'],
    ['ttlSeconds', 'ttlS'],
    ['expiresInMs', 'ttlMs'],
    ['expireSec', 'ttlS'],
    ['timeout', 'ttl'],
    ['redisKey', 'key'],
    ['clientId', 'token'],
    ['keyPrefix', 'prefix'],
    ['expires', 'ttl'],
    ['ttlS', 'ttlS'],
    ['leaseTimeoutSecs', 'ttlS'],
    ['resource', 'key'],
    ['lockName', 'key'],
    ['redisClient', 'redis'],
    ['callback', 'task'],
    ['owner', 'token'],
    ['retries', null],
  ])('%s: %s', (name, wish) => {
    expect(wishOf(name)).toBe(wish)
  })

  it('is read off defaults, destructuring and arrows', () => {
    expect(
      parametersOf(((key: string, { ttl = 5, retry: { count } = { count: 1 }, at } = {} as never) => [
        key,
        ttl,
        count,
        at,
      ]) as never),
    ).toEqual([
      { kind: 'plain', name: 'key', hasDefault: false },
      {
        kind: 'object',
        names: [
          { name: 'ttl', hasDefault: true },
          { name: 'retry', hasDefault: true },
          { name: 'at', hasDefault: false },
        ],
        hasDefault: true,
      },
    ])
    expect(parametersOf(((key: string) => key) as never)).toEqual([{ kind: 'plain', name: 'key', hasDefault: false }])
  })

  it('is not misread for what stands in a text or a comment', () => {
    class Own {
      readonly port: number
      constructor(url = 'redis://cache:6379', /* , no */ port = 6379) {
        this.port = url === '' ? 0 : port
      }
    }
    class Derived extends Own {}
    for (const each of [Own, Derived])
      expect(parametersOf(each as never)).toEqual([
        { kind: 'plain', name: 'url', hasDefault: true },
        { kind: 'plain', name: 'port', hasDefault: true },
      ])
  })
})

describe('a class whose parts an injector makes', () => {
  class LockService {
    readonly redis: object
    readonly config: object
    constructor(redis: object, config: object) {
      this.redis = redis
      this.config = config
    }
    async runExclusive(key: string, task: () => Promise<void>): Promise<void> {
      await task()
      throw new Error(key)
    }
  }
  const asked = (text: string): string | null => recognize({ LockService }, { name: 'mine', text })[0]?.question ?? null

  it('is given no client in the place of a service', () => {
    expect(asked('constructor(private readonly redis: RedisService, private readonly config: ConfigService) {}')).toBe(
      'new LockService(redis, config): what should be given for redis and config?',
    )
    expect(asked('constructor(private readonly redis: Redis, private readonly config: LockConfig) {}')).toBeNull()
  })
})

describe('what a function returns', () => {
  const again = (task: () => void): unknown => setTimeout(task, 5)
  it.each<[string, (...given: never[]) => unknown, boolean]>([
    [
      'nothing, by a promise',
      () =>
        new Promise<void>((resolve) => {
          resolve()
        }),
      true,
    ],
    [
      'nothing, by a promise that it returns',
      function acquire() {
        return new Promise<void>((resolve, reject) => {
          if (count < 0) return reject(new Error('locked'))
          again(() => resolve())
          return resolve()
        })
      },
      false,
    ],
    [
      'nothing, by a promise of a timer',
      function acquire() {
        return new Promise((done) => {
          setTimeout(done, 10)
        })
      },
      false,
    ],
    [
      'a value, by a promise that it returns',
      function acquire() {
        return new Promise((resolve) => {
          if (count < 0) return resolve(null)
          return resolve('token')
        })
      },
      true,
    ],
    [
      'a value',
      async function acquire() {
        return count
      },
      true,
    ],
    [
      'nothing',
      async function acquire() {
        await null
      },
      false,
    ],
  ])('is %s', (_, method, expected) => {
    expect(returnsSomething(method)).toBe(expected)
  })
})
