/** What a real redis-server shows of real clients under MONITOR, judged: correct locks are valid, broken ones are told. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { Queue, Worker } from 'bullmq'
import type { Redis } from 'ioredis'
import { createClient } from 'redis'
import { Mutex, Semaphore } from 'redis-semaphore'
// @ts-expect-error its package.json names no types
import Redlock5 from 'redlock-5'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { LockContext } from '../../src/lock/lock.ts'
import { LOCKS } from '../../src/lock/registry.ts'
import { openServerRecording } from '../../src/recorded/open-server.ts'
import { judgeServers, type ServerSettings } from '../../src/recorded/server.ts'
import { Monitored } from './monitored.ts'

const folder = mkdtempSync(path.join(tmpdir(), 'lockstorm-monitor-'))
let monitored: Monitored
beforeAll(async () => {
  monitored = await Monitored.start()
})
beforeEach(async () => {
  await monitored.write(path.join(folder, 'before.log'))
})
afterAll(async () => {
  await monitored.stop()
  rmSync(folder, { recursive: true, force: true })
})

const hash = (token: string): string => `${token}......`
const SETTINGS: ServerSettings = { keys: [], isOneEach: false, hash, errorMs: 0 }
const judged = async (settings: Partial<ServerSettings> = {}, name = 'server.log') => {
  const file = await monitored.write(path.join(folder, name))
  return { file, ...(await judgeServers([openServerRecording(file)], { ...SETTINGS, ...settings })) }
}
const again = (file: string, settings: Partial<ServerSettings>) =>
  judgeServers([openServerRecording(file)], { ...SETTINGS, ...settings })
const pass = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

const builtIn = (name: string) => {
  const lock = LOCKS.find((each) => each.name === name)
  if (lock === undefined) throw new Error(name)
  return lock
}
let tokens = 0
const context = (redis: Redis, key: string, ttlMs = 5_000): LockContext => {
  tokens += 1
  return { redis, nodes: [redis], key, token: `token-${tokens}`, owner: 'o', ttlMs } as unknown as LockContext
}

/** Three clients take the lock in turn, several times, each waiting for its turn. */
async function contend(name: string, clients: readonly Redis[], key: string): Promise<void> {
  const lock = builtIn(name)
  await Promise.all(
    clients.map(async (redis) => {
      for (let round = 0; round < 4; round += 1) {
        for (;;) {
          const asked = context(redis, key)
          const lease = await lock.acquire(asked as never)
          if (lease !== null) {
            await pass(2)
            await lock.release(asked as never, lease)
            break
          }
          await pass(1)
        }
      }
    }),
  )
}

