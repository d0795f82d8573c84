/** The file of a history: what it looks like, and what is said of one that is wrong. */
import { describe, expect, it } from 'vitest'
import { judge } from '../../src/check/judge.ts'
import { History, type HistoryRun } from '../../src/history/history.ts'
import { defineLock } from '../../src/lock/lock.ts'
import { naive } from '../../src/lock/naive.ts'
import { setNxLua } from '../../src/lock/set-nx-lua.ts'
import { UsageError } from '../../src/sim/usage-error.ts'
import { lockSubject } from '../../src/subject/subject.ts'
import { tellViolation } from '../../src/words/told-violation.ts'
import { counterPlan, fault, show } from '../check/worlds.ts'

const RUN: HistoryRun = {
  records: [
    { atUs: 210, seq: 0, process: 'A', type: 'invoke', op: 'acquire', value: 'A-1' },
    { atUs: 500, seq: 1, process: 'world', type: 'fault', op: 'pause', value: ['pause A for 2 s', 'A', 2_000_000] },
    {
      atUs: 812,
      seq: 2,
      process: 'A',
      type: 'ok',
      op: 'acquire',
      value: ['A-1', null, Number.POSITIVE_INFINITY, 'wall'],
    },
    { atUs: 900, seq: 3, process: 'B\n', type: 'note', op: 'uncaught', value: ['"\u2028\ud800', 'timer'] },
  ],
  struck: [{ kind: 'pause', settings: { process: 'A', for: 2_000_000 }, at: { kind: 'time', atUs: 500 } }],
  healedUs: 800,
  endUs: 1_000,
  voters: ['redis-1'],
  isBlocking: false,
  limitReached: null,
  subject: 'lock',
  rules: { ttlMs: 1_000, checkFence: true, orphanUs: 100_000, firstReconnectUs: 50_000, reconnectUs: 2_000_000 },
  plan: { clients: 2 },
}
const TEXT = new History(RUN).toNdjson()

describe("a history's file", () => {
  it('is a header and an event a line; a fault has its settings', () => {
    expect(TEXT).toBe(
      [
        '{"schema":"lockstorm/history@1","subject":"lock","healedUs":800,"endUs":1000,"voters":["redis-1"],"isBlocking":false,"limitReached":null,"rules":{"ttlMs":1000,"checkFence":true,"orphanUs":100000,"firstReconnectUs":50000,"reconnectUs":2000000},"plan":{"clients":2},"records":4}\n',
        '{"atUs":210,"seq":0,"process":"A","type":"invoke","op":"acquire","value":"A-1"}\n',
        '{"atUs":500,"seq":1,"process":"world","type":"fault","op":"pause","value":["pause A for 2 s","A",2000000],"settings":{"process":"A","for":"2s"}}\n',
        '{"atUs":812,"seq":2,"process":"A","type":"ok","op":"acquire","value":["A-1",null,"Infinity","wall"]}\n',
        '{"atUs":900,"seq":3,"process":"B\\n","type":"note","op":"uncaught","value":["\\"\u2028\\ud800","timer"]}\n',
      ].join(''),
    )
  })

  it('is read back, with numbers that JSON does not have and texts that are no Unicode', () => {
    const again = History.parse(TEXT)
    expect(again.records).toEqual(RUN.records)
    expect(again.faults).toEqual(new History(RUN).faults)
    expect([again.rules, again.subject, again.endUs]).toEqual([RUN.rules, 'lock', 1_000])
  })

  it('is read back with line ends of Windows, and without the last one', () => {
    expect(History.parse(TEXT.replaceAll('\n', '\r\n')).records).toEqual(RUN.records)
    expect(History.parse(TEXT.trimEnd()).records).toEqual(RUN.records)
  })

  // Nothing keeps JavaScript from answering undefined, 1, a bigint or an object where true or false is expected.
  it.each([undefined, 1, 1n, { ok: true }, 'OK', Number.NaN])(
    'is read back when a release answered %s',
    async (answer) => {
      const odd = defineLock({ ...naive, name: 'odd', release: () => Promise.resolve(answer as unknown as boolean) })
      const { history, violations } = await show(lockSubject(odd), counterPlan({ clients: 3 }))
      const { verdict } = judge(History.parse(history.toNdjson()))
      expect(verdict.status === 'violated' && verdict.violations.map(tellViolation)).toEqual(violations)
    },
  )

  it('tells of a limit that was reached', async () => {
    const plan = counterPlan({ faults: [fault('pause', { process: 'A', for: '2s' }, 'A after acquire')] })
    const { history } = await show(lockSubject(setNxLua), plan)
    const [header = '', ...lines] = history.toNdjson().split('\n')
    const limited = [header.replace('"limitReached":null', '"limitReached":"a limit"'), ...lines].join('\n')
    expect(History.parse(limited).limitReached).toBe('a limit')
  })
})

