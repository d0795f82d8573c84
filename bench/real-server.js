/**
 * What a real redis-server under virtual time costs: a command, a node, the bundled suite; and whether the suite's matrix
 * is the one in memory. Alone: `node bench/real-server.js [--quick]`, after a build.
 */
import { performance } from 'node:perf_hooks'
import { pathToFileURL } from 'node:url'
import { LOCKS } from '../dist/lock/registry.js'
import { loadScenarios } from '../dist/scenario/node/find-scenarios.js'
import { runSuite } from '../dist/scenario/run-suite.js'
import { lackedBy } from '../dist/scenario/suite.js'
import { createRedisServerProvider } from '../dist/server/node/redis-server.js'
import { SESSION_STORES } from '../dist/session/registry.js'
import { inMacrotask } from '../dist/sim/node/drain.js'
import { lockSubject, sessionSubject } from '../dist/subject/subject.js'
import { memoryProvider, nodeEnvironment } from '../dist/world/node/environment.js'

const T0_US = 1_767_225_600_000_000
const BESIDE = 8

const seconds = (ms) => `${(ms / 1000).toFixed(1)} s`

/** Commands of one client a second; time moves between any two. `isWatched`: and the truth lane looks at a key after each. */
function commandsPerSecond(provider, count, isWatched) {
  const node = provider.node('redis-1', { seed: 'bench', nowUs: T0_US })
  let replies = 0
  const connection = node.connect({ onReply: () => (replies += 1) })
  const once = (index) => {
    node.setClock(T0_US + index * 500)
    connection.execute(index % 2 === 0 ? ['SET', 'k', `t${index}`, 'PX', '30000'] : ['GET', 'k'])
    if (isWatched) node.observe('k')
  }
  for (let index = 0; index < count / 10; index += 1) once(index)
  const began = performance.now()
  for (let index = 0; index < count; index += 1) once(count + index)
  const elapsedMs = performance.now() - began
  if (replies !== Math.ceil(count / 10) + count) throw new Error('a command was not answered')
  node.stop()
  return count / (elapsedMs / 1000)
}

/** The median time to have one more node while others run, ms. */
function nodeStartMs(provider) {
  const nodes = []
  const times = []
  // The first ones may be waiting already.
  for (let index = 0; index < BESIDE + 2; index += 1) {
    const began = performance.now()
    nodes.push(provider.node(`redis-${index + 1}`, { seed: 'bench', nowUs: T0_US }))
    if (index >= 2) times.push(performance.now() - began)
  }
  for (const node of nodes) node.stop()
  return times.sort((a, b) => a - b)[BESIDE / 2]
}

/** The bundled suite, as `lockstorm run` runs it: what this server cannot be is left out, in memory as well. */
async function suite(provider, client, runs, possible = provider) {
  const began = performance.now()
  const { report } = await runSuite({
    scenarios: loadScenarios([]).filter((scenario) => lackedBy(possible, scenario) === null),
    subjects: [...LOCKS.map(lockSubject), ...SESSION_STORES.map(sessionSubject)],
    seed: '1',
    client,
    environment: nodeEnvironment(client, provider),
    inMacrotask,
    ...(runs === null ? {} : { runs }),
  })
  return { cells: report.cells, elapsedMs: performance.now() - began }
}

/** Prints all of it, or why there is nothing to print. */
export async function benchRealServer(isQuick) {
  let provider
  try {
    provider = await createRedisServerProvider({ count: 2 })
  } catch (error) {
    console.log(`real server: left out, ${error.message.split('\n')[0]}`)
    return
  }
  try {
    const say = (what, value) => console.log(`${what.padEnd(58)} ${value}`)
    console.log(provider.description)
    if (!provider.deterministic) {
      console.log(`left out: ${provider.warning}`)
      return
    }
    const perSecond = (rate) => `${Math.round(rate).toLocaleString('en').padStart(10)}/s`
    const count = isQuick ? 2_000 : 20_000
    say('commands of one client', perSecond(commandsPerSecond(provider, count, false)))
    say('the same with a look at the lock after each', perSecond(commandsPerSecond(provider, count, true)))
    say('start of a node', `${nodeStartMs(provider).toFixed(0).padStart(10)} ms`)
    for (const client of ['ioredis', 'direct']) {
      const runs = isQuick ? 1 : null
      const memory = await suite(memoryProvider(), client, runs, provider)
      const server = await suite(provider, client, runs)
      // Sentinels and Cluster nodes draw delays of their own: the times of their histories differ (docs/topologies.md), verdicts must not.
      const differing = (field) => server.cells.filter((cell, index) => cell[field] !== memory.cells[index][field])
      const named = (cells) => [...new Set(cells.map(({ scenario, lock }) => `${scenario}/${lock}`))].join(', ')
      const verdicts = differing('verdict')
      const histories = differing('historyHash')
      const worlds = server.cells.reduce((sum, cell) => sum + cell.worlds, 0)
      say(
        `the suite, ${client}: ${server.cells.length} cells, ${worlds.toLocaleString('en')} worlds`,
        `${seconds(server.elapsedMs)} (in memory ${seconds(memory.elapsedMs)}), ${verdicts.length === 0 ? 'every verdict the same' : `${verdicts.length} verdicts DIFFER: ${named(verdicts)}`}`,
      )
      if (histories.length > 0) console.log(`  ${histories.length} other histories: ${named(histories)}`)
    }
  } finally {
    await provider.close()
  }
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) await benchRealServer(process.argv.includes('--quick'))
