/** A frontier as text, Markdown, JSON and HTML. What a browser makes of the page is tested in `browser.test.ts`. */
import { describe, expect, it } from 'vitest'
import { frontierHtml } from '../../../src/report/frontier/html.ts'
import { frontierMarkdown } from '../../../src/report/frontier/markdown.ts'
import { frontierText } from '../../../src/report/frontier/terminal.ts'
import { jsonText } from '../../../src/report/json.ts'
import { pageScript } from '../../../src/report/page/story-page.ts'
import { embeddedIn } from '../page-data.ts'
import { frontierReportOf } from './frontiers.ts'

const report = frontierReportOf()
const page = frontierHtml(report)
const { data } = embeddedIn(page)
const parts = data.sections.flatMap((section) => section.parts)
const tables = parts.flatMap((part) => (part.kind === 'table' ? [part] : []))

describe('a frontier on the terminal', () => {
  it('is a table for each latency, with a legend of the marks that occur', () => {
    expect(frontierText(report, { where: 'reports/frontier/index.html' })).toMatchInlineSnapshot(`
      "<script>alert(1)</script>: Safe from some TTL of the sweep on in 2 of 4
      combinations of pause, skew and latency.

      ✗ no lease cures: dead-lock: "<img src=x onerror=alert(2)>" has no expiry: it is
      locked for ever (A crashes (A before send 2))
        npx lockstorm replay L1.dW5jdXJlZA

      latency 200us..900us
        skew  pause  safe from  50ms  1s
         -1s     0s       50ms     0   0
         -1s   50ms         1s    20   0

      latency 5ms
        skew  pause  safe from  50ms   1s
         -1s     0s       none     ~  13!
         -1s   50ms  not known     ?    -

      Numbers are violated storms at each TTL. ! some of them bugs · ? a limit was
      reached · ~ nothing was exercised · - not run: interrupted
      480 storms over counter, 3 clients × 2 rounds, 12.0 s of virtual time: 3 storms
      violated by a bug, 30 storms violated only by a limit, 1 storm without an
      answer, 60 storms in which nothing was exercised.
      report  reports/frontier/index.html"
    `)
  })

  it('is never wider than asked; what finds no room is said', () => {
    const ttlsMs = Array.from({ length: 30 }, (_, index) => 1_000 * (index + 1))
    const combinations = report.combinations.map((row) => ({
      ...row,
      points: ttlsMs.map((ttlMs) => ({ ...row.points[0]!, ttlMs })),
    }))
    const text = frontierText(frontierReportOf({ grid: { ...report.grid, ttlsMs }, combinations }), { width: 60 })
    expect(Math.max(...text.split('\n').map((line) => line.length))).toBeLessThanOrEqual(60)
    expect(text).toMatch(/… and \d+ longer TTLs in the report/)
  })
})

describe('report.md of a frontier', () => {
  const text = frontierMarkdown(report)

  it('has the tables, and an example for each combination that is not safe', () => {
    expect(text).toContain(
      [
        '### Latency 200us..900us',
        '',
        '| skew | pause | safe from | 50ms | 1s |',
        '|---:|---:|---:|---:|---:|',
        '| -1s | 0s | **50ms** | 0 | 0 |',
        '| -1s | 50ms | **1s** | **20** | 0 |',
      ].join('\n'),
    )
    expect(text).toContain('| -1s | 0s | **none** | ~ | **13!** |\n| -1s | 50ms | **not known** | ? | - |')
    expect(text).toContain('**TTL 1s**, latency 5ms, skew -1s, pause 0s: 13 of 60 storms: A and B both held')
    expect(text).toContain('```sh\nnpx lockstorm replay L1.dHRs1000\n```')
  })

  it('lets no name become markup', () => {
    expect(text).not.toMatch(/<(script|img)/)
  })
})

describe('the page of a frontier', () => {
  it('is a table whose cells have counts and words, never colour alone', () => {
    const cells = tables.filter(({ look }) => look === 'heat').flatMap(({ table }) => table.rows)
    expect(cells.map((row) => row.map(({ text, small = '' }) => `${text} ${small}`.trim()))).toEqual([
      ['-1s', '0s', '50ms', '**0** of 60', '**0** of 60'],
      ['-1s', '50ms', '1s', '**20** of 60', '**0** of 60'],
      ['-1s', '0s', 'none', '! vacuous', '**13** of 60, 3 bugs'],
      ['-1s', '50ms', 'not known', '? unknown', 'not run'],
    ])
    const looks = cells.flatMap((row) => row.slice(3).map(({ look }) => look))
    expect(looks).toEqual(['h0 edge', 'h0', 'h2', 'h0 edge', 'w vacuous', 'h1 bug', 'w unknown', 'soft'])
  })

  it('gives an example for each combination with a violation, with the command to see it again', () => {
    const commands = [
      ...parts.flatMap((part) => (part.kind === 'command' ? [part.text] : [])),
      ...tables.flatMap(({ table }) => table.rows.flat().flatMap(({ command }) => command ?? [])),
    ]
    expect(commands).toEqual([
      'npx lockstorm replay L1.dW5jdXJlZA',
      'npx lockstorm replay L1.dHRs50',
      'npx lockstorm replay L1.dHRs1000',
    ])
  })

  it('has no name of a user outside of what is packed, but escaped, and is the same for the same report', () => {
    expect(page.replace(pageScript().script, '')).not.toMatch(/<img|<script>alert/)
    expect(frontierHtml(frontierReportOf())).toBe(page)
  })
})

describe('report.json of a frontier', () => {
  it('is the report', () => {
    expect(JSON.parse(jsonText(report))).toEqual(report)
  })
})
