/**
 * How the pages and the picture of `report.md` look: twelve states, light and dark, at 1280 and at 390 px, compared with committed pictures.
 *
 * Pictures are an eighth as wide and as high: what moves, is missing, is covered or has another colour shows, and a font that is drawn a
 * little differently does not. `npx vitest run test/report/golden.test.ts -u` takes them anew; look at each before it is committed.
 */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { type Browser, chromium, type Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { lessonNamed, runLesson } from '../../src/engine/learn.ts'
import { frontierHtml } from '../../src/report/frontier/html.ts'
import { huntHtml } from '../../src/report/hunt/html.ts'
import { lessonPage } from '../../src/report/lesson/html.ts'
import { pictureFiles } from '../../src/report/markdown-picture.ts'
import { storyPage } from '../../src/report/page/story-page.ts'
import { reportHtml } from '../../src/report/run/html.ts'
import { leaveOut } from '../left-out.ts'
import { frontierReportOf } from './frontier/frontiers.ts'
import { cleanHunt, violatedHunt } from './hunt/hunts.ts'
import { untilWhole } from './page-data.ts'
import { gcPause, smallMaterial } from './stories.ts'

const CHROMIUM = '/usr/bin/chromium'
const GOLDEN = path.join(import.meta.dirname, 'golden')
const HEIGHT = 900
const SCALE = 8
const SLOW_MS = 120_000
/** One font on every machine: a picture of another has lines of another length. Debian's fonts-dejavu-core. */
const FONT_FILE = '/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf'
const FONT =
  '* { font-family: "DejaVu Sans", sans-serif !important } code, pre, pre *, .cm-editor * { font-family: "DejaVu Sans Mono", monospace !important }'

/** Of 255, over all pixels: above what another version of a font makes, below what a missing lane makes. */
const DIFFERENCE_MAX = 1.5

let browser: Browser | undefined
const folder = mkdtempSync(path.join(tmpdir(), 'lockstorm-golden-'))
beforeAll(async () => {
  const lesson = storyPage(lessonPage(await runLesson(lessonNamed('pause')), 'en'))
  const pages = {
    run: reportHtml(smallMaterial()),
    hunt: huntHtml(violatedHunt()),
    'clean-hunt': huntHtml(cleanHunt()),
    frontier: frontierHtml(frontierReportOf()),
    lesson,
    'story-svg': `<!doctype html><h1>story.svg</h1>${worstPicture()}`,
  }
  for (const [name, text] of Object.entries(pages)) writeFileSync(path.join(folder, `${name}.html`), text)
  mkdirSync(GOLDEN, { recursive: true })
  if (existsSync(CHROMIUM)) browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] })
}, SLOW_MS)
afterAll(async () => {
  await browser?.close()
  rmSync(folder, { recursive: true, force: true })
})

const STUDIO = path.resolve(import.meta.dirname, '../../dist/studio/index.html')
const pageOf = (name: string): string => path.join(folder, `${name}.html`)
const asItOpens = async (): Promise<void> => {}

/** The file `story.svg` of a run; in a page, as a font cannot be chosen in a picture that stands alone. */
function worstPicture(): string {
  const { story, violations } = gcPause()
  const [[, text] = []] = pictureFiles({ story, violation: violations[0]! })
  return String(text)
}

/** What is looked at: a file, and what the reader does there. */
const STATES: Readonly<Record<string, readonly [file: string, act: (page: Page) => Promise<void>]>> = {
  run: [pageOf('run'), asItOpens],
  'run-matrix': [pageOf('run'), (page) => page.locator('.matrix-box').first().scrollIntoViewIfNeeded()],
  'run-first-event': [pageOf('run'), (page) => page.getByRole('button', { name: 'First event' }).click()],
  hunt: [pageOf('hunt'), asItOpens],
  'hunt-compared': [
    pageOf('hunt'),
    async (page) => {
      for (let story = 0; story < 3; story += 1) await page.keyboard.press('n')
      await page.locator('.compare').click()
    },
  ],
  'hunt-clean': [pageOf('clean-hunt'), asItOpens],
  'story-svg': [pageOf('story-svg'), asItOpens],
  frontier: [pageOf('frontier'), asItOpens],
  'lesson-asks': [pageOf('lesson'), asItOpens],
  'lesson-tells': [
    pageOf('lesson'),
    async (page) => {
      await page.locator('.answers button').first().click()
      await page
        .locator('#story')
        .evaluate((story) => (story as unknown as { scrollIntoView(): void }).scrollIntoView())
    },
  ],
  studio: [STUDIO, (page) => page.locator('#verdict h1').waitFor()],
  'studio-lesson': [
    STUDIO,
    async (page) => {
      await page.locator('#verdict h1').waitFor()
      await page.locator('.choices select').first().selectOption('lessons/sessions/lock.js')
      await page.locator('#verdict h1', { hasText: 'session resurrected' }).waitFor()
      await page.locator('.turns', { hasText: 'Nothing changes' }).waitFor()
    },
  ],
}

