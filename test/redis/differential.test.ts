/**
 * Random command sequences on the in-memory Redis and on redis-server. Every difference that was ever found stands in
 * `tables/regressions.ts` as a sequence of its own.
 *
 *     DIFFERENTIAL_RUNS=20000 DIFFERENTIAL_SEED=7 npx vitest run test/redis/differential.test.ts
 */
import fc from 'fast-check'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { loadLuaEngine } from '../../src/redis/script/node/load.ts'
import { tries } from '../effort.ts'
import { transcripts } from './differential.ts'
import { permissionsArbitrary, sequenceArbitrary } from './sequence-arbitrary.ts'
import { startVirtualRedis, type VirtualRedis } from './virtual-redis.ts'

const runs = Number(process.env.DIFFERENTIAL_RUNS ?? tries({ desk: 150, ci: 2_000, long: 5_000 }))
/** What is compared at least. */
const COMMANDS_MIN = tries({ desk: 0, ci: 80_000, long: 200_000 })
let commandCount = 0
const seed = Number(process.env.DIFFERENTIAL_SEED ?? 20240501)

let real: VirtualRedis
beforeAll(async () => {
  real = await startVirtualRedis()
})
afterAll(() => real.close())

for (const resp of [2, 3] as const) {
  it(`answers random sequences like redis-server in RESP${resp}`, { timeout: 3_600_000 }, () => {
    const scripts = loadLuaEngine()
    fc.assert(
      fc.property(sequenceArbitrary, (sequence) => {
        commandCount += sequence.length
        const { memory, reality } = transcripts(real, sequence, { resp, scripts })
        expect(memory).toEqual(reality)
      }),
      { numRuns: runs, seed, endOnFailure: false },
    )
  })
}

it('allows and refuses like redis-server', { timeout: 3_600_000 }, () => {
  fc.assert(
    fc.property(permissionsArbitrary, (sequence) => {
      commandCount += sequence.length
      const { memory, reality } = transcripts(real, sequence, { resp: 3 })
      expect(memory).toEqual(reality)
    }),
    { numRuns: runs, seed, endOnFailure: false },
  )
})

/** A line of the differential suite with arguments of any bytes. */
const quoted = (text: string): string =>
  `"${[...text].map((char) => `\\x${char.charCodeAt(0).toString(16).padStart(2, '0')}`).join('')}"`

/** Texts that look like numbers, most of them. */
const numberText = fc.oneof(
  fc.double({ noNaN: true }).map(String),
  fc.double({ min: -1000, max: 1000, noNaN: true }).map((value) => value.toFixed(4)),
  fc.integer().map(String),
  fc.bigInt({ min: -(2n ** 70n), max: 2n ** 70n }).map(String),
  fc
    .tuple(fc.bigInt({ min: 0n, max: 10n ** 30n }), fc.integer({ min: -340, max: 340 }))
    .map(([digits, exponent]) => `${digits}e${exponent}`),
  fc.tuple(fc.nat(10 ** 6), fc.nat(10 ** 9)).map(([whole, fraction]) => `${whole}.${fraction}`),
  fc
    .tuple(fc.bigInt({ min: 0n, max: 2n ** 80n }), fc.integer({ min: -1020, max: 1000 }))
    .map(([digits, power]) => `0x${digits.toString(16)}p${power}`),
  fc.string({ unit: fc.constantFrom(...'0123456789.eE+-xpinfa \0'), maxLength: 8 }),
)

it('reads and prints numbers like redis-server', { timeout: 3_600_000 }, () => {
  fc.assert(
    fc.property(numberText, numberText, (a, b) => {
      const lines = [
        `ZADD z ${quoted(a)} m`,
        'ZSCORE z m',
        `ZINCRBY z ${quoted(b)} m`,
        `INCRBYFLOAT f ${quoted(a)}`,
        `INCRBYFLOAT f ${quoted(b)}`,
        `HINCRBYFLOAT h f ${quoted(a)}`,
        `SET s ${quoted(a)}`,
        'INCR s',
        `INCRBY n ${quoted(b)}`,
        `SET s ${quoted(b)}`,
        `INCRBYFLOAT s ${quoted(a)}`,
        `EXPIRE s ${quoted(a)}`,
        `BLPOP s ${quoted(b)}`,
        `RPUSH l ${quoted(a)} ${quoted(b)}`,
        'SORT l',
        `ZCOUNT z ${quoted(a)} ${quoted(b)}`,
      ]
      commandCount += lines.length
      const { memory, reality } = transcripts(real, lines)
      expect(memory).toEqual(reality)
    }),
    { numRuns: runs, seed },
  )
})

it('matches patterns like redis-server', { timeout: 3_600_000 }, () => {
  const pattern = fc.string({ unit: fc.constantFrom(...'ab*?[]^-\\c\xff'), maxLength: 8 })
  const name = fc.string({ unit: fc.constantFrom(...'abc]-^*\\\xff'), maxLength: 6 })
  fc.assert(
    fc.property(
      fc.array(pattern, { minLength: 4, maxLength: 12 }),
      fc.array(name, { minLength: 1, maxLength: 5 }),
      (patterns, names) => {
        const lines = [
          ...names.map((key) => `SET ${quoted(key)} v`),
          ...patterns.map((glob) => `~KEYS ${quoted(glob)}`),
        ]
        commandCount += lines.length
        const { memory, reality } = transcripts(real, lines)
        expect(memory).toEqual(reality)
      },
    ),
    { numRuns: runs, seed },
  )
})

it('has compared enough commands', () => {
  console.log(`${commandCount.toLocaleString('en')} commands compared with redis-server`)
  expect(commandCount).toBeGreaterThanOrEqual(process.env.DIFFERENTIAL_RUNS === undefined ? COMMANDS_MIN : runs)
})
