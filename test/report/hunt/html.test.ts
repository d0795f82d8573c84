/** The page of a hunt as the data in it. What a browser makes of it is tested in `browser.test.ts`. */

import { describe, expect, it } from 'vitest'
import { huntHtml, huntPage } from '../../../src/report/hunt/html.ts'
import type { PagePart, PageText } from '../../../src/report/page/page-data.ts'
import { pageScript } from '../../../src/report/page/story-page.ts'
import { subjectCode } from '../../../src/subject/node/subject-code.ts'
import { embeddedIn } from '../page-data.ts'
import { HOSTILE_LOCK } from '../stories.ts'
import { cleanHunt, contractHunt, huntReportOf, largeHunt, violatedHunt } from './hunts.ts'

const page = huntHtml(violatedHunt())
const { data } = embeddedIn(page)
const bytesOf = (text: string): number => new TextEncoder().encode(text).length
const inEnglish = (text: PageText): string => (typeof text === 'string' ? text : text.en)
const textsOf = (parts: readonly PagePart[], kind: 'text' | 'code' = 'text'): readonly string[] =>
  parts.flatMap((part) => (part.kind === kind ? [inEnglish(part.text)] : []))
const tried = data.sections[0]!.parts

describe('the page of a hunt', () => {
  it('has the verdict and the statement, and says when the search was cut short', () => {
    expect(data.title).toEqual({
      en: `${HOSTILE_LOCK}: 3 bugs, 1 limit, 2 more`,
      zh: `${HOSTILE_LOCK}：3 个缺陷，1 个极限，另有 2 个`,
    })
    expect(inEnglish(data.lead)).toBe(
      '4 findings in all 608 storms of up to 1 fault over counter, 3 clients × 2 rounds. The search ended when it had found as many failures as were asked for.',
    )
    expect(textsOf(tried).slice(0, 2).join(' ')).toBe(inEnglish(data.lead))
    expect(textsOf(tried)).toContain('2 findings more, milder than these, neither made small nor drawn.')
    expect(huntPage(contractHunt()).data.title).toMatchObject({ en: 'mine: 1 limit' })
    expect(huntPage(cleanHunt()).data).toMatchObject({ title: { en: 'mine: no violation was found' }, stories: [] })
  })

  it('lists the findings, bugs first, with the storm and what cured it', () => {
    expect(
      data.stories.map(({ violations, word, place, cures }) => [
        violations[0]!.heading.en,
        word,
        inEnglish(place),
        cures.filter(({ outcome }) => outcome === 'cured').map(({ name }) => name),
      ]),
    ).toEqual([
      ['mutual exclusion violated', 'bug', 'no fault', ['fencing']],
      ['mutual exclusion violated', 'bug', expect.stringContaining('; crash A'), []],
      ['hang', 'bug', 'pause A for 40 s (A before send 2)', []],
      ['mutual exclusion violated', 'limit', 'pause A for 40 s (A before send 2)', ['fencing']],
    ])
  })

  it('shows how the code of a built-in subject becomes the reference that cures it, and of other code nothing', () => {
    const material = violatedHunt()
    const [worst, ...others] = material.report.violations
    const cures = [{ repair: 'reference-lock', advice: 'another lock', outcome: 'cured' }] as const
    const report = { ...material.report, violations: [{ ...worst!, cures }, ...others] }
    const codeOf = (code: readonly string[] | null) =>
      huntPage({ ...material, report, code }).data.stories.flatMap((each) =>
        each.cures.filter(({ name }) => name === 'reference-lock').map((cure) => cure.code),
      )[0]
    const signs = codeOf(subjectCode('naive')!)!.map(({ sign, line }) => `${sign} ${line}`)
    expect(signs).toContain('-     if ((await redis.get(key)) !== null) return null')
    expect(signs).toContain("+ redis.call('set', KEYS[1], ARGV[1], 'PX', ARGV[2])")
    expect(codeOf(null)).toEqual([])
  })

  it('can be opened at a token; a second finding in one storm has an anchor of its own', () => {
    expect(data.stories.map(({ id }) => id)).toEqual(['L1.bmFpdmU', 'L1.bmFpdmU.2', 'L1.aGFuZw', 'L1.Z2MtcGF1c2U'])
  })

  it('tells of each finding its storm, what is necessary, the cures, what else goes wrong, and how to see it again', () => {
    const story = data.stories[3]!
    expect(story.storm).toEqual([
      {
        words: { en: 'pause A for 40 s (A before send 2)', zh: 'A 停顿 40 s（A 第 2 次发送之前）' },
        note: { en: 'necessary: without it the violation is gone', zh: '必要：没有它就没有这个问题' },
      },
    ])
    expect(story.told).toEqual({
      en: 'Found with 2 faults, shrunk to 1. Seen in 25 of 608 storms. In 3 of 500 random storms. 498 random storms without it, and one may believe (95 %) that a fix works.',
      zh: '发现时有 2 个故障，缩小到 1 个。608 场风暴中出现 25 次。500 场随机风暴中出现 3 次。修复之后，498 场随机风暴都不再出现，才可以相信它有效（95 %）。',
    })
    expect(
      story.violations.map(({ heading, sentence, needs, isShown }) => [heading.en, sentence.en, needs?.en, isShown]),
    ).toEqual([
      [
        'mutual exclusion violated',
        'A and B both held the lock for 10.022 s',
        'Needs fencing: no lock with a lease can prevent this by itself.',
        true,
      ],
      ['stale write accepted', 'A wrote 2 although B had taken the lock 10 s before', expect.anything(), false],
    ])
    expect(story.cures.map(({ name, outcome, advice }) => [name, outcome, inEnglish(advice)])).toEqual([
      ['fencing', 'cured', 'draw a number'],
      ['longer-ttl', 'changed', 'a lease 10 times as long'],
      ['renewal', 'still', 'renew the lease'],
    ])
    expect(story.cures[0]!.code.some(({ sign, line }) => sign === '+' && line.includes('fence'))).toBe(true)
    expect(story.replay).toBe('npx lockstorm replay L1.Z2MtcGF1c2U')
    expect(story.files).toEqual(['replays/1-mutual-exclusion.replay.json', 'histories/1-mutual-exclusion.ndjson'])
    expect(story.world).not.toBeNull()
  })

  it('says that a storm without faults needs none, and which fault of two is not needed', () => {
    expect(data.stories[0]!.storm).toEqual([])
    expect(data.stories[1]!.storm[1]).toMatchObject({
      words: { en: 'crash A (A before send 2)' },
      note: { en: 'not necessary', zh: '不必要' },
    })
  })

  it('claims nothing about a storm that could not be run again, and links no file that is not there', () => {
    expect(data.stories[2]).toMatchObject({
      storm: [{ words: { en: 'pause A for 40 s (A before send 2)' }, note: { en: 'not tried without it' } }],
      told: { en: expect.stringContaining('Told as it was found, with 1 fault.') },
      world: null,
      files: [],
      cures: [],
    })
  })

  it('tells in Chinese what was tried, with the figures of the English', () => {
    const figures = (text: string): readonly string[] => (text.match(/\d[\d,.]*(?<![,.])/g) ?? []).toSorted()
    const cells = tried
      .flatMap((part) => (part.kind === 'counts' ? part.tables : []))
      .flatMap(({ rows }) => rows.flat())
    const texts = [
      ...tried.flatMap((part) => (part.kind === 'text' ? [part.text] : [])),
      ...cells.map(({ text }) => text),
    ].flatMap((text) => (typeof text === 'string' ? [] : [text]))
    // The first says what came of it, the second why it ended.
    expect(texts[0]?.zh).toBe('运行了 608 场风暴（其中随机 500 场），有 4 个发现。')
    for (const { en, zh } of texts.slice(1)) {
      // A limit of no kind that is known is told as it was.
      if (en.includes('<100000> records')) {
        expect(zh).toBe(en)
        continue
      }
      expect(zh).toMatch(/\p{Script=Han}/u)
      if (!en.startsWith('no fault')) expect([zh, figures(zh)]).toEqual([zh, figures(en)])
    }
    expect(texts.length).toBeGreaterThan(15)
    const exercised = [{ en: 'counter, 3 clients × 2 rounds', zh: 'counter，3 个客户端 × 2 轮' }]
    const told = huntPage({ ...violatedHunt(), exercised }).data.sections[0]?.parts.find(({ kind }) => kind === 'code')
    expect(told).toMatchObject({
      text: {
        en: expect.stringMatching(/^# counter, 3 clients × 2 rounds\n\w/),
        zh: expect.stringMatching(/^# counter，3 个客户端 × 2 轮\n\w/),
      },
    })
  })

  it('ends with what was tried; zero is told as never', () => {
    const tables = tried.flatMap((part) => (part.kind === 'counts' ? part.tables : []))
    expect(tables.flatMap(({ rows }) => rows.map((row) => row.map(({ text }) => inEnglish(text))))).toEqual([
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
      ['the history reached <100000> records', '2'],
    ])
    const text = textsOf(tried).join(' ')
    expect(text).toContain('All storms of up to 1 fault were run. There are 102,081 storms of 2 faults.')
    expect(text).toContain('There are more orders of simultaneous arrivals than were tried.')
    const code = textsOf(tried, 'code')
    expect(code[0]).toContain('workload:\n  counter:\n    rounds: 2\n    work: 20ms\nttl: 200ms\n')
    expect(code.at(-1)).toContain('seed: "7"\nclient: direct\n')
  })

  it('has no name of a user outside of what is packed, but escaped', () => {
    const text = page.replace(pageScript().script, '')
    expect(text).not.toContain(HOSTILE_LOCK)
    expect(text).not.toMatch(/<img|<b>do|<script>alert|<100000>/)
    expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f\u202a-\u202e]/)
  })

  it('is the same, byte for byte, for the same hunt, and stays below 1 MB with all its worlds', () => {
    expect(huntHtml(violatedHunt())).toBe(page)
    const large = huntHtml(largeHunt())
    expect(bytesOf(large)).toBeLessThan(1_000_000)
    expect(embeddedIn(large).worlds).toHaveLength(12)
  })

  it('does not promise more than was run', () => {
    const storms = { ...huntReportOf().storms, exhaustiveUpTo: null, pairs: null, byFaultCount: [3] }
    const material = {
      report: huntReportOf({ storms, stoppedBy: 'interrupt' }),
      stories: [],
      cured: [],
      replayCount: 0,
    } as const
    const text = textsOf(huntPage(material).data.sections[0]!.parts).join(' ')
    expect(text).toContain('Not even all storms without faults were run.')
    expect(text).toContain('The search was interrupted: this is what was found by then.')
  })
})
