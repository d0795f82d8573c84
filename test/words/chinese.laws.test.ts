/**
 * What is said of violations in Chinese: nothing English is left in it, and it names whom and tells what the English says. The violations are
 * those of the worlds that the checks are kept by.
 */
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import type { Cause, CauseKind } from '../../src/check/cause.ts'
import { NOT_CONTENDED } from '../../src/check/judge.ts'
import { SOMETIMES } from '../../src/check/sometimes.ts'
import type { Told } from '../../src/check/told.ts'
import { PROPERTIES, type PropertyName, type Violation } from '../../src/check/verdict.ts'
import type { PlannedFault } from '../../src/fault/fault.ts'
import { FAULTS } from '../../src/fault/registry.ts'
import { PITFALLS } from '../../src/pitfall/registry.ts'
import { parseAnchor } from '../../src/scenario/anchor.ts'
import { faultWords } from '../../src/scenario/fault-words.ts'
import { readFault, writeFault } from '../../src/scenario/plan-file.ts'
import { adviceOf } from '../../src/words/advice.ts'
import { headingsOf } from '../../src/words/heading.ts'
import { needsOf } from '../../src/words/needs.ts'
import { sentenceOf, whyOf } from '../../src/words/sentence.ts'
import { reasonZh } from '../../src/words/zh/reasons.ts'

interface KeptWorld {
  readonly verdict: readonly [status: string, violations?: readonly Violation[]]
}

const FILE = new URL('../check/mutation/verdicts.json', import.meta.url)
const WORLDS = JSON.parse(readFileSync(FILE, 'utf8')) as readonly KeptWorld[]
const KEPT = WORLDS.flatMap(({ verdict: [status, violations = []] }) => (status === 'violated' ? violations : []))

/** Of what no kept world shows, an example; null: one does. */
const TOLD: Readonly<{ [Kind in Told['kind']]: Extract<Told, { kind: Kind }> | null }> = {
  'both-held': null,
  'wrote-late': null,
  'fence-not-higher': null,
  'lower-fence-accepted': null,
  'key-changed': null,
  'served-as': null,
  'change-lost': null,
  'session-missing': null,
  'session-again': null,
  'change-not-seen': null,
  'served-old': null,
  'made-twice': null,
  'ran-twice': null,
  'both-ran': null,
  'held-beside': { kind: 'held-beside', writer: 'B', other: 'C', isReader: true, forUs: 7_000 },
  'read-two': { kind: 'read-two', reader: 'B', first: 3, second: 4, writer: 'C' },
  'both-led': null,
  'same-term': { kind: 'same-term', term: 7, first: 'B', again: 'C' },
  'not-elected': { kind: 'not-elected', client: 'B', forUs: 2_000_000 },
  'never-elected': { kind: 'never-elected', client: 'B', forUs: 2_000_000 },
  'job-not-done': null,
  'too-many-held': null,
  'release-failed': null,
  'not-takeable': null,
  'permits-lost': null,
  'locked-for-ever': null,
  'kept-alive': { kind: 'kept-alive', owner: 'B', longerUs: 4_000 },
  orphaned: null,
  'blocked-itself': { kind: 'blocked-itself', owner: 'B', attemptUs: 5_000, forUs: 900_000 },
  'votes-kept': null,
  'never-returned': null,
  'waited-for-minority': null,
  'claimed-longer': null,
  'told-late': null,
  overtaken: null,
  'votes-split': { kind: 'votes-split', clients: ['B', 'C', 'D'], rounds: 9, of: 3, forUs: 800_000 },
  'increment-lost': null,
  'not-one-after-the-other': null,
  'process-ended': null,
  'ran-for-ever': { kind: 'ran-for-ever' },
  'out-of-memory': { kind: 'out-of-memory' },
}

