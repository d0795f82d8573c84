/**
 * Stopped in the middle: SIGKILL, SIGINT and SIGTERM at random moments of a run, a hunt, a run on real servers, alone and with replicas and
 * Sentinels, a fleet, and a served Redis, alone, with Sentinels and as a Cluster. The report that was there before is whole, as it was or as a new one; after a polite signal no process, folder or port is left
 * over, and after a SIGKILL no process. A fleet goes on without a worker.
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { build, lockstorm, start } from '../cli/binary.ts'
import { isLarge, SEED, tell, timeoutMs, tries } from './attack.ts'

const MOMENTS = tries(1, 100)
const SIGNALS: readonly NodeJS.Signals[] = ['SIGTERM', 'SIGKILL', 'SIGINT']
/** So long, at most, from the signal to the end of everything that was started. */
const END_MS = 15_000

const onServers = (scenario: string): readonly string[] =>
  `run ${scenario} --only fenced --redis server --workers 1 --runs 5`.split(' ')

const COMMANDS: Readonly<Record<string, readonly string[]>> = {
  run: ['run', 'contention', 'no-fault', '--client', 'direct', '--runs', '200'],
  hunt: ['hunt', 'naive', '--client', 'direct', '--faults', '0', '--runs', '2000'],
  'run on real servers': onServers('contention'),
  'run on real replicas and Sentinels': onServers('sentinel-promoted'),
}

let folder: string
beforeAll(async () => {
  await build()
  folder = mkdtempSync(path.join(tmpdir(), 'lockstorm-attack-signals-'))
}, 120_000)
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

/** Everything in a folder, by name. */
const contents = (place: string): Readonly<Record<string, string>> =>
  Object.fromEntries(
    (
      readdirSync(place, { recursive: true, withFileTypes: true }) as {
        name: string
        parentPath: string
        isFile(): boolean
      }[]
    )
      .filter((entry) => entry.isFile())
      .map(({ name, parentPath }) => path.join(parentPath, name))
      .sort()
      .map((file) => [path.relative(place, file), readFileSync(file, 'utf8')]),
  )

/** Every process that has this text in its environment: what a command started, and what that started. */
function processesWith(mark: string): string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        if (!readFileSync(`/proc/${pid}/environ`, 'latin1').includes(mark)) return []
        return [`${pid} ${readFileSync(`/proc/${pid}/cmdline`, 'latin1').replaceAll('\0', ' ').trim()}`]
      } catch {
        // It has ended, or is somebody else's.
        return []
      }
    })
}

const ended = (child: ChildProcess): Promise<number | null> =>
  new Promise((resolve) =>
    child.exitCode === null && child.signalCode === null ? child.once('exit', resolve) : resolve(child.exitCode),
  )

/** Waits until nothing of a command is left; what is left after all. */
async function leftOf(mark: string): Promise<readonly string[]> {
  for (let waitedMs = 0; waitedMs < END_MS && processesWith(mark).length > 0; waitedMs += 100) await sleep(100)
  return processesWith(mark)
}

/** The folder with the report that was there before, which is made quickly. */
function madeBefore(args: readonly string[]): string {
  const cwd = mkdtempSync(path.join(folder, 'before-'))
  const small = args.map((arg, index) => (args[index - 1] === '--runs' ? '1' : arg))
  lockstorm([...small, '--output', 'out'], { cwd })
  return path.join(cwd, 'out')
}

/** Stops a command at a moment; what is wrong afterwards. */
async function stopped(
  args: readonly string[],
  earlier: string,
  signal: NodeJS.Signals,
  atMs: number,
): Promise<string[]> {
  const cwd = mkdtempSync(path.join(folder, 'here-'))
  const temporary = mkdtempSync(path.join(folder, 'tmp-'))
  const output = path.join(cwd, 'out')
  cpSync(earlier, output, { recursive: true })
  const before = contents(output)
  const mark = `ATTACK_MARK=${path.basename(cwd)}`
  const child = start([...args, '--output', 'out'], {
    cwd,
    env: { ATTACK_MARK: path.basename(cwd), TMPDIR: temporary },
  })
  child.stdout.resume()
  child.stderr.resume()
  await Promise.race([sleep(atMs), ended(child)])
  child.kill(signal)
  await ended(child)
  const left = await leftOf(mark)
  const complaints = [...left.map((each) => `still there: ${each}`), ...complaintsAbout(output, before)]
  if (signal !== 'SIGKILL' && readdirSync(temporary).length > 0)
    complaints.push(`left over: ${readdirSync(temporary).join(', ')}`)
  rmSync(cwd, { recursive: true, force: true })
  return complaints.map((complaint) => `${args.join(' ')}, ${signal} after ${atMs} ms: ${complaint}`)
}

