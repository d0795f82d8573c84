/** The edge between text and bytes, held against Node's Buffer. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fromBytes, toBytes } from '../../src/redis/bytes.ts'

const nodeToBytes = (text: string): string => Buffer.from(text, 'utf8').toString('latin1')
const nodeFromBytes = (bytes: string): string => Buffer.from(bytes, 'latin1').toString('utf8')

/** Any 16-bit units, lone surrogates and the borders of the encoded lengths included. */
const anyText = fc.string({
  unit: fc.oneof(
    fc.integer({ min: 0, max: 0xffff }).map((unit) => String.fromCharCode(unit)),
    fc.constantFrom('\u007f', '\u0080', '\u07ff', '\u0800', '\ud7ff', '\ud800', '\udbff', '\udc00', '\udfff', '\ue000'),
    fc.constantFrom('\uffff', '\u{10000}', '\u{10ffff}', '\u{1f512}', 'a', '\u0000', '\ufeff'),
  ),
})

/** Bytes that are likely to be almost UTF-8: leads, continuations, and what UTF-8 never contains. */
const anyBytes = fc
  .array(
    fc.oneof(
      fc.integer({ min: 0, max: 0xff }),
      fc.constantFrom(0x41, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0, 0xc1, 0xc2, 0xdf),
      fc.constantFrom(0xe0, 0xe1, 0xed, 0xef, 0xf0, 0xf1, 0xf4, 0xf5, 0xff),
    ),
    { maxLength: 12 },
  )
  .map((bytes) => String.fromCharCode(...bytes))

describe('a text becomes the bytes that Node makes of it', () => {
  it.each([
    '',
    'plain',
    'ä',
    '€',
    '🔒',
    'a\u0000b',
    '\ud800',
    '\udc00x',
    '\ud83d🔒',
    `${'long'.repeat(9)}ä`,
    'long'.repeat(9),
  ])('%j', (text) => {
    expect(toBytes(text)).toBe(nodeToBytes(text))
  })

  it('whatever the text', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        expect(toBytes(text)).toBe(nodeToBytes(text))
      }),
      { numRuns: 2000 },
    )
  })

  it('and each of its chars is a byte', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        expect(toBytes(text)).toMatch(/^[\x00-\xff]*$/)
      }),
    )
  })
})

describe('bytes become the text that Node reads in them', () => {
  it.each<[string, string]>([
    ['nothing', ''],
    ['ASCII', 'plain\r\n\x00'],
    ['two, three and four bytes', '\xc3\xa4\xe2\x82\xac\xf0\x9f\x94\x92'],
    ['a continuation alone', '\x80'],
    ['a character cut after two of three bytes', '\xe2\x82'],
    ['a character cut in the middle of a text', '\xe2\x82A'],
    ['a character cut after three of four bytes', '\xf0\x9f\x94'],
    ['an overlong slash', '\xc0\xaf'],
    ['an overlong character of three bytes', '\xe0\x80\xaf'],
    ['a surrogate', '\xed\xa0\x80'],
    ['beyond the last code point', '\xf4\x90\x80\x80'],
    ['bytes that UTF-8 never contains', '\xfe\xff\xf5'],
    ['a lead instead of a continuation', '\xc3\xc3\xa4'],
    ['a byte order mark', '\xef\xbb\xbfx'],
  ])('%s', (_what, bytes) => {
    expect(fromBytes(bytes)).toBe(nodeFromBytes(bytes))
  })

  it('whatever the bytes', () => {
    fc.assert(
      fc.property(anyBytes, (bytes) => {
        expect(fromBytes(bytes)).toBe(nodeFromBytes(bytes))
      }),
      { numRuns: 5000 },
    )
  })

  it('and back, when the text is well formed', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(fromBytes(toBytes(text))).toBe(text)
      }),
    )
  })
})
