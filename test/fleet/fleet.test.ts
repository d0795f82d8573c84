/**
 * `lockstorm fleet`, through the built binary, with BullMQ on a real redis-server: what it comes to is what one machine comes to,
 * whatever becomes of its workers and of the Redis on the way.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { Queue, Worker } from 'bullmq'
import { afterEach, beforeAll, beforeEach, describe, expect, it, type TestContext, vi } from 'vitest'
import { emptyTally } from '../../src/explore/tally.ts'
import { openBus } from '../../src/fleet/bullmq.ts'
import { FleetCrew } from '../../src/fleet/crew.ts'
import { encode, HEAD_ID, HEAD_QUEUE, type Head, unitQueue } from '../../src/fleet/message.ts'
import { build, cleanEnvironment, lockstorm, ROOT, start } from '../cli/binary.ts'
import { leaveOut } from '../left-out.ts'

beforeAll(build, 60_000)

let folder: string
let port: number
const children: ChildProcess[] = []
beforeEach(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'lockstorm-fleet-'))
  write('my-lock.ts', LOCK)
  write('name.ts', "export const name = 'set-nx-lua'")
  port = await freePort()
})
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL')
  rmSync(folder, { recursive: true, force: true })
})

const LOCK = `import { LOCKS } from 'lockstorm'
import { name } from './name.ts'
export default { ...LOCKS.find((lock) => lock.name === name), name: 'mine' }`
const write = (name: string, text: string): void => writeFileSync(path.join(folder, name), text)
const url = (): string => `redis://127.0.0.1:${port}`

const freePort = (): Promise<number> =>
  new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' ? (address?.port ?? 0) : 0))
    })
  })

/** The Redis of the queue, with an append-only file in the folder; false: there is none on this machine. */
async function startRedis(context: TestContext): Promise<ChildProcess | null> {
  if (spawnSync('redis-server', ['--version']).status !== 0) {
    leaveOut(context, 'redis-server')
    return null
  }
  const flags = ['--port', String(port), '--dir', folder, '--save', '', '--appendonly', 'yes']
  const redis = spawn('redis-server', flags, { stdio: 'ignore' })
  children.push(redis)
  await vi.waitFor(
    () => expect(spawnSync('redis-cli', ['-p', String(port), 'ping'], { encoding: 'utf8' }).stdout).toBe('PONG\n'),
    { timeout: 20_000, interval: 100 },
  )
  return redis
}

const ENV = { LOCKSTORM_CLIENT: 'direct', LOCKSTORM_CLIENTS: '2', LOCKSTORM_ROUNDS: '1' }

/** The command in the background. */
function run(...args: readonly string[]) {
  const child = start(args, { cwd: folder, env: ENV })
  children.push(child)
  let [stdout, stderr] = ['', '']
  child.stdout.on('data', (bytes) => (stdout += bytes))
  child.stderr.on('data', (bytes) => (stderr += bytes))
  const ended = new Promise<{ code: number | null; stdout: string; stderr: string }>((resolve) =>
    child.once('close', (code) => resolve({ code, stdout, stderr })),
  )
  return { child, ended, said: () => stderr }
}

const alone = (faults: string) =>
  lockstorm(['hunt', './my-lock.ts', '--faults', faults, '--json', '--output', 'alone'], { cwd: folder, env: ENV })
const startFleet = (faults: string) =>
  run('fleet', 'start', './my-lock.ts', '--faults', faults, '--json', '--output', 'fleet', '--queue', url())
const work = (...args: readonly string[]) => run('fleet', 'work', '--queue', url(), '--workers', '1', ...args)

/** The units of the hunt that is told of. */
async function unitsOf(): Promise<Queue> {
  const connection = { port, maxRetriesPerRequest: null }
  const heads = new Queue(HEAD_QUEUE, { connection })
  try {
    const head = await vi.waitFor(
      async () => {
        const job = await heads.getJob(HEAD_ID)
        expect(job).toBeDefined()
        return job?.data as Head
      },
      { timeout: 30_000, interval: 100 },
    )
    return new Queue(unitQueue(head.digest), { connection })
  } finally {
    await heads.close()
  }
}

function expectSameFiles(): void {
  for (const name of readdirSync(path.join(folder, 'alone'), { recursive: true, encoding: 'utf8' })) {
    // When, how long and by which command it was run.
    if (!name.includes('.') || ['meta.json', 'ctrf.json'].includes(name)) continue
    const [one, other] = ['alone', 'fleet'].map((each) => readFileSync(path.join(folder, each, name), 'utf8'))
    expect(other === one, name).toBe(true)
  }
}

