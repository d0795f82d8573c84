/** `index.html` as text and as the data in it. What a browser makes of it is tested in `browser.test.ts`. */
import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { HTML_LIMITS } from '../../../src/report/page/page-size.ts'
import { pageScript } from '../../../src/report/page/story-page.ts'
import { reportHtml, runPage, verdictSentence } from '../../../src/report/run/html.ts'
import type { Cell, ReportMaterial } from '../../../src/scenario/report.ts'
import { embeddedIn } from '../page-data.ts'
import {
  cell,
  emptyMaterial,
  gcPause,
  HOSTILE_LOCK,
  hostile,
  largeMaterial,
  naiveInterleaving,
  report,
  smallMaterial,
} from '../stories.ts'

const page = reportHtml(smallMaterial())
const large = reportHtml(largeMaterial())
const { data } = embeddedIn(page)

const all = (text: string, pattern: RegExp): string[] => [...text.matchAll(pattern)].map((match) => match[1]!)
const bytesOf = (text: string): number => new TextEncoder().encode(text).length
const storyAt = (id: string) => data.stories.find((story) => story.id === id)!

function materialOf(cells: readonly Cell[], histories: ReportMaterial['histories'] = new Map()): ReportMaterial {
  return { report: report(cells), scenarios: new Map(), subjects: new Map(), histories }
}

