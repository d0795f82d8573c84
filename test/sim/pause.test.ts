/** A process that stands still in the middle of what it does. */
import { execFile, spawn } from 'node:child_process'
import { createServer, type Socket } from 'node:net'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { beforeAll, describe, expect, it } from 'vitest'
import { installHost } from '../../src/host/install.ts'
import { Network } from '../../src/net/network.ts'
import { EPOCH_US } from '../../src/sim/clock.ts'
import { inMacrotask, runLoop } from '../../src/sim/node/drain.ts'
import { World } from '../../src/sim/world.ts'
import { stalledTurn, TURNS, type Turn } from './stalled-turn.ts'

installHost()

const MS = 1000
/**
 * The libuv of Node 20 had a quirk that later ones have not, and that worlds have on no Node: when the ticks and promises
 * after the last timer of a batch set a timer, it looked at the clock and went on with the timers that had become due.
 */
const NODE_MAJOR = Number(process.versions.node.split('.')[0])

describe('the order after a pause is that of a real event loop that stood still', () => {
  const real = new Map<boolean, Record<Turn, readonly string[]>>()

  beforeAll(async () => {
    const program = fileURLToPath(new URL('stalled-turn-in-node.ts', import.meta.url))
    await Promise.all(
      [true, false].map(async (setsTimer) => {
        const argument = setsTimer ? 'sets a timer' : 'sets none'
        const { stdout } = await promisify(execFile)(process.execPath, ['--import', 'jiti/register', program, argument])
        real.set(setsTimer, JSON.parse(stdout) as Record<Turn, readonly string[]>)
      }),
    )
  })

  /** The same program in a simulated process, paused instead of blocked. */
  async function simulated(turn: Turn, setsTimer: boolean): Promise<readonly string[]> {
    const world = new World('pause')
    const network = new Network(world, { minUs: 50, maxUs: 50 })
    network.listen(world.addProcess('echo'), 1, (endpoint) => ({
      onMessage: (message) => endpoint.send(message),
      onClose: () => {},
    }))
    const process = world.addProcess('A')
    const { connect } = await import('node:net')
    let log: readonly string[] = []
    world.schedule(0, process, 'timer', async () => {
      log = await stalledTurn(turn, setsTimer, {
        connect: () =>
          new Promise((resolve) => {
            const socket = connect(1, 'echo', () =>
              resolve({
                write: (text) => socket.write(text),
                onText: (listener) => socket.on('data', (bytes) => listener(String(bytes))),
              }),
            )
          }),
        stop: () => process.pause(350 * MS),
      })
    })
    await inMacrotask(() => runLoop(world))
    return log
  }

  it.each(TURNS.flatMap((turn) => [true, false].map((setsTimer) => ({ turn, setsTimer }))))(
    'stopped in a turn of: $turn (sets a timer afterwards: $setsTimer)',
    async ({ turn, setsTimer }) => {
      const expected = real.get(setsTimer)?.[turn] as readonly string[]
      // Everything that piled up is there, so that the comparison compares something.
      expect(expected).toEqual(
        expect.arrayContaining(['timer 150', 'timer 165', 'data request', 'immediate, set before']),
      )
      const isOtherOnOldNode = NODE_MAJOR < 22 && setsTimer && /^(tick|promise) after a timer$/.test(turn)
      expect(await simulated(turn, setsTimer)).toEqual(
        isOtherOnOldNode ? [...(real.get(false)?.[turn] ?? []), 'timer 100, set after'] : expected,
      )
    },
  )
})

