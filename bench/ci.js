/**
 * What lockstorm costs in CI: `node bench/ci.js [merge|matcher|fleet]`, each in processes of its own, wall time beside the processor
 * time of this machine's processes, because others may be at work on it.
 *
 *   merge     100 parts of a hunt of 10,000 storms each: one part is run, and stands for the others under their numbers
 *   matcher   a suite of Vitest with one test: without lockstorm, with it imported, with one `toSurvive` of 51 storms
 *   fleet     one hunt by one worker and by two, with redis-server and BullMQ; beside it by one thread and by two of one machine
 *
 * It prints and asserts nothing: machines differ and are noisy.
 */
import { spawn } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { performance } from 'node:perf_hooks'
import { fileURLToPath } from 'node:url'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const MAIN = path.join(ROOT, 'dist/cli/main.js')
const ENV = {
  ...process.env,
  LOCKSTORM_CLIENT: 'direct',
  LOCKSTORM_CLIENTS: '2',
  LOCKSTORM_ROUNDS: '1',
  LOCKSTORM_REPLAYS: 'false',
  NO_COLOR: '1',
}
const LOCK = `import { LOCKS } from 'lockstorm'
export const lock = LOCKS.find(({ name }) => name === 'set-nx-lua')
export default { ...lock, name: 'mine' }
`

const folder = mkdtempSync(path.join(tmpdir(), 'lockstorm-bench-'))
const modules = path.join(folder, 'node_modules')
mkdirSync(modules)
for (const name of readdirSync(path.join(ROOT, 'node_modules'))) {
  if (!name.startsWith('.')) symlinkSync(path.join(ROOT, 'node_modules', name), path.join(modules, name))
}
// A copy, as a package has it: Vitest transforms what a link leads to.
for (const part of ['dist', 'types', 'scenarios', 'package.json']) {
  cpSync(path.join(ROOT, part), path.join(modules, 'lockstorm', part), { recursive: true })
}
writeFileSync(path.join(folder, 'package.json'), '{ "type": "module" }')
writeFileSync(path.join(folder, 'my-lock.ts'), LOCK)

