/**
 * `lockstorm replay --html FILE`: the page of one world, written by the built command and opened from the disk in Chromium. It asks for
 * nothing, and says what the terminal says.
 */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { type Browser, chromium } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { bundledSubjects } from '../../src/scenario/bundled-subjects.ts'
import { loadScenarios } from '../../src/scenario/node/find-scenarios.ts'
import type { Scenario } from '../../src/scenario/scenario.ts'
import { encodeToken, planChecksum } from '../../src/scenario/token.ts'
import type { Subject } from '../../src/subject/subject.ts'
import { leaveOut } from '../left-out.ts'
import { build, lockstorm } from './binary.ts'

const CHROMIUM = '/usr/bin/chromium'
const SLOW_MS = 60_000

let browser: Browser | undefined
let folder: string
/** The token of a world in which a lock breaks, and of one in which none does. */
let broken: string
let sound: string
beforeAll(async () => {
  await build()
  folder = mkdtempSync(path.join(tmpdir(), 'lockstorm-replay-html-'))
  const [scenario] = loadScenarios(['no-fault']) as [Scenario]
  const tokenOf = (name: string): string => {
    const subject = bundledSubjects().find((each) => each.name === name) as Subject
    const parts = { scenario: scenario.name, planChecksum: planChecksum(scenario, subject), subject: name }
    return encodeToken({ ...parts, client: 'ioredis', redis: 'memory', seed: '1', world: 0 })
  }
  broken = tokenOf('naive')
  sound = tokenOf('fenced')
  if (existsSync(CHROMIUM)) browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] })
}, SLOW_MS)
afterAll(async () => {
  await browser?.close()
  rmSync(folder, { recursive: true, force: true })
})

describe('replay --html', () => {
  it('writes a page that opens from the disk, asks for nothing, and tells the story of the terminal', async (context) => {
    const file = path.join(folder, 'story.html')
    const { code, stdout, stderr } = lockstorm(['replay', broken, '--html', file])
    expect(code).toBe(1)
    expect(stderr).toContain(`see it  ${file}`)
    const sentence = stdout.split('\n')[0] as string
    expect(sentence).toMatch(/^✗ mutual exclusion violated: . and . both held the lock for /)
    if (browser === undefined) return leaveOut(context, 'Chromium')
    const page = await browser.newPage({ viewport: { width: 1280, height: 900 } })
    const address = pathToFileURL(file).href
    const trouble: string[] = []
    page.on('console', (message) => trouble.push(`console: ${message.text()}`))
    page.on('pageerror', (error) => trouble.push(`error: ${error.message}`))
    page.on('request', (request) => {
      if (request.url() !== address) trouble.push(`request: ${request.url()}`)
    })
    await page.goto(address)
    expect(await page.locator('h1').innerText()).toBe(sentence)
    expect(await page.locator('.st-svg').count()).toBe(1)
    // Both clients and the server have a lane; what overlaps is hatched.
    const lanes = await page
      .locator('.st-svg [data-lane]')
      .evaluateAll((all) => all.map((lane) => (lane as unknown as { dataset: { lane: string } }).dataset.lane))
    expect(lanes).toEqual(['A', 'B', 'redis-1', 'storage'])
    expect(await page.locator('.st-svg .hatch').count()).toBeGreaterThan(0)
    const where = () => page.locator('.where').innerText()
    const first = await where()
    await page.keyboard.press('j')
    expect(await where()).not.toBe(first)
    expect(await page.locator('body').innerText()).toContain(`npx lockstorm replay ${broken}`)
    expect(trouble).toEqual([])
    await page.close()
  })

  it('gives the same bytes for the same token, in the place of what was there, and leaves nothing beside it', () => {
    const [one, two] = ['one.html', 'two.html'].map((name) => {
      const inside = path.join(folder, 'same')
      lockstorm(['replay', broken, '--html', path.join(inside, name)])
      return readFileSync(path.join(inside, name), 'utf8')
    })
    expect(one).toBe(two)
    lockstorm(['replay', broken, '--html', path.join(folder, 'same/one.html')])
    expect(readdirSync(path.join(folder, 'same')).sort()).toEqual(['one.html', 'two.html'])
  })

  it('writes the page of a world in which nothing is violated, too', async (context) => {
    const file = path.join(folder, 'sound.html')
    const { code, stdout } = lockstorm(['replay', sound, '--html', file])
    expect([code, stdout]).toEqual([0, expect.stringContaining('✓ valid')])
    expect(readFileSync(file, 'utf8')).toContain('<title>fenced in no-fault')
    if (browser === undefined) return leaveOut(context, 'Chromium')
    const page = await browser.newPage()
    await page.goto(pathToFileURL(file).href)
    expect(await page.locator('.st-svg').count()).toBe(1)
    expect(await page.locator('.st-svg .hatch').count()).toBe(0)
    expect(await page.locator('#story').innerText()).toContain('✓ valid')
    await page.close()
  })

  it('is refused for several worlds, and for a place that cannot be written', () => {
    writeFileSync(path.join(folder, 'one.replay.json'), '{}')
    const several = lockstorm(['replay', folder, '--html', path.join(folder, 'none.html')])
    expect([several.code, several.stderr]).toEqual([64, expect.stringContaining('these are several')])
    const nowhere = lockstorm(['replay', broken, '--html', '/dev/null/story.html'])
    expect([nowhere.code, nowhere.stderr]).toEqual([64, expect.stringContaining('the page cannot be written')])
    expect(existsSync(path.join(folder, 'none.html'))).toBe(false)
  })
})
