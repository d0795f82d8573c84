/** `index.html` of a hunt as text. What a browser makes of it is tested in `browser.test.ts`. */
import { describe, expect, it } from 'vitest'
import { huntHtml } from '../../../src/report/hunt/html.ts'
import { SCRIPT } from '../../../src/report/page/script.ts'
import { HOSTILE_LOCK } from '../stories.ts'
import { cleanHunt, contractHunt, huntReportOf, largeHunt, violatedHunt } from './hunts.ts'

const page = huntHtml(violatedHunt())
const all = (text: string, pattern: RegExp): string[] => [...text.matchAll(pattern)].map((match) => match[1]!)
const bytesOf = (text: string): number => new TextEncoder().encode(text).length
const plain = (html: string): string =>
  html
    .replace(/<[^>]*>/g, ' ')
    .replaceAll('&nbsp;', ' ')
    .replace(/\s+/g, ' ')
const sectionOf = (text: string, number: number): string =>
  text.split('<article class="card cell"')[number]!.split('</article>')[0]!
const cellsOf = (row: string): string[] => all(row, /<t[hd][^>]*>(.*?)<\/t[hd]>/g).map((cell) => plain(cell).trim())
const rowsOf = (table: string): string[][] => all(table, /<tr>(<th scope="row".*?)<\/tr>/g).map(cellsOf)

