/** Histories of Jepsen and porcupine: their notations, textbook histories of each object, and what is no history. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Edn, EdnReader, ednText } from '../../src/recorded/edn.ts'
import { judgeOperations } from '../../src/recorded/operations.ts'
import { UsageError } from '../../src/sim/usage-error.ts'
import { build, lockstorm } from '../cli/binary.ts'

const folder = mkdtempSync(path.join(tmpdir(), 'lockstorm-jepsen-'))
beforeAll(build)
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const forms = (text: string): readonly string[] => {
  const reader = new EdnReader('f', text)
  const all: string[] = []
  for (let form = reader.next(); form !== undefined; form = reader.next()) all.push(ednText(form))
  return all
}

describe('EDN', () => {
  it.each([
    ['nil true false', ['nil', 'true', 'false']],
    ['1 -2 +3 4N 5.5 6.0M 7/8 1e9 ##Inf', ['1', '-2', '3', '4', '5.5', '6.0', '7/8', '1e9', '##Inf']],
    ['"a\\n\\"\\u0041" \\c \\newline', ['"a\\n\\"A"', '\\c', '\\newline']],
    [':a :b/c sym', [':a', ':b/c', 'sym']],
    ['[1 (2 3), {:a 1, :b [2]} #{3 1}]', ['[1 [2 3] {:a 1, :b [2]} #{1 3}]']],
    ['; a comment\n1 ;another\n #_ 2 #_[3 4] 5', ['1', '5']],
    ['#inst "2020" #jepsen.history.Op{:a 1}', ['"2020"', '{:a 1}']],
    ['', []],
  ])('%j', (text, expected) => {
    expect(forms(text)).toEqual(expected)
  })

  it.each([
    ['[1', 'f:1: a bracket [ is not closed'],
    ['\n\n[1 }', 'f:3: a bracket [ is closed by }'],
    [')', 'f:1: a bracket closes nothing'],
    ['{:a}', 'f:1: a map has a key without a value'],
    ['"a', 'f:1: a text is not closed'],
    ['"\\q"', 'f:1: a text has an escape that EDN does not know'],
    ['1x', 'f:1: a number is no number'],
    ['[#_]', 'f:1: something is missing before a bracket closes'],
    ['#_', 'f:1: it ends in the middle'],
    ['['.repeat(1_000_000), 'f:1: more than 200 brackets in each other'],
    ['#_'.repeat(1_000_000), 'f:1: more than 200 brackets in each other'],
    ['#a '.repeat(1_000_000), 'f:1: more than 200 brackets in each other'],
  ])('refuses %.20j', (text, message) => {
    expect(() => forms(text)).toThrow(UsageError)
    expect(() => forms(text)).toThrow(message)
  })

  it('reads what it writes, and never throws anything but a usage error', () => {
    const { value } = fc.letrec<{ value: Edn }>((tie) => ({
      value: fc.oneof(
        { maxDepth: 4 },
        fc.constant(null),
        fc.boolean(),
        fc.integer().map((n): Edn => ({ kind: 'number', text: String(n) })),
        fc.string().map((text): Edn => ({ kind: 'string', text })),
        fc.stringMatching(/^[a-z][a-z0-9-]{0,5}$/).map((text): Edn => ({ kind: 'keyword', text })),
        fc.array(tie('value'), { maxLength: 4 }).map((items): Edn => ({ kind: 'sequence', items, isSet: false })),
        fc
          .array(fc.tuple(tie('value'), tie('value')), { maxLength: 3 })
          .map((entries): Edn => ({ kind: 'map', line: 1, entries })),
      ),
    }))
    fc.assert(
      fc.property(value, (form) => {
        expect(forms(ednText(form))).toEqual([ednText(form)])
      }),
    )
    const noise = fc.array(fc.constantFrom(...'()[]{}#_"\\;:a1 \n,nil')).map((chars) => chars.join(''))
    fc.assert(
      fc.property(noise, (text) => {
        try {
          forms(text)
        } catch (error) {
          expect(error).toBeInstanceOf(UsageError)
        }
      }),
      { numRuns: 2_000 },
    )
  })
})

/** `0 invoke acquire`: one event a line. */
const history = (...events: readonly string[]): string =>
  `[${events
    .map((event) => {
      const [process, type, f, ...value] = event.split(' ')
      return `{:process ${process}, :type :${type}, :f :${f}, :value ${value.join(' ') || 'nil'}}`
    })
    .join('\n ')}]`
const statuses = (...given: Parameters<typeof judgeOperations>) =>
  judgeOperations(...given).shown.map(({ status }) => status)
const of = (...events: readonly string[]) => statuses('f', history(...events))

