/**
 * The page in a browser, opened from the disk as people open it: nothing is fetched, no script of a user's runs, nothing
 * overflows, no words of a picture cover each other.
 */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { type Browser, chromium, type Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { frontierHtml } from '../../src/report/frontier/html.ts'
import { huntHtml } from '../../src/report/hunt/html.ts'
import { huntJunit } from '../../src/report/hunt/junit.ts'
import { reportHtml } from '../../src/report/run/html.ts'
import { reportJunit } from '../../src/report/run/junit.ts'
import type { ReportMaterial } from '../../src/scenario/report.ts'
import { leaveOut } from '../left-out.ts'
import { frontierReportOf } from './frontier/frontiers.ts'
import { cleanHunt, violatedHunt } from './hunt/hunts.ts'
import { emptyMaterial, HOSTILE_LOCK, largeMaterial, smallMaterial } from './stories.ts'

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

/** As it is committed: a test of its own says that it is what is made. */
const SCOREBOARD = path.join(import.meta.dirname, '../../reports/scoreboard/index.html')

const PAGES: Readonly<Record<string, () => string>> = {
  ...Object.fromEntries(Object.entries(MATERIALS).map(([name, make]) => [name, () => reportHtml(make())])),
  hunt: () => huntHtml(violatedHunt()),
  'clean hunt': () => huntHtml(cleanHunt()),
  frontier: () => frontierHtml(frontierReportOf()),
  scoreboard: () => readFileSync(SCOREBOARD, 'utf8'),
}

let browser: Browser | undefined
let folder: string
beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'lockstorm-page-'))
  for (const [name, make] of Object.entries(PAGES)) writeFileSync(path.join(folder, `${name}.html`), make())
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

