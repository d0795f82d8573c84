/**
 * The playground in Chromium, opened from the disk: it breaks the naive lock and clears the fenced one, what is dragged changes the
 * storm and its verdict, the address and the command hold all of it, code that never ends is stopped, and nothing is asked of any
 * network.
 */
import { execFile, execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import axe from 'axe-core'
import { type Browser, chromium, type Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { leaveOut } from '../left-out.ts'

const ROOT = path.resolve(import.meta.dirname, '../..')
const FILE = path.join(ROOT, 'dist/studio/index.html')
const ADDRESS = pathToFileURL(FILE).href
const CHROMIUM = '/usr/bin/chromium'
const SLOW_MS = 30_000

let browser: Browser | undefined
beforeAll(async () => {
  if (existsSync(CHROMIUM)) browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] })
})
afterAll(() => browser?.close())

interface Opened {
  readonly page: Page
  /** Everything that should not happen. */
  readonly trouble: readonly string[]
}

async function open(hash = '', options: Parameters<Browser['newPage']>[0] = {}): Promise<Opened> {
  const page = await browser!.newPage({ viewport: { width: 1400, height: 1000 }, ...options })
  const trouble: string[] = []
  page.on('console', (message) => trouble.push(`console: ${message.text()}`))
  page.on('pageerror', (error) => trouble.push(`error: ${error.message}`))
  page.on('request', (request) => {
    const url = request.url()
    if (!url.startsWith(ADDRESS) && !url.startsWith('blob:')) trouble.push(`request: ${url}`)
  })
  await page.goto(ADDRESS + hash)
  await page.locator('.picture .st-svg').waitFor({ timeout: SLOW_MS })
  return { page, trouble }
}

/** Chooses a lock and a storm in the lists of the page. */
async function choose(page: Page, lock: string, storm?: string): Promise<void> {
  await page.locator('.choices select').nth(0).selectOption(lock)
  if (storm !== undefined) await page.locator('.choices select').nth(1).selectOption(storm)
}

const verdict = (page: Page) => page.locator('#verdict h1')
const waitFor = (page: Page, text: string | RegExp): Promise<void> =>
  verdict(page).filter({ hasText: text }).waitFor({ timeout: SLOW_MS })

/** Puts a text into the editor. */
async function write(page: Page, code: string): Promise<void> {
  await page.locator('.cm-content').fill(code)
}

const command = (page: Page): Promise<string> => page.locator('.command').innerText()