/** Runs a program of Node's to its end: seconds of wall and processor time, with its children, and its own largest memory (Linux). */
function run(args, env = ENV) {
  const begun = performance.now()
  const child = spawn('bash', ['-c', 'time -p "$0" "$@"', process.execPath, ...args], {
    cwd: folder,
    env,
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let stderr = ''
  child.stderr.on('data', (bytes) => (stderr += bytes))
  let peakKb = 0
  const look = setInterval(() => {
    try {
      const [pid] = readFileSync(`/proc/${child.pid}/task/${child.pid}/children`, 'utf8').split(' ')
      const status = readFileSync(`/proc/${pid}/status`, 'utf8')
      peakKb = Math.max(peakKb, Number(/VmHWM:\s+(\d+)/.exec(status)?.[1] ?? 0))
    } catch {
      // It has ended, or this is no Linux.
    }
  }, 20)
  return new Promise((resolve) =>
    child.once('close', () => {
      clearInterval(look)
      const of = (name) => Number(new RegExp(`^${name} ([\\d.]+)$`, 'm').exec(stderr)?.[1])
      const wallS = (performance.now() - begun) / 1_000
      resolve({ stderr, wallS, cpuS: of('user') + of('sys'), peakMb: peakKb / 1_024 })
    }),
  )
}

const figures = ({ wallS, cpuS, peakMb }) =>
  `${wallS.toFixed(2)} s (processor ${cpuS.toFixed(2)} s), ${Math.round(peakMb)} MB`

async function benchMerge() {
  const PARTS = 100
  const args = ['hunt', './my-lock.ts', '--faults', '0', '--runs', String(PARTS * 10_000)]
  await run([MAIN, ...args, '--shard', `1/${PARTS}`, '--output', 'parts'])
  const first = JSON.parse(readFileSync(path.join(folder, `parts/part-1-of-${PARTS}.json`), 'utf8'))
  const storms = first.searched.reduce((sum, { tried }) => sum + tried, 0)
  for (let index = 2; index <= PARTS; index += 1) {
    const part = structuredClone(first)
    part.shard.index = index
    for (const { findings } of part.searched) for (const finding of findings) finding.ordinal += index
    writeFileSync(path.join(folder, `parts/part-${index}-of-${PARTS}.json`), JSON.stringify(part))
  }
  const merged = await run([MAIN, 'merge', 'parts', '--lock', './my-lock.ts', '--output', 'merged'])
  const { storms: all, violations } = JSON.parse(readFileSync(path.join(folder, 'merged/report.json'), 'utf8'))
  console.log(
    `merge of ${PARTS} parts of ${storms.toLocaleString('en')} storms (${all.tried.toLocaleString('en')} in all, ${violations.length} findings explained): ${figures(merged)}`,
  )
}

async function benchMatcher() {
  const suites = {
    'without lockstorm': ["import { test } from 'vitest'", 'test("x", () => {})'],
    'lockstorm/vitest-4 imported': ["import { test } from 'lockstorm/vitest-4'", 'test("x", () => {})'],
    'and one toSurvive of 51 storms': [
      "import { expect } from 'vitest'\nimport { test } from 'lockstorm/vitest-4'\nimport { LOCKS } from 'lockstorm'",
      "test('x', () => expect(LOCKS.find(({ name }) => name === 'fenced')).toSurvive({ faults: 0, clients: 2, rounds: 1, client: 'direct' }))",
    ],
  }
  const vitest = path.join(ROOT, 'node_modules/vitest/vitest.mjs')
  for (const [what, lines] of Object.entries(suites)) {
    writeFileSync(path.join(folder, 'x.test.js'), `${lines.join('\n')}\n`)
    const runs = []
    for (let turn = 0; turn < 5; turn += 1) runs.push(await run([vitest, 'run', '--root', folder]))
    const least = (key) => Math.min(...runs.map((each) => each[key])).toFixed(2)
    console.log(
      `a suite of Vitest, ${what}: ${least('wallS')} s (processor ${least('cpuS')} s), the least of ${runs.length}`,
    )
  }
}

async function benchFleet() {
  const port = 7_000 + (process.pid % 1_000)
  const redis = spawn('redis-server', ['--port', String(port), '--save', '', '--dir', folder], { stdio: 'ignore' })
  const queue = ['--queue', `redis://127.0.0.1:${port}`]
  const hunt = ['./my-lock.ts', '--faults', '2', '--clients', '3', '--rounds', '2']
  const times = (one, two) => (one.wallS / two.wallS).toFixed(2)
  try {
    const alone = []
    const fleets = []
    for (const count of [1, 2]) {
      alone.push(await run([MAIN, 'hunt', ...hunt, '--workers', String(count), '--output', `alone${count}`]))
      const workers = Array.from({ length: count }, () => run([MAIN, 'fleet', 'work', '--workers', '1', ...queue]))
      const start = await run([MAIN, 'fleet', 'start', ...hunt, '--output', `fleet${count}`, ...queue])
      fleets.push(start)
      const cpu = (await Promise.all(workers)).map(({ cpuS }) => cpuS.toFixed(1)).join(' + ')
      console.log(
        `a hunt by ${count} of a fleet: ${start.wallS.toFixed(1)} s; processor: workers ${cpu} s, start ${start.cpuS.toFixed(1)} s`,
      )
    }
    console.log(
      `two of a fleet are ${times(...fleets)} times as fast as one; two threads of one hunt ${times(...alone)} times (${alone.map(({ wallS }) => `${wallS.toFixed(1)} s`).join(', ')})`,
    )
  } finally {
    redis.kill()
  }
}

const BENCHES = { merge: benchMerge, matcher: benchMatcher, fleet: benchFleet }
try {
  const named = process.argv.slice(2)
  for (const name of named.length === 0 ? Object.keys(BENCHES) : named) await BENCHES[name]()
} finally {
  rmSync(folder, { recursive: true, force: true })
}