describe('correct locks on a real server are valid', () => {
  it.each(['set-nx-lua', 'evalsha', 'watchdog', 'fenced', 'fenced-watchdog', 'redlock-by-the-book'])(
    '%s',
    async (name) => {
      const clients = [0, 1, 2].map(() => monitored.client())
      await contend(name, clients, `lock:${name}`)
      const { shown, locks, grants, notes } = await judged()
      expect({ shown, locks, notes }).toEqual({ shown: [], locks: 1, notes: [] })
      // What the first attempt met is not known.
      expect(grants).toBeGreaterThanOrEqual(11)
      expect(grants).toBeLessThanOrEqual(12)
    },
  )

  it('also in several databases, behind a prefix, beside other work', async () => {
    const clients = [0, 1, 2, 3].map((index) => monitored.client({ db: index % 2, keyPrefix: 'app:' }))
    const other = monitored.client({ db: 1 })
    const blocked = monitored.client()
    const work = (async () => {
      const waiting = blocked.blpop('queue', 0)
      for (let index = 0; index < 20; index += 1) {
        await other.multi().set('x', index).incr('n').xadd('s', '*', 'a', 'b').exec()
        await other.watch('x')
        await other.multi().get('x').discard()
        await other.eval('redis.call("set", KEYS[1], ARGV[1], "PX", 1000) return 1', 1, 'cache', `v${index}`)
        await other.set('seen', '1', 'EX', 100, 'NX')
        await pass(1)
      }
      await other.select(0)
      await other.rpush('queue', 'job')
      await waiting
    })()
    await contend('set-nx-lua', clients, 'lock')
    await work
    const { shown, locks } = await judged()
    expect({ shown, locks }).toEqual({ shown: [], locks: 2 })
  })

  it('inside MULTI, with WATCH, by a client that compares the token itself', async () => {
    const clients = [0, 1].map(() => monitored.client())
    await Promise.all(
      clients.map(async (redis, index) => {
        for (let round = 0; round < 5; round += 1) {
          const token = `${index}/${round}`
          while ((await redis.set('watched', token, 'PX', 5_000, 'NX')) === null) await pass(1)
          await redis.watch('watched')
          if ((await redis.get('watched')) === token) await redis.multi().del('watched').exec()
        }
      }),
    )
    const { shown, locks } = await judged()
    expect({ shown, locks }).toEqual({ shown: [], locks: 1 })
  })

  it('redlock 5, redis-semaphore (which renews), and node-redis', async () => {
    const redlock = new Redlock5([monitored.client() as never])
    const first = await redlock.acquire(['redlock'], 1_000)
    await first.release()
    const second = await redlock.acquire(['redlock'], 1_000)
    await second.extend(2_000)
    await second.release()
    // Leases that a busy machine does not end: a renewal may be most of a second late.
    for (let round = 0; round < 3; round += 1) {
      const mutex = new Mutex(monitored.client() as never, 'semaphore', { lockTimeout: 1_000, refreshInterval: 100 })
      await mutex.acquire()
      await pass(1_300)
      await mutex.release()
    }
    const node = await createClient({ url: `redis://127.0.0.1:${monitored.redis.port}` }).connect()
    for (let round = 0; round < 3; round += 1) {
      await node.set('node-redis', `n${round}`, { condition: 'NX', expiration: { type: 'PX', value: 1_000 } } as never)
      await node.eval('if redis.call("get",KEYS[1])==ARGV[1] then return redis.call("del",KEYS[1]) end return 0', {
        keys: ['node-redis'],
        arguments: [`n${round}`],
      })
    }
    node.destroy()
    const { shown, locks } = await judged()
    expect({ shown, locks }).toEqual({ shown: [], locks: 3 })
  })

  it('the job locks of BullMQ, which it renews; semaphores are not judged', async () => {
    const connection = { host: '127.0.0.1', port: monitored.redis.port }
    const queue = new Queue('jobs', { connection })
    const work = async (job: { readonly data: number }): Promise<void> => {
      await pass(job.data % 5 === 0 ? 2_500 : 2)
      if (job.data % 3 === 0) throw new Error('again')
    }
    const workers = [0, 1].map(() => new Worker('jobs', work, { connection, concurrency: 3, lockDuration: 1_200 }))
    const last = new Promise((resolve) => {
      for (const worker of workers) worker.on('completed', (job) => job.data === 20 && resolve(null))
    })
    for (let index = 0; index <= 20; index += 1) await queue.add('job', index, { attempts: 2 })
    const semaphores = [0, 1, 2].map(async () => {
      const semaphore = new Semaphore(monitored.client() as never, 'permits', 2, { lockTimeout: 200 })
      await semaphore.acquire()
      await pass(5)
      await semaphore.release()
    })
    await Promise.all([last, ...semaphores])
    for (const end of [...workers, queue]) await end.close()
    const { file, shown } = await judged()
    expect(shown).toEqual([])
    const named = await again(file, { keys: ['bull:*:lock'], isOneEach: true })
    expect({ shown: named.shown, locks: named.locks }).toEqual({ shown: [], locks: 21 })
  })

  it('a lease that ended while nobody used it, and another that came after it', async () => {
    const [a, b] = [monitored.client(), monitored.client()]
    await a.set('quiet', 't1', 'PX', 20, 'NX')
    await a.eval('return redis.call("del", KEYS[1])', 1, 'quiet')
    await a.set('quiet', 't2', 'PX', 20, 'NX')
    await pass(40)
    await b.set('quiet', 't3', 'PX', 1_000, 'NX')
    await b.eval('if redis.call("get",KEYS[1])==ARGV[1] then redis.call("del",KEYS[1]) end', 1, 'quiet', 't3')
    expect((await judged()).shown).toEqual([])
  })
})

