/** `index.html` as text. What a browser makes of it is tested in `browser.test.ts`. */
import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { HTML_LIMITS } from '../../../src/report/page/detail.ts'
import { SCRIPT, SCRIPT_HASH } from '../../../src/report/page/script.ts'
import { reportHtml, verdictSentence } from '../../../src/report/run/html.ts'
import type { Cell, ReportMaterial } from '../../../src/scenario/report.ts'
import {
  cell,
  emptyMaterial,
  gcPause,
  HOSTILE_LOCK,
  hostile,
  largeMaterial,
  lostUpdate,
  naiveInterleaving,
  report,
  smallMaterial,
} from '../stories.ts'

const page = reportHtml(smallMaterial())
const large = reportHtml(largeMaterial())

const all = (text: string, pattern: RegExp): string[] => [...text.matchAll(pattern)].map((match) => match[1]!)
const bytesOf = (text: string): number => new TextEncoder().encode(text).length

/** The text of the section of a cell. */
const sectionOf = (text: string, id: string): string =>
  text.split(`<article class="card cell" id="${id}"`)[1]!.split('</article>')[0]!

function materialOf(cells: readonly Cell[], histories: ReportMaterial['histories'] = new Map()): ReportMaterial {
  return { report: report(cells), scenarios: new Map(), subjects: new Map(), histories }
}

