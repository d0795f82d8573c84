/**
 * Generated scripts on both servers: values, formats and bytes nobody would think of. The same seed, the same scripts.
 */
import fc from 'fast-check'
import { afterAll, beforeAll, describe, it } from 'vitest'
import { Both } from './probes.ts'

const NUMBERS = [
  ...['0', '1', '-1', '127', '128', '255', '256', '-128', '-129', '65535', '65536', '2147483647', '2147483648'],
  ...['-2147483648', '-2147483649', '4294967295', '4294967296', '1700000000123', '2^53', '2^53+2', '-2^53', '2^62'],
  ...['2^63', '-2^63', '2^64', '1e14', '1e15', '1e16', '1e17', '1e21', '1e300', '-1e300', '0.1', '0.5', '1.5', '2.5'],
  ...['-0.5', '1/3', '-1/3', '1e-5', '1e-300', '5e-324', '1/0', '-1/0', '0/0', '0*-1', '123456.789', '0.00012345'],
]
const number = fc.oneof(
  fc.constantFrom(...NUMBERS),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map(String),
  fc.integer().map(String),
)

/** A Lua string literal with arbitrary bytes. */
const text = fc
  .array(
    fc.oneof(
      { weight: 3, arbitrary: fc.constantFrom('a', 'b', 'Z', '0', ' ', '/', '.', '-', '{', '%%') },
      { weight: 1, arbitrary: fc.integer({ min: 0, max: 255 }).map((byte) => `\\${String(byte).padStart(3, '0')}`) },
    ),
    { maxLength: 40 },
  )
  .map((chars) => `'${chars.join('')}'`)

/** A literal of a Lua value without functions, up to three tables deep. */
const { value } = fc.letrec<{ readonly value: string }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', maxDepth: 3 },
    fc.oneof(number, text, fc.constantFrom('true', 'false', 'nil', 'cjson.null')),
    fc.array(tie('value'), { maxLength: 5 }).map((items) => `{${items.join(', ')}}`),
    fc
      .array(
        fc.tuple(
          fc.oneof(
            fc.constantFrom('a', 'b', 'key'),
            number.filter((key) => key !== '0/0').map((key) => `[${key}]`),
            text.map((key) => `[${key}]`),
          ),
          tie('value'),
        ),
        { maxLength: 5 },
      )
      .map((entries) => `{${entries.map(([key, item]) => `${key} = ${item}`).join(', ')}}`),
  ),
}))

const directive = fc
  .tuple(
    fc.constantFrom('', '-', '+', ' ', '#', '0', '-+', '+0', ' #', '-0', '#0'),
    fc.constantFrom('', '1', '7', '20', '29'),
    fc.constantFrom('', '.', '.0', '.3', '.17', '.24'),
    fc.constantFrom('d', 'i', 'u', 'x', 'X', 'o', 'c', 's', 'q', 'f', 'e', 'g', 'G', 'E'),
  )
  .map((parts) => `%${parts.join('')}`)
const format = fc
  .array(fc.oneof(directive, fc.constantFrom('%%', ' ', 'a')), { maxLength: 5 })
  .map((all) => all.join(''))

/** JSON, or nearly so. */
const { json } = fc.letrec<{ readonly json: string }>((tie) => ({
  json: fc.oneof(
    { depthSize: 'small', maxDepth: 3 },
    fc.oneof(
      fc.integer().map(String),
      fc.constantFrom(
        '1.5',
        '-0',
        '1e5',
        '0.1',
        '1e400',
        '0x1F',
        'inf',
        'nan',
        '01',
        '1.',
        '.5',
        '-',
        '+1',
        '--1',
        '-inf',
      ),
      fc.constantFrom(
        '""',
        '"abc"',
        '"\\\\n"',
        '"\\\\u20ac"',
        '"\\\\ud83d\\\\ude00"',
        '"\\\\ud800"',
        '"\\\\x"',
        '"\\200"',
      ),
      fc.constantFrom('true', 'false', 'null', 'nul', 'tru', '[', ']', '{', '}', '', 'x'),
    ),
    fc
      .tuple(
        fc.array(tie('json'), { maxLength: 4 }),
        fc.constantFrom(',', ',', ' , ', ' '),
        fc.constantFrom(']', ']', ''),
      )
      .map(([items, comma, end]) => `[${items.join(comma)}${end}`),
    fc
      .tuple(
        fc.array(fc.tuple(fc.constantFrom('"a"', '"x y"', 'a', '1'), fc.constantFrom(':', ':', ''), tie('json')), {
          maxLength: 3,
        }),
        fc.constantFrom('}', '}', ',}'),
      )
      .map(([entries, end]) => `{${entries.map((entry) => entry.join('')).join(',')}${end}`),
  ),
}))