/** The history that a copied command has in a terminal, as far as the page tells it. */
async function hashInTerminal(text: string): Promise<string> {
  const folder = mkdtempSync(path.join(tmpdir(), 'lockstorm-studio-'))
  try {
    const script = text.replace('npx lockstorm', `'${process.execPath}' '${ROOT}/dist/cli/main.js'`)
    writeFileSync(path.join(folder, 'replay.sh'), `${script} --json\n`)
    const run = promisify(execFile)('sh', ['replay.sh'], { cwd: folder, maxBuffer: 64 * 1024 * 1024 })
    // Exit code 1: the violation is there.
    const { stdout } = await run.catch((error: { readonly stdout: string }) => error)
    return (JSON.parse(stdout) as { readonly historyHash: string }).historyHash.slice(0, 16)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Of an element of a list, what is looked at. */
interface Option {
  readonly disabled: boolean
}

/** Moves the pointer from the middle of an element, in steps. */
async function dragBy(page: Page, selector: string, byPx: number): Promise<void> {
  const box = await page.locator(selector).first().boundingBox()
  if (box === null) throw new Error(`there is no ${selector}`)
  const [x, y] = [box.x + box.width / 2, box.y + box.height / 2]
  await page.mouse.move(x, y)
  await page.mouse.down()
  for (let step = 1; step <= 8; step += 1) await page.mouse.move(x + (byPx * step) / 8, y)
}

const HOSTILE = '<img src=x onerror=alert(1)>'

describe('the playground', () => {
  it('breaks the naive lock without any fault, and clears the fenced one in the pause that breaks others', async (context) => {
    if (browser === undefined) return leaveOut(context, 'Chromium')
    const { page, trouble } = await open()
    await waitFor(page, /mutual exclusion violated: . and . both held the lock/)
    await choose(page, 'set-nx-lua', 'gc-pause-before-write')
    // What is said of the storm before is there until this one was run.
    await page.locator('#verdict .why', { hasText: 'Needs fencing' }).waitFor({ timeout: SLOW_MS })
    await waitFor(page, /mutual exclusion violated/)
    await choose(page, 'fenced')
    await waitFor(page, /✓ valid nothing is violated/)
    expect(trouble).toEqual([])
    await page.close()
  })

  for (const colorScheme of ['light', 'dark'] as const)
    it(`has nothing that axe-core complains about, ${colorScheme}`, async (context) => {
      if (browser === undefined) return leaveOut(context, 'Chromium')
      const { page } = await open('', { colorScheme })
      await waitFor(page, /both held the lock/)
      await page.evaluate(axe.source)
      const complaints = () =>
        page.evaluate(async () => {
          const { violations } = await (globalThis as unknown as { axe: typeof axe }).axe.run()
          return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 160)).join(' | ')}`)
        })
      expect(await complaints()).toEqual([])
      await choose(page, 'lessons/sessions/lock.js')
      await waitFor(page, /session resurrected/)
      expect(await complaints()).toEqual([])
      await page.close()
    })

  it('says from which size of a fault on the verdict turns, and there it does', async (context) => {
    if (browser === undefined) return leaveOut(context, 'Chromium')
    const { page } = await open()
    await choose(page, 'set-nx-lua', 'gc-pause-before-write')
    await page.locator('.storm-list b', { hasText: 'pause A for 3 s' }).waitFor({ timeout: SLOW_MS })
    const told = page.locator('.turns').filter({ hasText: 'Nothing changes' })
    await told.waitFor({ timeout: SLOW_MS })
    const [, last, turn] = /from (\d+) ms to .* At (\d+) ms the verdict turns/.exec(await told.innerText()) ?? []
    expect(Number(last) - Number(turn)).toBe(1)
    const size = page.getByLabel(/^Milliseconds of/)
    await size.fill(String(last))
    await size.press('Enter')
    await page.locator('.storm-list b', { hasText: `pause A for ${last} ms` }).waitFor({ timeout: SLOW_MS })
    await waitFor(page, /both held the lock/)
    await size.fill(String(turn))
    await size.press('Enter')
    await page.locator('.storm-list b', { hasText: `pause A for ${turn} ms` }).waitFor({ timeout: SLOW_MS })
    await verdict(page).filter({ hasNotText: 'both held the lock' }).waitFor({ timeout: SLOW_MS })
    await page.close()
  })

  it('lets a pause be dragged, and shows the verdict under way', async (context) => {
    if (browser === undefined) return leaveOut(context, 'Chromium')
    const { page, trouble } = await open()
    await choose(page, 'set-nx-lua', 'gc-pause-before-write')
    await page.locator('.storm-list b', { hasText: 'pause A for 3 s' }).waitFor({ timeout: SLOW_MS })
    await dragBy(page, '.pause-end .grip', -600)
    await page.locator('.verdict.trying').waitFor({ timeout: SLOW_MS })
    expect(await page.locator('#verdict .held').innerText()).toMatch(/^paused [\d.]+ [mµ]?s\.\s*$/)
    await verdict(page).filter({ hasNotText: 'both held the lock' }).waitFor({ timeout: SLOW_MS })
    await page.mouse.up()
    await page.locator('.storm-list b').filter({ hasNotText: '3 s' }).waitFor({ timeout: SLOW_MS })
    expect(await page.locator('.storm-list b').innerText()).toMatch(/^pause A for [\d.]+ [mµ]?s$/)
    expect(trouble).toEqual([])
    await page.close()
  })

  it('lets a message be dragged later and a clock away from the right time; Escape changes nothing', async (context) => {
    if (browser === undefined) return leaveOut(context, 'Chromium')
    const { page } = await open()
    await choose(page, 'set-nx-lua', 'no-fault')
    await waitFor(page, 'nothing is violated')
    await dragBy(page, '.handle.message .grip', 60)
    await page.locator('.verdict.trying').waitFor({ timeout: SLOW_MS })
    await page.keyboard.press('Escape')
    await page.mouse.up()
    expect(await page.locator('.storm-list li').count()).toBe(0)
    await dragBy(page, '.handle.message .grip', 60)
    await page.mouse.up()
    await page
      .locator('.storm-list b', { hasText: /^a (request of|reply to) [A-Z] is .* late$/ })
      .waitFor({ timeout: SLOW_MS })
    await dragBy(page, '.handle.clock .grip', -40)
    await page.mouse.up()
    await page.locator('.storm-list b', { hasText: /^A's clock is \d+ ms behind$/ }).waitFor({ timeout: SLOW_MS })
    await page.close()
  })

  it('lets what can happen to a message be chosen', async (context) => {
    if (browser === undefined) return leaveOut(context, 'Chromium')
    const { page } = await open()
    await choose(page, 'set-nx-lua', 'no-fault')
    await waitFor(page, 'nothing is violated')
    await dragBy(page, '.handle.message .grip', 0)
    await page.mouse.up()
    await page.locator('.menu button', { hasText: /^pause [AB] for/ }).click()
    await page.locator('.storm-list li b', { hasText: /^pause [AB] for/ }).waitFor({ timeout: SLOW_MS })
    await page.getByLabel(/^Remove: pause/).click()
    await page.locator('.storm-list', { hasText: 'No fault.' }).waitFor({ timeout: SLOW_MS })
    await page.close()
  })

  it('runs code of the user, and holds all of it in the address and in a command that works', async (context) => {
    if (browser === undefined) return leaveOut(context, 'Chromium')
    const { page, trouble } = await open()
    await choose(page, 'set-nx-lua', 'gc-pause-before-write')
    await page.locator('.storm-list b', { hasText: 'pause A for 3 s' }).waitFor({ timeout: SLOW_MS })
    await write(page, OWN)
    await page.locator('.file b', { hasText: 'my-lock.ts' }).waitFor()
    // The address follows what was run.
    await page.waitForFunction("location.hash.includes('~')", null, { timeout: SLOW_MS })
    await waitFor(page, /both held the lock/)
    const hash = await page.locator('.again code').first().innerText()
    const text = await command(page)
    const address = await page.evaluate('location.hash')
    await page.close()

    const again = await open(String(address))
    await waitFor(again.page, /both held the lock/)
    expect(await again.page.locator('.again code').first().innerText()).toBe(hash)
    expect([...trouble, ...again.trouble]).toEqual([])
    await again.page.close()

    expect(await hashInTerminal(text)).toBe(hash)
  })

  it('gives a command that works for a built-in lock, with the same history', async (context) => {
    if (browser === undefined) return leaveOut(context, 'Chromium')
    const { page } = await open()
    await waitFor(page, /both held the lock/)
    const hash = await page.locator('.again code').first().innerText()
    const text = await command(page)
    expect(text).toMatch(/^npx lockstorm replay \S+$/)
    await page.close()
    expect(await hashInTerminal(text)).toBe(hash)
  })

  it("shows a lesson's code in its storm, the cure in the same one, and holds both in the address and in a command that works", async (context) => {
    if (browser === undefined) return leaveOut(context, 'Chromium')
    const { page, trouble } = await open()
    await choose(page, 'lessons/failover/lock.js')
    await waitFor(page, /mutual exclusion violated: A and B both held the lock/)
    await page.locator('.storm-list b', { hasText: 'redis-1 fails over to redis-2' }).waitFor({ timeout: SLOW_MS })
    await page.waitForFunction("location.hash.includes('~')", null, { timeout: SLOW_MS })
    const hash = await page.locator('.again code').first().innerText()
    const text = await command(page)
    const address = await page.evaluate('location.hash')
    // The reader makes another storm of it: the cure is seen in that one.
    await page.getByLabel(/^Milliseconds of/).fill('30')
    await page.getByLabel(/^Milliseconds of/).press('Enter')
    await page.locator('.storm-list b', { hasText: 'within 30 ms' }).waitFor({ timeout: SLOW_MS })
    await choose(page, 'lessons/failover/cured.js')
    await waitFor(page, /✓ valid nothing is violated/)
    expect(await page.locator('.storm-list b').innerText()).toContain('within 30 ms')
    await choose(page, 'lessons/pause/lock.js')
    await page.locator('.storm-list b', { hasText: 'pause A for 400 ms' }).waitFor({ timeout: SLOW_MS })
    const lacking = page.locator('.choices option[value^="lessons/resend/"]')
    expect(
      await lacking.evaluateAll((all) => all.map((one) => [(one as unknown as Option).disabled, one.textContent])),
    ).toEqual([
      [true, '8 resend (needs ioredis: lockstorm learn)'],
      [true, '8 resend, cured (needs ioredis: lockstorm learn)'],
    ])
    await page.close()

    const again = await open(String(address))
    await again.page.locator('.file b', { hasText: 'lessons/failover/lock.js' }).waitFor({ timeout: SLOW_MS })
    await waitFor(again.page, /A and B both held the lock/)
    expect(await again.page.locator('.again code').first().innerText()).toBe(hash)
    expect([...trouble, ...again.trouble]).toEqual([])
    await again.page.close()
    expect(await hashInTerminal(text)).toBe(hash)
  })

  it('hunts a session store, shows the storm that breaks it, and gives a command that works', async (context) => {
    if (browser === undefined) return leaveOut(context, 'Chromium')
    const { page, trouble } = await open()
    await choose(page, 'overwrite')
    await waitFor(page, /session update lost/)
    expect(await page.locator('.cm-content').innerText()).toContain("name: 'my-overwrite'")
    // Of a session nobody believes that it is held: the legend has what is in the picture.
    expect(await page.locator('.legend').innerText()).toContain('what Redis has')
    expect(await page.locator('.legend').innerText()).not.toContain('believes')
    await page.getByRole('button', { name: 'Hunt' }).click()
    const clock = page.locator('.hunt li', { hasText: 'session vanished' })
    await clock.getByRole('button').click({ timeout: 2 * SLOW_MS })
    await waitFor(page, /session vanished/)
    await page.locator('.storm-list b', { hasText: 'clock steps forward' }).waitFor({ timeout: SLOW_MS })
    // The address and the command follow what was run.
    await page.waitForFunction("document.querySelectorAll('.storm-list li').length === 1", null, { timeout: SLOW_MS })
    const hash = await page.locator('.again code').first().innerText()
    expect(await hashInTerminal(await command(page))).toBe(hash)
    expect(trouble).toEqual([])
    await page.close()
  })

  it('takes a calm storm when the code becomes another kind of subject, and offers those that fit', async (context) => {
    if (browser === undefined) return leaveOut(context, 'Chromium')
    const { page, trouble } = await open()
    await choose(page, 'set-nx-lua', 'gc-pause-before-write')
    await page.locator('.storm-list b', { hasText: 'pause A for 3 s' }).waitFor({ timeout: SLOW_MS })
    await write(page, readFileSync(path.join(ROOT, 'lessons/sessions/lock.js'), 'utf8').replace('stores-it', 'my'))
    await waitFor(page, /session/)
    await page.locator('.storm-list', { hasText: 'No fault.' }).waitFor({ timeout: SLOW_MS })
    const storms = await page.locator('.choices select').nth(1).locator('option').allInnerTexts()
    expect(storms).toContain('session-logout-during-slow-request')
    expect(storms).not.toContain('gc-pause-before-write')
    expect(trouble).toEqual([])
    await page.close()
  })

  it('stops code that never ends, and runs the next', async (context) => {
    if (browser === undefined) return leaveOut(context, 'Chromium')
    const { page } = await open()
    await write(page, OWN.replace('return (await redis.set', 'for (;;) {}\n    return (await redis.set'))
    await page.locator('.problem', { hasText: 'The code ran without end' }).waitFor({ timeout: SLOW_MS })
    await write(page, OWN)
    await page.locator('.problem').waitFor({ state: 'detached', timeout: SLOW_MS })
    await page.close()
  })

  it('says what is wrong with code, and takes names that are markup for text', async (context) => {
    if (browser === undefined) return leaveOut(context, 'Chromium')
    const { page, trouble } = await open()
    await write(page, 'export default class {')
    await page.locator('.problem', { hasText: 'line 1' }).waitFor({ timeout: SLOW_MS })
    await write(page, "import { x } from 'left-pad'\nexport default x")
    await page.locator('.problem', { hasText: 'there is no left-pad here' }).waitFor({ timeout: SLOW_MS })
    const hostile = OWN.replace("name: 'own'", `name: ${JSON.stringify(HOSTILE)}, title: ${JSON.stringify(HOSTILE)}`)
    await write(page, hostile.replace(/`lock:\$\{key\}`/, JSON.stringify(HOSTILE)))
    await page.locator('.problem').waitFor({ state: 'detached', timeout: SLOW_MS })
    await page.locator('.picture .st-svg', { hasText: 'img src' }).waitFor({ timeout: SLOW_MS })
    expect(await page.locator('img').count()).toBe(0)
    expect(trouble).toEqual([])
    await page.close()
  })

  for (const width of [390, 1280]) {
    for (const colorScheme of ['light', 'dark'] as const) {
      it(`fits ${width} px, ${colorScheme}`, async (context) => {
        if (browser === undefined) return leaveOut(context, 'Chromium')
        const { page, trouble } = await open('', { viewport: { width, height: 900 }, colorScheme })
        await waitFor(page, /both held the lock/)
        expect(await page.evaluate('document.documentElement.scrollWidth - innerWidth')).toBeLessThanOrEqual(0)
        const background = await page.evaluate('getComputedStyle(document.body).backgroundColor')
        expect(background).toBe(colorScheme === 'light' ? 'rgb(246, 245, 241)' : 'rgb(19, 23, 28)')
        expect(trouble).toEqual([])
        await page.close()
      })
    }
  }

  it('is one file of less than two and a half megabytes', () => {
    expect(readFileSync(FILE).length).toBeLessThan(2_500_000)
    expect(execFileSync('ls', [path.dirname(FILE)], { encoding: 'utf8' }).split('\n')).toContain('index.html')
  })
})

/** A lock as people have them, in TypeScript; it needs fencing. */
const OWN = `import { defineLock, type LockContext } from 'lockstorm'

interface Held { readonly token: string }

export default defineLock({
  name: 'own',
  async acquire({ redis, key, token, ttlMs }: LockContext): Promise<Held | null> {
    const lockKey: string = \`lock:\${key}\`
    return (await redis.set(lockKey, token, 'PX', ttlMs, 'NX')) === 'OK' ? { token } : null
  },
  async release({ redis, key }, lease) {
    const lockKey = \`lock:\${key}\`
    if ((await redis.get(lockKey)) !== (lease as Held).token) return false
    return (await redis.del(lockKey)) === 1
  },
  keys: (key: string) => [\`lock:\${key}\`],
})
`