/** What is wrong with a report, beside the one that was there before. */
function complaintsAbout(output: string, before: Readonly<Record<string, string>>): string[] {
  const after = contents(output)
  const complaints: string[] = []
  // A report is written file by file: each is the old one or a new one, and whole.
  for (const [name, text] of Object.entries(after)) {
    if (text === before[name]) continue
    if (/\.(json|sarif)$/.test(name)) JSON.parse(text)
    if (name.endsWith('.html') && !text.trimEnd().endsWith('</html>')) complaints.push(`${name} is not whole`)
    if (name.endsWith('.xml') && !text.trimEnd().endsWith('>')) complaints.push(`${name} is not whole`)
  }
  for (const name of Object.keys(before))
    if (after[name] === undefined && name === 'report.json') complaints.push(`${name} is gone`)
  return complaints
}

it.each(Object.keys(COMMANDS))('%s', { timeout: timeoutMs(600_000) }, async (name) => {
  const moments = fc.sample(fc.integer({ min: 0, max: 4_000 }), { numRuns: MOMENTS, seed: SEED })
  const args = COMMANDS[name] as readonly string[]
  const earlier = madeBefore(args)
  const failures: string[] = []
  for (const [index, atMs] of moments.entries()) {
    const signal = SIGNALS[(index + Object.keys(COMMANDS).indexOf(name)) % SIGNALS.length] as NodeJS.Signals
    failures.push(...(await stopped(args, earlier, signal, atMs)))
  }
  tell(`signals: ${name}`, MOMENTS, failures)
})

/** Stops the hunt of a fleet, or its only worker, after which another one comes. */
async function fleetStopped(port: number, whose: 'hunt' | 'worker', signal: NodeJS.Signals, atMs: number) {
  const cwd = mkdtempSync(path.join(folder, 'here-'))
  execFileSync('redis-cli', ['-p', String(port), 'flushall'])
  const begin = (...args: readonly string[]): ChildProcess => {
    const flags = ['--queue', `redis://127.0.0.1:${port}`]
    const child = start(['fleet', ...args, ...flags], { cwd, env: { ATTACK_MARK: path.basename(cwd) } })
    child.stdout.resume()
    child.stderr.resume()
    return child
  }
  const hunt = begin(
    'start',
    'naive',
    '--client',
    'direct',
    '--faults',
    '0',
    '--runs',
    isLarge ? '2000' : '100',
    '--output',
    'out',
  )
  const worker = begin('work', '--workers', '1')
  const stoppedOne = whose === 'hunt' ? hunt : worker
  await Promise.race([sleep(atMs), ended(stoppedOne)])
  stoppedOne.kill(signal)
  await ended(stoppedOne)
  const complaints: string[] = []
  if (whose === 'worker') {
    const next = begin('work', '--workers', '1')
    // It may have come too late for this hunt, and waits for another one then.
    next.stderr?.on('data', (text) => {
      if (String(text).includes('waiting for a hunt')) next.kill('SIGTERM')
    })
    // The lock is broken, and the hunt has to say so all the same.
    const code = await ended(hunt)
    if (code !== 1) complaints.push(`the hunt ended with ${code}`)
  } else worker.kill('SIGTERM')
  complaints.push(...(await leftOf(`ATTACK_MARK=${path.basename(cwd)}`)).map((each) => `still there: ${each}`))
  if (existsSync(path.join(cwd, 'out'))) complaints.push(...complaintsAbout(path.join(cwd, 'out'), {}))
  rmSync(cwd, { recursive: true, force: true })
  return complaints.map((complaint) => `the ${whose} of a fleet, ${signal} after ${atMs} ms: ${complaint}`)
}

