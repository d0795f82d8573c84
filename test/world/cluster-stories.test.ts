/**
 * What goes wrong with a lock on a Redis Cluster, told by whole worlds with unmodified clients: verdicts, and hashes of their histories.
 */
import { describe, expect, it } from 'vitest'
import { defineLock } from '../../src/lock/lock.ts'
import { COMPARE_AND_DELETE } from '../../src/lock/release-script.ts'
import { setNxLua } from '../../src/lock/set-nx-lua.ts'
import { parseScenario } from '../../src/scenario/load.ts'
import { inMacrotask } from '../../src/sim/node/drain.ts'
import { lockSubject, type Subject } from '../../src/subject/subject.ts'
import { type JudgedWorld, judgeWorld } from '../../src/world/judged-world.ts'
import { memoryProvider, nodeEnvironment } from '../../src/world/node/environment.ts'

const provider = memoryProvider()

interface Story {
  readonly faults: string
  readonly subject?: Subject
  readonly ttl?: string
  readonly work?: string
  readonly seed?: string
}

function tell({
  faults,
  subject = lockSubject(setNxLua),
  ttl = '1s',
  work = '20ms',
  seed = '1',
}: Story): Promise<JudgedWorld> {
  const text = `
title: t
story: s
workload: { counter: { rounds: 1, work: ${work}, retry: 100ms } }
clients: 2
topology: { kind: cluster }
head-start: 100ms
ttl: ${ttl}
faults: ${faults}
`
  const plan = parseScenario(text, 'cluster.yaml').plan(seed, 'ioredis')
  return inMacrotask(() => judgeWorld(plan, subject, nodeEnvironment('ioredis', provider)))
}

/** What was violated and why, or the word of the verdict. */
const verdict = ({ judgement }: JudgedWorld): readonly string[] =>
  judgement.verdict.status === 'violated'
    ? [...new Set(judgement.verdict.violations.map((each) => `${each.property} ${each.kind} ${each.cause.kind}`))]
    : [judgement.verdict.status]

/** How the attempts of A ended. */
const attemptsOfA = ({ history }: JudgedWorld): readonly string[] =>
  history.operations.filter(({ op, process }) => op === 'acquire' && process === 'A').map(({ outcome }) => outcome)

interface Redis {
  set(...args: unknown[]): Promise<string | null>
  get(key: string): Promise<string | null>
  wait(replicas: number, ms: number): Promise<number>
  eval(script: string, keys: number, ...args: unknown[]): Promise<unknown>
}

type Acquire = (
  redis: Redis,
  call: { readonly key: string; readonly token: string; readonly ttlMs: number },
) => Promise<boolean>

const lockThat = (name: string, acquire: Acquire): Subject =>
  lockSubject(
    defineLock<Redis>({
      name,
      client: 'ioredis',
      async acquire({ redis, key, token, ttlMs }) {
        return (await acquire(redis, { key, token, ttlMs })) ? { token } : null
      },
      async release({ redis, key }, { token }) {
        return (await redis.eval(COMPARE_AND_DELETE, 1, key, token)) === 1
      },
    }) as never,
  )

describe('a primary that is cut off from all other nodes', () => {
  it('gives the lock to a client, and its replica gives it to another one: two hold it, which is a limit', async () => {
    const judged = await tell({
      faults:
        '[{ partition: { groups: [[redis-1], [redis-2, redis-3, redis-4, redis-5, redis-6]], for: 20s }, at: A before send 1 }]',
      ttl: '30s',
      work: '10s',
    })
    const [first, second] = judged.history.grants
    expect(first).toMatchObject({ node: 'redis-1', owner: 'A', endedBy: 'lost', endedByWhom: 'failover' })
    expect(second).toMatchObject({ node: 'redis-4', owner: 'B' })
    const [failover] = judged.history.failovers
    const afterMs = ((failover?.fromUs ?? 0) - (first?.fromUs ?? 0)) / 1000
    expect(afterMs).toBeGreaterThan(1500)
    expect(afterMs).toBeLessThan(3500)
    expect(verdict(judged)).toMatchInlineSnapshot(`
      [
        "mutual-exclusion limit redis-lost-it",
        "stale-write limit redis-lost-it",
        "linearizability limit redis-lost-it",
      ]
    `)
    expect(judged.run.historyHash).toMatchInlineSnapshot(`"381a12d792548e15"`)
  })
})

