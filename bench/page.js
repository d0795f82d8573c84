/**
 * What the page of a report costs in Chromium: `node bench/page.js [report/index.html]`. Prints the size of the page, when it first
 * paints, and how many events a second it steps through – of the given page, and of a story of 3,000 events.
 *
 * Measured, never asserted: a busy machine draws slowly.
 */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { chromium } from 'playwright-core'
import { EMPTY_PAGE } from '../dist/report/page/page-data.js'
import { storyPage } from '../dist/report/page/story-page.js'

const executablePath = [process.env.CHROMIUM ?? '', '/usr/bin/chromium', '/usr/bin/google-chrome'].find(
  (file) => file !== '' && existsSync(file),
)
if (executablePath === undefined) throw new Error('Chromium is missing; CHROMIUM=/path/to/it says where it is')

const STEPS = 600
const VISITS = 9

/** A page with a word on it: what this machine's browser takes for any page. */
const EMPTY = 'data:text/html,<p>lockstorm'

const folder = mkdtempSync(path.join(tmpdir(), 'lockstorm-page-bench-'))
const browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] })
try {
  const long = path.join(folder, 'long.html')
  writeFileSync(long, storyPage(longStory()))
  console.log(`an empty page: first paint ${fastestAndMedian(await paints(EMPTY))}`)
  for (const file of [...process.argv.slice(2), long]) console.log(await measured(file))
} finally {
  await browser.close()
  rmSync(folder, { recursive: true, force: true })
}

/** First paints of an address, ms, the fastest first. */
async function paints(address) {
  const all = []
  for (let visit = 0; visit < VISITS; visit += 1) {
    const page = await browser.newPage({ viewport: { width: 1280, height: 900 } })
    await page.goto(address)
    await page.waitForFunction(() => performance.getEntriesByName('first-contentful-paint').length > 0)
    all.push(await page.evaluate(() => performance.getEntriesByName('first-contentful-paint')[0].startTime))
    await page.close()
  }
  return all.sort((a, b) => a - b)
}

function fastestAndMedian(sorted) {
  return `${sorted[0].toFixed(0)} ms (median ${sorted[sorted.length >> 1].toFixed(0)})`
}

/** One page: its size, its first paint, its steps. */
async function measured(file) {
  const address = pathToFileURL(path.resolve(file)).href
  const painted = await paints(address)
  const page = await browser.newPage({ viewport: { width: 1280, height: 900 } })
  await page.goto(address)
  await page.waitForSelector('#page[aria-busy=false]')
  // A key a frame, as when it is held down; a frame that takes longer than 1/60 s shows as a lower rate.
  const { framesPerSecond, worstMs, stepMs } = await page.evaluate(async (steps) => {
    const frame = () => new Promise((resolve) => requestAnimationFrame(resolve))
    await frame()
    const began = performance.now()
    let last = began
    let worstMs = 0
    let busyMs = 0
    for (let step = 0; step < steps; step += 1) {
      const before = performance.now()
      document.body.dispatchEvent(new KeyboardEvent('keydown', { key: step < steps / 2 ? 'j' : 'k', bubbles: true }))
      await Promise.resolve()
      busyMs += performance.now() - before
      await frame()
      worstMs = Math.max(worstMs, performance.now() - last)
      last = performance.now()
    }
    return {
      framesPerSecond: (steps * 1000) / (performance.now() - began),
      worstMs,
      stepMs: busyMs / steps,
    }
  }, STEPS)
  const events = await page.getAttribute('input[type=range]', 'max')
  await page.close()
  const sizeKb = Math.round(readFileSync(file).length / 1000)
  return `${path.basename(file)}: ${sizeKb} kB, ${Number(events) + 1} events in the story · first paint ${fastestAndMedian(painted)} · ${framesPerSecond.toFixed(0)} steps/s at one a frame, worst frame ${worstMs.toFixed(0)} ms, script ${stepMs.toFixed(1)} ms a step`
}

/**
 * A page with one story of 3,000 events: two clients take turns.
 * @returns {any} it is written by hand, and has what the page shows of it
 */
function longStory() {
  const [records, messages, beliefs, truths] = [[], [], { A: [], B: [] }, []]
  const record = (atUs, process, type, op, value) =>
    records.push({ atUs, seq: records.length, process, type, op, value })
  for (let turn = 0; turn < 375; turn += 1) {
    const client = turn % 2 === 0 ? 'A' : 'B'
    const atUs = turn * 10_000
    const token = `${client}-${turn}`
    messages.push({
      from: client,
      to: 'redis-1',
      sentUs: atUs,
      arrivedUs: atUs + 500,
      label: `set k ${token} PX 1000 NX`,
      lost: false,
    })
    messages.push({
      from: 'redis-1',
      to: client,
      sentUs: atUs + 500,
      arrivedUs: atUs + 1_000,
      label: 'OK',
      lost: false,
    })
    record(atUs, client, 'invoke', 'acquire', token)
    record(atUs + 500, 'redis-1', 'truth', 'granted', ['k', client, client, token, atUs + 1_000_500, 1_000_000])
    record(atUs + 1_000, client, 'ok', 'acquire', [token, null, null, null])
    record(atUs + 6_000, client, 'invoke', 'release', token)
    record(atUs + 6_000, client, 'belief', 'ended', [token, 'released'])
    record(atUs + 6_500, 'redis-1', 'truth', 'deleted', ['k', client, client])
    beliefs[client].push({
      kind: 'belief',
      fromUs: atUs + 1_000,
      untilUs: atUs + 6_000,
      label: `${client} believes (released)`,
      owner: client,
    })
    truths.push({
      kind: 'truth',
      fromUs: atUs + 500,
      untilUs: atUs + 6_500,
      label: `${token} (deleted)`,
      owner: client,
    })
  }
  const lane = (name, kind, bars) => ({ name, kind, bars, marks: [] })
  const story = {
    endUs: 375 * 10_000,
    key: 'k',
    lanes: [lane('A', 'client', beliefs.A), lane('B', 'client', beliefs.B), lane('redis-1', 'redis', truths)],
    messages,
    overlaps: [],
    thrown: [],
    records,
  }
  const violation = {
    property: 'mutual-exclusion',
    kind: 'bug',
    weight: 'harm',
    cause: { kind: 'not-takeable' },
    sentence: 'an example',
    why: '',
    needs: null,
    atUs: 1_000_000,
    untilUs: 1_005_000,
    processes: ['A', 'B'],
    heading: 'mutual exclusion violated',
    token: 'L1.long',
    isShown: true,
  }
  const data = {
    kind: /** @type {const} */ ('hunt'),
    engine: '0',
    title: 'A long story',
    ...EMPTY_PAGE,
    footer: '',
    stories: [
      {
        id: 'long',
        subject: 'example',
        place: 'no fault',
        word: 'bug',
        isExpected: true,
        violations: [violation],
        world: 0,
        cured: null,
        advice: null,
        cures: [],
        storm: [],
        facts: [],
        told: '',
        replay: '',
        files: [],
        pitfalls: [],
      },
    ],
  }
  return { data, worlds: [story] }
}