/** The file with one line changed. */
const changed = (line: number, from: string | RegExp, to: string): string =>
  TEXT.split('\n')
    .map((each, index) => (index === line - 1 ? each.replace(from, to) : each))
    .join('\n')

describe('what is said of a file that is no history', () => {
  const refusal = (text: string): UsageError => {
    try {
      History.parse(text, 'a.ndjson')
    } catch (error) {
      if (error instanceof UsageError) return error
      throw error
    }
    throw new Error(`it was read: ${text}`)
  }

  it.each([
    ['nothing', '', 'a.ndjson:1', 'expected a header with schema lockstorm/history@1, got nothing'],
    [
      'no header',
      TEXT.split('\n').slice(1).join('\n'),
      'a.ndjson:1',
      'expected schema lockstorm/history@1, got undefined',
    ],
    ['another schema', changed(1, 'history@1', 'history@9'), 'a.ndjson:1', 'got "lockstorm/history@9"'],
    ['null', 'null\n', 'a.ndjson:1', 'expected schema lockstorm/history@1'],
    ['a rule of another type', changed(1, '"ttlMs":1000', '"ttlMs":"1s"'), 'a.ndjson:1', 'rules.ttlMs: '],
    ['a header without a field', changed(1, '"endUs":1000,', ''), 'a.ndjson:1', 'endUs: '],
    ['a header with one field more', changed(1, '"voters"', '"more":1,"voters"'), 'a.ndjson:1', 'more'],
    [
      'a field that changes objects',
      changed(1, '"voters"', '"__proto__":{"voters":["redis-1"]},"voters"'),
      'a.ndjson:1',
      '__proto__',
    ],
    ['broken JSON', changed(3, '}', ''), 'a.ndjson:3', 'expected one JSON object, got '],
    ['NaN', changed(2, '210', 'NaN'), 'a.ndjson:2', 'expected one JSON object, got '],
    ['an empty line', changed(2, /.+/, ''), 'a.ndjson:2', 'expected one JSON object, got ""'],
    ['an array', changed(2, /.+/, '[]'), 'a.ndjson:2', 'expected object'],
    ['a time that is no whole number', changed(2, '210', '210.5'), 'a.ndjson:2', 'atUs: '],
    ['a time beyond all numbers', changed(2, '210', '1e999'), 'a.ndjson:2', 'atUs: '],
    ['a time before the world began', changed(2, '210', '-1'), 'a.ndjson:2', 'atUs: '],
    ['a line that changes objects', changed(2, '"seq"', '"__proto__":{},"seq"'), 'a.ndjson:2', '__proto__'],
    [
      'lines in another order',
      changed(4, '812', '100'),
      'a.ndjson:4',
      'expected a record after (atUs 500, seq 1), got (100, 2)',
    ],
    ['a line twice', TEXT.replace(/(.+"A-1"}\n)/, '$1$1'), 'a.ndjson:3', 'expected a record after (atUs 210, seq 0)'],
    ['a type that there is not', changed(2, 'invoke', 'evoke'), 'a.ndjson:2', 'type: '],
    [
      'a record that there is not',
      changed(2, 'acquire', 'seize'),
      'a.ndjson:2',
      'expected a record that there is, got invoke "seize"',
    ],
    [
      'a record named like a method',
      changed(2, 'acquire', 'toString'),
      'a.ndjson:2',
      'expected a record that there is',
    ],
    ['a record named __proto__', changed(2, 'acquire', '__proto__'), 'a.ndjson:2', 'expected a record that there is'],
    [
      'a value of another shape',
      changed(4, '["A-1",', '['),
      'a.ndjson:4',
      'value: expected [token, fence, statedUs, clock, said] of ok acquire, got ',
    ],
    [
      'no value',
      changed(2, ',"value":"A-1"', ''),
      'a.ndjson:2',
      'value: expected [token] of invoke acquire, got undefined',
    ],
    ['a fault without settings', changed(3, /,"settings".*}}/, '}'), 'a.ndjson:3', 'expected'],
    [
      'settings that the fault does not have',
      changed(3, '"for":"2s"', '"long":"2s"'),
      'a.ndjson:3',
      'for: missing, expected a duration such as 2s',
    ],
    [
      'settings of a fault where there is none',
      changed(2, '}', ',"settings":{}}'),
      'a.ndjson:2',
      'expected settings on the line of a fault only',
    ],
    [
      'a fault that there is not',
      changed(3, '"op":"pause"', '"op":"nap"'),
      'a.ndjson:3',
      'expected a record that there is, got fault "nap"',
    ],
    [
      'a file that was cut off',
      TEXT.split('\n').slice(0, 3).join('\n'),
      'a.ndjson:1',
      'expected 4 records after the header, got 2',
    ],
  ])('%s', (_, text, place, problem) => {
    const error = refusal(text)
    expect(error.place).toBe(place)
    expect(error.problem).toContain(problem)
    expect(error.fix).not.toBe('')
  })
})