const structFormat = fc
  .array(
    fc.constantFrom(
      ...['b', 'B', 'h', 'H', 'l', 'L', 'i', 'I', 'T', 'f', 'd', 's', 'c0', 'c3', 'x', 'i3', 'I5', 'i9', 'i16'],
      ...['>', '<', '!', '!4', '!2', ' ', 'c7'],
    ),
    { maxLength: 6 },
  )
  .map((options) => options.join(''))
const bytes = fc
  .array(
    fc.oneof(fc.integer({ min: 0, max: 255 }), fc.constantFrom(0x80, 0x81, 0x90, 0x92, 0xa1, 0xc0, 0xcc, 0xd9, 0xdc)),
    {
      maxLength: 30,
    },
  )
  .map((all) => `'${all.map((byte) => `\\${byte}`).join('')}'`)

const HEX =
  "local function hex(s) if type(s) ~= 'string' then return tostring(s) end return (string.gsub(s, '.', function(c) return string.format('%02x', string.byte(c)) end)) end "
const SHOW =
  'for i = 1, #t do if type(t[i]) == "table" then local _, v = pcall(cjson.encode, t[i]) t[i] = v end t[i] = tostring(t[i]) end return t'

const PROPERTIES: Readonly<Record<string, fc.Arbitrary<string>>> = {
  'numbers as text, as replies and as arguments': number.map(
    (n) => `redis.call('set', 'k', ${n}) return {tostring(${n}), ${n}, redis.call('get', 'k')}`,
  ),
  'string.format': fc
    .tuple(format, fc.array(fc.oneof(number, text), { maxLength: 4 }))
    .map(([pattern, args]) => `return {pcall(string.format, ${[`'${pattern}'`, ...args].join(', ')})}`),
  'positions in strings': fc
    .tuple(fc.constantFrom('sub', 'byte'), text, number, number)
    .map(([name, ...args]) => `return {pcall(string.${name}, ${args.join(', ')})}`),
  tonumber: fc
    .tuple(
      fc.oneof(number, fc.constantFrom("'ff'", "'0xff'", "'-7'", "'zz'", "' 12 '", "'1e2'", "'FFFFFFFFFFFFFFFFF'")),
      fc.constantFrom('2', '8', '10', '16', '36'),
    )
    .map((args) => `return {tostring(tonumber(${args.join(', ')}))}`),
  'values as replies': value.map((v) => `return ${v.replaceAll('cjson.null', 'nil')}`),
  'the order of pairs': value.map(
    (v) =>
      `local t = ${v} if type(t) ~= 'table' then return 0 end local r = {} for k in pairs(t) do r[#r + 1] = tostring(k) end return r`,
  ),
  'cjson.encode': value.map((v) => `return {pcall(cjson.encode, ${v})}`),
  'cjson.decode': json.map((source) => `local t = {pcall(cjson.decode, '${source}')} ${SHOW}`),
  'cmsgpack.pack': value.map((v) => `${HEX} return hex(cmsgpack.pack(${v}))`),
  'cmsgpack.unpack': bytes.map((packed) => `local t = {pcall(cmsgpack.unpack, ${packed})} ${SHOW}`),
  'struct.pack': fc
    .tuple(structFormat, fc.array(fc.oneof(number, text), { maxLength: 6 }))
    .map(
      ([pattern, args]) =>
        `${HEX} local ok, v = pcall(struct.pack, ${[`'${pattern}'`, ...args].join(', ')}) return hex(v)`,
    ),
  'struct.unpack': fc
    .tuple(structFormat, bytes, fc.oneof(fc.constant('1'), number))
    .map(([pattern, ...args]) => `local t = {pcall(struct.unpack, '${pattern}', ${args.join(', ')})} ${SHOW}`),
  bit: fc
    .tuple(
      fc.constantFrom(
        'tobit',
        'band',
        'bor',
        'bxor',
        'lshift',
        'rshift',
        'arshift',
        'rol',
        'ror',
        'bswap',
        'tohex',
        'bnot',
      ),
      number,
      number,
    )
    .map(([name, ...args]) => `return bit.${name}(${args.join(', ')})`),
}

describe('generated scripts give the same bytes', () => {
  let both: Both
  beforeAll(async () => {
    both = await Both.start()
  })
  afterAll(() => both.stop())

  it.each(Object.entries(PROPERTIES))('%s', async (_, script) => {
    await fc.assert(
      fc.asyncProperty(script, (source) => both.same(['EVAL', source, '0'])),
      { seed: 20240229, numRuns: 150 },
    )
  })
})
