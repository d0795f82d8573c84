/** Packing loses nothing: what a page reads is what the report had. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { openPage, packAll, packPage, packStory, unpacker, unpackStory } from '../../src/report/page/packed.ts'
import { EMPTY_PAGE } from '../../src/report/page/page-data.ts'
import { share, unshare } from '../../src/report/page/shared.ts'
import type { DrawnStory } from '../../src/world/story-data.ts'
import { gcPause, hostile, lostUpdate, naiveInterleaving, partition } from './stories.ts'

const told = ({ endUs, key, lanes, messages, overlaps, thrown, clocks, records, phrases }: DrawnStory): DrawnStory => ({
  endUs,
  key,
  lanes,
  messages,
  overlaps,
  thrown,
  ...(clocks === undefined ? {} : { clocks }),
  ...(phrases === undefined ? {} : { phrases }),
  records: records.map((record, seq) => ({ ...record, seq })),
})

describe('a packed story', () => {
  it.each([naiveInterleaving, gcPause, partition, lostUpdate, hostile])('is the same again: %o', (make) => {
    const clocks = [{ process: 'A', fromUs: 3, untilUs: 9, byUs: -7, ppm: 0 }]
    const phrases = [{ en: 'pause A for 2 s', zh: 'A 停顿 2 s' }]
    const story: DrawnStory = { ...make().story, clocks, phrases }
    expect(unpackStory(JSON.parse(JSON.stringify(packStory(story))))).toEqual(told(story))
  })
})

describe('a packed page', () => {
  it.each([0, 1, 8, 9, 17])('has each of its %d worlds at its place', (count) => {
    const stories = Array.from({ length: count }, (_, endUs) => ({ ...gcPause().story, endUs }))
    const data = { ...EMPTY_PAGE, kind: 'run', engine: '0', title: '', footer: '' } as const
    const page = openPage(packPage(data, stories.map(packStory)))
    expect(page.worldCount).toBe(count)
    expect(stories.map((_, index) => page.world(index).endUs)).toEqual(stories.map(({ endUs }) => endUs))
  })
})

describe('packed values', () => {
  it('are the same again, whatever they are, and are letters, digits and +/= alone', () => {
    fc.assert(
      fc.property(fc.array(fc.jsonValue(), { minLength: 1, maxLength: 5 }), (values) => {
        const packed = packAll(values)
        const unpack = unpacker(packed)
        expect(packed.every((text) => /^[A-Za-z0-9+/=]*$/.test(text))).toBe(true)
        expect(values.map((_, index) => unpack(index))).toEqual(JSON.parse(JSON.stringify(values)))
      }),
    )
  })
})

describe('shared values', () => {
  const again = (value: unknown): unknown => unshare(JSON.parse(JSON.stringify(share(value))))

  it('are the same again, whatever they are', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        // Names of our own data: none is the one of a reference.
        fc.pre(!JSON.stringify(value).includes('"$"'))
        const written = JSON.parse(JSON.stringify(value))
        expect(again([written, { twice: written }])).toEqual([written, { twice: written }])
      }),
    )
  })

  it('tell once what is there twice, also inside of what is there twice', () => {
    const line = { sign: '+', line: "return redis.call('del', KEYS[1])" }
    const code = [line, { sign: ' ', line: 'end' }, line]
    const value = { first: { code }, second: { code }, third: line }
    const text = JSON.stringify(share(value))
    expect(text.match(/redis\.call/g)).toHaveLength(1)
    expect(again(value)).toEqual(value)
  })
})