describe('a reply of SET NX that is lost', () => {
  it('makes ioredis send it again: null, for a lock that it owns', async () => {
    const judged = await tell({ faults: '[{ lose-reply: { process: A }, at: A before send 1 }]' })
    expect(attemptsOfA(judged)[0]).toBe('fail')
    expect(judged.history.grants[0]).toMatchObject({ owner: 'A', endedBy: 'expired' })
    expect(verdict(judged)).toMatchInlineSnapshot(`
      [
        "orphaned-lock bug attempt-misread",
      ]
    `)
    expect(judged.run.historyHash).toMatchInlineSnapshot(`"65d4e201d66ab098"`)
  })
})

describe('WAIT', () => {
  const waiting = lockThat('waits', async (redis, { key, token, ttlMs }) => {
    if ((await redis.set(key, token, 'PX', ttlMs, 'NX')) !== 'OK') return false
    if ((await redis.wait(1, 50)) >= 1) return true
    await redis.eval(COMPARE_AND_DELETE, 1, key, token)
    return false
  })

  it('asks a random primary, which knows nothing of the write, and says yes', async () => {
    const faults = '[{ replication-lag: { from: redis-1, to: redis-4, for: 600ms }, at: A before send 1 }]'
    const first: (string | undefined)[] = []
    for (const seed of ['1', '2', '3', '4', '5', '6']) {
      first.push(attemptsOfA(await tell({ faults, subject: waiting, ttl: '10s', seed }))[0])
    }
    // Where it is the right one, by chance, it answers 0.
    expect(first).toMatchInlineSnapshot(`
      [
        "fail",
        "fail",
        "ok",
        "ok",
        "fail",
        "ok",
      ]
    `)
    expect(first).toContain('ok')
  })
})

describe('a script with two keys', () => {
  const script = "redis.call('incr', KEYS[2]) return redis.call('set', KEYS[1], ARGV[1], 'PX', ARGV[2], 'NX')"
  const withCounter = (name: string, counterOf: (key: string) => string): Subject =>
    lockThat(
      name,
      async (redis, { key, token, ttlMs }) => (await redis.eval(script, 2, key, counterOf(key), token, ttlMs)) !== null,
    )

  it('is refused when they are in two slots: no client ever gets the lock', async () => {
    const judged = await tell({ faults: '[]', subject: withCounter('two-slots', (key) => `${key}:attempts`) })
    expect(judged.history.grants).toEqual([])
    expect(new Set(attemptsOfA(judged))).not.toContain('ok')
    expect(verdict(judged)).toMatchInlineSnapshot(`
      [
        "dead-lock bug not-takeable",
      ]
    `)
  })

  it('runs when a hash tag puts them into one', async () => {
    const judged = await tell({
      faults: '[]',
      subject: withCounter('one-slot', (key) => `{${key}}:attempts`),
      work: '200ms',
    })
    expect(verdict(judged)).toEqual(['valid'])
  })
})

describe('a slot that moves', () => {
  const RELEASE =
    "redis.call('del', KEYS[2]) if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('del', KEYS[1]) end return 0"
  const faults = '[{ migrate-slot: { to: redis-2, for: 8s }, at: A before work }]'
  const tagged = (key: string): string => `{${key}}:waiters`

  it('makes a script TRYAGAIN that names a key which is not there: the release fails, and the lease must end', async () => {
    const subject = lockSubject(
      defineLock<Redis>({
        name: 'releases-two-keys',
        client: 'ioredis',
        async acquire({ redis, key, token, ttlMs }) {
          return (await redis.set(key, token, 'PX', ttlMs, 'NX')) === 'OK' ? { token } : null
        },
        async release({ redis, key }, { token }) {
          return (await redis.eval(RELEASE, 2, key, tagged(key), token)) === 1
        },
      }) as never,
    )
    const judged = await tell({ faults, subject, ttl: '5s' })
    expect(judged.history.grants[0]).toMatchObject({ owner: 'A', endedBy: 'expired' })
    const release = judged.history.operations.find(({ op, process }) => op === 'release' && process === 'A')
    expect(release?.outcome).toBe('info')
    expect(JSON.stringify(release?.answer)).toContain('TRYAGAIN')
    // What Redis itself refuses for a while is not charged to the lock: the others wait until the lease ends.
    expect(verdict(judged)).toEqual(['valid'])
    expect((await tell({ faults: '[]', subject, ttl: '5s', work: '200ms' })).judgement.verdict.status).toBe('valid')
  })

  it('is no trouble for a script of one key', async () => {
    expect(verdict(await tell({ faults, ttl: '5s', work: '200ms' }))).toEqual(['valid'])
  })
})
