/** A hunt that is shared out: its parts, joined, are what one machine finds, byte for byte, however many there are. */
import { describe, expect, it } from 'vitest'
import { basePlans, DEFAULT_PARAMETERS } from '../../src/explore/base-plan.ts'
import { soloCrew } from '../../src/explore/crew.ts'
import { Explorer } from '../../src/explore/explorer.ts'
import { type Explored, explainFound, explore, hunt } from '../../src/explore/hunt.ts'
import { joinParts, PartRecorder, readPart, runAgain } from '../../src/explore/part.ts'
import { type SearchOptions, searchesOf } from '../../src/explore/search.ts'
import { parseShard, type Shard } from '../../src/explore/shard.ts'
import { LOCKS } from '../../src/lock/registry.ts'
import { huntReport } from '../../src/report/hunt/hunt-report.ts'
import { inMacrotask } from '../../src/sim/node/drain.ts'
import { lockSubject } from '../../src/subject/subject.ts'
import { memoryProvider, nodeEnvironment } from '../../src/world/node/environment.ts'
import type { Plan } from '../../src/world/plan.ts'
import { isLong } from '../effort.ts'

const environment = nodeEnvironment('direct', memoryProvider())

/** A lock, its plans without faults, and who runs its storms. */
function ground(name: string) {
  const lock = LOCKS.find((each) => each.name === name)
  if (lock === undefined) throw new Error(`there is no ${name}`)
  const subject = lockSubject(lock)
  const bases = basePlans(subject, { ...DEFAULT_PARAMETERS, client: 'direct', clients: 2, rounds: 1 })
  return { bases, crew: soloCrew(new Explorer({ subject, environment, bases, isLossy: false }), inMacrotask) }
}

type Ground = ReturnType<typeof ground>
type Options = Partial<SearchOptions>

const searches = ({ bases }: Ground, options: Options) =>
  searchesOf({ bases, faults: 1, pairBudget: 200, given: null, runs: null, ...options })

async function reportOf(name: string, on: Ground, explored: Explored): Promise<string> {
  const context = { client: 'direct', redis: 'memory', redisKind: 'memory', isDeterministic: true, seed: '1' } as const
  return JSON.stringify(
    huntReport(await explainFound(explored, on), { ...context, subject: name, bases: on.bases }),
    null,
    1,
  )
}

/** The file of one part. */
async function partOf(on: Ground, options: Options, shard: Shard, plan = 'the plan'): Promise<string> {
  const recorder = new PartRecorder()
  const explored = await explore({ crew: on.crew, searches: searches(on, options), shard, onUnit: recorder.onUnit })
  return recorder.write({ plan, shard, lock: 'x', subject: 'x', settings: {} }, explored)
}

const read = (texts: readonly string[]) =>
  texts.map((text, index) => ({ place: `part ${index + 1}`, part: readPart(text, `part ${index + 1}`) }))

const COUNTS = isLong ? Array.from({ length: 16 }, (_, index) => index + 1) : [1, 2, 5, 16]

