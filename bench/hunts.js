/**
 * What hunts cost: storms a second by client and number of workers, and how long it takes to find what is wrong with each
 * broken lock.
 */
import { performance } from 'node:perf_hooks'
import { startCrew } from '../dist/engine/crew.js'
import { DEFAULT_PARAMETERS } from '../dist/explore/base-plan.js'
import { hunt } from '../dist/explore/hunt.js'
import { searchesOf } from '../dist/explore/search.js'

const BROKEN = ['naive', 'plain-set', 'setnx-expire', 'nx-plain-del', 'wall-deadline', 'set-nx-lua']

/** So many random storms are run before a rate is measured: until then workers run code that is not compiled yet. */
const WARM_UP = 4_000

/** One hunt; seconds, storms, and milliseconds until the first finding, from when the crew is ready (and warm). */
async function once(lock, client, workers, options, isWarm = false) {
  const parameters = { ...DEFAULT_PARAMETERS, client }
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
  for (const lock of BROKEN) {
    const { seconds, first } = await once(lock, 'ioredis', 2, {})
    console.log(
      `${lock.padEnd(14)} first finding after ${Math.round(first)} ms; all storms of 1 fault, explained, in ${seconds.toFixed(1)} s`,
    )
  }
}
