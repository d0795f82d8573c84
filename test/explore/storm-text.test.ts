/** Storms as texts: what tokens and replay files hold is what was run. */
import { describe, expect, it } from 'vitest'
import { basePlans, DEFAULT_PARAMETERS } from '../../src/explore/base-plan.ts'
import { drawStorms } from '../../src/explore/random-storm.ts'
import { readReplay, writeReplay } from '../../src/explore/replay-file.ts'
import { readStorm, stormText } from '../../src/explore/storm-text.ts'
import { fenced } from '../../src/lock/fenced.ts'
import { decodeToken, encodeStormToken } from '../../src/scenario/token.ts'
import { optimistic } from '../../src/session/optimistic.ts'
import { lockSubject, sessionSubject } from '../../src/subject/subject.ts'
import { WORKLOADS } from '../../src/workload/registry.ts'

const parameters = { ...DEFAULT_PARAMETERS, client: 'direct' } as const
const bases = [...basePlans(lockSubject(fenced), parameters), ...basePlans(sessionSubject(optimistic), parameters)]
const storms = bases.flatMap((base) => drawStorms(base, 7, 150, true))
const ordered = bases.map((base) => ({ ...base, order: [0, 0, 2, 1], headStartUs: 0 }))

describe('a storm', () => {
  it('is the same when it was written and read', () => {
    for (const plan of [...bases, ...ordered, ...storms]) {
      expect(readStorm(stormText(plan), plan.seed, plan.client)).toEqual(plan)
    }
  })

  it('is the same out of a token', () => {
    for (const plan of storms.slice(0, 50)) {
      const { seed, client } = plan
      const parts = { storm: stormText(plan), subject: 'my-lock', client, redis: 'memory', seed }
      expect(decodeToken(encodeStormToken(parts))).toEqual(parts)
    }
  })

  it('of one fault makes a token that fits on a line', () => {
    const [base] = bases
    if (base === undefined) throw new Error('there is a base plan')
    const plan = {
      ...base,
      faults: [
        {
          kind: 'pause',
          settings: { process: 'A', for: 240_000 },
          at: { kind: 'site', process: 'A', site: 'send', count: 3 },
        },
      ],
    } as const
    const token = encodeStormToken({
      storm: stormText(plan),
      subject: 'my-lock',
      client: 'ioredis',
      redis: 'memory',
      seed: '1',
    })
    expect(token.length).toBeLessThan(70)
  })

  it.each([
    '',
    '[]',
    `[${WORKLOADS.length},{}]`,
    '[0,{"clients":0}]',
    '[0,{"faults":[{"pause":{"process":"Z"},"at":"A before send 1"}]}]',
  ])('that is broken is refused: %s', (text) => {
    expect(() => readStorm(text, '1', 'direct')).toThrow(/^token: /)
  })
})

describe('a replay file', () => {
  const told = {
    subject: 'my-lock',
    redis: 'memory',
    violation: {
      property: 'mutual-exclusion',
      kind: 'bug',
      cause: 'never-granted',
      sentence: 'A and B both held the lock',
    },
    historyHash: '0123456789abcdef',
    source: '',
    file: '',
  } as const

  it('gives back its storm', () => {
    for (const plan of storms.slice(0, 50)) {
      const text = writeReplay(plan, told)
      expect(readReplay(text, 'a.replay.json')).toMatchObject({ plan, file: told })
    }
  })

  const [first] = storms
  const good = first === undefined ? '' : writeReplay(first, told)
  it.each([
    ['no JSON', '{', 'it is no JSON'],
    ['another file', '{}', 'expected "schema": "lockstorm/replay@1"'],
    ['another engine', good.replace(/"engine": "[^"]*"/, '"engine": "0"'), 'made by engine "0"'],
    ['without a subject', good.replace(/"subject": "[^"]*"/, '"subject": ""'), 'subject'],
    [
      'with a fault that is none',
      good.replace('"faults": [', '"faults": [ { "earthquake": {}, "at": "1s" },'),
      'earthquake',
    ],
  ])('that is broken is refused: %s', (_, text, words) => {
    expect(() => readReplay(text, 'a.replay.json')).toThrow(words)
    expect(() => readReplay(text, 'a.replay.json')).toThrow(/^a\.replay\.json/)
  })
})
