/** `junit.xml` of a hunt. */
import { describe, expect, it } from 'vitest'
import { huntJunit } from '../../../src/report/hunt/junit.ts'
import { cleanHunt, contractHunt, huntReportOf, violatedHunt, withLimitsAllowed } from './hunts.ts'

/** Each case with its outcome. */
function outcomes(xml: string): Record<string, string> {
  const found: Record<string, string> = {}
  for (const [, name, rest] of xml.matchAll(/<testcase classname="[^"]*" name="([^"]*)"(\/>|>\s*<[a-z-]+)/g)) {
    found[name!] = rest === '/>' ? 'passed' : rest!.replace(/^>\s*</, '')
  }
  return found
}

describe('junit.xml of a hunt', () => {
  it('has a suite for the lock and a case for each property; without a violation all pass', () => {
    const xml = huntJunit(cleanHunt())
    const count = Object.keys(outcomes(xml)).length
    expect(count).toBeGreaterThan(8)
    expect(xml).toContain(`<testsuite name="mine" tests="${count}" failures="0" errors="0" skipped="0">`)
    expect(new Set(Object.values(outcomes(xml)))).toEqual(new Set(['passed']))
    expect(Object.keys(outcomes(xml))).toContain('mutual-exclusion')
    expect(Object.keys(outcomes(xml))).not.toContain('session-vanished')
  })

  it('judges session stores by the properties of sessions', () => {
    const bases = [{ words: 'cart', plan: { workload: { cart: { requests: 2 } } } }]
    const names = Object.keys(outcomes(huntJunit({ ...cleanHunt(), report: huntReportOf({ bases }) })))
    expect(names).toContain('session-vanished')
    expect(names).not.toContain('mutual-exclusion')
  })

  it('fails what is violated, needs fencing or not, and what only came along', () => {
    const xml = huntJunit(contractHunt())
    expect(outcomes(xml)).toMatchObject({
      'mutual-exclusion': 'failure',
      'stale-write': 'failure',
      'dead-lock': 'passed',
    })
    expect(xml).toContain('message="mutual exclusion violated: A and B both held the lock for 10.022 s"')
    expect(xml).toContain('in the storm of finding 1 (mutual exclusion violated), too')
    expect(xml).toContain('replay    npx lockstorm replay L1.Z2MtcGF1c2U')
    // What only came along is told in its own words, with its own token.
    expect(xml).toContain('message="stale write accepted: A wrote 2 although B had taken the lock 10 s before"')
    expect(xml).toContain('replay    npx lockstorm replay L1.c3RhbGU')
  })

  it('passes what needs fencing when that is all right, with the same text', () => {
    const xml = huntJunit(withLimitsAllowed(contractHunt()))
    expect(xml).toContain('failures="0"')
    expect(outcomes(xml)).toMatchObject({ 'mutual-exclusion': 'system-out', 'stale-write': 'system-out' })
    expect(xml).toContain('A and B both held the lock for 10.022 s')
  })

  it('still fails what is a bug then, and tells every finding of a property', () => {
    const xml = huntJunit(withLimitsAllowed(violatedHunt()))
    expect(outcomes(xml)).toMatchObject({ 'mutual-exclusion': 'failure', hang: 'failure' })
    expect(xml).toContain('(and 2 more findings)')
  })

  it('skips what is not known to hold', () => {
    expect(outcomes(huntJunit(violatedHunt()))['dead-lock']).toBe('skipped')
    const storms = { ...huntReportOf().storms, byVerdict: { violated: 0, unknown: 0, vacuous: 608, valid: 0 } }
    const vacuous = huntJunit({ ...cleanHunt(), report: huntReportOf({ verdict: 'vacuous', storms }) })
    expect(new Set(Object.values(outcomes(vacuous)))).toEqual(new Set(['skipped']))
    const more = huntJunit({ ...contractHunt(), report: { ...contractHunt().report, moreViolations: 3 } })
    expect(outcomes(more)).toMatchObject({ 'mutual-exclusion': 'failure', 'dead-lock': 'skipped' })
  })

  it('escapes names and texts, and is the same for the same hunt', () => {
    const xml = huntJunit(violatedHunt())
    expect(xml).not.toMatch(/<(script|img|b)\b/)
    expect(xml).toContain('<testsuite name="&lt;script&gt;alert(1)&lt;/script&gt;"')
    expect(huntJunit(violatedHunt())).toBe(xml)
  })
})