describe('a process that is stopped between two turns', () => {
  it('goes on with its timers and then with socket data, as a real one does after SIGSTOP and SIGCONT', async () => {
    const program = `
      const log = []
      const note = (what) => {
        if (log.push(what) === 3) process.stdout.write(log.join(), () => process.exit())
      }
      const socket = require('node:net').connect(Number(process.argv[1]), '127.0.0.1', () => {
        setTimeout(note, 300, 'timer 300')
        setTimeout(note, 200, 'timer 200')
        socket.on('data', (bytes) => note('data ' + bytes))
        socket.write('ready')
      })`
    let connection: Socket | null = null
    const server = createServer((socket) => {
      connection = socket
    }).listen(0, '127.0.0.1')
    await new Promise((resolve) => server.once('listening', resolve))
    const { port } = server.address() as { port: number }
    const child = spawn(process.execPath, ['-e', program, String(port)], { stdio: ['ignore', 'pipe', 'inherit'] })
    let real = ''
    child.stdout.on('data', (bytes) => {
      real += bytes
    })
    while (connection === null) await new Promise((resolve) => server.once('connection', resolve))
    const socket: Socket = connection
    await new Promise((resolve) => socket.once('data', resolve))
    // Time to fall asleep, and then to be stopped: data that comes in the very moment of the signal is another story,
    // because epoll then wakes up with the data and not with the signal.
    await new Promise((resolve) => setTimeout(resolve, 50))
    child.kill('SIGSTOP')
    await new Promise((resolve) => setTimeout(resolve, 50))
    await new Promise((resolve) => socket.write('x', resolve))
    await new Promise((resolve) => setTimeout(resolve, 400))
    child.kill('SIGCONT')
    await new Promise((resolve) => child.once('close', resolve))
    server.close()

    const log: string[] = []
    const world = new World('idle')
    const a = world.addProcess('A')
    world.schedule(0, a, 'timer', () => {
      a.setTimer(300 * MS, () => log.push('timer 300'))
      a.setTimer(200 * MS, () => log.push('timer 200'))
    })
    world.schedule(10 * MS, null, 'timer', () => a.pause(400 * MS))
    world.schedule(20 * MS, a, 'io', () => log.push('data x'))
    world.runSync(() => {})
    expect(log.join()).toBe(real)
    expect(real).toBe('timer 200,timer 300,data x')
  })
})