describe('a fleet', () => {
  it('writes the report of one machine, also with workers that come before and late', async (context) => {
    if ((await startRedis(context)) === null) return
    const early = work()
    const one = alone('1')
    const fleet = startFleet('1')
    const late = work()
    const { code, stdout } = await fleet.ended
    expect([code, stdout === one.stdout]).toEqual([one.code, true])
    expectSameFiles()
    for (const worker of [early, late]) {
      const { code, stdout } = await worker.ended
      expect([code, stdout]).toEqual([
        0,
        expect.stringMatching(/^\.\/my-lock\.ts: the hunt is over; \d+ units? here\n$/),
      ])
    }
  }, 120_000)

  it('loses nothing and counts nothing twice: a worker killed, one paused past its lock, the Redis killed', async (context) => {
    const redis = await startRedis(context)
    if (redis === null) return
    const one = alone('2')
    const fleet = startFleet('2')
    const workers = [work(), work(), work()]
    const units = await unitsOf()
    units.on('error', () => {})
    try {
      // All are at work, in the middle of the hunt.
      await vi.waitFor(
        async () => {
          const { active = 0, completed = 0 } = await units.getJobCounts('active', 'completed')
          expect([active, completed > 40]).toEqual([3, true])
        },
        { timeout: 60_000, interval: 10 },
      )
      const [killed, paused, other] = workers
      paused?.child.kill('SIGSTOP')
      killed?.child.kill('SIGKILL')
      redis.kill('SIGKILL')
      await new Promise((resolve) => redis.once('exit', resolve))
      await startRedis(context)
      await new Promise((resolve) => setTimeout(resolve, 14_000))
      paused?.child.kill('SIGCONT')
      const { code, stdout, stderr } = await fleet.ended
      expect([code, stdout === one.stdout], stderr).toEqual([one.code, true])
      expectSameFiles()
      // What both were at was run again, and is told.
      const told = stderr.match(/a worker was lost at (\S+), or stood still for 9 s: the unit is run again/g) ?? []
      expect(new Set(told).size).toBeGreaterThanOrEqual(2)
      // Each by a token that replays what the unit begins with.
      const tokens = [...stderr.matchAll(/the unit is run again; its first storm: (L1\.\S+)/g)].map(
        ([, token]) => token,
      )
      expect(tokens).toHaveLength(told.length)
      const replayed = lockstorm(['replay', tokens[0] as string, '--lock', './my-lock.ts'], { cwd: folder, env: ENV })
      expect(replayed.stdout, replayed.stderr).toMatch(/a storm of a hunt/)
      expect([0, 1]).toContain(replayed.code)
      expect([(await paused?.ended)?.code, (await other?.ended)?.code]).toEqual([0, 0])
    } finally {
      await units.close()
    }
  }, 600_000)

  it('that was killed goes on with what is done, when it is started again', async (context) => {
    if ((await startRedis(context)) === null) return
    const one = alone('2')
    const killed = startFleet('2')
    const worker = work()
    const units = await unitsOf()
    try {
      await vi.waitFor(async () => expect(await units.getCompletedCount()).toBeGreaterThan(60), {
        timeout: 60_000,
        interval: 10,
      })
      killed.child.kill('SIGKILL')
      await killed.ended
      // What it had asked for is done meanwhile, and more is not asked for.
      await vi.waitFor(
        async () => {
          const { waiting = 0, active = 0 } = await units.getJobCounts('waiting', 'active')
          expect(waiting + active).toBe(0)
        },
        { timeout: 40_000, interval: 200 },
      )
      await new Promise((resolve) => setTimeout(resolve, 31_000))
      const again = startFleet('2')
      const { code, stdout, stderr } = await again.ended
      expect([code, stdout === one.stdout], stderr).toEqual([one.code, true])
      // The worker has run as many units as that of a hunt that nothing happened to: none twice.
      const unitsIn = (text: string): number => Number(/(\d+) units here/.exec(text)?.[1])
      const [resumed, fresh] = [await worker.ended, work()]
      await startFleet('2').ended
      const straight = await fresh.ended
      expect([resumed.code, straight.code]).toEqual([0, 0])
      expect(unitsIn(resumed.stdout)).toBe(unitsIn(straight.stdout))
      expect(unitsIn(resumed.stdout)).toBeGreaterThan(60)
    } finally {
      await units.close()
    }
  }, 600_000)

  it('is refused by a worker whose code is another one, before anything of it is run', async (context) => {
    if ((await startRedis(context)) === null) return
    const elsewhere = mkdtempSync(path.join(folder, 'elsewhere-'))
    const workIn = (name: string, text: string) => {
      for (const each of ['my-lock.ts', 'name.ts']) cpSync(path.join(folder, each), path.join(elsewhere, each))
      writeFileSync(path.join(elsewhere, name), text)
      return lockstorm(['fleet', 'work', '--queue', url()], { cwd: elsewhere, env: ENV })
    }
    const fleet = startFleet('1')
    await (await unitsOf()).close()
    for (const [name, text] of [
      ['my-lock.ts', "throw new Error('this ran')"],
      ['name.ts', "export const name = 'fenced'"],
    ] as const) {
      const { code, stdout, stderr } = workIn(name, text)
      expect([code, stdout, stderr]).toEqual([
        64,
        '',
        './my-lock.ts: it, or something that it imports, is not what it is where the hunt was started\n  fix: the same commit on every machine\n',
      ])
    }
    // Nor does a second hunt get in between.
    const second = lockstorm(['fleet', 'start', 'naive', '--queue', url()], { cwd: folder, env: ENV })
    expect([second.code, second.stderr]).toEqual([64, expect.stringContaining('has a hunt that is under way')])
    fleet.child.kill('SIGINT')
    expect((await fleet.ended).code).toBe(130)
  }, 120_000)

  it('is started and worked for as docs/fleet.md says', async (context) => {
    if ((await startRedis(context)) === null) return
    const page = readFileSync(path.join(ROOT, 'docs/fleet.md'), 'utf8')
    const [install = '', ...commands] = (/```sh\n([\s\S]*?)```/.exec(page)?.[1] ?? '').trim().split('\n')
    expect(install).toBe('npm install bullmq ioredis')
    const results = commands.map((command) => {
      const [npx, name, ...args] = command.replace('redis://127.0.0.1:6379', url()).split(' ')
      expect([npx, name]).toEqual(['npx', 'lockstorm'])
      return run(...args).ended
    })
    expect((await Promise.all(results)).map(({ code }) => code)).toEqual([1, 0])
  }, 120_000)

  it('that finds nothing in a broken lock finds nothing at all: one unit must fail', async (context) => {
    if ((await startRedis(context)) === null) return
    const bus = openBus(url())
    const digest = 'canary'
    const result = { kind: 'seeds', tally: emptyTally(), lost: [] }
    const error = { name: 'UsageError', message: 'm', place: 'my-lock.ts', problem: 'it writes a file', fix: 'do not' }
    const blind = new Worker(unitQueue(digest), async ({ name }) => encode(name === 'count' ? { error } : { result }), {
      connection: { port },
    })
    const own = {} as never
    const crew = new FleetCrew({ bus, digest, own, tokenOf: () => '', onLost: () => {} })
    try {
      await crew.begin()
      expect(await crew.canary()).toBe(false)
      const unit = { kind: 'seeds', base: 0, from: 0, until: 25 } as const
      // Maps come over the wire as they are.
      expect(await Promise.all([crew.run(unit), crew.run(unit)])).toEqual([result, result])
      // What goes wrong there is what it would be here.
      await expect(crew.run({ kind: 'count', base: 0 })).rejects.toThrow('my-lock.ts: it writes a file\n  fix: do not')
    } finally {
      await crew.close({ isDone: true })
      await blind.close()
    }
  }, 60_000)
})