const CAUSES: Readonly<{ [Kind in CauseKind]: Extract<Cause, { kind: Kind }> | null }> = {
  'never-granted': null,
  'taken-away': null,
  'redis-lost-it': null,
  'granted-too-late': null,
  'lease-overstated': { kind: 'lease-overstated', client: 'B', byUs: 30_000, place: { majorityOf: 5 } },
  'client-clock-moved': null,
  'loss-not-noticed': null,
  'lease-ended': null,
  'work-outlives-lease': null,
  'granted-while-held': null,
  'fence-not-drawn-with-grant': null,
  'fence-not-checked': null,
  'token-not-compared': null,
  'not-takeable': null,
  'no-expiry': null,
  'prolonged-by-waiters': { kind: 'prolonged-by-waiters', helpers: ['B', 'C', 'D'] },
  'attempt-misread': null,
  'attempt-not-taken-back': null,
  'votes-not-taken-back': { kind: 'votes-not-taken-back' },
  'script-forgotten': null,
  'release-refused': null,
  'release-without-effect': null,
  'release-gave-up': null,
  'taken-again-late': null,
  'own-token-blocks': { kind: 'own-token-blocks' },
  'votes-kept': null,
  'never-settled': null,
  'minority-awaited': null,
  'signal-late': null,
  'no-drift-margin': { kind: 'no-drift-margin', aheadUs: 6_000 },
  'counted-on-wrong-clock': null,
  'one-too-many-let-in': null,
  'second-answer-taken-for-failure': null,
  'no-queue': null,
  'retried-in-step': { kind: 'retried-in-step' },
  uncaught: null,
  'exit-called': { kind: 'exit-called' },
  'turn-never-ends': { kind: 'turn-never-ends' },
  'memory-used-up': { kind: 'memory-used-up' },
  'same-value-read': null,
  'run-not-recorded': null,
  'lock-forgets': null,
  'claim-not-kept': { kind: 'claim-not-kept', client: 'B' },
  'claim-too-late': { kind: 'claim-too-late', client: 'B' },
  'claim-ended': null,
  'claim-forgotten': { kind: 'claim-forgotten', client: 'B', node: 'redis-1', how: 'eviction' },
  'job-gone': null,
  'job-forgotten': null,
  'done-not-kept': { kind: 'done-not-kept', first: 'B' },
  'let-in-beside': { kind: 'let-in-beside', holder: 'B', later: 'C' },
  'lead-not-kept': null,
  'elected-too-late': { kind: 'elected-too-late', client: 'B' },
  'deposed-unnoticed': null,
  'lead-forgotten': { kind: 'lead-forgotten', client: 'B', node: 'redis-1', how: 'clock ahead' },
  'term-not-drawn': { kind: 'term-not-drawn' },
  'term-forgotten': { kind: 'term-forgotten', node: 'redis-1', how: 'flush' },
  'none-elected': { kind: 'none-elected' },
  'campaign-given-up': { kind: 'campaign-given-up' },
  'filled-by-nobody': { kind: 'filled-by-nobody' },
  'writer-without-lock': null,
  'filled-while-both-held': { kind: 'filled-while-both-held', filler: 'B', writer: 'C' },
  'session-id-kept': null,
  'session-shared': { kind: 'session-shared' },
  'older-copy-stored': null,
  'session-let-go': { kind: 'session-let-go', node: 'redis-1', how: 'failover' },
  'session-gone': null,
  'logout-forgotten': { kind: 'logout-forgotten', node: 'redis-1', how: 'restart' },
  'stored-after-logout': null,
  'older-copy-read': { kind: 'older-copy-read' },
  'no-order-explains-it': null,
}

/** Whatever it is: words depend on what is told, and on the cause. */
const ANY = { property: 'mutual-exclusion', kind: 'limit', atUs: 0, untilUs: 0, processes: [] } as const

const EXAMPLES: readonly Violation[] = [
  ...Object.values(TOLD).flatMap((told) =>
    told === null ? [] : [{ ...ANY, told, cause: { kind: 'session-gone' } as const }],
  ),
  ...Object.values(CAUSES).flatMap((cause) =>
    cause === null ? [] : [{ ...ANY, cause, told: { kind: 'ran-for-ever' } as const }],
  ),
]
const VIOLATIONS = [...KEPT, ...EXAMPLES]

/** One of each that is told alike. */
const unique = (texts: readonly string[]): readonly string[] => [...new Set(texts)]

const both = (violation: Violation): readonly (readonly [en: string, zh: string])[] => {
  const told: readonly (readonly [string | null, string | null])[] = [
    [sentenceOf(violation), sentenceOf(violation, 'zh')],
    [whyOf(violation), whyOf(violation, 'zh')],
    [adviceOf(violation), adviceOf(violation, 'zh')],
    [needsOf(violation), needsOf(violation, 'zh')],
  ]
  return told.flatMap(([en, zh]) => {
    expect(zh === null, `in both languages or in none: ${en ?? zh}`).toBe(en === null)
    return en === null || zh === null ? [] : [[en, zh] as const]
  })
}