describe('a pause', () => {
  /** A world with one process, whose main function runs at 0. */
  async function run(main: (world: World, log: string[]) => void): Promise<readonly string[]> {
    const world = new World('pause')
    const log: string[] = []
    const process = world.addProcess('A')
    world.schedule(0, process, 'timer', () => main(world, log))
    await inMacrotask(() => runLoop(world))
    return log
  }
  const self = (world: World) => world.processes.get('A') as ReturnType<World['addProcess']>
  const clocks = (): string =>
    `${Date.now() - EPOCH_US / 1000} ${performance.now()} ${process.hrtime.bigint() / 1_000n}`

  it('in the middle of a turn makes every clock read late for the rest of it, and the world sees nothing of that', async () => {
    const log = await run((world, log) => {
      log.push(`before ${clocks()}`)
      self(world).pause(40_000 * MS)
      log.push(`after ${clocks()}`, `world ${world.nowUs}`)
      Promise.resolve().then(() => log.push(`promise ${clocks()}`))
      process.nextTick(() => log.push(`tick ${clocks()}`))
      queueMicrotask(() => log.push(`microtask ${clocks()}`))
    })
    expect(log).toEqual([
      'before 0 0 0',
      'after 40000 40000 40000000',
      'world 0',
      'tick 40000 40000 40000000',
      'promise 40000 40000 40000000',
      'microtask 40000 40000 40000000',
    ])
  })

  it('counts the timers that are set after it from its end', async () => {
    const log = await run((world, log) => {
      setTimeout(() => log.push(`set before: ${performance.now()}`), 30)
      self(world).pause(100 * MS)
      setTimeout(() => log.push(`set after: ${performance.now()}`), 30)
    })
    expect(log).toEqual(['set before: 100', 'set after: 130'])
  })

  it('does not delay the next tick of an interval whose callback it struck', async () => {
    const log = await run((world, log) => {
      let ticks = 0
      const interval = setInterval(() => {
        ticks += 1
        if (ticks === 2) self(world).pause(250 * MS)
        log.push(String(performance.now()))
        if (ticks === 5) clearInterval(interval)
      }, 100)
    })
    // The second tick begins at 200 and ends at 450; the third was due at 300, and the fourth counts from when it ran.
    expect(log).toEqual(['100', '450', '450', '550', '650'])
  })

  it('is prolonged by another one that begins in it', async () => {
    const log = await run((world, log) => {
      setTimeout(() => log.push(`timer ${performance.now()}`), 10)
      self(world).pause(100 * MS)
      world.schedule(50 * MS, null, 'timer', () => self(world).pause(100 * MS))
    })
    expect(log).toEqual(['timer 200'])
  })

  it('lets nothing of the instant at which it ends overtake what it held up', async () => {
    const log = await run((world, log) => {
      setTimeout(() => log.push('due at its end'), 100)
      setTimeout(() => log.push('due in it'), 50)
      world.schedule(10 * MS, null, 'timer', () => self(world).pause(90 * MS))
    })
    expect(log).toEqual(['due in it', 'due at its end'])
  })

  it('of no length changes nothing', async () => {
    const log = await run((world, log) => {
      setImmediate(() => log.push('immediate'))
      setTimeout(() => log.push(`timer ${performance.now()}`), 1)
      self(world).pause(0)
      log.push('rest')
    })
    expect(log).toEqual(['rest', 'immediate', 'timer 1'])
  })

  it('holds up what was set, not what was cleared meanwhile', async () => {
    const log = await run((world, log) => {
      const cleared = setTimeout(() => log.push('never'), 50)
      setTimeout(() => {
        log.push('first')
        clearTimeout(cleared)
      }, 40)
      self(world).pause(100 * MS)
    })
    expect(log).toEqual(['first'])
  })

  it('of a crashed process is no pause', () => {
    const world = new World('pause')
    const process = world.addProcess('A')
    process.crash()
    process.pause(5 * MS)
    expect(process.isPaused).toBe(false)
  })

  it('stops one process and no other', async () => {
    const world = new World('pause')
    const [a, b] = [world.addProcess('A'), world.addProcess('B')]
    const log: string[] = []
    for (const process of [a, b]) {
      world.schedule(0, process, 'timer', () => {
        setTimeout(() => log.push(`${process.name} ${performance.now()}`), 10)
      })
    }
    world.schedule(5 * MS, null, 'timer', () => a.pause(100 * MS))
    await inMacrotask(() => runLoop(world))
    expect(log).toEqual(['B 10', 'A 105'])
  })

  it('records what the rest of the turn does at the time at which it does it', async () => {
    const world = new World('pause')
    const [a, b] = [world.addProcess('A'), world.addProcess('B')]
    world.schedule(0, a, 'timer', () => {
      world.record(a, 'note', 'before')
      a.pause(50 * MS)
      world.record(a, 'note', 'after')
    })
    world.schedule(10 * MS, b, 'timer', () => world.record(b, 'note', 'meanwhile'))
    await inMacrotask(() => runLoop(world))
    expect(world.trace.sort().map(({ atUs, op }) => `${atUs} ${op}`)).toEqual([
      '0 before',
      '10000 meanwhile',
      '50000 after',
    ])
  })

  it('in which the process is killed takes back what it was recorded to do after it', async () => {
    const world = new World('pause')
    const a = world.addProcess('A')
    world.schedule(0, a, 'timer', () => {
      world.record(a, 'note', 'before')
      a.pause(50 * MS)
      world.record(a, 'note', 'after')
    })
    world.schedule(10 * MS, null, 'timer', () => a.crash())
    await inMacrotask(() => runLoop(world))
    expect(world.trace.sort().map(({ atUs, op }) => `${atUs} ${op}`)).toEqual(['0 before', '10000 ended'])
  })

  it('after which the process exits in the same turn is recorded in that order', async () => {
    const world = new World('pause')
    const a = world.addProcess('A')
    let killedAtUs = -1
    a.onKilled = () => {
      killedAtUs = world.nowUs
    }
    world.schedule(0, a, 'timer', () => {
      a.pause(50 * MS)
      world.record(a, 'note', 'after')
      a.crash()
      world.record(a, 'note', 'never')
    })
    await inMacrotask(() => runLoop(world))
    expect(world.trace.sort().map(({ atUs, op }) => `${atUs} ${op}`)).toEqual(['50000 after', '50000 ended'])
    expect(killedAtUs).toBe(50 * MS)
  })
})