async function open(name: string, width = 1400, colorScheme: 'light' | 'dark' = 'light'): Promise<Opened> {
  const page = await browser!.newPage({ viewport: { width, height: 900 }, colorScheme })
  const url = pathToFileURL(path.join(folder, `${name}.html`)).href
  const trouble: string[] = []
  page.on('console', (message) => trouble.push(`console: ${message.text()}`))
  page.on('pageerror', (error) => trouble.push(`error: ${error.message}`))
  page.on('dialog', (dialog) => {
    trouble.push(`dialog: ${dialog.message()}`)
    void dialog.dismiss()
  })
  page.on('request', (request) => {
    if (request.url() !== url) trouble.push(`request: ${request.url()}`)
  })
  await page.goto(url)
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

  it('takes names that are markup for text', async (context) => {
    if (browser === undefined) return leaveOut(context, 'Chromium')
    await withPage(open('small'), async ({ page, trouble }) => {
      const seen = await page.evaluate(() => ({
        heads: [...document.querySelectorAll('.matrix thead th')].map((element) => element.textContent),
        scripts: document.scripts.length,
        strangers: document.querySelectorAll('img, i, iframe, link, object, [onerror]').length,
        texts: [...document.querySelectorAll('.st-svg .ln')].map((element) => element.textContent),
      }))
      expect(seen.heads).toContain(HOSTILE_LOCK)
      expect(seen.scripts).toBe(1)
      expect(seen.strangers).toBe(0)
      expect(seen.texts).toContain('</text></sv…')
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
    for (const [name, wordCount] of [
      ['small', 150],
      ['large', 150],
      ['hunt', 40],
      ['scoreboard', 2000],
    ] as const) {
      await withPage(open(name), async ({ page }) => {
        const found = await page.evaluate(() => {
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
        })
        expect(found.trouble).toEqual([])
        expect(found.count).toBeGreaterThan(wordCount)
      })
    }
  })

  it('gives each picture a title, a description and a table that says the same', async (context) => {
    if (browser === undefined) return leaveOut(context, 'Chromium')
    await withPage(open('small'), async ({ page }) => {
      const seen = await page.evaluate(() =>
        [...document.querySelectorAll('article.cell')].map((cell) => {
          const svg = cell.querySelector('.st-svg')
          const labels = svg?.getAttribute('aria-labelledby')?.split(' ') ?? []
          return {
            role: svg?.getAttribute('role'),
            labels: labels.map((id) => document.getElementById(id)?.tagName),
            rows: cell.querySelector('.events tbody')?.rows?.length ?? 0,
            heads: [...cell.querySelectorAll('.events thead th')].map((head) => head.getAttribute('scope')).join(),
          }
        }),
      )
      expect(seen).toHaveLength(5)
      for (const { role, labels, rows, heads } of seen) {
        expect([role, labels, heads]).toEqual(['img', ['title', 'desc'], 'col,col,col,col,col'])
        expect(rows).toBeGreaterThan(5)
      }
    })
  })

  it('has text of enough contrast in both themes', async (context) => {
    if (browser === undefined) return leaveOut(context, 'Chromium')
    const looks = ['small', 'hunt', 'frontier', 'scoreboard'].flatMap((name) =>
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

  it('moves between violations and events by keys, with a line in the picture', async (context) => {
    if (browser === undefined) return leaveOut(context, 'Chromium')
    await withPage(open('small'), async ({ page, trouble }) => {
      const ids = await page.evaluate(() => [...document.querySelectorAll('article.cell')].map(({ id }) => id))
      const focused = () => page.evaluate(() => document.activeElement?.id)
      await page.keyboard.press('n')
      expect(await focused()).toBe(ids[0])
      await page.keyboard.press('n')
      expect(await focused()).toBe(ids[1])
      await page.keyboard.press('p')
      expect(await focused()).toBe(ids[0])
      await page.keyboard.press('j')
      await page.keyboard.press('j')
      const state = await page.evaluate(() => ({
        rows: [...document.querySelectorAll('tr.on')].map((row) => row.dataset.x),
        lines: [...document.querySelectorAll('.cur.on')].map((line) => line.getAttribute('transform')),
        isOpen: document.querySelector('tr.on')?.closest('details')?.open,
      }))
      expect(state).toEqual({ rows: [expect.any(String)], lines: [`translate(${state.rows[0]} 0)`], isOpen: true })
      expect(trouble).toEqual([])
    })
  })

  it('copies the replay command', async (context) => {
    if (browser === undefined) return leaveOut(context, 'Chromium')
    await withPage(open('small'), async ({ page, trouble }) => {
      // What the clipboard gets, without one: headless browsers have none to read back.
      await page.evaluate(() => {
        Object.defineProperty(navigator, 'clipboard', {
          value: { writeText: (text: string) => Promise.resolve(document.body.setAttribute('data-copied', text)) },
        })
      })
      await page.locator('[id="gc-pause--set-nx-lua"] .replay button').click()
      expect(await page.getAttribute('body', 'data-copied')).toBe('npx lockstorm replay L1.Z2MtcGF1c2U')
      expect(trouble).toEqual([])
    })
  })

  it('copies the token of a finding, and moves between findings by keys', async (context) => {
    if (browser === undefined) return leaveOut(context, 'Chromium')
    await withPage(open('hunt'), async ({ page, trouble }) => {
      await page.evaluate(() => {
        Object.defineProperty(navigator, 'clipboard', {
          value: { writeText: (text: string) => Promise.resolve(document.body.setAttribute('data-copied', text)) },
        })
      })
      await page.locator('[id="L1.Z2MtcGF1c2U"] .replay button').nth(1).click()
      expect(await page.getAttribute('body', 'data-copied')).toBe('L1.Z2MtcGF1c2U')
      await page.keyboard.press('n')
      expect(await page.evaluate(() => document.activeElement?.id)).toBe('L1.bmFpdmU')
      expect(trouble).toEqual([])
    })
  })

  it('stacks the tables of a hunt on a narrow screen, so that nothing is out of sight', async (context) => {
    if (browser === undefined) return leaveOut(context, 'Chromium')
    await withPage(open('hunt', 390), async ({ page }) => {
      const cut = await page.evaluate(() =>
        [...document.querySelectorAll('.stack tbody td, .stack tbody th')]
          .filter((cell) => cell.getBoundingClientRect().right > window.innerWidth)
          .map((cell) => cell.textContent),
      )
      expect(cut).toEqual([])
    })
  })

  it('is complete without script, without buttons that do nothing', async (context) => {
    if (browser === undefined) return leaveOut(context, 'Chromium')
    const noScript = await browser.newContext({ javaScriptEnabled: false, viewport: { width: 1400, height: 900 } })
    const page = await noScript.newPage()
    await page.goto(pathToFileURL(path.join(folder, 'small.html')).href)
    expect(await page.locator('article.cell').count()).toBe(5)
    expect(await page.locator('.replay button:visible').count()).toBe(0)
    expect(await page.locator('.keys:visible').count()).toBe(0)
    expect(await page.locator('.st-svg:visible').count()).toBe(5)
    await noScript.close()
  })
})

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
