/**
 * What hunts cost: storms a second by client and number of workers, and how long it takes to find what is wrong with each
 * broken lock.
 */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { performance } from 'node:perf_hooks'
import { fileURLToPath } from 'node:url'
import { startCrew } from '../dist/engine/crew.js'
import { DEFAULT_PARAMETERS } from '../dist/explore/base-plan.js'
import { hunt } from '../dist/explore/hunt.js'
import { searchesOf } from '../dist/explore/search.js'

const BROKEN = ['naive', 'plain-set', 'setnx-expire', 'nx-plain-del', 'wall-deadline', 'set-nx-lua']

/** So many random storms are run before a rate is measured: until then workers run code that is not compiled yet. */
const WARM_UP = 4_000

/** One hunt; seconds, storms, and milliseconds until the first finding, from when the crew is ready (and warm). */
async function once(lock, client, workers, { sizes = {}, ...options }, isWarm = false) {
  const parameters = { ...DEFAULT_PARAMETERS, client, ...sizes }
  const choice = { redis: 'memory', redisBinary: null, image: null, hosts: {} }
  const job = { kind: /** @type {const} */ ('hunt'), lock, only: [], choice, parameters }
  const crew = await startCrew(job, { workers, spinMs: 60_000 })
  try {
    if (isWarm) await run(crew, { faults: 0, runs: WARM_UP * workers })
    const began = performance.now()
    let first = null
    const onFinding = () => {
      first ??= performance.now() - began
    }
    const outcome = await run(crew, { ...options, onFinding })
    return { seconds: (performance.now() - began) / 1000, tried: outcome.tally.tried, first }
  } finally {
    await crew.close()
  }
}

const run = (crew, { onFinding = () => {}, ...options }) => {
  const { bases } = crew.opening
  const searches = searchesOf({ bases, faults: 1, pairBudget: 20_000, given: null, runs: null, ...options })
  return hunt({ crew, searches, onFinding })
}

/** All storms of two faults and of three, on the reference lock, by two workers that begin cold. */
async function benchWholeLevels() {
  for (const [faults, clients, rounds] of [
    [2, 3, 2],
    [3, 2, 1],
  ]) {
    const { seconds, tried } = await once('fenced', 'direct', 2, { faults, sizes: { clients, rounds } })
    console.log(
      `all storms of up to ${faults} faults, ${clients} clients × ${rounds}, direct, 2 workers: ${tried.toLocaleString('en')} in ${seconds.toFixed(1)} s`,
    )
  }
}

/** From the shell: a broken lock's first violation, made small, explained and written as a report. */
function firstExplained() {
  const main = fileURLToPath(new URL('../dist/cli/main.js', import.meta.url))
  const folder = mkdtempSync(path.join(tmpdir(), 'lockstorm-bench-'))
  try {
    for (const args of [
      ['run', 'gc-pause-before-write', '--only', 'naive'],
      ['hunt', 'naive', '-x'],
    ]) {
      const times = Array.from({ length: 5 }, () => {
        const began = performance.now()
        const { status } = spawnSync(process.execPath, [main, ...args], { cwd: folder })
        if (status !== 0 && status !== 1) throw new Error(`lockstorm ${args.join(' ')} ended with ${status}`)
        return performance.now() - began
      })
      console.log(`lockstorm ${args.join(' ')}: ${Math.min(...times).toFixed(0)} ms, the fastest of ${times.length}`)
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Prints the figures of hunts; `isQuick` runs a tenth. */
export async function benchHunts(say, isQuick) {
  const pairBudget = isQuick ? 4_000 : 40_000
  for (const client of ['direct', 'ioredis']) {
    const rates = []
    for (const workers of [1, 2]) {
      const { seconds, tried } = await once('fenced', client, workers, { faults: null, pairBudget }, true)
      rates.push(tried / seconds)
      say(
        `storms, ${client}, ${workers} ${workers === 1 ? 'worker' : 'workers'}`,
        tried / seconds,
        `${tried} storms of fenced`,
      )
    }
    console.log(`two workers / one, ${client}: ${(rates[1] / rates[0]).toFixed(2)}`)
  }
  if (!isQuick) await benchWholeLevels()
  firstExplained()
  for (const lock of BROKEN) {
    const { seconds, first } = await once(lock, 'ioredis', 2, {})
    console.log(
      `${lock.padEnd(14)} first finding after ${Math.round(first)} ms; all storms of 1 fault, explained, in ${seconds.toFixed(1)} s`,
    )
  }
}
