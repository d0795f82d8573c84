/** Named random streams. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { RandomStream, RandomStreams } from '../../src/sim/random.ts'

const draw = (stream: RandomStream, count: number): number[] => Array.from({ length: count }, () => stream.fraction())

describe('a stream', () => {
  it('is spread evenly over its seeds: the first two draws of consecutive worlds fall everywhere', () => {
    const counts = new Array<number>(256).fill(0)
    for (let world = 0; world < 51_200; world += 1) {
      const stream = new RandomStreams(`seed/${world}`).stream('net/A→redis-1')
      const cell = stream.below(16) * 16 + stream.below(16)
      counts[cell] = (counts[cell] as number) + 1
    }
    // Chi-squared with 255 degrees of freedom: 255 ± 23 (one standard deviation); five of them, and the seeds are fixed.
    const chiSquared = counts.reduce((sum, count) => sum + (count - 200) ** 2 / 200, 0)
    expect(Math.abs(chiSquared - 255)).toBeLessThan(115)
  })

  it('of a label is the stream of the seed and the label in one text', () => {
    expect(draw(new RandomStreams('seed').stream('process/A'), 3)).toEqual(draw(new RandomStream('seed/process/A'), 3))
  })

  it('of a world begins with these numbers, on every machine and in every engine', () => {
    // A change here makes every token that was ever printed replay another story: ENGINE_VERSION must be bumped.
    expect(draw(new RandomStreams('lockstorm').stream('process/A'), 4)).toEqual([
      0.5775888885837048, 0.22566814301535487, 0.2559556665364653, 0.4455140756908804,
    ])
    const latencies = new RandomStreams('golden').stream('net/A→redis-1')
    expect(Array.from({ length: 8 }, () => latencies.between(100, 400))).toEqual([
      271, 227, 267, 267, 373, 115, 331, 398,
    ])
  })

  it('draws integers from the whole range, both ends of `between` included', () => {
    const stream = new RandomStream('range')
    const below = new Set<number>()
    const between = new Set<number>()
    for (let i = 0; i < 500; i += 1) {
      below.add(stream.below(3))
      between.add(stream.between(-1, 1))
    }
    expect([...below].sort()).toEqual([0, 1, 2])
    expect([...between].sort((a, b) => a - b)).toEqual([-1, 0, 1])
    expect(stream.between(7, 7)).toBe(7)
  })

  it('is true `num` times in `den`: never for 0, always for the whole, about a third for 1 in 3', () => {
    const stream = new RandomStream('chance')
    const count = (num: number, den: number): number =>
      Array.from({ length: 3000 }, () => stream.chance({ num, den })).filter(Boolean).length
    expect(count(0, 5)).toBe(0)
    expect(count(5, 5)).toBe(3000)
    // 3000 draws at 1/3: 1000 ± 26 (one standard deviation); six of them, and the seed is fixed.
    expect(Math.abs(count(1, 3) - 1000)).toBeLessThan(156)
  })

  it('gives bytes of all values, and version 4 UUIDs', () => {
    const stream = new RandomStream('bytes')
    expect(new Set(stream.bytes(4096)).size).toBe(256)
    expect(stream.bytes(0)).toEqual(new Uint8Array(0))
    for (let i = 0; i < 50; i += 1)
      expect(stream.uuid()).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
  })
})

describe('the streams of a world', () => {
  it('are one for each label: asking again goes on where it was', () => {
    const streams = new RandomStreams('seed')
    const [first, second] = draw(new RandomStreams('seed').stream('a'), 2)
    expect(draw(streams.stream('a'), 1)).toEqual([first])
    expect(draw(streams.stream('a'), 1)).toEqual([second])
  })

  it('differ by seed and by label', () => {
    const numbers = ['1', '2'].flatMap((seed) =>
      ['process/A', 'process/B', 'net/A→redis-1'].map((label) => draw(new RandomStreams(seed).stream(label), 3).join()),
    )
    expect(new Set(numbers).size).toBe(6)
  })

  it('do not move each other: no draw, and no new stream, changes what another gives', () => {
    const label = fc.constantFrom('process/A', 'process/B', 'net/A→B', 'start', 'new')
    fc.assert(
      fc.property(fc.string(), fc.array(label, { maxLength: 30 }), (seed, disturbances) => {
        const alone = draw(new RandomStreams(seed).stream('victim'), 5)
        const streams = new RandomStreams(seed)
        const among: number[] = []
        for (let i = 0; i < 5; i += 1) {
          for (const other of disturbances.slice(i * 6, i * 6 + 6)) streams.stream(other).fraction()
          among.push(streams.stream('victim').fraction())
        }
        expect(among).toEqual(alone)
      }),
    )
  })
})