describe('a fleet without what it needs', () => {
  it.each([
    ['a queue', ['start', './my-lock.ts'], 64, '--queue: a fleet needs a Redis or Valkey of yours'],
    ['a URL', ['work', '--queue', 'localhost'], 64, '--queue: expected the Redis of a queue such as redis://host:6379'],
    [
      'a Redis',
      ['work', '--queue', 'redis://me:secret@127.0.0.1:1'],
      69,
      'redis://me:***@127.0.0.1:1 cannot be reached',
    ],
  ])('%s is told', (_, args, code, words) => {
    const result = lockstorm(['fleet', ...args], { cwd: folder, env: ENV })
    expect([result.code, result.stdout, result.stderr]).toEqual([code, '', expect.stringContaining(words)])
  })

  it('BullMQ is told, with the line that installs it', () => {
    const modules = path.join(folder, 'node_modules')
    mkdirSync(path.join(modules, 'lockstorm'), { recursive: true })
    for (const name of readdirSync(path.join(ROOT, 'node_modules'))) {
      if (!name.startsWith('.') && name !== 'bullmq') {
        symlinkSync(path.join(ROOT, 'node_modules', name), path.join(modules, name))
      }
    }
    for (const part of ['dist', 'package.json']) {
      cpSync(path.join(ROOT, part), path.join(modules, 'lockstorm', part), { recursive: true })
    }
    const main = path.join(modules, 'lockstorm/dist/cli/main.js')
    const { status, stderr } = spawnSync(process.execPath, [main, 'fleet', 'work', '--queue', url()], {
      cwd: folder,
      encoding: 'utf8',
      env: cleanEnvironment(ENV),
    })
    expect([status, stderr]).toEqual([
      64,
      'fleet: the package bullmq is not installed\n  fix: npm install bullmq ioredis\n',
    ])
  })
})
