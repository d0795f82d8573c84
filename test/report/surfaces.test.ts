/** What other tools read: annotations, GitLab, SARIF, CTRF, the badge, and the text for agents. */
import { describe, expect, it } from 'vitest'
import { huntCases } from '../../src/report/hunt/junit.ts'
import { huntProblems } from '../../src/report/hunt/problems.ts'
import { agentText } from '../../src/report/surface/agent.ts'
import { badge } from '../../src/report/surface/badge.ts'
import { codeQuality } from '../../src/report/surface/code-quality.ts'
import { ctrf } from '../../src/report/surface/ctrf.ts'
import { githubAnnotations } from '../../src/report/surface/github.ts'
import type { Problems } from '../../src/report/surface/problem.ts'
import { sarif } from '../../src/report/surface/sarif.ts'
import { cleanHunt, contractHunt, huntReportOf, huntViolation, violatedHunt, withLimitsAllowed } from './hunt/hunts.ts'
import { gcPause } from './stories.ts'

const META = {
  startedAt: '2026-01-02T03:04:05.000Z',
  elapsedMs: 1_500,
  lockstorm: '0.1.0',
  node: 'v20',
  platform: 'linux x64',
  host: 'ci',
  command: 'lockstorm hunt',
}

const of = (material: ReturnType<typeof violatedHunt>): Problems => huntProblems(material.report, material.stories)
const inFile = (count: number): Problems =>
  huntProblems(
    huntReportOf({
      replayWith: ['--lock', './src/my lock.ts'],
      verdict: 'violated',
      violations: Array.from({ length: count }, (_, index) => huntViolation(gcPause(), index, { consequences: [] })),
    }),
    [],
  )

describe('annotations of GitHub', () => {
  it('name the file, and let nothing of a name or a sentence end their line or their title', () => {
    const [first = '', ...others] = githubAnnotations(inFile(1))
    expect(others).toEqual([])
    expect(first).toMatch(/^::error file=src\/my lock\.ts,title=mine%3A mutual exclusion violated::A and B both held/)
    for (const line of githubAnnotations(of(violatedHunt()))) {
      expect(line).toMatch(/^::error [^:]*::/)
      expect(line).not.toContain('\n')
    }
  })

  it('are ten at most, and the last says how many more there are', () => {
    expect(githubAnnotations(inFile(10))).toHaveLength(10)
    const lines = githubAnnotations(inFile(12))
    expect(lines).toHaveLength(10)
    expect(lines[9]).toContain('… and 3 more findings')
  })

  it('are none for what is accepted', () => {
    expect(githubAnnotations(of(withLimitsAllowed(contractHunt())))).toEqual([])
    expect(githubAnnotations(of(cleanHunt()))).toEqual([])
  })
})

describe('code quality of GitLab', () => {
  it('has what its format demands, and fingerprints that tell findings apart and runs not', () => {
    const entries = JSON.parse(codeQuality(of(violatedHunt()))) as Record<string, unknown>[]
    expect(entries.length).toBeGreaterThan(3)
    for (const entry of entries) {
      expect(entry).toEqual({
        description: expect.any(String),
        check_name: expect.stringMatching(/^[a-z-]+$/),
        fingerprint: expect.stringMatching(/^[0-9a-f]+$/),
        severity: expect.stringMatching(/^(info|minor|major|critical|blocker)$/),
        location: { path: expect.any(String), lines: { begin: 1 } },
      })
    }
    const print = (sentence: string): unknown => {
      const violations = [huntViolation(gcPause(), 1, { sentence, consequences: [] })]
      return JSON.parse(codeQuality(huntProblems(huntReportOf({ violations }), [])))[0].fingerprint
    }
    expect(print('A and B for 2 s')).toBe(print('B and C for 3 s'))
    expect(codeQuality(of(cleanHunt()))).toBe('[]\n')
  })
})

describe('SARIF', () => {
  it('has rules for its results, places with a relative URI, and suppressions for what is accepted', () => {
    const { version, runs } = JSON.parse(sarif(inFile(2), '16'))
    expect([version, runs.length]).toEqual(['2.1.0', 1])
    const [{ tool, results }] = runs
    expect(tool.driver.rules).toEqual([{ id: 'mutual-exclusion', shortDescription: { text: expect.any(String) } }])
    expect(results[0]).toMatchObject({
      ruleId: 'mutual-exclusion',
      ruleIndex: 0,
      message: { text: expect.stringContaining('A and B both held the lock') },
      locations: [{ physicalLocation: { artifactLocation: { uri: 'src/my%20lock.ts' }, region: { startLine: 1 } } }],
    })
    const accepted = JSON.parse(sarif(of(withLimitsAllowed(contractHunt())), '16'))
    expect(accepted.runs[0].results[0]).toMatchObject({ level: 'note', suppressions: [{ kind: 'external' }] })
    // A built-in lock is at no place.
    expect(JSON.parse(sarif(of(contractHunt()), '16')).runs[0].results[0].locations).toBeUndefined()
  })
})

describe('CTRF', () => {
  it('has the cases of junit.xml, which add up, and the times of the run', () => {
    const { reportFormat, results } = JSON.parse(ctrf(huntCases(violatedHunt()), META))
    const { summary, tests } = results
    expect(reportFormat).toBe('CTRF')
    expect(summary.tests).toBe(tests.length)
    expect(summary.passed + summary.failed + summary.skipped).toBe(tests.length)
    expect(summary.failed).toBeGreaterThan(0)
    expect(summary.stop - summary.start).toBe(1_500)
    for (const test of tests) {
      expect(test).toMatchObject({ name: expect.any(String), duration: 0 })
      expect(['passed', 'failed', 'skipped']).toContain(test.status)
    }
  })
})

describe('the badge', () => {
  it.each([
    ['survives', cleanHunt()],
    [
      '4 findings',
      { ...contractHunt(), report: { ...huntReportOf(), verdict: 'violated' as const, violations: inFour() } },
    ],
    ['survives', withLimitsAllowed(contractHunt())],
    ['vacuous', { ...cleanHunt(), report: huntReportOf({ verdict: 'vacuous' }) }],
  ])('says %s', (message, material) => {
    expect(JSON.parse(badge(of(material)))).toMatchObject({ schemaVersion: 1, label: 'lockstorm', message })
  })
})

function inFour() {
  return Array.from({ length: 4 }, (_, index) => huntViolation(gcPause(), index, { consequences: [] }))
}

describe('the text for agents', () => {
  it('has a block for each failure, and nothing of what is accepted', () => {
    expect(agentText(inFile(1))).toMatchInlineSnapshot(`
      "FAIL mine: mutual-exclusion (limit: not-takeable)
      file ./src/my lock.ts
      what A and B both held the lock for 10.022 s
      why A's key reached its TTL of 30 s while A was paused, and A could not know.
      storm pause A for 40 s (A before send 2)
      fix draw a number
      again npx lockstorm replay L1.Z2MtcGF1c2U --lock './src/my lock.ts'

      1 failing, 0 accepted. mine: no violation in all 608 storms of up to 1 fault over counter, 3 clients × 2 rounds"
    `)
    expect(agentText(of(withLimitsAllowed(contractHunt())))).toBe('0 failing, 2 accepted. mine: 1 finding')
  })

  it('is plain: no control characters of a name come through', () => {
    expect(agentText(of(violatedHunt()))).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f\u001b]/)
  })
})
