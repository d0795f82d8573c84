/** Read-write locks: what each kind of fault does to a right one and to wrong ones, and why, each by the smallest world. */
import { describe, expect, it } from 'vitest'
import { countedReaders } from '../../src/read-write/counted-readers.ts'
import { leasedReaders } from '../../src/read-write/leased-readers.ts'
import { defineReadWriteLock, type ReadWriteLockDefinition } from '../../src/read-write/read-write-lock.ts'
import { READ_WRITE_LOCKS } from '../../src/read-write/registry.ts'
import { readWriteSubject } from '../../src/subject/subject.ts'
import { type Changes, counterPlan, fault, type Shown, show } from '../check/worlds.ts'

const plan = ({ workUs = 20_000, ...changes }: Omit<Changes, 'workload'> & { readonly workUs?: number } = {}) =>
  counterPlan({
    clients: 4,
    ttlMs: 200,
    headStartUs: 5_000,
    workload: { kind: 'read-write', rounds: 3, workUs, retryUs: 10_000 },
    settleUs: 2_000_000,
    ...changes,
  })

const told = ({ violations }: Shown): readonly string[] =>
  [...new Set(violations.map(({ property, kind, cause }) => `${property} ${kind} ${cause.kind}`))].sort()

const of = (lock: ReadWriteLockDefinition, changes: Parameters<typeof plan>[0] = {}) =>
  show(readWriteSubject(lock), plan(changes))

/** Lets all in, always. */
const open = defineReadWriteLock({
  name: 'open',
  acquireRead: async ({ redis, key, token }) => {
    await redis.get(key)
    return { token }
  },
  acquireWrite: async ({ redis, key, token }) => {
    await redis.get(key)
    return { token }
  },
  release: async () => true,
})

describe('without any fault', () => {
  it.each(READ_WRITE_LOCKS)('$name lets readers in together, and a writer alone', async (lock) => {
    const shown = await of(lock)
    expect([shown.status, told(shown)]).toEqual(['valid', []])
    expect(shown.sometimes).toEqual(expect.arrayContaining(['done', 'contended']))
    const { holds } = shown.history
    const together = holds.filter((hold) =>
      holds.some((other) => other !== hold && other.fromUs < hold.untilUs && hold.fromUs < other.untilUs),
    )
    expect(together.length).toBeGreaterThan(1)
    expect(together.every(({ token }) => token.includes('-read-'))).toBe(true)
  })

  it('one that lets all in is told who held what, and what a reader read', async () => {
    const shown = await of(open)
    expect(told(shown)).toEqual(['mutual-exclusion bug let-in-beside', 'torn-read bug let-in-beside'])
    const sentences = shown.violations.map(({ sentence }) => sentence).join('\n')
    expect(sentences).toMatch(/\w held the lock to write while \w held it to read, for /)
    expect(sentences).toMatch(/\w and \w both held the lock to write for /)
    expect(sentences).toMatch(/\w read (\d) and then \d while it held the lock to read: \w wrote in between/)
  })
})

describe('a reader that ends', () => {
  const faults = [fault('crash', { process: 'B' }, 'B before work')]

  it('keeps writers out for ever where readers are counted', async () => {
    expect(told(await of(countedReaders, { faults }))).toEqual(['dead-lock bug not-takeable'])
  })

  it('does not where it has a lease', async () => {
    const shown = await of(leasedReaders, { faults })
    expect([shown.status, told(shown)]).toEqual(['valid', []])
  })
})

describe('a writer that is stopped for longer than its lease', () => {
  const faults = [fault('pause', { process: 'A', for: '400ms' }, 'A before work')]

  it('cannot be told where its lease says nothing: a limit', async () => {
    const kinds = told(await of(countedReaders, { faults }))
    expect(kinds).toContain('mutual-exclusion limit lease-ended')
    expect(kinds.filter((each) => each.includes(' bug '))).toEqual([])
  })

  it('does not write where it says its end', async () => {
    expect(told(await of(leasedReaders, { faults }))).toEqual([])
  })
})

it("Redis's clock may end a lease early: a limit", async () => {
  const faults = [fault('clock-step', { process: 'redis-1', by: '400ms' }, 'A before work')]
  const kinds = told(await of(leasedReaders, { faults, workUs: 100_000 }))
  expect(kinds).toContain('mutual-exclusion limit redis-lost-it')
  expect(kinds.filter((each) => each.includes(' bug '))).toEqual([])
})

it('a reply that comes when the lease is over is no lease', async () => {
  const faults = [fault('delay-reply', { process: 'A', for: '400ms' }, 'A before reply 2')]
  expect(told(await of(countedReaders, { faults }))).toContain('mutual-exclusion bug granted-too-late')
  expect(told(await of(leasedReaders, { faults }))).toEqual([])
})

describe('a contract that is not kept', () => {
  const methods = { acquireRead() {}, acquireWrite() {}, release() {} }
  it.each([
    [null, 'expected an object with name, acquireRead, acquireWrite and release'],
    [{ ...methods, name: ' ' }, 'expected an object with name, acquireRead, acquireWrite and release'],
    [{ ...methods, name: 'x', acquireWrite: undefined }, 'expected acquireWrite to be a function, got undefined'],
    [{ ...methods, name: 'x', client: 'redis' }, 'expected client to be one of ioredis'],
  ])('%o is told: %s', (definition, message) => {
    expect(() => defineReadWriteLock(definition as never)).toThrow(message)
  })
})
