/**
 * The page in a browser, opened from the disk as people open it: nothing is fetched, no script of a user's runs, nothing
 * overflows, no words of a picture cover each other.
 */
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import axe from 'axe-core'
import { type Browser, chromium, type Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { frontierHtml } from '../../src/report/frontier/html.ts'
import { huntHtml } from '../../src/report/hunt/html.ts'
import { huntJunit } from '../../src/report/hunt/junit.ts'
import { type Pictured, pictureFiles } from '../../src/report/markdown-picture.ts'
import { reportHtml } from '../../src/report/run/html.ts'
import { reportJunit } from '../../src/report/run/junit.ts'
import { picturedViolation } from '../../src/report/run/markdown.ts'
import type { ReportMaterial } from '../../src/scenario/report.ts'
import { leaveOut } from '../left-out.ts'
import { frontierReportOf } from './frontier/frontiers.ts'
import { cleanHunt, violatedHunt } from './hunt/hunts.ts'
import { untilWhole } from './page-data.ts'
import { emptyMaterial, HOSTILE_LOCK, hostile, largeMaterial, smallMaterial } from './stories.ts'

interface Box {
  readonly left: number
  readonly right: number
  readonly top: number
  readonly bottom: number
}

interface PageElement {
  readonly id: string
  readonly tagName: string
  readonly textContent: string
  readonly open?: boolean
  readonly rows?: { readonly length: number }
  readonly dataset: Readonly<Record<string, string>>
  readonly parentElement: PageElement | null
  getAttribute(name: string): string | null
  setAttribute(name: string, value: string): void
  getBoundingClientRect(): Box
  closest(selector: string): PageElement | null
  querySelector(selector: string): PageElement | null
  querySelectorAll(selector: string): Iterable<PageElement> & { readonly length: number }
  append(element: PageElement): void
}

/** The page's globals, as far as the functions below use them: they run there, not here. */
declare const document: PageElement & {
  readonly documentElement: PageElement & { readonly scrollWidth: number }
  readonly body: PageElement
  readonly activeElement: PageElement | null
  readonly scripts: { readonly length: number }
  getElementById(id: string): PageElement | null
  createElement(name: string): PageElement & { textContent: string }
}
declare const location: { readonly hash: string }
declare const window: { readonly innerWidth: number }
declare const navigator: object
declare function getComputedStyle(element: PageElement): { readonly color: string; readonly backgroundColor: string }
declare class DOMParser {
  parseFromString(text: string, type: string): typeof document
}

const executablePath = [
  process.env.CHROMIUM ?? '',
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
].find((file) => file !== '' && existsSync(file))

const MATERIALS: Readonly<Record<string, () => ReportMaterial>> = {
  small: smallMaterial,
  large: largeMaterial,
  empty: emptyMaterial,
}

const PAGES: Readonly<Record<string, () => string>> = {
  ...Object.fromEntries(Object.entries(MATERIALS).map(([name, make]) => [name, () => reportHtml(make())])),
  hunt: () => huntHtml(violatedHunt()),
  'clean hunt': () => huntHtml(cleanHunt()),
  frontier: () => frontierHtml(frontierReportOf()),
}

/** The worst story beside the Markdown, and one whose names are all markup. */
const PICTURES: Readonly<Record<string, () => string>> = {
  worst: () => pictureOf(picturedViolation(smallMaterial())),
  hostile: () =>
    pictureOf({
      violation: { ...hostile().violations[0]!, sentence: '"><script>alert(1)</script>]]>\u0000\u001b' },
      story: hostile().story,
    }),
}

function pictureOf(pictured: Pictured | null): string {
  const [[, text] = ['', '']] = [...pictureFiles(pictured)]
  return text
}

let browser: Browser | undefined
let folder: string
beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'lockstorm-page-'))
  for (const [name, make] of Object.entries(PAGES)) writeFileSync(path.join(folder, `${name}.html`), make())
  for (const [name, make] of Object.entries(PICTURES)) writeFileSync(path.join(folder, `${name}.svg`), make())
  if (executablePath !== undefined) browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] })
})
afterAll(async () => {
  await browser?.close()
  rmSync(folder, { recursive: true, force: true })
})

