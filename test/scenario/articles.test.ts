/**
 * The systems of the articles: what is wrong with each, said by the scenario that breaks it, and where it works. One test a
 * seed asserts the finding itself; the expectations of all scenarios are held with both clients.
 */
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { SEMAPHORES } from '../../src/lock/semaphore/registry.ts'
import { bundledSubjects } from '../../src/scenario/bundled-subjects.ts'
import { loadScenarios } from '../../src/scenario/node/find-scenarios.ts'
import type { ReportMaterial } from '../../src/scenario/report.ts'
import { runSuite } from '../../src/scenario/run-suite.ts'
import { planOfWorld } from '../../src/scenario/scenario.ts'
import { subjectsFor } from '../../src/scenario/suite.ts'
import { inMacrotask } from '../../src/sim/node/drain.ts'
import type { Subject } from '../../src/subject/subject.ts'
import { judgeWorld } from '../../src/world/judged-world.ts'
import { memoryProvider, nodeEnvironment } from '../../src/world/node/environment.ts'
import type { ClientKind } from '../../src/world/plan.ts'

const FOLDER = fileURLToPath(new URL('../../scenarios/articles', import.meta.url))
const provider = memoryProvider()
const subjects = bundledSubjects()
const scenarios = loadScenarios(['articles'])

const run = (name: string, client: ClientKind): Promise<ReportMaterial> =>
  runSuite({
    scenarios: scenarios.filter((scenario) => scenario.name === name),
    subjects,
    seed: '1',
    client,
    environment: nodeEnvironment(client, provider),
    inMacrotask,
  })

const subjectNamed = (name: string): Subject => {
  const found = subjects.find((subject) => subject.name === name)
  if (found === undefined) throw new Error(`there is no subject ${name}`)
  return found
}

/** One world of a scenario. */
const world = (scenario: string, subject: string, client: ClientKind = 'ioredis') => {
  const found = scenarios.find(({ name }) => name === scenario)
  if (found === undefined) throw new Error(`there is no scenario ${scenario}`)
  return inMacrotask(() =>
    judgeWorld(planOfWorld(found, '1', 0, client), subjectNamed(subject), nodeEnvironment(client, provider)),
  )
}

describe.each(['direct', 'ioredis'] as const)('with the %s client', (client) => {
  it.each(scenarios.map(({ name }) => name))('%s shows what it must', { timeout: 60_000 }, async (name) => {
    const { report } = await run(name, client)
    expect(report.cells.length).toBeGreaterThan(0)
    for (const { lock, verdict, violations, expected, asExpected } of report.cells) {
      const shown = violations.map(({ property, kind }) => `${property} ${kind}`)
      expect(asExpected, `${lock}: ${verdict} ${shown.join(', ')}, expected ${JSON.stringify(expected)}`).toBe(true)
    }
  })
})