it('a fleet', { timeout: timeoutMs(600_000) }, async () => {
  const port = await freePort()
  const redis = spawn('redis-server', ['--port', String(port), '--dir', folder, '--save', ''], { stdio: 'ignore' })
  const failures: string[] = []
  try {
    await vi.waitFor(() => execFileSync('redis-cli', ['-p', String(port), 'ping'], { stdio: 'pipe' }), {
      timeout: 20_000,
    })
    const moments = fc.sample(fc.integer({ min: 0, max: 4_000 }), { numRuns: MOMENTS, seed: SEED })
    for (const [index, atMs] of moments.entries()) {
      const signal = isLarge ? (SIGNALS[index % SIGNALS.length] as NodeJS.Signals) : 'SIGKILL'
      failures.push(...(await fleetStopped(port, index % 2 === 0 ? 'worker' : 'hunt', signal, atMs)))
    }
  } finally {
    redis.kill('SIGKILL')
  }
  tell('signals: fleet', MOMENTS, failures)
})

const freePort = (): Promise<number> =>
  new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo
      server.close(() => resolve(port))
    })
  })

const isFree = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const server = createServer().once('error', () => resolve(false))
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)))
  })

/** The ports behind that of the first server, by the flag. */
const PORTS: Readonly<Record<string, readonly number[]>> = {
  '': [0],
  '--sentinel': [0, 1, 2, 20_000, 20_001, 20_002],
  '--cluster': [0, 1, 2, 3, 4, 5],
}
/** Where to look for ports in a row: those of Sentinels are 20,000 higher, and below those that the kernel gives to clients. */
const FIRST_PORT = 7_000
const LAST_PORT = 12_000

/** The next first port of which all that are needed are free. */
async function freePorts(from: number, offsets: readonly number[]): Promise<number> {
  for (let first = from; first < LAST_PORT; first += 10) {
    const free = await Promise.all(offsets.map((offset) => isFree(first + offset)))
    if (free.every(Boolean)) return first
  }
  return freePorts(FIRST_PORT, offsets)
}

/** A client of each port that waits for something, and one that keeps writing. */
function busyClients(ports: readonly number[]): readonly Socket[] {
  return ports.flatMap((port) =>
    ['BLPOP nothing 0\r\n', 'SUBSCRIBE c\r\n', `SET k ${'v'.repeat(1_000)}\r\n`.repeat(1_000)].map((command) => {
      const socket = connect(port, '127.0.0.1', () => socket.write(command))
      return socket.on('error', () => {}).resume()
    }),
  )
}

it.each(Object.keys(PORTS))(
  'a served Redis gives its ports back (serve %s)',
  { timeout: timeoutMs(600_000) },
  async (flag) => {
    const offsets = PORTS[flag] as readonly number[]
    const moments = fc.sample(fc.integer({ min: 0, max: 2_000 }), { numRuns: MOMENTS, seed: SEED })
    const failures: string[] = []
    let from = FIRST_PORT + (SEED % 100) * 10
    for (const [index, atMs] of moments.entries()) {
      const signal = SIGNALS[index % SIGNALS.length] as NodeJS.Signals
      const first = await freePorts(from, offsets)
      from = first + 10
      const ports = offsets.map((offset) => first + offset)
      const child = start(['serve', '--port', String(first), ...(flag === '' ? [] : [flag])])
      let said = ''
      let clients: readonly Socket[] = []
      child.stderr.resume()
      child.stdout.on('data', (bytes) => {
        if (said === '') clients = busyClients(ports)
        said += bytes
      })
      // While it starts, or when clients are there.
      await Promise.race([sleep(atMs), ended(child)])
      if (index % 2 === 1) await vi.waitFor(() => expect(clients).not.toEqual([]), { timeout: 20_000 })
      child.kill(signal)
      await ended(child)
      for (const client of clients) client.destroy()
      for (const port of ports) {
        if (!(await isFree(port))) failures.push(`serve ${flag}, ${signal} after ${atMs} ms: port ${port} is taken`)
      }
    }
    tell(`signals: serve ${flag}`, MOMENTS, failures)
  },
)