describe('the page', () => {
  it('asks the network for nothing: no address at all, and a policy that forbids one', () => {
    for (const text of [page, large]) {
      // Inline SVG in HTML needs no namespace, so there is not even that one.
      expect(text).not.toMatch(
        /https?:|\/\/[a-z]|@import|url\((?!#)|<(?:link|img|iframe|object|embed|base|form)\b|<[^>]*\ssrc=/i,
      )
      expect(all(text, /Content-Security-Policy" content="([^"]*)"/g)).toEqual([
        `default-src 'none'; style-src 'unsafe-inline'; script-src '${SCRIPT_HASH}'; base-uri 'none'; form-action 'none'`,
      ])
    }
  })

  it('runs one script only, the one that the policy names by its hash', () => {
    expect(SCRIPT_HASH).toBe(`sha256-${createHash('sha256').update(SCRIPT).digest('base64')}`)
    expect(all(page, /<script>([\s\S]*?)<\/script>/g)).toEqual([SCRIPT])
    expect(page).not.toMatch(/<script[^>]|\son[a-z]+\s*=\s*"|javascript:/i)
  })

  it('escapes everything that comes from users, everywhere', () => {
    const names = [HOSTILE_LOCK, ...hostile().story.lanes.map(({ name }) => name), '<img', '<i>op', 'onerror=alert(1)>']
    const raw = names.filter((name) => name.includes('<') || name.includes('>'))
    expect(raw.length).toBeGreaterThan(4)
    expect(raw.filter((name) => page.includes(name))).toEqual([])
    expect(page).toContain('&lt;script&gt;alert(1)&lt;/script&gt;')
    expect(page).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f\u202a-\u202e]/)
  })

  it('gives every id once, and every link inside the page leads somewhere', () => {
    for (const text of [page, large]) {
      const ids = all(text, /\sid="([^"]*)"/g)
      expect(ids.filter((id, index) => ids.indexOf(id) !== index)).toEqual([])
      const known = new Set(ids)
      const wanted = [
        ...all(text, /href="#([^"]*)"/g),
        ...all(text, /aria-labelledby="([^"]*)"/g).flatMap((value) => value.split(' ')),
        ...all(text, /url\(#([^)]*)\)/g),
      ]
      expect(wanted.filter((id) => !known.has(id))).toEqual([])
    }
  })

  it('has a section for each violated cell, with its sentence, its kind, why, and the command', () => {
    const violated = smallMaterial().report.cells.filter(({ verdict }) => verdict === 'violated')
    expect(all(page, /<article class="card cell" id="([^"]*)"/g).length).toBe(violated.length)
    const section = sectionOf(page, 'gc-pause--set-nx-lua')
    expect(section).toContain('✗ mutual exclusion violated:</span> A and B both held the lock for 10.022 s')
    expect(section).toContain('<li class="limit">limit</li>')
    expect(section).toContain('while A was paused, and A could not know. Needs fencing: no lock with a lease')
    expect(section).toContain('<code>npx lockstorm replay L1.Z2MtcGF1c2U</code>')
    expect(section).toContain('12 of 40 worlds')
    expect(section).toContain('href="histories/gc-pause.set-nx-lua.ndjson"')
  })

  it('can be opened at a token', () => {
    for (const fixture of [naiveInterleaving(), gcPause(), lostUpdate()]) {
      expect(page).toContain(`<p class="sentence" id="${fixture.violations[0]!.token}">`)
    }
  })

  it('counts cells without a violation, and draws none of them', () => {
    expect(page.match(/<svg class="st-svg"/g)).toHaveLength(5)
    expect(page).toContain(
      '<tr id="gc-pause--naive"><th scope="row"><bdi>naive</bdi></th><td><span class="w unknown">?&nbsp;unknown</span></td><td>40</td><td>The history reached 100000 records. Expected valid. It happened that',
    )
  })

  it('says what was not as expected', () => {
    const list = page.split('id="unexpected">')[1]!.split('</ul>')[0]!
    expect(all(list, /<a href="#([^"]*)"/g)).toEqual(['partition--set-nx-lua', 'gc-pause--naive', 'partition--fenced'])
  })

  it('is the same, byte for byte, for the same run', () => {
    expect(reportHtml(smallMaterial())).toBe(page)
  })
})

describe('the verdict on a run', () => {
  it('is a sentence', () => {
    const { violations } = naiveInterleaving()
    const bad = cell({ scenario: 's', lock: 'a', violations, expected: null })
    const good = cell({ scenario: 's', lock: 'b', expected: null })
    const sentences = [
      emptyMaterial().report,
      smallMaterial().report,
      largeMaterial().report,
      report([bad, good]),
      report([good]),
      report([{ ...good, verdict: 'vacuous' }]),
    ].map(verdictSentence)
    expect(sentences).toEqual([
      'Nothing was run',
      '3 of 12 cells are not as expected',
      'Everything is as expected',
      '1 of 2 cells is violated',
      'No violation was found',
      'No violation was found, but not everything was tested',
    ])
  })
})

describe('violations of other worlds', () => {
  const { story, violations } = gcPause('L1.drawn')
  const [first, second] = violations as [(typeof violations)[0], (typeof violations)[0]]

  it('are told without marking a picture in which they did not happen', () => {
    const elsewhere = { ...second, token: 'L1.elsewhere' }
    const cells = [cell({ scenario: 's', lock: 'a', violations: [first, elsewhere] })]
    const section = sectionOf(reportHtml(materialOf(cells, new Map([['s/a', story]]))), 's--a')
    expect(section).toContain('Seen in another world than the one drawn above:')
    expect(section).toContain('npx lockstorm replay L1.elsewhere')
    expect(all(section, /class="ft"[^>]*>([^<]*)</g)).toEqual(['✗ mutual exclusion violated, 10.0 s'])
  })

  it('give way to the violation of the world that is drawn', () => {
    const cells = [cell({ scenario: 's', lock: 'a', violations: [{ ...first, token: 'L1.elsewhere' }, second] })]
    const section = sectionOf(reportHtml(materialOf(cells, new Map([['s/a', story]]))), 's--a')
    expect(section).toContain('<p class="sentence" id="L1.drawn"><span class="w violated">✗ stale write accepted:')
    expect(all(section, /class="ft"[^>]*>([^<]*)</g)).toEqual(['✗ stale write accepted'])
  })
})

describe('the size of the page', () => {
  it('stays under a megabyte for 154 cells of which 54 are violated, no two alike', () => {
    expect(large.match(/<svg class="st-svg"/g)).toHaveLength(54)
    expect(bytesOf(large)).toBeLessThan(HTML_LIMITS.wantedBytes)
  })

  it('draws the same picture once, and links to it', () => {
    const { story, violations } = naiveInterleaving()
    const cells = ['a', 'b'].map((lock) => cell({ scenario: 's', lock, violations }))
    const text = reportHtml(
      materialOf(
        cells,
        new Map([
          ['s/a', story],
          ['s/b', story],
        ]),
      ),
    )
    expect(text.match(/<svg class="st-svg"/g)).toHaveLength(1)
    expect(sectionOf(text, 's--b')).toContain('The picture is the same as that of <a href="#s--a">a in s</a>')
  })

  it('embeds less of what was expected when it would be too large, and says so; surprises stay whole', () => {
    const material = largeMaterial()
    const surprise = material.report.cells.findIndex(({ verdict }) => verdict === 'violated')
    const cells = material.report.cells.map((one, index) => ({ ...one, asExpected: index !== surprise }))
    const limits = { ...HTML_LIMITS, wantedBytes: 750_000 }
    const text = reportHtml({ ...material, report: report(cells) }, limits)
    expect(bytesOf(text)).toBeLessThan(750_000)
    expect(text.match(/<svg class="st-svg"/g)).toHaveLength(54)
    expect(text).toMatch(/\d+ of \d+ messages are drawn: those nearest to what happened\./)
    const { scenario, lock } = cells[surprise]!
    expect(sectionOf(text, `${scenario}--${lock}`)).not.toContain('messages are drawn')
  })

  it('begins with a warning when it is large all the same', () => {
    const text = reportHtml(largeMaterial(), { wantedBytes: 1, warnBytes: 100_000, maxBytes: 10_000_000 })
    expect(text).toMatch(
      /^<!doctype html>\n<!-- lockstorm: this report is 0\.\d MB; a report of fewer scenarios opens faster -->\n<html lang/,
    )
    expect(large).not.toContain('<!--')
  })

  it('never exceeds the last limit: the mildest cells lose their pictures first, and say so', () => {
    const maxBytes = 250_000
    const text = reportHtml(largeMaterial(), { wantedBytes: 1, warnBytes: 1_000_000, maxBytes })
    expect(bytesOf(text)).toBeLessThanOrEqual(maxBytes)
    const drawn = text.match(/<svg class="st-svg"/g)?.length ?? 0
    expect(drawn).toBeGreaterThan(5)
    expect(text.match(/No picture: the report would be too large/g)).toHaveLength(54 - drawn)
    // All that are left without one are as mild as any that has one: limits.
    const undrawn = text
      .split('</article>')
      .filter(
        (part, index, all) =>
          all[index + 1]?.includes('No picture: the report') === true && part.includes('<li class="bug">'),
      )
    const limits = large.match(/<li class="limit">/g)?.length ?? 0
    expect(54 - drawn - undrawn.length).toBe(Math.min(limits, 54 - drawn))
  })
})

describe('an empty report', () => {
  it('is a page that says so', () => {
    const text = reportHtml(emptyMaterial())
    expect(text).toContain('<h1>Nothing was run</h1>')
    expect(text).not.toContain('<table class="matrix')
  })
})