/** Names of commands, of what code is called, and of what Redis answers. */
const TERMS =
  /^(Redis|SET|NX|XX|PX|EVAL|EVALSHA|FLUSHALL|NOSCRIPT|token|key|ttl|ID|cookie|Promise|performance|now|Date|process|exit|ms|s|min)$/

/** What is in a text for itself, in any language: what code said, after a colon or in brackets. */
const quotes = ({ told, cause }: Violation): readonly string[] => [
  ...('message' in told ? [told.message] : []),
  ...('reason' in told ? [told.reason] : []),
  ...('key' in told ? [told.key] : []),
  ...('item' in told ? [told.item] : []),
  ...('statement' in told && told.statement !== null ? [told.statement.name] : []),
  ...('reply' in cause ? [cause.reply] : []),
  ...('origin' in cause ? [cause.origin] : []),
]

/** Names of clients, users and machines, figures; `A` may be an article. */
const NAME = /\b(?:(?!A (?:node|lock|turn|random)\b)[A-Z]\d*|u\d+|[a-z]+-\d+|\d+(?:\.\d+)?)\b/g

describe('Chinese', () => {
  const told = VIOLATIONS.flatMap((violation) => both(violation).map(([en, zh]) => ({ violation, en, zh })))

  test('every pitfall has a name of its own, in which figures and names of commands alone are as in English', () => {
    const terms = /NOSCRIPT|SETNX|EXPIRE|DEL|GET|Lua|false|TTL|WAIT|Redis|cookie|ID/g
    expect(new Set(PITFALLS.map(({ nameZh }) => nameZh)).size).toBe(PITFALLS.length)
    expect(PITFALLS.filter(({ nameZh }) => /[A-Za-z]/.test(nameZh.replace(terms, '')))).toEqual([])
    expect(PITFALLS.filter(({ name, nameZh }) => !/\p{Script=Han}/u.test(nameZh) && nameZh !== name)).toEqual([])
  })

  test('every pitfall says in one Chinese sentence or two how it happens, with the figures and commands of the English', () => {
    const commands = /\b(?:[A-Z]{3,}(?: [A-Z]+)*|Date\.now|HSET|Set-Cookie|true|nil|Lua|\d{2,})\b/g
    for (const { mechanism, mechanismZh } of PITFALLS) {
      expect(mechanismZh).toMatch(/\p{Script=Han}.*。$/u)
      expect(mechanismZh).not.toMatch(/\p{Script=Han}[,;:.]| {2}|[，。：；（）“”、] | [，。：；（）“”、]/u)
      expect([mechanismZh, (mechanism.match(commands) ?? []).filter((word) => !mechanismZh.includes(word))]).toEqual([
        mechanismZh,
        [],
      ])
    }
    expect(new Set(PITFALLS.map(({ mechanismZh }) => mechanismZh)).size).toBe(PITFALLS.length)
  })

  test('every kind of violation and of cause is looked at', () => {
    expect(new Set(VIOLATIONS.map(({ told: { kind } }) => kind))).toEqual(new Set(Object.keys(TOLD)))
    expect(new Set(VIOLATIONS.map(({ cause: { kind } }) => kind))).toEqual(new Set(Object.keys(CAUSES)))
  })

  test('every text has Chinese characters and no English word', () => {
    const left = told.flatMap(({ violation, zh }) => {
      const own = quotes(violation).reduce((text, quote) => text.replaceAll(quote, ''), zh)
      const words = (own.match(/[A-Za-z][A-Za-z-]*\d*/g) ?? []).filter((word) => !TERMS.test(word) && !isName(word))
      return /\p{Script=Han}/u.test(own) && words.length === 0 ? [] : [`${words.join(' ')}: ${zh}`]
    })
    expect(unique(left)).toEqual([])
  })

  test('names and figures of the English are in it', () => {
    const lost = told.flatMap(({ en, zh }) =>
      (en.match(NAME) ?? []).filter((name) => !zh.includes(name)).map((name) => `${name}: ${en} – ${zh}`),
    )
    expect(unique(lost)).toEqual([])
  })

  test('Chinese characters stand beside Chinese punctuation, and never with two spaces', () => {
    const crooked = told.flatMap(({ zh }) =>
      /\p{Script=Han}[,;:.]| {2}|[，。：；（）“”、] | [，。：；（）“”、]/u.test(zh) ? [zh] : [],
    )
    expect(unique(crooked)).toEqual([])
  })

  test('every property has a heading of its own', () => {
    const headings = PROPERTIES.map((property: PropertyName) => headingsOf(property).zh)
    expect(new Set(headings).size).toBe(PROPERTIES.length)
    expect(headings.filter((heading) => !/^\p{Script=Han}+$/u.test(heading))).toEqual([])
  })
})