/** What a browser does with two pictures: the first made smaller, and how much it differs on the average from the second, of 255. */
async function compared(
  page: Page,
  png: Buffer,
  golden: Buffer | null,
): Promise<{ readonly small: Buffer; readonly difference: number }> {
  const { url, difference } = await page.evaluate(
    async ([seen, wanted, scale]) => {
      interface Picture {
        src: string
        readonly width: number
        readonly height: number
        decode(): Promise<void>
      }
      interface Canvas {
        width: number
        height: number
        toDataURL(type: string): string
        getContext(kind: '2d'): {
          imageSmoothingQuality: string
          drawImage(image: Picture, x: number, y: number, width: number, height: number): void
          getImageData(x: number, y: number, width: number, height: number): { readonly data: Uint8ClampedArray }
        }
      }
      const { document } = globalThis as unknown as { document: { createElement(name: string): unknown } }
      const drawn = async (base64: string, by: number) => {
        const image = document.createElement('img') as Picture
        image.src = `data:image/png;base64,${base64}`
        await image.decode()
        const canvas = document.createElement('canvas') as Canvas
        canvas.width = Math.round(image.width / by)
        canvas.height = Math.round(image.height / by)
        const context = canvas.getContext('2d')
        context.imageSmoothingQuality = 'high'
        context.drawImage(image, 0, 0, canvas.width, canvas.height)
        return { canvas, data: context.getImageData(0, 0, canvas.width, canvas.height).data }
      }
      const one = await drawn(seen, scale)
      const other = wanted === null ? one : await drawn(wanted, 1)
      let sum = 0
      for (let index = 0; index < one.data.length; index += 1) {
        sum += Math.abs(one.data[index]! - (other.data[index] ?? Number.NaN))
      }
      return { url: one.canvas.toDataURL('image/png'), difference: sum / one.data.length }
    },
    [png.toString('base64'), golden?.toString('base64') ?? null, SCALE] as const,
  )
  return { small: Buffer.from(url.split(',')[1]!, 'base64'), difference }
}

describe('how pages look', () => {
  for (const [name, [address, act]] of Object.entries(STATES)) {
    it(`${name}: as it did, light and dark, wide and narrow`, { timeout: SLOW_MS }, async (context) => {
      if (browser === undefined) return leaveOut(context, 'Chromium')
      if (!existsSync(FONT_FILE)) return leaveOut(context, 'fonts-dejavu-core')
      const isRenewed = expect.getState().snapshotState.snapshotUpdateState === 'all'
      const reader = await browser.newPage()
      const page = await browser.newPage({ reducedMotion: 'reduce' })
      try {
        for (const width of [1280, 390]) {
          await page.setViewportSize({ width, height: HEIGHT })
          await page.goto('about:blank')
          await page.goto(pathToFileURL(address).href)
          await page.addStyleTag({ content: FONT })
          await page.locator('h1').first().waitFor()
          await untilWhole(page)
          await act(page)
          for (const colorScheme of ['light', 'dark'] as const) {
            await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
            const file = path.join(GOLDEN, `${name}-${width}-${colorScheme}.png`)
            const golden = isRenewed ? null : readFileSync(file)
            const { small, difference } = await compared(reader, await page.screenshot(), golden)
            if (isRenewed) writeFileSync(file, small)
            expect(difference, path.basename(file)).toBeLessThan(DIFFERENCE_MAX)
          }
        }
      } finally {
        await page.close()
        await reader.close()
      }
    })
  }
})
