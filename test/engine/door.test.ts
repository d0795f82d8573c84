import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, describe, expect, it } from 'vitest'
import type { Lease, LockContext } from '../../src/index.ts'
import { build } from '../cli/binary.ts'

await build()

/** As it is packed: workers are files of it. */
const BUILT = pathToFileURL(path.resolve(import.meta.dirname, '../../dist/index.js')).href
const { assertValid, defineLock, hunt, judge, NotValidError, replay, run, UsageError } = (await import(
  BUILT
)) as typeof import('../../src/index.ts')

const COMPARE_AND_DELETE =
  "if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('del', KEYS[1]) else return 0 end"

const acquire = async ({ redis, key, token, ttlMs }: LockContext): Promise<Lease | null> =>
  (await redis.set(key, token, 'PX', ttlMs, 'NX')) === 'OK' ? { token } : null

/** Deletes without looking. */
const careless = defineLock({
  name: 'careless',
  acquire,
  release: async ({ redis, key }) => (await redis.del(key)) === 1,
})

const careful = defineLock({
  name: 'careful',
  acquire,
  release: async ({ redis, key, token }) => (await redis.eval(COMPARE_AND_DELETE, 1, key, token)) === 1,
})

const SMALL = { faults: 1, clients: 2, rounds: 1 } as const

const folder = mkdtempSync(path.join(tmpdir(), 'lockstorm-door-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe('hunt', () => {
  it('finds what a lock given as an object does wrong, and its token replays', async () => {
    const result = await hunt(careless, SMALL)
    if (result.status !== 'violated') throw new Error(`expected a violation, got ${result.status}`)
    const [first] = result.findings
    expect([first?.property, first?.kind]).toEqual(['mutual-exclusion', 'bug'])
    const again = await replay(first?.token ?? '', { lock: careless })
    expect([again.status, again.outcome]).toEqual(['violated', 'failed'])
  })

  it('takes a lock by its shape: a class, an object of one, a function that runs a callback', async () => {
    class Careless {
      readonly #redis: LockContext['redis']
      constructor(redis: LockContext['redis']) {
        this.#redis = redis
      }
      async acquire(key: string, token: string, ttlMs: number): Promise<boolean> {
        return (await this.#redis.set(key, token, 'PX', ttlMs, 'NX')) === 'OK'
      }
      async release(key: string): Promise<boolean> {
        return (await this.#redis.del(key)) === 1
      }
    }
    const given = await hunt(careless, SMALL)
    const shaped = await hunt(Careless, SMALL)
    const found = ({ report }: typeof given) => report.violations.map(({ property, kind }) => `${property} ${kind}`)
    expect(shaped.report.lock).toBe('Careless')
    expect(found(shaped)).toEqual(found(given))
    await expect(hunt({ acquire: async (a: string, b: string) => [a, b], release: async () => true })).rejects.toThrow(
      UsageError,
    )
  })

  it('refuses options that would do nothing', async () => {
    await expect(hunt(careless, { faults: 0, guided: true })).rejects.toThrow(/^--guided: it is about random storms/)
    await expect(hunt(careless, { faults: 0, allMagnitudes: true })).rejects.toThrow(
      /^--all-magnitudes: it is about storms of one fault/,
    )
  })

  it('gives each of several hunts at once the answer that it has alone', async () => {
    const alone = [await hunt(careless, { faults: 0 }), await hunt(careful, { faults: 0, seed: 2 })]
    const together = await Promise.all([hunt(careless, { faults: 0 }), hunt(careful, { faults: 0, seed: 2 })])
    expect(together.map(({ report }) => report)).toEqual(alone.map(({ report }) => report))
  })

  it('ends early at a signal, with what there is', async () => {
    const result = await hunt(careless, { signal: AbortSignal.abort() })
    expect(result.report.storms.tried).toBe(0)
  })

  it.each([
    ['an unknown option', () => hunt(careless, { ttll: '1s' } as object), /hunt\(\{ ttll \}\).*did you mean "ttl"/s],
    ['an option of a wrong form', () => hunt(careless, { ttl: 'soon' }), /hunt\(\{ ttl \}\)/],
    ['a file that is not there', () => hunt('./no-such-lock.ts'), /no-such-lock\.ts.*no such file/s],
    ['an object that is no lock', () => hunt({ name: 'x' } as never), /hunt\(…\)/],
    ['a token that is no text', () => replay({} as never), /^UsageError: replay\(tokenOrFile\): expected a token/],
    ['a broken token', () => replay('L1.broken'), /L1\.broken|token/],
    [
      'a name that a built-in lock has',
      () => run([], { lock: { ...careful, name: 'naive' } }),
      /"naive" is there also in lockstorm/,
    ],
    ['a scenario that is not there', () => run('no-such-scenario'), /no-such-scenario/],
    [
      'options in place of scenarios',
      () => run({ lock: careful } as never),
      /^UsageError: run\(scenarios\): expected names/,
    ],
    [
      'scenarios that are no texts',
      () => replay('L1.broken', { scenarios: [careful] as never }),
      /replay\(\{ scenarios \}\): expected names/,
    ],
  ])('%s is a UsageError that names its place', async (_what, call, message) => {
    const error = await call().then(
      () => null,
      (thrown: unknown) => thrown,
    )
    expect(error).toBeInstanceOf(UsageError)
    expect(String(error)).toMatch(message)
  })
})

describe('judge', () => {
  it('says of a written history what the hunt said of its world', async () => {
    const result = await hunt(careless, { ...SMALL, output: folder })
    if (result.status !== 'violated') throw new Error(`expected a violation, got ${result.status}`)
    const files = readdirSync(path.join(folder, 'histories'))
    expect(files.length).toBe(result.findings.length)
    for (const [index, finding] of result.findings.entries()) {
      const file = files.find((name) => name.startsWith(`${index + 1}-`)) ?? 'missing'
      const verdict = judge(readFileSync(path.join(folder, 'histories', file), 'utf8'))
      if (verdict.status !== 'violated') throw new Error(`${file}: expected a violation, got ${verdict.status}`)
      expect(verdict.violations.map(({ property, cause }) => [property, cause.kind])).toContainEqual([
        finding.property,
        finding.cause.kind,
      ])
    }
  })

  it('says in which line a text is no history', () => {
    expect(() => judge('{"schema":"something/else@1"}\n')).toThrow(UsageError)
  })
})

describe('assertValid', () => {
  it('throws what the terminal tells, with the result', async () => {
    const result = await hunt(careless, SMALL)
    const error = await Promise.resolve()
      .then(() => assertValid(result))
      .catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(NotValidError)
    expect((error as InstanceType<typeof NotValidError>).result).toBe(result)
    expect((error as Error).message).toMatch(/mutual exclusion violated[\s\S]*npx lockstorm replay L1\./)
  })

  it('lets pass what is fine', async () => {
    const result = await run('partition-of-holder', { lock: careful, only: 'careful' })
    expect(result.outcome).toBe('fine')
    expect(() => assertValid(result)).not.toThrow()
  })
})