describe('a mutex', () => {
  it('is held by one after the other', () => {
    expect(
      of('0 invoke acquire', '0 ok acquire', '0 invoke release', '0 ok release', '1 invoke acquire', '1 ok acquire'),
    ).toEqual([])
    expect(
      of('0 invoke acquire', '0 ok acquire', '1 invoke acquire', '0 invoke release', '1 ok acquire', '0 ok release'),
    ).toEqual([])
  })

  it('that two acquire without a release between, or that is released by whom nothing gave it, is not linearizable', () => {
    const twice = judgeOperations('f', history('0 invoke acquire', '0 ok acquire', '1 invoke acquire', '1 ok acquire'))
    expect(twice).toEqual({
      operations: 2,
      objects: 1,
      shown: [
        {
          property: 'linearizability',
          status: 'violated',
          sentence:
            'no order of the operations on the mutex explains every answer, up to the return of the :acquire of process 1',
          places: ['f:3'],
        },
      ],
    })
    expect(of('0 invoke release', '0 ok release')).toEqual(['violated'])
  })

  it('may have been taken, or given back, by a call without an answer, and is not by one that failed', () => {
    const lost = [
      '0 invoke acquire',
      '0 ok acquire',
      '0 invoke release',
      '0 info release',
      '1 invoke acquire',
      '1 ok acquire',
    ]
    expect(of(...lost)).toEqual([])
    expect(of(...lost.with(3, '0 fail release'))).toEqual(['violated'])
    expect(of(...lost.toSpliced(3, 1))).toEqual([])
    expect(of(...lost, '2 invoke acquire', '2 ok acquire')).toEqual(['violated'])
  })
})

describe('a register', () => {
  it('reads what was written last', () => {
    expect(of('0 invoke write 1', '0 ok write 1', '1 invoke read', '1 ok read 1')).toEqual([])
    expect(of('0 invoke write 1', '0 ok write 1', '1 invoke read', '1 ok read 2')).toEqual(['violated'])
    // A write of the value that is there, and that another order needs later.
    expect(
      of(
        '0 invoke write 0',
        '0 ok write 0',
        '1 invoke cas [0 2]',
        '2 invoke write 0',
        '3 invoke cas [0 4]',
        '1 ok cas [0 2]',
        '2 ok write 0',
        '3 ok cas [0 4]',
      ),
    ).toEqual([])
  })

  it('begins with what the first answer says, unless it is said', () => {
    const read = history('0 invoke read', '0 ok read 3')
    expect(statuses('f', read)).toEqual([])
    expect(statuses('f', read, '3')).toEqual([])
    expect(statuses('f', read, '0')).toEqual(['violated'])
    expect(statuses('f', read, 'nil')).toEqual(['violated'])
    expect(of('0 invoke read', '0 ok read 3', '0 invoke read', '0 ok read 4')).toEqual(['violated'])
    // Jepsen writes nil where a read said nothing.
    expect(of('0 invoke write 1', '0 ok write 1', '1 invoke read', '1 ok read nil')).toEqual([])
  })

  it('with compare-and-set', () => {
    expect(
      of('0 invoke write 1', '0 ok write 1', '0 invoke cas [1 2]', '0 ok cas [1 2]', '1 invoke read', '1 ok read 2'),
    ).toEqual([])
    expect(of('0 invoke write 1', '0 ok write 1', '0 invoke cas [3 2]', '0 ok cas [3 2]')).toEqual(['violated'])
    expect(of('0 invoke write 1', '0 ok write 1', '0 invoke cas [1 2]', '0 fail cas [1 2]')).toEqual([])
    expect(
      of('0 invoke write 1', '0 ok write 1', '0 invoke cas [1 2]', '0 info cas [1 2]', '1 invoke read', '1 ok read 2'),
    ).toEqual([])
  })

  it('in the log of the etcd test: nil is nothing, and a failed compare-and-set has seen another value', () => {
    const log = (...lines: readonly string[]) =>
      statuses('f', lines.map((line) => `INFO  jepsen.util - ${line.replaceAll(' ', '\t')}`).join('\n'))
    expect(log('0 :invoke :read nil', '0 :ok :read nil', '1 :invoke :write 4', '1 :info :write :timed-out')).toEqual([])
    expect(log('1 :invoke :write 4', '1 :ok :write 4', '0 :invoke :read nil', '0 :ok :read nil')).toEqual(['violated'])
    expect(log('1 :invoke :write 4', '1 :ok :write 4', '0 :invoke :cas [4 1]', '0 :fail :cas [4 1]')).toEqual([
      'violated',
    ])
    expect(log('1 :invoke :write 4', '1 :ok :write 4', '0 :invoke :read nil', '0 :fail :read :timed-out')).toEqual([])
  })
})