describe('the parts of a hunt', () => {
  const on = ground('nx-plain-del')
  const [kept] = on.bases as [Plan]
  it.each<[string, Options, boolean, (readonly number[])?]>([
    ['storms of one fault', { faults: 1 }, true],
    ['random storms, and replays that are kept', { runs: 130, kept: [kept, kept, kept] }, true],
    ['guided storms', { faults: 0, runs: 1_100, isGuided: true }, false, [2]],
    ['some storms of two faults', { faults: null }, false],
  ])(
    '%s: 1 to 16 of them come to what one machine finds',
    async (_, options, areSinglesSplit, counts = COUNTS) => {
      const alone = await explore({ crew: on.crew, searches: searches(on, options) })
      const expected = await reportOf('nx-plain-del', on, alone)
      expect(JSON.parse(expected).violations.length).toBeGreaterThan(2)
      for (const count of counts) {
        const texts: string[] = []
        for (let index = count; index >= 1; index -= 1) texts.push(await partOf(on, options, { index, count }))
        const joined = joinParts(read(texts), 'direct', areSinglesSplit)
        expect(joined.missing).toEqual([])
        const shown = joined.searched.flatMap(({ claim }) => (claim.kind === 'given' ? [claim.shown] : []))
        const aloneShown = alone.searched.flatMap(({ claim }) => (claim.kind === 'given' ? [claim.shown] : []))
        expect(shown).toEqual(aloneShown)
        const report = await reportOf('nx-plain-del', on, await runAgain(joined, on.crew, 'part'))
        expect(report === expected, `of ${count} parts`).toBe(true)
      }
    },
    600_000,
  )

  it('share the work: no storm is counted twice, and none is left out', async () => {
    const whole = await hunt({ crew: on.crew, searches: searches(on, { faults: 1 }) })
    const tried: number[] = []
    for (const index of [1, 2, 3, 4]) {
      const part = readPart(await partOf(on, { faults: 1 }, { index, count: 4 }), '')
      tried.push(part.searched.reduce((sum, each) => sum + each.tried, 0))
    }
    expect(tried.reduce((sum, each) => sum + each, 0)).toBe(whole.tally.tried)
    expect(Math.max(...tried)).toBeLessThan(whole.tally.tried)
  })

  it('that do not belong together are refused, with the file and a fix; what is missing is told', async () => {
    const first = await partOf(on, { faults: 0 }, { index: 1, count: 3 })
    const other = await partOf(on, { faults: 0 }, { index: 2, count: 3 }, 'another plan')
    expect(() => joinParts(read([first, other]), 'direct', false)).toThrow(
      /^part 2: it is a part of another hunt than part 1/,
    )
    expect(() => joinParts(read([first, first]), 'direct', false)).toThrow(
      /^part 2: part 1 is there twice: also part 1/,
    )
    const joined = joinParts(read([first]), 'direct', false)
    expect(joined.missing).toEqual([2, 3])
    const explored = await runAgain(joined, on.crew, 'part')
    expect(explored.stoppedBy).toBe('missing')
  })

  it.each([
    ['no JSON', (text: string) => text.slice(1), /^p: it is no JSON/],
    [
      'a negative count',
      (text: string) => text.replace(/"tried":\d+/, '"tried":-1'),
      /^p: searched\.0\.tried: expected at least 0/,
    ],
    ['a key too many', (text: string) => text.replace('{', '{"run":"rm",'), /^p: run: unknown key "run"/],
    [
      'another schema',
      (text: string) => text.replace('part@1', 'part@2'),
      /^p: expected "schema": "lockstorm\/part@1"/,
    ],
  ])('that are broken are refused: %s', async (_, damage, words) => {
    const text = await partOf(on, { faults: 0 }, { index: 1, count: 1 })
    expect(() => readPart(damage(text), 'p')).toThrow(words)
  })

  it('whose storm is none, or shows something else here, are refused', async () => {
    const text = await partOf(ground('naive'), { faults: 0 }, { index: 1, count: 1 })
    const broken = text.replace(/"storm":"[^"]*"/, '"storm":"nonsense"')
    expect(() => joinParts(read([broken]), 'direct', false)).toThrow(/^part 1: it holds no storm/)
    const joined = joinParts(read([text]), 'direct', false)
    await expect(runAgain(joined, ground('fenced').crew, 'part 1')).rejects.toThrow(
      /^part 1: a storm of it does not show here/,
    )
  })
})

describe('a shard', () => {
  it.each<[string, Shard | null]>([
    ['1/1', { index: 1, count: 1 }],
    ['8/8', { index: 8, count: 8 }],
    ['0/8', null],
    ['9/8', null],
    ['2', null],
    ['2/8/1', null],
    ['-1/8', null],
  ])('%s', (word, shard) => {
    expect(parseShard(word)).toEqual(shard)
  })
})