interface Opened {
  readonly page: Page
  /** Everything that should not happen. */
  readonly trouble: readonly string[]
}

async function open(
  name: string,
  width = 1400,
  colorScheme: 'light' | 'dark' = 'light',
  anchor = '',
  extension = 'html',
): Promise<Opened> {
  const page = await browser!.newPage({ viewport: { width, height: 900 }, colorScheme })
  const url = pathToFileURL(path.join(folder, `${name}.${extension}`)).href
  const trouble: string[] = []
  page.on('console', (message) => trouble.push(`console: ${message.text()}`))
  page.on('pageerror', (error) => trouble.push(`error: ${error.message}`))
  page.on('dialog', (dialog) => {
    trouble.push(`dialog: ${dialog.message()}`)
    void dialog.dismiss()
  })
  page.on('request', (request) => {
    if (request.url().split('#')[0] !== url) trouble.push(`request: ${request.url()}`)
  })
  await page.goto(url + anchor)
  await untilWhole(page)
  return { page, trouble }
}

/** Runs with a page, and closes it. */
async function withPage(opened: Promise<Opened>, use: (opened: Opened) => Promise<void>): Promise<void> {
  const page = await opened
  try {
    await use(page)
  } finally {
    await page.page.close()
  }
}

describe('the page in a browser', () => {
  for (const name of Object.keys(PAGES)) {
    for (const width of [390, 1400]) {
      for (const scheme of ['light', 'dark'] as const) {
        it(`renders the ${name} page at ${width} px, ${scheme}: no trouble, no overflow`, async (context) => {
          if (browser === undefined) return leaveOut(context, 'Chromium')
          await withPage(open(name, width, scheme), async ({ page, trouble }) => {
            const seen = await page.evaluate(() => ({
              overflow: document.documentElement.scrollWidth - window.innerWidth,
              h1: document.querySelectorAll('h1').length,
              background: getComputedStyle(document.body).backgroundColor,
            }))
            expect(seen.overflow).toBeLessThanOrEqual(0)
            expect(seen.h1).toBe(1)
            expect(seen.background).toBe(scheme === 'light' ? 'rgb(246, 245, 241)' : 'rgb(19, 23, 28)')
            const screenshot = await page.screenshot()
            expect(screenshot.subarray(1, 4).toString('latin1')).toBe('PNG')
            expect(trouble).toEqual([])
          })
        })
      }
    }
  }

  it('takes names that are markup for text, in every story', async (context) => {
    if (browser === undefined) return leaveOut(context, 'Chromium')
    await withPage(open('small'), async ({ page, trouble }) => {
      // What is below the first screen follows when that is painted.
      await page.waitForSelector('.matrix thead th')
      const heads = await page.evaluate(() =>
        [...document.querySelectorAll('.matrix thead th')].map((element) => element.textContent),
      )
      expect(heads).toContain(HOSTILE_LOCK)
      const lanes: string[] = []
      for (let story = 0; story < 5; story += 1) {
        const seen = await page.evaluate(() => ({
          scripts: document.scripts.length,
          strangers: document.querySelectorAll('img, i, iframe, link, object, [onerror]').length,
          texts: [...document.querySelectorAll('.st-svg .ln')].map((element) => element.textContent),
        }))
        // The one with the data, and the one that runs.
        expect([seen.scripts, seen.strangers]).toEqual([2, 0])
        lanes.push(...seen.texts)
        await page.keyboard.press('n')
      }
      expect(lanes).toContain('</text></sv…')
      expect(trouble).toEqual([])
    })
  })

  for (const name of Object.keys(PICTURES)) {
    it(`draws the ${name} picture as a file of its own: well-formed, no script, nothing asked for, light and dark`, async (context) => {
      if (browser === undefined) return leaveOut(context, 'Chromium')
      const papers: string[] = []
      for (const scheme of ['light', 'dark'] as const) {
        await withPage(open(name, 1000, scheme, '', 'svg'), async ({ page, trouble }) => {
          const seen = await page.evaluate(() => ({
            root: document.documentElement.tagName,
            strangers: document.querySelectorAll('script, a, image, foreignObject, [onload], [onerror]').length,
            lanes: document.querySelectorAll('[data-lane]').length,
            paper: (getComputedStyle(document.querySelector('.paper')!) as unknown as { fill: string }).fill,
          }))
          expect([seen.root, seen.strangers]).toEqual(['svg', 0])
          expect(seen.lanes).toBeGreaterThan(2)
          expect(trouble).toEqual([])
          papers.push(seen.paper)
        })
      }
      expect(papers).toEqual(['rgb(255, 255, 255)', 'rgb(26, 32, 39)'])
    })
  }

  for (const name of ['small', 'hunt', 'clean hunt'])
    it(`is in Chinese but for what the report has in English, which says so: ${name}`, async (context) => {
      if (browser === undefined) return leaveOut(context, 'Chromium')
      await withPage(open(name), async ({ page, trouble }) => {
        await page.locator('button.lang').click()
        const left = await page.evaluate(() => {
          const kept = '[lang=en], button.lang, code, pre, bdi, .facts dd, .st-svg, .what, .where, .told'
          const found = new Set<string>()
          for (const element of document.querySelectorAll('#page *')) {
            const own = [
              ...(element as unknown as { childNodes: Iterable<{ nodeType: number; textContent: string }> }).childNodes,
            ]
            const text = own
              .filter(({ nodeType }) => nodeType === 3)
              .map(({ textContent }) => textContent)
              .join('')
            if (element.closest(kept) === null && /[A-Za-z]{2,} [A-Za-z]{2,}/.test(text)) found.add(text.trim())
          }
          return [...found]
        })
        expect(left).toEqual([])
        // Lanes and beliefs of the picture, if there is one.
        const drawn = await page.locator('.st-svg .lk, .st-svg .bt').allTextContents()
        expect(drawn.filter((text) => /believes|holds|client|resource|deleted|expired|overwritten/.test(text))).toEqual(
          [],
        )
        expect(await page.locator('body').innerText()).toMatch(/[\u4e00-\u9fff]/)
        expect(trouble).toEqual([])
      })
    })

  it('would run no other script, should one ever get in', async (context) => {
    if (browser === undefined) return leaveOut(context, 'Chromium')
    await withPage(open('small'), async ({ page, trouble }) => {
      await page.evaluate(() => {
        const script = document.createElement('script')
        script.textContent = 'document.title = "broken in"'
        document.body.append(script)
      })
      expect(await page.title()).toBe('3 of 12 cells are not as expected · lockstorm')
      expect(trouble.join()).toContain('Content Security Policy')
    })
  })

  it('lays no words of a picture over other words of their kind, and none outside it', async (context) => {
    if (browser === undefined) return leaveOut(context, 'Chromium')
    for (const [name, stories, wordCount] of [
      ['small', 5, 100],
      ['large', 8, 150],
      ['hunt', 4, 40],
    ] as const) {
      await withPage(open(name), async ({ page }) => {
        const trouble: string[] = []
        let count = 0
        for (let story = 0; story < stories; story += 1) {
          const found = await page.evaluate(wordsOfPictures)
          trouble.push(...found.trouble)
          count += found.count
          await page.keyboard.press('n')
        }
        expect(trouble).toEqual([])
        expect(count).toBeGreaterThan(wordCount)
      })
    }
  })

  it('gives the picture a name, and the same events in words', async (context) => {
    if (browser === undefined) return leaveOut(context, 'Chromium')
    await withPage(open('small'), async ({ page }) => {
      const svg = page.locator('.st-svg').first()
      expect(await svg.getAttribute('role')).toBe('img')
      expect(await svg.getAttribute('aria-label')).toMatch(
        /^Space-time diagram: set-nx-lua in partition\. .* in words\.$/,
      )
      const rows = await page.locator('.row .what').allTextContents()
      expect(rows.length).toBeGreaterThan(5)
      expect(rows.join()).toMatch(/believes that it holds the lock|is now A's/)
    })
  })

  it('keeps what can be seen in the page, and nothing else: one picture, some rows', async (context) => {
    if (browser === undefined) return leaveOut(context, 'Chromium')
    await withPage(open('large'), async ({ page }) => {
      const seen = await page.evaluate(() => ({
        pictures: document.querySelectorAll('.st-svg').length,
        rows: document.querySelectorAll('.row').length,
        nodes: document.querySelectorAll('*').length,
      }))
      expect(seen.pictures).toBe(1)
      expect(seen.rows).toBeLessThan(30)
      expect(seen.nodes).toBeLessThan(2_500)
    })
  })

  it('has nothing that axe-core complains about', async (context) => {
    if (browser === undefined) return leaveOut(context, 'Chromium')
    for (const name of ['small', 'hunt', 'clean hunt', 'frontier', 'empty']) {
      for (const scheme of ['light', 'dark'] as const) {
        await withPage(open(name, 1280, scheme), async ({ page }) => {
          await page.evaluate(axe.source)
          const complaints = await page.evaluate(async () => {
            const { violations } = await (window as unknown as { axe: typeof axe }).axe.run()
            return violations.map(
              ({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 120)).join(' | ')}`,
            )
          })
          expect(complaints).toEqual([])
        })
      }
    }
  })

  it('has text of enough contrast in both themes', async (context) => {
    if (browser === undefined) return leaveOut(context, 'Chromium')
    const looks = ['small', 'hunt', 'frontier'].flatMap((name) =>
      (['light', 'dark'] as const).map((scheme) => ({ name, scheme })),
    )
    for (const { name, scheme } of looks) {
      await withPage(open(name, 1400, scheme), async ({ page }) => {
        const worst = await page.evaluate(() => {
          const channels = (color: string): number[] => (color.match(/[\d.]+/g) ?? []).map(Number)
          const luminance = (color: string): number => {
            const [r, g, b] = channels(color).map((value) => {
              const share = value / 255
              return share <= 0.03928 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4
            }) as [number, number, number]
            return 0.2126 * r + 0.7152 * g + 0.0722 * b
          }
          const backgroundOf = (element: PageElement | null): string => {
            for (let at: PageElement | null = element; at !== null; at = at.parentElement) {
              const { backgroundColor } = getComputedStyle(at)
              if ((channels(backgroundColor)[3] ?? 1) === 1) return backgroundColor
            }
            return 'rgb(255, 255, 255)'
          }
          const selectors =
            'h1, h2, h3, p, dt, dd, th, td, .w, .tags li, .key li, figcaption p, summary, a, button, code'
          return [...document.querySelectorAll(selectors)]
            .filter((element) => element.closest('svg, .skip') === null && element.textContent !== '')
            .map((element) => {
              const [a, b] = [luminance(getComputedStyle(element).color), luminance(backgroundOf(element))]
              return { text: element.textContent, ratio: (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05) }
            })
            .filter(({ ratio }) => ratio < 4.5)
        })
        expect(worst).toEqual([])
      })
    }
  })

  it('opens at the story that a token names, at the instant that follows it, and the keys begin there', async (context) => {
    if (browser === undefined) return leaveOut(context, 'Chromium')
    await withPage(open('small', 1400, 'light', '#L1.Z2MtcGF1c2U@7'), async ({ page, trouble }) => {
      expect(await page.locator('.kicker').textContent()).toContain('set-nx-lua in gc-pause')
      expect(await where(page)).toContain('Event 8 of ')
      await page.keyboard.press('j')
      expect(await where(page)).toContain('Event 9 of ')
      await page.keyboard.press('k')
      await page.keyboard.press('k')
      expect(await where(page)).toContain('Event 7 of ')
      await page.waitForFunction(() => location.hash === '#L1.Z2MtcGF1c2U@6')
      expect(trouble).toEqual([])
    })
  })

  it('moves between stories by keys, each at the beginning of its violation, with a line in the picture', async (context) => {
    if (browser === undefined) return leaveOut(context, 'Chromium')
    await withPage(open('small'), async ({ page, trouble }) => {
      const sentence = () => page.locator('h1').textContent()
      const first = await sentence()
      await page.keyboard.press('n')
      expect(await sentence()).not.toBe(first)
      expect(await page.evaluate(() => document.activeElement?.id)).toBe('story')
      await page.keyboard.press('p')
      expect(await sentence()).toBe(first)
      expect(await page.locator('.cur.on').count()).toBe(1)
      const before = await page.locator('.cur').getAttribute('transform')
      for (let step = 0; step < 5; step += 1) await page.keyboard.press('j')
      expect(await page.locator('.cur').getAttribute('transform')).not.toBe(before)
      expect(trouble).toEqual([])
    })
  })

  it('says who believes and what Redis holds at each event, forward and back', async (context) => {
    if (browser === undefined) return leaveOut(context, 'Chromium')
    await withPage(open('small', 1400, 'light', '#L1.Z2MtcGF1c2U'), async ({ page, trouble }) => {
      const last = Number(await page.locator('input[type=range]').getAttribute('max'))
      const seen: string[] = []
      await page.getByRole('button', { name: 'First event' }).click()
      for (let event = 0; event <= last; event += 1) {
        seen.push(await believers(page))
        await page.keyboard.press('j')
      }
      // A alone, both while A is paused and does not know, then B alone, and later C.
      const turns = seen.filter((now, index) => now !== seen[index - 1])
      expect(turns).toEqual(['nobody', 'A', 'A, B ✗', 'B', 'nobody', 'C', 'nobody'])
      const back: string[] = []
      for (let event = last; event >= 0; event -= 1) {
        back.unshift(await believers(page))
        await page.keyboard.press('k')
      }
      expect(back).toEqual(seen)
      expect(trouble).toEqual([])
    })
  })

  it('filters by word, property, subject and verdict', async (context) => {
    if (browser === undefined) return leaveOut(context, 'Chromium')
    await withPage(open('small'), async ({ page, trouble }) => {
      const shown = () => page.locator('.matrix tbody tr').count()
      expect(await shown()).toBe(4)
      await page.getByLabel('Search').fill('cut off')
      await page.getByLabel('Search').fill('')
      await page.getByLabel('Subject').selectOption('set-nx-lua')
      expect(await page.locator('.matrix thead th').allTextContents()).toEqual(['set-nx-lua'])
      await page.getByLabel('Verdict').selectOption('limit')
      expect(await page.locator('.list li').count()).toBe(await page.locator('td:not(.faded) a.limit').count())
      await page.getByLabel('Search').fill('nothing like it')
      expect(await shown()).toBe(0)
      expect(await page.getByText('Nothing fits the filter.').count()).toBe(1)
      expect(trouble).toEqual([])
    })
  })

  it('opens the story of a cell, and speaks Chinese when asked', async (context) => {
    if (browser === undefined) return leaveOut(context, 'Chromium')
    await withPage(open('small'), async ({ page, trouble }) => {
      await page.locator('.matrix a').last().click()
      expect(await page.locator('.kicker').textContent()).toContain('overwrite in session-concurrent-requests')
      await page.locator('.lang').click()
      expect(await page.getAttribute('html', 'lang')).toBe('zh-Hans')
      expect(await page.locator('.reasons h2').allTextContents()).toEqual(['原因', '解决办法'])
      expect(await page.locator('#sentence').textContent()).toMatch(/^✗ \p{Script=Han}+: .*\p{Script=Han}/u)
      expect(await page.locator('.reasons section:first-child > p').first().textContent()).toMatch(/^\p{Script=Han}/u)
      expect(
        await page.locator('#sentence [lang=en], .reasons section:first-child > p:not(.soft) [lang=en]').count(),
      ).toBe(0)
      expect(trouble).toEqual([])
    })
  })

  it('ties an event to its message: the row that the pointer is over is marked in the picture, and a click on a message goes to it', async (context) => {
    if (browser === undefined) return leaveOut(context, 'Chromium')
    await withPage(open('small', 1400, 'light', '#L1.bmFpdmU'), async ({ page, trouble }) => {
      await page.locator('.row.message').first().hover()
      expect(await page.locator('.st-svg path.m.on').count()).toBe(1)
      const message = await page.locator('.ml text').last().getAttribute('data-m')
      await page.locator('.ml text').last().click()
      expect(await page.locator('.row.on').getAttribute('class')).toContain('message')
      expect(await page.locator(`.st-svg path[data-m="${message}"]`).getAttribute('class')).toContain('on')
      expect(trouble).toEqual([])
    })
  })

  it('copies the replay command', async (context) => {
    if (browser === undefined) return leaveOut(context, 'Chromium')
    await withPage(open('small', 1400, 'light', '#L1.Z2MtcGF1c2U'), async ({ page, trouble }) => {
      // What the clipboard gets, without one: headless browsers have none to read back.
      await page.evaluate(() => {
        Object.defineProperty(navigator, 'clipboard', {
          value: { writeText: (text: string) => Promise.resolve(document.body.setAttribute('data-copied', text)) },
        })
      })
      await page.locator('.replay button').click()
      expect(await page.getAttribute('body', 'data-copied')).toBe('npx lockstorm replay L1.Z2MtcGF1c2U')
      expect(trouble).toEqual([])
    })
  })

  it.for(Object.keys(PAGES))('tells without its script what its script begins with: %s', async (name, context) => {
    if (browser === undefined) return leaveOut(context, 'Chromium')
    const told = []
    for (const javaScriptEnabled of [false, true]) {
      const visit = await browser.newContext({ javaScriptEnabled, viewport: { width: 1400, height: 900 } })
      const page = await visit.newPage()
      await page.goto(pathToFileURL(path.join(folder, `${name}.html`)).href)
      if (javaScriptEnabled) await untilWhole(page)
      const shapes = page.locator(FIRST_SCREEN.map((part) => `${part}, ${part} *:not(.rows *, .cursor)`).join(', '))
      told.push({
        texts: await page.locator(FIRST_SCREEN.join(', ')).allTextContents(),
        shapes: await shapes.count(),
      })
      await visit.close()
    }
    expect(told[0]?.texts.length).toBeGreaterThan(1)
    expect(told[0]).toEqual(told[1])
  })
})

/** What is seen at once, but for the rows of events, which are those around the place that the list is scrolled to. */
const FIRST_SCREEN = ['.head', '#sentence', '#story figure', '.where', '.bottom']

/** Where the page says that the cursor is. */
const where = (page: Page): Promise<string | null> => page.locator('.where').textContent()

/** Who believes at the cursor, in the words of the page. */
const believers = async (page: Page): Promise<string> => (await page.locator('.moment dd').first().textContent()) ?? ''

/** Words that leave their picture or lie over others of their kind, and how many words there are; runs in the page. */
function wordsOfPictures(): { readonly trouble: readonly string[]; readonly count: number } {
  const trouble: string[] = []
  let count = 0
  for (const svg of document.querySelectorAll('.st-svg')) {
    const frame = svg.getBoundingClientRect()
    for (const kind of ['.ml text', '.mt text', '.tx text', '.tick text', '.ft']) {
      const boxes = [...svg.querySelectorAll(kind)].map((text) => ({
        text: text.textContent,
        box: text.getBoundingClientRect(),
      }))
      count += boxes.length
      for (const [index, { text, box }] of boxes.entries()) {
        if (box.right > frame.right + 1 || box.left < frame.left - 1) trouble.push(`${text} leaves the picture`)
        for (const other of boxes.slice(0, index)) {
          const width = Math.min(box.right, other.box.right) - Math.max(box.left, other.box.left)
          const height = Math.min(box.bottom, other.box.bottom) - Math.max(box.top, other.box.top)
          if (width > 2 && height > 4) trouble.push(`${text} over ${other.text}`)
        }
      }
    }
  }
  return { trouble, count }
}

describe('junit.xml in a parser', () => {
  it('is well-formed, and its attributes and texts are what was written', async (context) => {
    if (browser === undefined) return leaveOut(context, 'Chromium')
    await withPage(open('empty'), async ({ page }) => {
      const hunted = huntJunit(violatedHunt())
      for (const text of [...Object.values(MATERIALS).map((make) => reportJunit(make())), hunted]) {
        const seen = await page.evaluate((xml) => {
          const parsed = new DOMParser().parseFromString(xml, 'application/xml')
          return {
            error: parsed.querySelector('parsererror')?.textContent ?? null,
            names: [...parsed.querySelectorAll('testcase')].map((element) => element.getAttribute('name')),
            tests: Number(parsed.documentElement.getAttribute('tests')),
          }
        }, text)
        expect(seen.error).toBeNull()
        expect(seen.names).toHaveLength(seen.tests)
        if (text === reportJunit(smallMaterial())) expect(seen.names).toContain(`${HOSTILE_LOCK}: mutual-exclusion`)
        if (text === hunted) expect(seen.names).toContain('mutual-exclusion')
      }
    })
  })
})
