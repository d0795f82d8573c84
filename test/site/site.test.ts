/**
 * The site as a reader meets it: every page opens from the disk without a complaint and without asking for anything, every link leads
 * to a page, every story can be stepped to.
 */
import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import axe from 'axe-core'
import { type Browser, chromium, type Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { PageData } from '../../src/report/page/page-data.ts'
import { leaveOut } from '../left-out.ts'
import { embeddedIn, untilWhole } from '../report/page-data.ts'

const ROOT = path.resolve(import.meta.dirname, '../..')
const CHROMIUM = '/usr/bin/chromium'
const BUILD_MS = 300_000

const folder = mkdtempSync(path.join(tmpdir(), 'lockstorm-site-'))
let browser: Browser | undefined
beforeAll(async () => {
  execFileSync(process.execPath, ['build/site.js', folder], { cwd: ROOT, stdio: 'pipe' })
  if (existsSync(CHROMIUM)) browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] })
}, BUILD_MS)
afterAll(async () => {
  await browser?.close()
  rmSync(folder, { recursive: true, force: true })
})

const dataOf = (file: string): PageData => embeddedIn(readFileSync(path.join(folder, file), 'utf8')).data

/** One of each kind. */
const KINDS = [
  'index.html',
  'lessons/index.html',
  'lessons/pause.html',
  'lessons/zh/pause.html',
  'pitfalls.html',
  'scoreboard.html',
  'sample/index.html',
]

const PLAYGROUND = 'studio/index.html'

/** Runs with a page, and says what should not have happened. */
async function withPage(
  file: string,
  options: Parameters<Browser['newPage']>[0],
  use: (page: Page) => Promise<void>,
): Promise<void> {
  const address = pathToFileURL(path.join(folder, file)).href
  const page = await browser!.newPage(options)
  const trouble: string[] = []
  page.on('console', (message) => trouble.push(`console: ${message.text()}`))
  page.on('pageerror', (error) => trouble.push(`error: ${error.message}`))
  page.on('request', (request) => {
    if (!request.url().startsWith(address)) trouble.push(`request: ${request.url()}`)
  })
  try {
    await page.goto(address)
    await untilWhole(page)
    await use(page)
    expect(trouble, file).toEqual([])
  } finally {
    await page.close()
  }
}

/** What axe-core says. */
async function complaints(page: Page): Promise<readonly string[]> {
  await page.evaluate(axe.source)
  return page.evaluate(async () => {
    const { violations } = await (globalThis as unknown as { axe: typeof axe }).axe.run()
    return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 120)).join(' | ')}`)
  })
}

describe('the site', () => {
  it('has no link that leads nowhere', () => {
    const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.html'))
    expect(files).toEqual(expect.arrayContaining([...KINDS, PLAYGROUND]))
    for (const file of files) {
      if (file === PLAYGROUND) continue
      const data = dataOf(file)
      const linked = data.sections.flatMap(({ parts }) =>
        parts.flatMap((part) => (part.kind === 'cards' ? part.cards : part.kind === 'links' ? part.links : [])),
      )
      for (const { address } of [...data.links, ...linked]) {
        if (address.startsWith('https://') || address.startsWith('http://')) continue
        expect(existsSync(path.join(folder, path.dirname(file), address)), `${file}: ${address}`).toBe(true)
      }
    }
  })

  it('opens from the disk, asks for nothing, and overflows no screen', { timeout: BUILD_MS }, async (context) => {
    if (browser === undefined) return leaveOut(context, 'Chromium')
    for (const file of KINDS) {
      for (const width of [390, 1280]) {
        await withPage(file, { viewport: { width, height: 900 } }, async (page) => {
          const overflow = await page.evaluate('document.documentElement.scrollWidth - innerWidth')
          expect(overflow, `${file} at ${width}`).toBeLessThanOrEqual(0)
          expect(await page.locator('h1').count(), file).toBe(1)
        })
      }
    }
  })

  it('has nothing that axe-core complains about', { timeout: BUILD_MS }, async (context) => {
    if (browser === undefined) return leaveOut(context, 'Chromium')
    for (const [index, file] of KINDS.entries()) {
      const colorScheme = index % 2 === 0 ? 'light' : 'dark'
      await withPage(file, { viewport: { width: 1280, height: 900 }, colorScheme }, async (page) => {
        if (file.endsWith('pause.html')) await page.locator('.answers button').first().click()
        expect(await complaints(page), file).toEqual([])
      })
    }
  })

  it('asks a lesson’s question first, and tells the story with its cure when it is answered', async (context) => {
    if (browser === undefined) return leaveOut(context, 'Chromium')
    await withPage('lessons/pause.html', { viewport: { width: 1280, height: 900 } }, async (page) => {
      expect(await page.locator('.st-svg').count()).toBe(0)
      await page.getByRole('button', { name: 'B’s, then A’s' }).click()
      expect(await page.locator('.answer').textContent()).toContain('Right.')
      expect(await page.locator('.st-svg').count()).toBe(2)
      expect(await page.locator('#sentence').textContent()).toContain('stale write accepted')
      expect(await page.locator('.block h2').allTextContents()).toEqual(
        expect.arrayContaining(['Why', 'The cure', 'What is not modelled']),
      )
    })
  })

  for (const file of ['pitfalls.html', 'scoreboard.html'])
    it(`draws every story of ${file}`, { timeout: BUILD_MS }, async (context) => {
      if (browser === undefined) return leaveOut(context, 'Chromium')
      const { stories } = dataOf(file)
      await withPage(file, { viewport: { width: 1280, height: 900 } }, async (page) => {
        const anchors: (string | null)[] = []
        for (const { id, subject } of stories) {
          await page.evaluate((hash) => {
            ;(globalThis as unknown as { location: { hash: string } }).location.hash = hash
          }, id)
          await page.waitForFunction((expected) => {
            const seen = globalThis as unknown as {
              document: { querySelector(selector: string): { textContent: string } | null }
            }
            return seen.document.querySelector('.kicker b bdi')?.textContent === expected
          }, subject)
          anchors.push(await page.locator('.st-svg').first().getAttribute('aria-label'))
        }
        expect(anchors).toHaveLength(stories.length)
        expect(anchors.filter((label) => !label?.startsWith('Space-time diagram'))).toEqual([])
      })
    })
})
