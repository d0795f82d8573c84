/** Replay tokens: what goes in comes out; what is broken, foreign or of another engine is refused in words. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { redlockByTheBook } from '../../src/lock/redlock-by-the-book.ts'
import { setNxLua } from '../../src/lock/set-nx-lua.ts'
import { REDIS_VERSIONS } from '../../src/redis/version.ts'
import { parseScenario } from '../../src/scenario/load.ts'
import { checkPlan, decodeToken, encodeToken, planChecksum, type TokenParts } from '../../src/scenario/token.ts'
import { lockSubject } from '../../src/subject/subject.ts'
import { ENGINE_VERSION } from '../../src/world/engine-version.ts'

const parts: TokenParts = {
  scenario: 'gc-pause',
  planChecksum: '1abcd3f',
  subject: 'set-nx-lua',
  client: 'ioredis',
  redis: 'memory',
  seed: '7301',
  world: 4,
}

const anyParts: fc.Arbitrary<TokenParts> = fc.record({
  // No scenario is called nothing: storms of hunts have no scenario.
  scenario: fc.string({ minLength: 1 }),
  planChecksum: fc.string(),
  subject: fc.string({ unit: 'grapheme', maxLength: 300 }),
  client: fc.constantFrom('ioredis', 'direct'),
  redis: fc.constantFrom('memory', 'mock', 'server', 'container', 'url'),
  seed: fc.string({ unit: 'grapheme' }),
  world: fc.nat(),
})
const anyVersion = fc.option(fc.constantFrom(...REDIS_VERSIONS), { nil: undefined })

const message = (run: () => unknown): string => {
  try {
    run()
  } catch (error) {
    return `${(error as Error).name}\n${(error as Error).message}`
  }
  return 'nothing was thrown'
}

describe('a token', () => {
  it('is short and holds no character that a shell or a URL minds', () => {
    expect(encodeToken(parts, '1')).toMatchInlineSnapshot(
      `"L1.ATEIZ2MtcGF1c2UHMWFiY2QzZgpzZXQtbngtbHVhAjAwBDczMDEBNFdr6g"`,
    )
    expect(encodeToken(parts)).toMatch(/^L1\.[A-Za-z0-9_-]+$/)
  })

  it('gives back what it was made of', () => {
    fc.assert(
      fc.property(anyParts, anyVersion, (plain, redisVersion) => {
        const any = redisVersion === undefined ? plain : { ...plain, redisVersion }
        expect(decodeToken(encodeToken(any))).toEqual(any)
      }),
    )
  })

  it('is read with blanks around it, as it comes out of a mail', () => {
    expect(decodeToken(`  ${encodeToken(parts)}\n`)).toEqual(parts)
  })
})

describe('a token that is refused', () => {
  const token = encodeToken(parts, '1')

  it('is broken when any one character is changed, missing or added', () => {
    // Every single slip must be noticed: a slip that replays another world would accuse the wrong seed.
    for (let at = 3; at < token.length; at += 1) {
      const other = token[at] === 'A' ? 'B' : 'A'
      for (const broken of [
        token.slice(0, at) + other + token.slice(at + 1),
        token.slice(0, at) + token.slice(at + 1),
        token.slice(0, at) + other + token.slice(at),
      ]) {
        expect(
          message(() => decodeToken(broken, '1')),
          broken,
        ).toContain('it is broken')
      }
    }
    expect(message(() => decodeToken(`${token}A`, '1'))).toContain('it is broken')
  })

  it('says what is wrong with it', () => {
    const texts = ['', 'hello', 'L2.abcd', `${token.slice(0, 9)}…`, 'L1.', token.slice(0, -1)]
    expect(texts.map((text) => message(() => decodeToken(text, '1'))).join('\n\n')).toMatchInlineSnapshot(`
      "UsageError
      token: expected a token such as L1.kQz9…, got ""
        fix: copy it whole, from "L1." to the end, out of the failure or the report

      UsageError
      token: expected a token such as L1.kQz9…, got "hello"
        fix: copy it whole, from "L1." to the end, out of the failure or the report

      UsageError
      token: L2.… is a token of another lockstorm: this one reads L1.…
        fix: replay it with the version of lockstorm that made it, or run the scenario again

      UsageError
      token: expected letters, digits, "-" and "_", got "…"
        fix: copy it whole, from "L1." to the end, out of the failure or the report

      UsageError
      token: it is broken: a character is wrong or missing
        fix: copy it whole, from "L1." to the end, out of the failure or the report

      UsageError
      token: it is broken: a character is wrong or missing
        fix: copy it whole, from "L1." to the end, out of the failure or the report"
    `)
  })

  it('of another engine is named as such', () => {
    expect(message(() => decodeToken(encodeToken(parts, '2'), '1'))).toMatchInlineSnapshot(`
      "UsageError
      token: it was made by engine "2", this is engine 1: the same seed gives another history
        fix: replay it with the version of lockstorm that made it, or run the scenario again"
    `)
    expect(decodeToken(encodeToken(parts), ENGINE_VERSION)).toEqual(parts)
  })
})

describe('the checksum of a plan', () => {
  const yaml = (pause: string, path = 'gc.yaml', extra = '') =>
    parseScenario(
      `title: x\nstory: y\nworkload: { counter: {} }\n${extra}expect: {}\nfaults: [{ pause: { process: A, for: ${pause} }, at: 1s }]\n`,
      path,
    )

  const one = lockSubject(setNxLua)

  it('changes with the number of nodes that the lock needs, unless the scenario has them anyway', () => {
    const three = lockSubject(redlockByTheBook)
    expect(planChecksum(yaml('2s'), three)).not.toBe(planChecksum(yaml('2s'), one))
    const quorum = yaml('2s', 'gc.yaml', 'nodes: 3\n')
    expect(planChecksum(quorum, three)).toBe(planChecksum(quorum, one))
    const made: TokenParts = { ...parts, planChecksum: planChecksum(yaml('2s'), one) }
    expect(message(() => checkPlan(made, yaml('2s'), three))).toMatchInlineSnapshot(`
      "UsageError
      token: the scenario gc (gc.yaml), or how many nodes redlock-by-the-book needs (3), has changed since this token was made
        fix: replay it with the file as it was, or run the scenario again: lockstorm run gc"
    `)
  })

  it('changes with the plan and with nothing else', () => {
    const checksum = planChecksum(yaml('2s'), one)
    expect(planChecksum(yaml('2000ms'), one)).toBe(checksum)
    expect(planChecksum(yaml('2s', 'renamed.yaml', 'teaches: [P1]\n'), one)).toBe(checksum)
    expect(planChecksum(yaml('3s'), one)).not.toBe(checksum)
    expect(planChecksum(yaml('2s', 'gc.yaml', 'clients: 2\n'), one)).not.toBe(checksum)
  })

  it('keeps a token from replaying a scenario that has changed', () => {
    const made: TokenParts = { ...parts, planChecksum: planChecksum(yaml('2s'), one) }
    checkPlan(made, yaml('2s'), one)
    expect(message(() => checkPlan(made, yaml('3s'), one))).toMatchInlineSnapshot(`
      "UsageError
      token: the scenario gc (gc.yaml) has changed since this token was made
        fix: replay it with the file as it was, or run the scenario again: lockstorm run gc"
    `)
  })
})