describe('keys', () => {
  const line = (process: number, type: string, f: string, key: string, value: string) =>
    `{:process ${process}, :type :${type}, :f :${f}, :key "${key}", :value ${value}}`
  const text = (seen: string) =>
    [
      line(0, 'invoke', 'append', '1', '"a"'),
      line(1, 'invoke', 'append', '1', '"b"'),
      line(0, 'ok', 'append', '1', '"a"'),
      line(1, 'ok', 'append', '1', '"b"'),
      line(2, 'invoke', 'get', '1', 'nil'),
      line(2, 'ok', 'get', '1', `"${seen}"`),
      line(2, 'invoke', 'put', '2', '"x"'),
      line(2, 'ok', 'put', '2', '"x"'),
      line(2, 'invoke', 'get', '2', 'nil'),
      line(2, 'ok', 'get', '2', '"x"'),
    ].join('\n')

  it('are judged each for itself', () => {
    expect([statuses('f', text('ab')), statuses('f', text('ba'))]).toEqual([[], []])
    const { shown, objects } = judgeOperations('f', text('b'))
    expect(objects).toBe(2)
    expect(shown.map(({ status, sentence }) => [status, sentence])).toEqual([
      ['violated', expect.stringContaining('the operations on key "1"')],
    ])
  })

  it('in JSON, a line each or in an array', () => {
    const rows = [
      { process: 0, type: 'invoke', f: 'acquire' },
      { process: 0, type: 'ok', f: 'acquire' },
      { process: 1, type: 'invoke', f: 'acquire' },
      { process: 1, type: 'ok', f: 'acquire' },
    ]
    expect(statuses('f', rows.map((row) => JSON.stringify(row)).join('\n'))).toEqual(['violated'])
    expect(statuses('f', JSON.stringify(rows, null, 2))).toEqual(['violated'])
  })
})

describe('lockstorm judge --jepsen', () => {
  const file = (name: string, text: string): string => {
    const place = path.join(folder, name)
    writeFileSync(place, text)
    return place
  }

  it('tells what it read and found', () => {
    const good = lockstorm(['judge', '--jepsen', file('good.edn', history('0 invoke acquire', '0 ok acquire'))])
    expect([good.code, good.stdout]).toEqual([0, '✓ valid: 1 operation of 1 history of Jepsen\n'])
    const bad = lockstorm(['judge', '--jepsen', file('bad.edn', history('0 invoke release', '0 ok release')), '--json'])
    expect([bad.code, JSON.parse(bad.stdout)]).toEqual([
      1,
      expect.objectContaining({ status: 'violated', jepsen: { histories: 1, operations: 1 } }),
    ])
    expect(
      lockstorm(['judge', '--jepsen', file('read.edn', history('0 invoke read', '0 ok read 1')), '--initial', '0'])
        .code,
    ).toBe(1)
    expect(lockstorm(['judge', '--jepsen', file('empty.edn', '[]')]).code).toBe(2)
  })

  it.each([
    ['a.edn', '[{:process 0', 'a.edn:1: a bracket { is not closed'],
    ['b.edn', 'hello', 'b.edn: a history of maps is expected'],
    ['c.edn', '{:process 0 :type :invoke}', 'c.edn:1: it has no :f'],
    ['d.edn', '\n{:process 0 :type :maybe :f :read}', 'd.edn:2: its :type is none of'],
    ['e.edn', history('0 ok acquire'), 'e.edn:1: process 0 returns from nothing'],
    ['f.edn', history('0 invoke acquire', '0 invoke acquire'), 'f.edn:2: process 0 calls again'],
    ['g.edn', history('0 invoke acquire', '0 ok release'), 'g.edn:2: process 0 returns from what it did not call'],
    ['h.edn', history('0 invoke enqueue'), 'h.edn:1: an operation :f :enqueue is not known'],
    ['i.edn', history('0 invoke acquire', '1 invoke read'), 'i.edn:2: :f :read does not go with :f :acquire'],
    ['j.edn', history('0 invoke cas 1', '0 ok cas 1'), 'j.edn:1: :cas needs a :value of two'],
    ['k.json', '{"process":0,"type":"invoke","f":"acquire"}\n{', 'k.json:2: it is no JSON'],
  ])('%s: exit 64, one message', (name, text, words) => {
    const { code, stdout, stderr } = lockstorm(['judge', '--jepsen', file(name, text)])
    expect({ code, stdout }).toEqual({ code: 64, stdout: '' })
    expect(stderr).toContain(words)
    expect(stderr).not.toMatch(/\n {4}at /)
  })
})
