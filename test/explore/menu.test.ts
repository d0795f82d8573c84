/** What hunts try at a message: what this Redis can have, and of several nodes what a majority does not shrug off. */
import { describe, expect, it } from 'vitest'
import { basePlans, DEFAULT_PARAMETERS } from '../../src/explore/base-plan.ts'
import { faultsAt, type MenuOptions } from '../../src/explore/menu.ts'
import { describeFault } from '../../src/fault/planned-fault.ts'
import { redlockByTheBook } from '../../src/lock/redlock-by-the-book.ts'
import { setNxLua } from '../../src/lock/set-nx-lua.ts'
import { createMockProvider } from '../../src/server/node/mock.ts'
import { createRedisServerProvider } from '../../src/server/node/redis-server.ts'
import type { ServerProvider } from '../../src/server/server.ts'
import { lockSubject } from '../../src/subject/subject.ts'
import { memoryProvider } from '../../src/world/node/environment.ts'
import { USUAL_SENTINEL } from '../../src/world/topology.ts'
import { counterPlan } from '../check/worlds.ts'

/** What is tried as A sends, in words; the lease is a second. */
const tried = ({ nodes = 1, ...options }: Partial<MenuOptions> & { readonly nodes?: number }): readonly string[] =>
  faultsAt([{ process: 'A', site: 'send', count: 1 }], counterPlan({ nodes }), {
    isSecond: false,
    isLossy: false,
    ...options,
  }).map((one) => describeFault(one))

const refusals = (words: readonly string[]): readonly string[] =>
  words.filter((word) => / answers |scripts|reads its data/.test(word))

describe('with Sentinels', () => {
  const tries = (options: Partial<MenuOptions> = {}): readonly string[] =>
    faultsAt(
      [{ process: 'A', site: 'send', count: 1 }],
      { ...counterPlan({}), topology: USUAL_SENTINEL },
      {
        ...{ isSecond: false, isLossy: false },
        ...options,
      },
    ).map((one) => describeFault(one))

  it('the primary hangs, ends, is isolated and is replaced by hand, for long enough to be missed; no operator promotes', () => {
    const more = tries().filter((word) => !tried({}).includes(word))
    expect(more).toEqual([
      'pause redis-1 for 4 s',
      'redis-1 crashes',
      'partition redis-1 | redis-2,redis-3,sentinel-1,sentinel-2,sentinel-3 for 4 s',
      'sentinel-1 is told to promote a replica',
    ])
  })

  it('once: after another fault nothing more of that kind', () => {
    expect(tries({ isSecond: true })).toEqual(tried({ isSecond: true }))
  })

  it('a lock that asks several servers has no primary: it is refused', () => {
    for (const topology of [USUAL_SENTINEL, { kind: 'replicated', replicas: 1 }] as const) {
      const parameters = { ...DEFAULT_PARAMETERS, client: 'direct', topology } as const
      expect(() => basePlans(lockSubject(redlockByTheBook), parameters)).toThrow(
        'redlock-by-the-book asks 3 independent servers for their votes: it has no primary',
      )
      expect(basePlans(lockSubject(setNxLua), parameters)[0]?.topology).toEqual(topology)
    }
  })
})

describe('servers that answer with an error', () => {
  it('refuse one message, or all for longer than the lease', () => {
    expect(refusals(tried({}))).toEqual([
      'redis-1 forgets its scripts',
      'redis-1 answers OOM for 1.2 s',
      'redis-1 answers READONLY for 5 ms',
      'redis-1 answers READONLY for 1.2 s',
      'redis-1 answers MISCONF for 1.2 s',
      'redis-1 answers BUSY for 1.2 s',
      'redis-1 restarts, and reads its data for 1.2 s',
    ])
  })

  it('refuse connections, too', () => {
    expect(tried({})).toContain('redis-1 restarts after 1.2 s with its data')
  })

  it.each([
    ['memory', memoryProvider, []],
    ['mock', createMockProvider, ['LOADING', 'scripts', 'OOM', 'READONLY', 'MISCONF', 'BUSY']],
    ['server', createRedisServerProvider, ['LOADING', 'BUSY']],
  ] as const)('are tried as far as this Redis can be one: %s', async (_, provide, missing) => {
    const provider: ServerProvider = await provide()
    await provider.close()
    const { lacks = [] } = provider
    const left = refusals(tried({ lacks })).join()
    const all = [
      ['LOADING', 'reads its data'],
      ['scripts', 'forgets its scripts'],
      ...['OOM', 'READONLY', 'MISCONF', 'BUSY'].map((code) => [code, `answers ${code}`] as const),
    ] as const
    expect(all.flatMap(([name, words]) => (left.includes(words) ? [] : [name]))).toEqual(missing)
  })

  it('as a second fault last longer than the lease', () => {
    expect(refusals(tried({ isSecond: true }))).toEqual([
      'redis-1 answers READONLY for 1.2 s',
      'redis-1 answers BUSY for 1.2 s',
    ])
  })
})

describe('one of several nodes', () => {
  it('is silent, refuses connections or writes for longer than the lease', () => {
    const ofThird = tried({ nodes: 3 }).filter((word) => word.includes('redis-3'))
    expect(ofThird).toEqual(
      expect.arrayContaining([
        'pause redis-3 for 1.2 s',
        'redis-3 restarts after 1.2 s with its data',
        'redis-3 answers READONLY for 1.2 s',
      ]),
    )
    expect(refusals(tried({ nodes: 3, isSecond: true }))).toEqual([])
  })

  it('is not the only one: that is silent to each client by itself', () => {
    expect(tried({})).not.toContain('pause redis-1 for 1.2 s')
  })
})

it('a pause lasts less than a lease, as long, longer, or several of them', () => {
  const pauses = tried({}).filter((word) => word.startsWith('pause A'))
  expect(pauses).toEqual(
    [900, 1_000, 1_200, 3_200].map((ms) => `pause A for ${ms < 1_000 ? `${ms} ms` : `${ms / 1_000} s`}`),
  )
})
