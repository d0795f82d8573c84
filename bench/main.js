/**
 * What a world costs, beside what others cost, in one run on one machine: `npm run bench [-- --quick]`.
 *
 * It prints and asserts nothing: machines differ and are noisy. Compare lines of one run with each other.
 */
import { performance } from 'node:perf_hooks'
import { judge } from '../dist/check/judge.js'
import { History } from '../dist/history/history.js'
import { naive } from '../dist/lock/naive.js'
import { COMPARE_AND_DELETE } from '../dist/lock/release-script.js'
import { setNxLua } from '../dist/lock/set-nx-lua.js'
import { MemoryRedis } from '../dist/redis/memory-redis.js'
import { loadLuaEngine } from '../dist/redis/script/node/load.js'
import { inMacrotask } from '../dist/sim/node/drain.js'
import { lockSubject } from '../dist/subject/subject.js'
import { memoryProvider, nodeEnvironment } from '../dist/world/node/environment.js'
import { runWorld } from '../dist/world/run-world.js'
import { topologyOf, USUAL_CLUSTER, USUAL_SENTINEL } from '../dist/world/topology.js'
import { benchHunts } from './hunts.js'
import { mockLockPairs, mockRounds } from './ioredis-mock.js'
import { benchLibraries } from './libraries.js'
import { benchRealServer } from './real-server.js'

const isQuick = process.argv.includes('--quick')
const scale = isQuick ? 0.1 : 1
const provider = memoryProvider()
const count = (n) => Math.max(20, Math.round(n * scale))
const say = (what, rate, detail = '') =>
  console.log(`${what.padEnd(58)} ${Math.round(rate).toLocaleString('en').padStart(10)}/s  ${detail}`)

/** Three clients, three rounds each: enough for contention in every world. */
const plan = {
  scenario: 'bench',
  seed: '',
  client: 'direct',
  clients: 3,
  topology: topologyOf(1),
  ttlMs: 1000,
  latency: { minUs: 200, maxUs: 900 },
  headStartUs: 0,
  workload: { kind: 'counter', rounds: 3, workUs: 1_000, retryUs: 5_000, checkFence: true },
  faults: [],
  settleUs: 3_000_000,
}

/** A holder dies, and everybody waits for its lease to end: virtual time is what a suite of such worlds saves. */
const patient = {
  ...plan,
  ttlMs: 30_000,
  settleUs: 90_000_000,
  workload: { ...plan.workload, rounds: 1, retryUs: 1_000_000 },
  faults: [
    {
      kind: 'crash',
      settings: { process: 'A' },
      at: { kind: 'event', process: 'A', when: 'after', op: 'acquire', count: 1 },
    },
  ],
}

/** The primary ends under a holder, and three Sentinels promote a replica: most of what happens is what Sentinels say to each other. */
const failingOver = {
  ...plan,
  topology: USUAL_SENTINEL,
  clients: 2,
  ttlMs: 8_000,
  settleUs: 24_000_000,
  workload: { ...plan.workload, rounds: 1, workUs: 6_000_000, retryUs: 250_000 },
  faults: [
    {
      kind: 'crash',
      settings: { process: 'redis-1' },
      at: { kind: 'event', process: 'A', when: 'before', op: 'work', count: 1 },
    },
  ],
}

function runWorlds(client, subject, from, to, plan) {
  const environment = nodeEnvironment(client, provider)
  const totals = { turns: 0, virtualUs: 0, records: 0, statuses: new Set() }
  for (let index = from; index < to; index += 1) {
    const run = runWorld({ ...plan, seed: `bench/${index}`, client }, subject, environment)
    const { verdict } = judge(new History(run))
    totals.turns += run.turns
    totals.virtualUs += run.endUs
    totals.records += run.records.length
    totals.statuses.add(verdict.status)
  }
  return totals
}

async function worlds(client, subject, n, what = '3 clients × 3 rounds, all checks', planned = plan) {
  await inMacrotask(() => runWorlds(client, subject, 0, Math.ceil(n / 4), planned))
  const began = performance.now()
  const totals = await inMacrotask(() => runWorlds(client, subject, 0, n, planned))
  const seconds = (performance.now() - began) / 1000
  say(
    `worlds, ${client}, ${subject.name}: ${what}`,
    n / seconds,
    `${Math.round(totals.turns / n)} turns, ${Math.round(totals.records / n)} records, ${[...totals.statuses].sort().join('/')}, virtual/real ${Math.round(totals.virtualUs / 1e6 / seconds)}`,
  )
  return n / seconds
}

/** SET NX and the release script in process, without network, world or RESP. */
function lockPairs(n) {
  const redis = new MemoryRedis({ nowUs: () => 1_767_225_600_000_000, scripts: loadLuaEngine() })
  const connection = redis.connect({ onReply: () => {} })
  const once = (index) => {
    const token = `t${index}`
    connection.execute(['set', 'k', token, 'PX', '30000', 'NX'])
    connection.execute(['eval', COMPARE_AND_DELETE, '1', 'k', token])
  }
  for (let index = 0; index < n / 4; index += 1) once(index)
  const began = performance.now()
  for (let index = 0; index < n; index += 1) once(index)
  return n / ((performance.now() - began) / 1000)
}

console.log(`node ${process.version}, one core${isQuick ? ', quick' : ''}\n`)
const direct = await worlds('direct', lockSubject(setNxLua), count(8_000))
await worlds('direct', lockSubject(naive), count(8_000))
const ioredis = await worlds('ioredis', lockSubject(setNxLua), count(3_000))
await worlds('ioredis', lockSubject(naive), count(3_000))
await benchLibraries(worlds, count(2_000))
await worlds('direct', lockSubject(setNxLua), count(4_000), 'the holder dies, lease 30 s', patient)
for (const client of ['direct', 'ioredis'])
  await worlds(client, lockSubject(setNxLua), count(400), 'the primary ends, three Sentinels', failingOver)
const onCluster = { ...failingOver, topology: USUAL_CLUSTER, ttlMs: 6_000, settleUs: 18_000_000 }
await worlds('ioredis', lockSubject(setNxLua), count(400), 'a primary of a Cluster ends, 3 + 3 nodes', onCluster)
const mock = await mockRounds(count(200))
say('the same rounds on ioredis-mock + @sinonjs/fake-timers', mock, 'no network, no faults, no history, no checks')
console.log(`ours / theirs: direct ${(direct / mock).toFixed(1)}, ioredis ${(ioredis / mock).toFixed(1)}\n`)
const pairs = lockPairs(count(200_000))
say('SET NX + Lua release, in process', pairs)
const mockPairs = await mockLockPairs(count(1_000))
say('the same on ioredis-mock', mockPairs)
console.log(`ours / theirs: ${(pairs / mockPairs).toFixed(0)}\n`)

const worldsForMemory = count(100_000)
const sizes = []
const environmentWarm = 2_000
const subject = lockSubject(setNxLua)
await inMacrotask(() => runWorlds('direct', subject, 0, Math.min(environmentWarm, worldsForMemory), plan))
for (let part = 0; part <= 4; part += 1) {
  globalThis.gc?.()
  sizes.push(Math.round(process.memoryUsage().rss / 1024 / 1024))
  if (part < 4)
    await inMacrotask(() =>
      runWorlds('direct', subject, (part * worldsForMemory) / 4, ((part + 1) * worldsForMemory) / 4, plan),
    )
}
console.log(
  `resident memory over ${worldsForMemory.toLocaleString('en')} worlds, MB at each quarter: ${sizes.join(' ')}`,
)

console.log('')
await benchRealServer(isQuick)

console.log('')
await benchHunts(say, isQuick)