describe('broken locks on a real server', () => {
  /** A's lease ends, B takes the lock, and A releases it. */
  async function outlived(name: string, key: string): Promise<void> {
    const [a, b] = [monitored.client(), monitored.client()]
    const lock = builtIn(name)
    const warm = context(a, key)
    await lock.release(warm as never, (await lock.acquire(warm as never)) as never)
    const one = context(a, key, 40)
    const lease = await lock.acquire(one as never)
    await pass(250)
    const two = context(b, key)
    const next = await lock.acquire(two as never)
    await lock.release(one as never, lease as never)
    await lock.release(two as never, next as never)
    await a.ping()
  }

  it('that delete without a look at the token: certain where connections are clients and the key is known to be a lock', async () => {
    await outlived('nx-plain-del', 'orders')
    const { file, shown } = await judged()
    expect(shown.map(({ property, status }) => [property, status])).toEqual([['foreign-release', 'unknown']])
    expect(shown[0]?.sentence).toContain('--one-connection')
    const named = await again(file, { keys: ['ord*'], isOneEach: true })
    expect(named.shown).toEqual([
      expect.objectContaining({
        property: 'foreign-release',
        status: 'violated',
        sentence: expect.stringMatching(
          /^127\.0\.0\.1:\d+ deleted "orders" of 127\.0\.0\.1:\d+ \(#token-\)\. The command of \S+ does not compare the key's token with its own\.$/,
        ),
        cause: { kind: 'token-not-compared', by: expect.any(String), how: 'deleted' },
      }),
    ])
    const likely = await again(file, { isOneEach: true })
    expect(likely.shown.map(({ status, sentence }) => [status, sentence.includes('--keys')])).toEqual([
      ['unknown', true],
    ])
  })

  it('whose lease ends under use: the server shows that the release came late, and cannot say more', async () => {
    await outlived('set-nx-lua', 'late')
    const { shown } = await judged()
    expect(shown.map(({ property, status }) => [property, status])).toEqual([['overstated-lease', 'unknown']])
    expect(shown[0]?.sentence).toMatch(/asked for "late" \d+ ms after its lease had ended, when .* had it: whether/)
  })

  it('that overwrite', async () => {
    const [a, b] = [monitored.client(), monitored.client()]
    await a.set('over', 'mine', 'PX', 5_000)
    await b.set('over', 'yours', 'PX', 5_000)
    await a.ping()
    const { shown } = await judged({ keys: ['over'], isOneEach: true })
    expect(shown.map(({ property, status, cause }) => [property, status, cause])).toEqual([
      ['foreign-release', 'violated', expect.objectContaining({ how: 'overwritten' })],
    ])
  })

  it('without an expiry', async () => {
    const a = monitored.client()
    for (let round = 0; round < 2; round += 1) {
      await a.setnx('endless', `t${round}`)
      await a.del('endless')
      await a.setnx('set-later', `t${round}`)
      await a.pexpire('set-later', 1_000)
      await a.del('set-later')
    }
    const { shown } = await judged({ keys: ['endless', 'set-later'] })
    expect(shown.map(({ property, status, sentence }) => [property, status, sentence.slice(0, 23)])).toEqual([
      ['dead-lock', 'violated', '"endless" has no expiry'],
    ])
  })

  it('by a script that does not ask, and by a script that asks for another token', async () => {
    const [a, b] = [monitored.client(), monitored.client()]
    const ask = 'if redis.call("get",KEYS[1])==ARGV[1] then return redis.call("del",KEYS[1]) end return 0'
    const not = 'redis.call("get",KEYS[1]) return redis.call("del",KEYS[1])'
    await a.set('s', 't0', 'PX', 5_000, 'NX')
    await a.eval(ask, 1, 's', 't0')
    await a.set('s', 't1', 'PX', 5_000, 'NX')
    await b.eval(ask, 1, 's', 'other')
    await b.eval(not, 1, 's', 'other')
    await a.ping()
    const { shown } = await judged({ isOneEach: true })
    expect(shown.map(({ property, status }) => [property, status])).toEqual([['foreign-release', 'violated']])
  })

  it('whatever is told: never a token', async () => {
    await outlived('nx-plain-del', 'tokens')
    const { file, shown } = await judged({ keys: ['*'], isOneEach: true })
    const [token] = /token-\d+/.exec(readFileSync(file, 'latin1')) ?? []
    expect(shown).not.toEqual([])
    expect(token).toBeDefined()
    expect(JSON.stringify(shown)).not.toContain(token)
  })
})
