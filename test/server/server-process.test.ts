import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, describe, expect, it } from 'vitest'
import type { Reply } from '../../src/redis/reply.ts'
import { buildPreload } from '../../src/server/node/preload.ts'
import { findRedisBinary } from '../../src/server/node/redis-binary.ts'
import { createRedisServerProvider, type RealServerProvider } from '../../src/server/node/redis-server.ts'
import { ServerLostError } from '../../src/server/node/server-lost-error.ts'
import type { RedisServer, ServerConnection } from '../../src/server/server.ts'
import { UsageError } from '../../src/sim/usage-error.ts'

const T0_US = 1_800_000_000_000_000
const ROOT = fileURLToPath(new URL('../..', import.meta.url))

const providers: RealServerProvider[] = []
const children: ChildProcess[] = []

afterEach(async () => {
  for (const provider of providers.splice(0)) await provider.close()
  for (const child of children.splice(0)) child.kill('SIGKILL')
})

async function startProvider(
  options: Parameters<typeof createRedisServerProvider>[0] = {},
): Promise<RealServerProvider> {
  const provider = await createRedisServerProvider(options)
  providers.push(provider)
  return provider
}

function connect(node: RedisServer): {
  call: (...args: string[]) => Reply[]
  connection: ServerConnection
  isClosed: () => boolean
} {
  const replies: Reply[] = []
  let isClosed = false
  const connection = node.connect({
    onReply: (reply) => replies.push(reply),
    onClose: () => {
      isClosed = true
    },
  })
  const call = (...args: string[]): Reply[] => {
    connection.execute(args)
    return replies.splice(0)
  }
  return { call, connection, isClosed: () => isClosed }
}

/** The server's process id and folder, as it says itself. */
function whereabouts(node: RedisServer): { pid: number; folder: string } {
  const { call, connection } = connect(node)
  const pid = Number(/process_id:(\d+)/.exec(call('INFO', 'server')[0] as string)![1])
  const folder = (call('CONFIG', 'GET', 'dir')[0] as readonly string[])[1]!
  connection.close()
  return { pid, folder }
}

/** A process that runs: a zombie, which waits to be looked at by a parent, does not. */
function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0)
    const stat = fs.readFileSync(`/proc/${pid}/stat`, 'latin1')
    return !stat.slice(stat.lastIndexOf(')') + 2).startsWith('Z')
  } catch {
    return false
  }
}