describe('the page of a hunt', () => {
  it('begins with the verdict and the statement, and says when the search was cut short', () => {
    expect(all(page, /<h1>(.*?)<\/h1>/g)).toEqual(['&lt;script&gt;alert(1)&lt;/script&gt;: 3 bugs, 1 limit, 2 more'])
    expect(all(page, /<p class="lead">(.*?)<\/p>/g)).toEqual([
      '4 findings in all 608 storms of up to 1 fault over counter, 3 clients × 2 rounds.',
    ])
    expect(page).toContain('The search ended when it had found as many failures as were asked for.')
    expect(all(huntHtml(contractHunt()), /<h1>(.*?)<\/h1>/g)).toEqual(['mine: 1 limit'])
    expect(all(huntHtml(cleanHunt()), /<h1>(.*?)<\/h1>/g)).toEqual(['mine: no violation was found'])
  })

  it('lists the findings, bugs first, with the storm and what cured it', () => {
    const table = page.split('<table class="others findings')[1]!.split('</table>')[0]!
    expect(
      rowsOf(table).map(([no, violated, kind, , storm, seen, cured]) => [no, violated, kind, storm, seen, cured]),
    ).toEqual([
      ['1', 'mutual exclusion violated', '✗ bug', 'no fault', '25', 'fencing'],
      ['2', 'mutual exclusion violated', '✗ bug', expect.stringContaining('; crash A'), '25', 'none of those tried'],
      ['3', 'hang', '✗ bug', 'pause A for 40 s (A before send 2)', '25', '–'],
      ['4', 'mutual exclusion violated', '✗ limit', 'pause A for 40 s (A before send 2)', '25', 'fencing'],
    ])
    expect(page).toContain('2 findings more, milder than these')
  })

  it('can be opened at a token; a second finding in one storm has an anchor of its own', () => {
    expect(all(page, /<article class="card cell" id="([^"]*)"/g)).toEqual([
      'L1.bmFpdmU',
      'L1.bmFpdmU.2',
      'L1.aGFuZw',
      'L1.Z2MtcGF1c2U',
    ])
  })

  it('tells of each finding its storm, what is necessary, the cures, what else goes wrong, and how to see it again', () => {
    const text = plain(sectionOf(page, 4))
    expect(text).toContain('pause A for 40 s (A before send 2) – necessary: without it the violation is gone')
    expect(text).toContain('Found with 2 faults, shrunk to 1.')
    expect(text).toContain('Needs fencing: no lock with a lease can prevent this by itself.')
    expect(text).toContain(
      'Seen only together with it stale write accepted (limit): A wrote 2 although B had taken the lock 10 s before in 3 storms',
    )
    expect(text).toContain('npx lockstorm replay L1.Z2MtcGF1c2U Copy')
    expect(text).toContain('L1.Z2MtcGF1c2U Copy the token')
    expect(text).toContain(
      'Seen in 25 of 608 storms. In 3 of 500 random storms. 498 random storms without it, and one may believe (95 %) that a fix works.',
    )
    expect(rowsOf(sectionOf(page, 4).split('<table class="others cures')[1]!)).toEqual([
      ['renewal', '✗ still there', 'renew the lease'],
      ['fencing', '✓ cured', 'draw a number'],
      ['longer-ttl', '! gone, but another violation is there then', 'a lease 10 times as long'],
    ])
    expect(all(sectionOf(page, 4), /<a href="([^#"]*)"/g)).toEqual([
      'histories/1-mutual-exclusion.ndjson',
      'replays/1-mutual-exclusion.replay.json',
      'histories/1-mutual-exclusion.ndjson',
    ])
    expect(sectionOf(page, 4)).toContain('<svg class="st-svg"')
  })

  it('says that a storm without faults needs none, and which fault of two is not needed', () => {
    expect(plain(sectionOf(page, 1))).toContain('No fault at all: the order in which messages arrive is enough.')
    expect(plain(sectionOf(page, 2))).toContain('crash A (A before send 2) – not necessary')
  })

  it('claims nothing about a storm that could not be run again, and links no file that is not there', () => {
    const section = sectionOf(page, 3)
    expect(plain(section)).toContain('pause A for 40 s (A before send 2) – not tried without it')
    expect(plain(section)).toContain('Told as it was found, with 1 fault.')
    expect(plain(section)).toContain('No picture: its replay command shows it.')
    expect(section).not.toMatch(/replays\/|histories\/|<table/)
  })

  it('ends with what was tried; zero is told as never', () => {
    const tried = page.split('id="tried"')[1]!
    const text = plain(tried)
    expect(rowsOf(tried)).toEqual([
      ['no fault', '57'],
      ['1 fault', '551'],
      ['of these, random', '500'],
      ['✗ violated', '30'],
      ['? unknown', '2'],
      ['! vacuous', '1'],
      ['✓ valid', '575'],
      ['pause', '150'],
      ['lose-reply', '30'],
      ['a client got its work done', '5'],
      ['a client wanted the lock (the session, the job) while another had it', 'never'],
      ['a key reached its TTL', '10'],
      ['a lease ended while its holder still believed in it', '20'],
      ['the resource refused a superseded holder', '30'],
      ['an operation ended without its client knowing whether it was applied', '40'],
      ['a holder noticed in time that its lease had ended', '50'],
      ['a process ended', '60'],
      ['the history reached &lt;100000&gt; records', '2'],
    ])
    expect(text).toContain('All storms of up to 1 fault were run. There are 102,081 storms of 2 faults.')
    expect(text).toContain('There are more orders of simultaneous arrivals than were tried.')
    expect(tried).toContain('workload:\n  counter:\n    rounds: 2\n    work: 20ms\nttl: 200ms</pre>')
    expect(tried).toContain('seed: &quot;7&quot;\nclient: direct\n')
  })

  it('escapes everything that comes from users, everywhere', () => {
    expect(page).not.toContain(HOSTILE_LOCK)
    expect(page).not.toMatch(/<img|<b>do|<script>alert|<100000>/)
    expect(all(page, /<script>([\s\S]*?)<\/script>/g)).toEqual([SCRIPT])
    expect(page).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f\u202a-\u202e]/)
  })

  it('gives every id once, and every link inside the page leads somewhere', () => {
    for (const text of [page, huntHtml(cleanHunt()), huntHtml(largeHunt())]) {
      const ids = all(text, /\sid="([^"]*)"/g)
      expect(ids.filter((id, index) => ids.indexOf(id) !== index)).toEqual([])
      const wanted = [
        ...all(text, /href="#([^"]*)"/g),
        ...all(text, /aria-labelledby="([^"]*)"/g).flatMap((value) => value.split(' ')),
      ]
      expect(wanted.length).toBeGreaterThan(1)
      expect(wanted.filter((id) => !ids.includes(id))).toEqual([])
    }
  })

  it('is the same, byte for byte, for the same hunt, and stays below 1 MB with all its pictures', () => {
    expect(huntHtml(violatedHunt())).toBe(page)
    const large = huntHtml(largeHunt())
    expect(bytesOf(large)).toBeLessThan(1_000_000)
    expect(large.match(/<svg class="st-svg"/g)).toHaveLength(12)
  })

  it('does not promise more than was run', () => {
    const storms = { ...huntReportOf().storms, exhaustiveUpTo: null, pairs: null, byFaultCount: [3] }
    const text = plain(
      huntHtml({ report: huntReportOf({ storms, stoppedBy: 'interrupt' }), stories: [], replayCount: 0 }),
    )
    expect(text).toContain('Not even all storms without faults were run.')
    expect(text).toContain('The search was interrupted: this is what was found by then.')
  })
})