/** Seed, scenario, subject, property, and what is said of it. */
const FINDINGS: readonly (readonly [string, string, string, string, RegExp])[] = [
  ['S20', 's20-session-outlived', 'ephemeral-node', 'mutual-exclusion', /A's lease of \S+ s ended while A was paused/],
  [
    'S20',
    's20-holder-cut-off',
    'ephemeral-node',
    'mutual-exclusion',
    /A's lease of \S+ s ended while A was cut off; A was running, and did not compare the lease with the clock/,
  ],
  [
    'S1',
    's01-constant-value',
    'constant-value',
    'mutual-exclusion',
    /Redis never had A's token: its acquire did not take the lock/,
  ],
  ['S1', 's01-constant-value', 'constant-value', 'hang', /^[AB]'s acquire never returned/],
  ['S2', 's02-session-under-constant-lock', 'constant-locked', 'session-lost-update', /and it was not so in the end/],
  ['S3', 's03-uuid-store', 'uuid-store', 'session-lost-update', /and it was not so in the end/],
  ['S4', 's04-local-cache-apart', 'local-cache', 'session-stale-read', /loaded the session after "a1" was stored/],
  ['S4', 's04-local-cache-logout', 'local-cache', 'session-resurrected', /after C had logged the user out/],
  ['S8', 's08-plain-set', 'plain-set', 'mutual-exclusion', /overwrote [AB]'s key while it was live/],
  [
    'S9',
    's09-emergency-release',
    'emergency-eval-nx',
    'orphaned-lock',
    /ERR invalid expire time in 'set' command script: /,
  ],
  ['S10', 's10-eval-set', 'eval-set', 'mutual-exclusion', /overwrote [AB]'s key while it was live/],
  ['S11', 's11-lua-nil', 'lua-nil', 'dead-lock', /the lock could not be taken for/],
  ['S12', 's12-lua-false-slow-work', 'lua-false', 'foreign-release', /^A deleted "orders\/42" while it was [BC]'s/],
  ['S12', 's12-lua-false-nested', 'lua-false', 'mutual-exclusion', /A command of C's own deleted the key/],
  ['S13', 's13-renewal-pause', 'watchdog', 'mutual-exclusion', /ended while A was paused/],
  ['S14', 's14-expiry-after-crash', 'zset-ticket', 'dead-lock', /has no expiry and no client holds it/],
  ['S15', 's15-reentrant-resent', 'reentrant-hash', 'orphaned-lock', /^A was told that it had released the lock/],
  ['S16', 's16-sorted-set', 'zset-client-time', 'mutual-exclusion', /^A went before [BC] in the queue/],
  [
    'S16',
    's16-sorted-set-skew',
    'zset-client-time',
    'starvation',
    /was overtaken \d+ times by clients that came after it/,
  ],
  [
    'S18',
    's18-expire-on-arrival',
    'expire-on-arrival',
    'dead-lock',
    /the lock of A, which had ended, stayed 3\.\d+ s longer/,
  ],
  ['S19', 's19-formulas-crash', 'setnx-formulas', 'dead-lock', /has no expiry and no client holds it/],
  ['S19', 's19-formulas-late-release', 'setnx-formulas', 'foreign-release', /deleted "orders\/42" while it was/],
  ['S21', 's21-cache-stampede', 'naive', 'stampede', /both made the cached value/],
  [
    'S21',
    's21-cache-stale-fill',
    'naive',
    'stale-cache',
    /was served 0 out of the cache .* after D had changed it to 1/,
  ],
  ['S22', 's22-transaction', 'set-nx-lua', 'stale-write', /^A wrote 1 although B had taken the lock/],
  ['S22', 's22-cache-update', 'plain-set', 'stale-cache', /after B had changed it to 1/],
  ['S22', 's22-job-twice', 'set-nx-lua', 'job-run-twice', /ran twice: C ran it 10\d\.\d+ ms after/],
  ['S23', 's23-wake-up-lost', 'pubsub-wake-up', 'hang', /^B's acquire never returned/],
  ['S23', 's23-wake-up-crash', 'queue-wake-up', 'hang', /^[BC]'s acquire never returned/],
  ['S24', 's24-naive', 'naive', 'mutual-exclusion', /both held the lock/],
  ['S25', 's25-nx-lua-pause', 'set-nx-lua', 'mutual-exclusion', /ended while A was paused/],
]

describe('the finding about', () => {
  it.each(FINDINGS)('%s, in %s: %s %s', async (_seed, scenario, subject, property, words) => {
    const { report } = await run(scenario, 'ioredis')
    const cell = report.cells.find(({ lock }) => lock === subject)
    const violation = cell?.violations.find((each) => each.property === property)
    expect(`${violation?.sentence}\n${violation?.why}`).toMatch(new RegExp(words.source, 'm'))
  })

  it('S3: its sessions never expire', async () => {
    const { history } = await world('s03-uuid-store', 'uuid-store')
    expect(history.grants.at(-1)).toMatchObject({ expireUs: null, endedBy: 'end' })
    const right = await world('s03-uuid-store', 'optimistic')
    expect(right.history.grants.at(-1)?.expireUs).toBeGreaterThan(right.run.endUs)
  })

  it('S9: the article does not notice, for its SET overwrites what was not released', async () => {
    const { history, judgement } = await world('s09-emergency-release', 'emergency-eval')
    const releases = history.operations.filter(({ op }) => op === 'release')
    expect(releases.map(({ outcome }) => outcome)).toEqual(releases.map(() => 'info'))
    expect(String(releases[0]?.answer[1])).toMatch(/^ERR invalid expire time in 'set' command script: [0-9a-f]{40}, /)
    const { verdict } = judgement
    const found = verdict.status === 'violated' ? verdict.violations.map(({ property }) => property) : []
    expect(found).not.toContain('dead-lock')
  })

  it('S12: the caller is told that nothing was released, whatever the script did', async () => {
    const { history } = await world('s11-lua-nil', 'lua-false')
    const releases = history.operations.filter(({ op, outcome }) => op === 'release' && outcome === 'ok')
    expect(releases.length).toBeGreaterThan(2)
    expect(releases.map(({ answer }) => answer[1])).toEqual(releases.map(() => false))
    expect(history.grants.map(({ endedBy }) => endedBy)).toContain('deleted')
  })

  it('S15: nested use counts to two and back, and a resent script to two', async () => {
    const { history } = await world('s15-reentrant-nested', 'reentrant-hash')
    const nested = history.operations.filter(({ op }) => op === 'nest' || op === 'unnest')
    expect(nested.length).toBeGreaterThan(4)
    expect(nested.map(({ outcome }) => outcome)).toEqual(nested.map(() => 'ok'))
    const direct = await world('s15-reentrant-resent', 'reentrant-hash', 'direct')
    expect(direct.judgement.verdict.status).toBe('violated')
  })

  it('S19: its reentrance never happens, for nobody writes a 0', async () => {
    const { history } = await world('s19-formulas-work', 'setnx-formulas')
    expect(history.grants.map(({ text }) => text)).toEqual(history.grants.map(() => '1'))
  })
})

/** They run where they are named, too, and are none of the articles'. */
const isSemaphore = (name: string): boolean => SEMAPHORES.some((semaphore) => semaphore.name === name)

describe('the folder of the articles', () => {
  it('is run by its name or its path, and is no part of the suite', () => {
    expect(loadScenarios([path.relative('', FOLDER)]).map(({ name }) => name)).toEqual(
      scenarios.map(({ name }) => name),
    )
    expect(loadScenarios(['s24-naive']).map(({ name }) => name)).toEqual(['s24-naive'])
    const suite = loadScenarios([]).map(({ name }) => name)
    expect(suite.filter((name) => scenarios.some((scenario) => scenario.name === name))).toEqual([])
  })

  it('runs the subjects that a scenario names, and the suite runs none of the articles', () => {
    for (const scenario of scenarios) {
      expect(
        subjectsFor(scenario, subjects)
          .map(({ name }) => name)
          .sort(),
      ).toEqual([...scenario.expect.keys()].sort())
    }
    for (const scenario of loadScenarios([])) {
      const articles = subjectsFor(scenario, subjects).filter(
        ({ name, reach }) => reach === 'named' && !isSemaphore(name),
      )
      expect(articles).toEqual([])
    }
  })

  it('runs a lock of the user, and what --only asks for, wherever there is a Redis', () => {
    const mine: Subject = { ...subjectNamed('naive'), name: 'mine', reach: 'all' }
    const locks = scenarios.filter((scenario) => scenario.plan('', 'direct').workload.kind !== 'cart')
    const [without, others] = [true, false].map((isKeeper) =>
      locks.filter((scenario) => (scenario.plan('', 'direct').topology.kind === 'keeper') === isKeeper),
    )
    expect(others?.every((scenario) => subjectsFor(scenario, [mine]).length === 1)).toBe(true)
    expect(without?.map((scenario) => subjectsFor(scenario, [mine]).length)).toEqual([0, 0, 0])
  })
})