/** Waits for something that the kernel or another process does; fails after ten seconds. */
async function until(condition: () => boolean, what: string, seconds = 10): Promise<void> {
  for (let round = 0; round < seconds * 50; round++) {
    if (condition()) return
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  throw new Error(`never happened: ${what}`)
}

describe('restart', () => {
  it('with keepData keeps keys, TTLs and nothing else', async () => {
    const node = (await startProvider()).node('redis-1', { seed: 's', nowUs: T0_US })
    const before = connect(node)
    before.call('SET', 'k', 'v', 'PX', '10000')
    before.call('HSET', 'h', 'f', '1')
    const [sha] = before.call('SCRIPT', 'LOAD', 'return 1')
    const { pid } = whereabouts(node)
    node.setClock(T0_US + 4_000_000)
    node.restart('all')
    expect(before.isClosed()).toBe(true)
    const after = connect(node)
    expect(after.call('PTTL', 'k')).toEqual([6000])
    expect(after.call('HGET', 'h', 'f')).toEqual(['1'])
    expect(after.call('SCRIPT', 'EXISTS', sha as string)).toEqual([[0]])
    expect(whereabouts(node).pid).not.toBe(pid)
    await until(() => !isRunning(pid), 'the old process ends')
    node.setClock(T0_US + 10_001_000)
    expect(after.call('GET', 'k')).toEqual([null])
  })

  it('without keepData comes back empty, also when data had been saved before', async () => {
    const node = (await startProvider()).node('redis-1', { seed: 's', nowUs: T0_US })
    connect(node).call('SET', 'k', 'v')
    node.restart('all')
    expect(connect(node).call('GET', 'k')).toEqual(['v'])
    node.restart('nothing')
    expect(connect(node).call('DBSIZE')).toEqual([0])
    expect(node.observe('k')).toBeNull()
  })

  it('is the same story each time: clients closed in the order in which they came', async () => {
    const node = (await startProvider()).node('redis-1', { seed: 's', nowUs: T0_US })
    const closed: string[] = []
    for (const name of ['a', 'b', 'c']) node.connect({ onBytes: () => {}, onClose: () => closed.push(name) })
    node.restart('nothing')
    expect(closed).toEqual(['a', 'b', 'c'])
  })
})

describe('a server that is lost', () => {
  it('is a ServerLostError with the node and what the server wrote last', async () => {
    const node = (await startProvider()).node('redis-2', { seed: 's', nowUs: T0_US })
    const client = connect(node)
    client.call('SET', 'k', 'v')
    process.kill(whereabouts(node).pid, 'SIGKILL')
    const lost = capture(() => client.call('GET', 'k'))
    expect(lost).toBeInstanceOf(ServerLostError)
    expect((lost as ServerLostError).node).toBe('redis-2')
    expect((lost as ServerLostError).message).toMatch(/^the server of redis-2 has ended; it wrote last:\n/)
    expect((lost as ServerLostError).lastLines.at(-1)).toContain('ready to accept connections')
    expect(capture(() => node.observe('k'))).toBeInstanceOf(ServerLostError)
    node.stop()
  })

  it('may be one that a client shut down', async () => {
    const node = (await startProvider()).node('redis-1', { seed: 's', nowUs: T0_US })
    const client = connect(node)
    expect(capture(() => client.call('SHUTDOWN', 'NOSAVE'))).toBeInstanceOf(ServerLostError)
  })

  it('may be one that crashed: what it says of the cause is passed on', async () => {
    const provider = await startProvider()
    const node = provider.node('redis-1', { seed: 's', nowUs: T0_US })
    const { pid } = whereabouts(node)
    const client = connect(node)
    process.kill(pid, 'SIGSEGV')
    const lost = capture(() => client.call('GET', 'k')) as ServerLostError
    expect(lost.lastLines.join('\n')).toContain('crashed by signal: 11')
  })

  it('may be one that does not answer: it is killed after the limit', async () => {
    const provider = await startProvider({ answerLimitMs: 1000 })
    const node = provider.node('redis-1', { seed: 's', nowUs: T0_US })
    const client = connect(node)
    const { pid } = whereabouts(node)
    const lost = capture(() => client.call('EVAL', 'while true do end', '0'))
    expect(lost).toBeInstanceOf(ServerLostError)
    expect((lost as Error).message).toContain('did not answer within 1 s and was given up')
    await until(() => !isRunning(pid), 'the process ends')
    node.stop()
    // The next world gets a process that works.
    expect(connect(provider.node('redis-1', { seed: 's', nowUs: T0_US })).call('DBSIZE')).toEqual([0])
  })
})

describe('nothing is left behind', () => {
  const CHILD = `
    import { createJiti } from 'jiti'
    const jiti = createJiti(import.meta.url, { moduleCache: false })
    const { createRedisServerProvider } = await jiti.import('./src/server/node/redis-server.ts')
    const provider = await createRedisServerProvider({ count: 2, virtualTime: process.argv[1] !== 'paced' })
    const { clusterPlan } = await jiti.import('./src/redis/cluster/plan.ts')
    const NAMES = ['redis-1', 'redis-2']
    const dial = () => ({ send() {}, close() {} })
    const plan = clusterPlan(NAMES.map((host) => ({ host, port: 6379, busPort: 16379 })), 2, 's')
    const inCluster = ({ nodes, replication }) => ({
      replication: { ...replication, dial, primary: null, settings: [['cluster-enabled', 'yes']], cluster: { dial, nodes } },
    })
    const say = (value) => process.stdout.write(JSON.stringify(value) + '\\n')
    const found = []
    for (const [index, name] of NAMES.entries()) {
      const node = provider.node(name, {
        ...{ seed: 's', nowUs: ${T0_US} },
        ...(process.argv[1] === 'cluster' ? inCluster(plan[index]) : {}),
      })
      const replies = []
      const connection = node.connect({ onReply: (reply) => replies.push(reply) })
      connection.execute(['INFO', 'server'])
      connection.execute(['CONFIG', 'GET', 'dir'])
      found.push({ pid: Number(/process_id:(\\d+)/.exec(replies[0])[1]), folder: replies[1][1], connection, replies })
    }
    say(found.map(({ pid, folder }) => ({ pid, folder })))
    const ways = {
      end: () => {},
      close: async () => { for (let i = 0; i < 2; i++) await provider.close() },
      exit: () => process.exit(0),
      throw: () => { throw new Error('on purpose') },
      busy: () => { for (;;) found[0].connection.execute(['PING']) },
      wait: () => setInterval(() => {}, 1000),
      paced: () => setInterval(() => {}, 1000),
      cluster: () => { for (;;) found[0].connection.execute(['CLUSTER', 'NODES']) },
      interrupted: () => {
        setInterval(() => {}, 1000)
        process.once('SIGINT', () => {
          found[0].connection.execute(['PING'])
          say(found[0].replies.at(-1))
          process.exit(130)
        })
        say('listening')
      },
    }
    ways[process.argv[1]]()
  `

  interface Held {
    readonly child: ChildProcess
    readonly servers: readonly { readonly pid: number; readonly folder: string }[]
    readonly lines: string[]
  }

  async function hold(how: string): Promise<Held> {
    const child = spawn(process.execPath, ['--input-type=module', '-e', CHILD, how], {
      cwd: ROOT,
      // A process group of its own, as a shell gives to what it runs in the foreground.
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    children.push(child)
    const lines: string[] = []
    let rest = ''
    let errors = ''
    child.stdout!.setEncoding('utf8').on('data', (text: string) => {
      const parts = (rest + text).split('\n')
      rest = parts.pop()!
      lines.push(...parts)
    })
    child.stderr!.setEncoding('utf8').on('data', (text: string) => {
      errors += text
    })
    // The first one compiles all that it loads.
    await until(() => lines.length > 0 || child.exitCode !== null, 'the child says where its servers are', 100)
    if (lines.length === 0) throw new Error(errors)
    const servers = JSON.parse(lines[0]!) as Held['servers']
    expect(servers).toHaveLength(2)
    return { child, servers, lines }
  }

  async function expectNothingLeft({ servers }: Held): Promise<void> {
    for (const { pid, folder } of servers) {
      await until(() => !isRunning(pid), `server ${pid} ends`)
      await until(() => !fs.existsSync(path.dirname(folder)), `${folder} is removed`)
    }
  }

  for (const [how, what] of [
    ['end', 'when the program simply ends'],
    ['close', 'when the provider is closed, twice'],
    ['exit', 'after process.exit'],
    ['throw', 'after an uncaught exception'],
  ] as const) {
    it(what, async () => {
      const held = await hold(how)
      if (held.child.exitCode === null) await once(held.child, 'exit')
      expect(held.child.exitCode).toBe(how === 'throw' ? 1 : 0)
      await expectNothingLeft(held)
    })
  }

  for (const signal of ['SIGINT', 'SIGTERM', 'SIGKILL'] as const) {
    it(`after ${signal}`, async () => {
      const held = await hold('wait')
      for (const { pid } of held.servers) expect(isRunning(pid)).toBe(true)
      held.child.kill(signal)
      await expectNothingLeft(held)
    })
  }

  it('after SIGKILL in the middle of a command', async () => {
    const held = await hold('busy')
    held.child.kill('SIGKILL')
    await expectNothingLeft(held)
  })

  it('after SIGKILL of one whose servers are nodes of a cluster', async () => {
    const held = await hold('cluster')
    held.child.kill('SIGKILL')
    await expectNothingLeft(held)
  })

  it('after SIGKILL of one whose servers have no preload library', async () => {
    const held = await hold('paced')
    held.child.kill('SIGKILL')
    await expectNothingLeft(held)
  })

  it('and Ctrl-C in a terminal reaches lockstorm only: the servers still answer until it ends', async () => {
    const held = await hold('interrupted')
    await until(() => held.lines.length > 1, 'the child listens for SIGINT')
    process.kill(-held.child.pid!, 'SIGINT')
    await once(held.child, 'exit')
    expect(held.child.exitCode).toBe(130)
    expect(JSON.parse(held.lines[2]!)).toEqual({ kind: 'status', text: 'PONG' })
    await expectNothingLeft(held)
  })
})

describe('the preload library', () => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'preload-test-'))
  const environment = { ...process.env }
  afterEach(() => {
    process.env = { ...environment }
  })

  it('is compiled once, and by several processes at once without harm', async () => {
    const cache = fs.mkdtempSync(path.join(folder, 'cache-'))
    const code = `
      import { createJiti } from 'jiti'
      const { buildPreload } = await createJiti(import.meta.url).import('./src/server/node/preload.ts')
      console.log(buildPreload('/nowhere').path)
    `
    const runs = Array.from({ length: 3 }, () =>
      spawn(process.execPath, ['--input-type=module', '-e', code], {
        cwd: ROOT,
        env: { ...process.env, XDG_CACHE_HOME: cache },
        stdio: ['ignore', 'pipe', 'inherit'],
      }),
    )
    const paths = await Promise.all(
      runs.map(async (run) => {
        let text = ''
        for await (const chunk of run.stdout!) text += chunk
        return text.trim()
      }),
    )
    expect(new Set(paths).size).toBe(1)
    expect(fs.readdirSync(path.join(cache, 'lockstorm'))).toEqual([path.basename(paths[0]!)])
    process.env.XDG_CACHE_HOME = cache
    const { mtimeMs } = fs.statSync(paths[0]!)
    expect(buildPreload(folder)).toEqual({ path: paths[0] })
    expect(fs.statSync(paths[0]!).mtimeMs).toBe(mtimeMs)
  })

  it('goes into the run folder when the cache cannot be written', () => {
    const file = path.join(folder, 'file')
    fs.writeFileSync(file, '')
    process.env.XDG_CACHE_HOME = file
    const preload = buildPreload(folder)
    expect('path' in preload && path.dirname(preload.path)).toBe(folder)
  })

  it('is missing without a compiler or when it fails: time is paced then, and the provider says why', async () => {
    process.env.XDG_CACHE_HOME = path.join(folder, 'empty')
    expect(buildPreload(folder, 'this is not C')).toEqual({
      missing: expect.stringMatching(/^no virtual clock: .*cc failed: /),
    })
    process.env.PATH = folder
    process.env.CC = ''
    const provider = await startProvider({ binary: '/usr/bin/redis-server' })
    expect(provider.deterministic).toBe(false)
    expect(provider.description).toMatch(/, paced$/)
    expect(provider.warning).toBe(
      'no virtual clock: no C compiler (cc, gcc or clang) on the PATH; time is paced and a run cannot be replayed exactly',
    )
    // Paced: the world waits until the server's own clock is as far.
    const node = provider.node('redis-1', { seed: 's', nowUs: T0_US })
    const { call } = connect(node)
    call('SET', 'k', 'v', 'PX', '50')
    expect(node.observe('k')?.type).toBe('string')
    node.setClock(T0_US + 1_000_000)
    expect(call('GET', 'k')).toEqual([null])
  })
})

describe('the program', () => {
  it('is found on the PATH with its version', () => {
    expect(findRedisBinary()).toMatchObject({ name: 'redis-server', version: expect.stringMatching(/^\d+\.\d+\.\d+$/) })
  })

  it('that is not there is a UsageError with a fix', () => {
    const error = capture(() => findRedisBinary('/nowhere/redis-server'))
    expect(error).toBeInstanceOf(UsageError)
    expect((error as Error).message).toBe(
      '--redis server (/nowhere/redis-server): expected a program that can be run, found none there\n' +
        '  fix: install Redis (apt-get install redis-server, brew install redis), or use --redis memory',
    )
  })

  it('that is something else is a UsageError too', () => {
    expect(capture(() => findRedisBinary('/bin/echo'))).toBeInstanceOf(UsageError)
  })
})

function capture(run: () => unknown): unknown {
  try {
    run()
  } catch (error) {
    return error
  }
  throw new Error('expected an error')
}
