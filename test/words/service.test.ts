/** In a world whose clients ask a coordination service nothing is said of a Redis, in any language. */
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import type { Violation } from '../../src/check/verdict.ts'
import { hunt } from '../../src/index.ts'
import { ephemeralNode, ephemeralNodeZxid } from '../../src/lock/articles/ephemeral-node.ts'
import { LANGUAGES, type Language } from '../../src/text/language.ts'
import { adviceOf } from '../../src/words/advice.ts'
import { needsOf } from '../../src/words/needs.ts'
import { sentenceOf, whyOf } from '../../src/words/sentence.ts'

const wordsOf = (violation: Violation, language: Language): string =>
  [sentenceOf, whyOf, needsOf, adviceOf].map((words) => words(violation, language)).join(' ')

it.each(LANGUAGES)('who is asked has its name in one place (%s)', (language) => {
  for (const name of ['cause', 'sentence', 'needs']) {
    const source = readFileSync(new URL(`../../src/words/${language}/${name}.ts`, import.meta.url), 'utf8')
    const code = source.replace(/\/\*[\s\S]*?\*\/|\/\/.*/g, '')
    expect(code).not.toContain('Redis')
  }
})

describe.each([ephemeralNode, ephemeralNodeZxid])('what breaks $name', (lock) => {
  it.each(['counter', 'job'])('in a %s', { timeout: 120_000 }, async (workload) => {
    const result = await hunt(lock, { workload, faults: 1, runs: 100 })
    if (result.status !== 'violated') throw new Error(`expected violations, got ${result.status}`)
    const violations = result.findings
    expect(violations.map(({ service }) => service)).toEqual(violations.map(() => 'keeper'))
    for (const violation of violations) {
      for (const language of LANGUAGES) expect(wordsOf(violation, language)).not.toMatch(/redis|SET|script/i)
    }
  })
})

const CAUSE = { kind: 'attempt-not-taken-back' } as const
const LATE = { kind: 'told-late', client: 'A', afterUs: 2_000 } as const

it('is named where a Redis would be', () => {
  const violation = { property: 'orphaned-lock', kind: 'bug', told: LATE, cause: CAUSE } as const
  const ofService = { ...violation, service: 'keeper' } as const
  expect(whyOf(violation)).toBe(
    'The attempt failed for the caller and succeeded in Redis, and the lock did not take it back.',
  )
  expect(whyOf(ofService)).toBe(
    'The attempt failed for the caller and succeeded in the coordination service, and the lock did not take it back.',
  )
  expect(whyOf(ofService, 'zh')).toBe('这次加锁对调用者来说失败了，在协调服务里却成功了，而锁没有把它还回去。')
  expect(whyOf(violation, 'zh')).toBe('这次加锁对调用者来说失败了，在 Redis 里却成功了，而锁没有把它还回去。')
  expect(sentenceOf(ofService)).toBe(
    'A was told that it had lost the lock 2 ms after the coordination service had given it up',
  )
  expect(sentenceOf(ofService, 'zh')).toBe('锁在协调服务中已经没有了 2 ms，A 才得知自己失去了它')
  // Its commands are not those of a Redis.
  expect(adviceOf(violation)).toContain('compare-and-delete')
  expect(adviceOf(ofService)).toBeNull()
})