describe('the page', () => {
  it('asks the network for nothing: no address in it, and a policy that forbids one', () => {
    const { script, hash } = pageScript()
    for (const text of [page, large]) {
      expect(text.replace(script, '')).not.toMatch(
        /https?:|\/\/[a-z]+\.|@import|url\((?!#)|<(?:link|img|iframe|object|embed|base|form)\b|<[^>]*\ssrc=/i,
      )
      expect(all(text, /Content-Security-Policy" content="([^"]*)"/g)).toEqual([
        `default-src 'none'; style-src 'unsafe-inline'; script-src '${hash}'; base-uri 'none'; form-action 'none'`,
      ])
    }
    // Names of namespaces are not asked for.
    expect(all(script, /(https?:\/\/[^"'`\s)]*)/g).filter((name) => !name.startsWith('http://www.w3.org/'))).toEqual([])
  })

  it('runs one script only, the one that the policy names by its hash', () => {
    const { script, hash } = pageScript()
    expect(hash).toBe(`sha256-${createHash('sha256').update(script).digest('base64')}`)
    expect(page.split('<script>').slice(1)).toEqual([expect.stringContaining(script)])
    expect(all(page.replace(script, ''), /<script([^>]*)>/g)).toEqual(['', ' type="text/plain" id="data"'])
  })

  it('has no name of a user outside of what is packed', () => {
    const names = [HOSTILE_LOCK, ...hostile().story.lanes.map(({ name }) => name), '<img', '<i>op', 'onerror=alert(1)>']
    const raw = names.filter((name) => name.includes('<') || name.includes('>'))
    expect(raw.length).toBeGreaterThan(4)
    const text = page.replace(pageScript().script, '')
    expect(raw.filter((name) => text.includes(name))).toEqual([])
    expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f\u202a-\u202e]/)
    expect(data.stories.map(({ subject }) => subject)).toContain(HOSTILE_LOCK)
  })

  it('tells and draws without its script what is worst, escaped', () => {
    const worst = hostile()
    const cells = [cell({ scenario: 's', lock: 'a', violations: worst.violations })]
    const text = reportHtml(materialOf(cells)).split('<div id="page"')[1]!.split('<noscript>')[0]!
    expect(text).toContain('both held &quot;&lt;/p&gt;&lt;script&gt;')
    expect(text).toContain('<svg')
    expect(text).not.toContain('<script')
  })

  it('has a story for each violated cell, worst first, with its sentence, its kind, why, and the command', () => {
    const violated = smallMaterial().report.cells.filter(({ verdict }) => verdict === 'violated')
    expect(data.stories).toHaveLength(violated.length)
    expect(data.stories.map(({ isExpected }) => isExpected)).toEqual([false, true, true, true, true])
    const story = storyAt('gc-pause--set-nx-lua')
    expect(story).toMatchObject({
      word: 'limit',
      facts: [{ en: '12 of 40 worlds', zh: '40 次运行中的 12 次' }],
      replay: 'npx lockstorm replay L1.Z2MtcGF1c2U',
      files: ['histories/gc-pause.set-nx-lua.ndjson'],
      storm: [{ words: { en: 'pause A for 40 s (before A write)' } }],
    })
    expect(story.violations[0]).toMatchObject({
      heading: { en: 'mutual exclusion violated', zh: '互斥被破坏' },
      sentence: { en: 'A and B both held the lock for 10.022 s' },
      needs: {
        en: 'Needs fencing: no lock with a lease can prevent this by itself.',
        zh: '需要隔离令牌：任何基于租约的锁都无法单靠自己防住这种情况。',
      },
    })
  })

  it('has every cell in a table, and of one without a violation what there is to say', () => {
    const cells = data.tables.flatMap((table) => table.cells)
    expect(cells).toHaveLength(12)
    expect(cells.find(({ row, column }) => row === 'gc-pause' && column === 'naive')).toMatchObject({
      word: 'unknown',
      isExpected: false,
      story: null,
      note: {
        en: expect.stringMatching(
          /^The history reached 100000 records\. Expected valid\. In 40 worlds it happened that/,
        ),
        zh: expect.stringMatching(/。期望通过。40 次运行中出现过：有客户端想要锁/),
      },
    })
    for (const { story, row, column } of cells) {
      if (story !== null) expect(data.stories[story]).toMatchObject({ subject: column, place: row })
    }
  })

  it('is the same, byte for byte, for the same run', () => {
    expect(reportHtml(smallMaterial())).toBe(page)
  })
})

describe('the cure of a story', () => {
  const code = {
    broken: ['acquire() {', '  set(key)', '}'],
    near: ['acquire() {', '  set(key, NX)', '}'],
    far: ['take() {', '  eval(script)', '  eval(script)', '}'],
  }
  const subjects = new Map(
    Object.entries(code).map(([name, lines]) => [name, { title: name, commands: '', code: lines }]),
  )
  const { story, violations } = naiveInterleaving()
  const bad = cell({ scenario: 's', lock: 'broken', violations })
  const cureOf = (cells: readonly Cell[]) => {
    const histories = new Map([['s/broken', story]])
    return runPage({ ...materialOf(cells, histories), subjects }).data.stories[0]!.cures[0]
  }

  it('is the sound subject of the same scenario that differs least, with the lines that differ', () => {
    const sound = ['far', 'near'].map((lock) => cell({ scenario: 's', lock }))
    expect(cureOf([bad, ...sound])).toMatchObject({
      name: 'near',
      code: [
        { sign: ' ', line: 'acquire() {' },
        { sign: '-', line: '  set(key)' },
        { sign: '+', line: '  set(key, NX)' },
        { sign: ' ', line: '}' },
      ],
    })
  })

  it('is not one that has a bug elsewhere while another has none', () => {
    const sound = ['far', 'near'].map((lock) => cell({ scenario: 's', lock }))
    const elsewhere = ['broken', 'near'].map((lock) => cell({ scenario: 't', lock, violations }))
    expect(cureOf([bad, ...sound, ...elsewhere])?.name).toBe('far')
    // Where the broken one was not run, a bug says nothing of the two.
    expect(cureOf([bad, ...sound, ...elsewhere.slice(1)])?.name).toBe('near')
    expect(cureOf([bad])).toBeUndefined()
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
    ].map((each) => verdictSentence(each))
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
  const drawnOf = (told: typeof violations) => {
    const cells = [cell({ scenario: 's', lock: 'a', violations: told })]
    const { violations: listed } = runPage(materialOf(cells, new Map([['s/a', story]]))).data.stories[0]!
    return listed.map(({ token, isShown }) => [token, isShown])
  }

  it('are told, and not as shown', () => {
    expect(drawnOf([first, { ...second, token: 'L1.elsewhere' }])).toEqual([
      ['L1.drawn', true],
      ['L1.elsewhere', false],
    ])
  })

  it('give way to the violation of the world that is drawn', () => {
    expect(drawnOf([{ ...first, token: 'L1.elsewhere' }, second])).toEqual([
      ['L1.drawn', true],
      ['L1.elsewhere', false],
    ])
  })
})

describe('the size of the page', () => {
  it('stays under half a megabyte for 154 cells of which 54 are violated, no two alike', () => {
    expect(embeddedIn(large).worlds).toHaveLength(54)
    expect(bytesOf(large)).toBeLessThan(500_000)
  })

  it('begins with a warning when it is large all the same', () => {
    const text = reportHtml(largeMaterial(), { ...HTML_LIMITS, warnBytes: 100_000 })
    expect(text).toMatch(
      /^<!doctype html>\n<!-- lockstorm: this report is 0\.\d MB; a report of fewer stories opens faster -->\n<html lang/,
    )
    expect(large.replace(pageScript().script, '')).not.toContain('<!--')
  })

  it('never exceeds the last limit: the mildest stories lose their worlds first', () => {
    const maxBytes = 190_000
    const text = reportHtml(largeMaterial(), { ...HTML_LIMITS, maxBytes })
    expect(bytesOf(text)).toBeLessThanOrEqual(maxBytes)
    const { data: kept, worlds } = embeddedIn(text)
    expect(worlds.length).toBeGreaterThan(2)
    expect(kept.stories.map(({ world }) => world)).toEqual(
      kept.stories.map((_, index) => (index < worlds.length ? index : null)),
    )
  })
})

describe('an empty report', () => {
  it('is a page that says so', () => {
    const { data: empty, worlds } = embeddedIn(reportHtml(emptyMaterial()))
    expect(empty).toMatchObject({ title: { en: 'Nothing was run', zh: '什么也没有运行' }, stories: [], tables: [] })
    expect(worlds).toEqual([])
  })
})
