/**
 * The history hash of every cell of the bundled suite, one world each, as JSON on standard output or as a message to the
 * thread that started this one. Runs the built package, so that any Node can run it.
 */
import { isMainThread, parentPort } from 'node:worker_threads'
import { LOCKS } from '../../dist/lock/registry.js'
import { loadScenarios } from '../../dist/scenario/node/find-scenarios.js'
import { runSuite } from '../../dist/scenario/run-suite.js'
import { SESSION_STORES } from '../../dist/session/registry.js'
import { inMacrotask } from '../../dist/sim/node/drain.js'
import { lockSubject, sessionSubject } from '../../dist/subject/subject.js'
import { memoryProvider, nodeEnvironment } from '../../dist/world/node/environment.js'

const provider = memoryProvider()
const hashes = {}
for (const client of /** @type {const} */ (['direct', 'ioredis'])) {
  const { report } = await runSuite({
    scenarios: loadScenarios([]),
    subjects: [...LOCKS.map(lockSubject), ...SESSION_STORES.map(sessionSubject)],
    seed: 'golden',
    client,
    runs: 1,
    environment: nodeEnvironment(client, provider),
    inMacrotask,
  })
  for (const cell of report.cells) hashes[`${client} ${cell.scenario} ${cell.lock}`] = cell.historyHash
}
if (isMainThread) process.stdout.write(`${JSON.stringify(hashes, null, 1)}\n`)
else parentPort.postMessage(hashes)
