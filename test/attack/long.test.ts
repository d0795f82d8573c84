/**
 * Long runs: memory and open files stay what they were when it began, over many storms of one hunt, and over many worlds on one real
 * server, and on real replicas and Sentinels.
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { build, start } from '../cli/binary.ts'
import { isLarge, tell, timeoutMs, tries } from './attack.ts'

const folder = mkdtempSync(path.join(tmpdir(), 'lockstorm-attack-long-'))
beforeAll(build, 120_000)
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** How often a process is looked at. */
const LOOK_MS = isLarge ? 2_000 : 100
/** V8 takes memory while there is some; beyond this it keeps what it should forget. */
const GROWTH_MB_MAX = 150
/** A worker that starts, or a report that is written, opens a few. */
const FILES_GROWTH_MAX = 20

interface Look {
  readonly megabytes: number
  readonly files: number
}

/** A process and how it is, while it is there. */
function lookAt(pid: number): Look | null {
  try {
    const kilobytes = Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1])
    return { megabytes: kilobytes / 1_000, files: readdirSync(`/proc/${pid}/fd`).length }
  } catch {
    // It has ended.
    return null
  }
}

/** Runs a command, looking at it all the time: when it had warmed up, and at its end. */
async function watched(args: readonly string[]) {
  const child = start([...args, '--output', 'out', '-q'], { cwd: folder })
  child.stdout.resume()
  child.stderr.resume()
  const looks: Look[] = []
  const timer = setInterval(() => {
    const look = lookAt(child.pid as number)
    if (look !== null && Number.isFinite(look.megabytes)) looks.push(look)
  }, LOOK_MS)
  const code = await new Promise<number | null>((resolve) => child.once('exit', resolve))
  clearInterval(timer)
  const highest = (some: readonly Look[], of: keyof Look): number => Math.max(...some.map((look) => look[of]))
  const third = Math.ceil(looks.length / 3)
  const [early, late] = [looks.slice(third, 2 * third), looks.slice(2 * third)]
  return {
    code,
    megabytes: [highest(early, 'megabytes'), highest(late, 'megabytes')] as const,
    files: [highest(early, 'files'), highest(late, 'files')] as const,
  }
}

const STORMS = tries(400, 1_000_000)
const WORLDS = tries(10, 10_000)
/** Each starts six processes. */
const REPLICATED_WORLDS = tries(3, 500)

it.each<[string, number, readonly string[]]>([
  ['storms of one hunt', STORMS, ['hunt', 'fenced', '--client', 'direct', '--faults', '0', '--runs', String(STORMS)]],
  [
    'worlds on a real server',
    WORLDS,
    ['run', 'contention', '--only', 'fenced', '--redis', 'server', '--workers', '1', '--runs', String(WORLDS)],
  ],
  [
    'worlds on real replicas and Sentinels',
    REPLICATED_WORLDS,
    [
      ...['run', 'sentinel-promoted', '--only', 'fenced', '--redis', 'server', '--workers', '1'],
      ...['--runs', String(REPLICATED_WORLDS)],
    ],
  ],
])('%s', { timeout: timeoutMs(600_000) }, async (what, count, args) => {
  const { code, megabytes, files } = await watched(args)
  expect([0, 1]).toContain(code)
  expect(megabytes[1] - megabytes[0]).toBeLessThan(GROWTH_MB_MAX)
  expect(files[1] - files[0]).toBeLessThan(FILES_GROWTH_MAX)
  const figures = `${megabytes.map((each) => each.toFixed(0)).join(', then ')} MB; ${files.join(', then ')} open files`
  tell(`long: ${what}`, count, [], figures)
})