/** Each reason, as the code that gives it writes it with figures of its own. */
const REASONS = ['sim/world.ts', 'scenario/cell.ts'].flatMap((file) =>
  [
    ...readFileSync(new URL(`../../src/${file}`, import.meta.url), 'utf8').matchAll(/(?:#reach|addStop)\(`([^`]+)`\)/g),
  ].map(([, template = '']) => template.replace(/\$\{[^}]+\}/g, () => '12')),
)

describe('why there is no verdict, in Chinese', () => {
  test('limits and stops', () => {
    expect(REASONS.length).toBeGreaterThanOrEqual(4)
    for (const reason of REASONS) expect(reasonZh(reason)).toMatch(/^\P{Script=Latin}*12[^a-z]*( s)?[^a-z]*$/u)
    expect(reasonZh('virtual time reached 120 s')).toBe('虚拟时间达到了上限（120 s）')
  })

  test('a check that gave up, a fault without effect, and what is of no kind that is known', () => {
    // An order of many operations that nobody can find out: the words are those of the check.
    const source = readFileSync(new URL('../../src/check/linearizability.ts', import.meta.url), 'utf8')
    const [, words = ''] = /GIVEN_UP = `([^`]+)`/.exec(source) ?? []
    expect(reasonZh(words.replace(/\$\{.+\}/, '1,000'))).toBe('1,000 步之内没有查清这些操作能否是一个接一个发生的')
    expect(reasonZh('a fault had no effect: ERR no such node')).toBe('有故障没有效果：ERR no such node')
    expect(reasonZh('redis-server ended')).toBe('redis-server ended')
  })

  test('nothing was done, or nothing contended', () => {
    expect(reasonZh(NOT_CONTENDED)).toMatch(/^从未出现过：\P{Script=Latin}*TTL$/u)
    const done = `it never happened that ${SOMETIMES.done}: no add and no remove ended well`
    expect(reasonZh(done)).toBe('从未出现过：有客户端做完了工作（没有一次添加或移除成功）')
    expect(reasonZh(`${done}; holders gave up, because their leases had ended`)).toBe(
      '从未出现过：有客户端做完了工作（没有一次添加或移除成功；持有者因为租约已经结束而放弃）',
    )
  })
})

const isName = (word: string): boolean => /^([A-Z]\d*|u\d+|[a-z]+-\d+)$/.test(word)

/** Codes of errors, classes of rights, units, what a scenario file says. */
const FAULT_TERMS = /^([A-Z]{3,}|ppm|scripting|write|pubsub|acquire|[a-z]+-\d+)$/

describe('faults in Chinese', () => {
  test.each(FAULTS.map((kind) => [kind.name, kind] as const))('%s', (name, kind) => {
    const settings = kind.schema.parse((parse(kind.example) as Readonly<Record<string, unknown>>)[name])
    const at = parseAnchor('A before send 3')!
    const fault = { kind: name, settings, at } as PlannedFault
    const [en, zh] = [faultWords(fault), faultWords(fault, 'zh')]
    expect(zh).toMatch(/\p{Script=Han}/u)
    expect(
      (en.match(NAME) ?? []).filter((each) => !zh.includes(each)),
      `${en} – ${zh}`,
    ).toEqual([])
    const own = zh.replace(/“.*”/, '')
    const words = (own.match(/[A-Za-z][A-Za-z-]*\d*/g) ?? []).filter((word) => !TERMS.test(word) && !isName(word))
    expect(
      words.filter((word) => !FAULT_TERMS.test(word)),
      zh,
    ).toEqual([])
    expect(readFault(writeFault(fault))).toEqual(fault)
  })
})
