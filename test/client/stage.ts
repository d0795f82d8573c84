/**
 * One program, two stages: an unmodified driver over the simulated network against the in-memory Redis, and the same
 * driver over real sockets against a real redis-server, with a small TCP proxy in between that does to the connection
 * what a fault does.
 */
import { createRequire } from 'node:module'
import { createServer, connect as openSocket, type Server, type Socket } from 'node:net'
import type { Redis, RedisOptions } from 'ioredis'
import type { createClient, RedisClientOptions } from 'redis'
import { installHost } from '../../src/host/install.ts'
import type { Endpoint } from '../../src/net/connection.ts'
import { CUT, PASS } from '../../src/net/fate.ts'
import { Network } from '../../src/net/network.ts'
import { loadLuaEngine } from '../../src/redis/script/node/load.ts'
import { createMemoryProvider } from '../../src/server/memory.ts'
import { RedisNode } from '../../src/server/redis-node.ts'
import { EPOCH_US } from '../../src/sim/clock.ts'
import { inMacrotask, runLoop } from '../../src/sim/node/drain.ts'
import type { SimProcess } from '../../src/sim/process.ts'
import { World } from '../../src/sim/world.ts'
import { RealRedis } from '../redis/real-redis.ts'

installHost()

const require = createRequire(import.meta.url)
const provider = createMemoryProvider(loadLuaEngine())

interface Emitter {
  on(event: string, listener: (...values: unknown[]) => void): unknown
}

/** How clients of one driver are made and ended, and what they report. */
export interface Family<Client, Options> {
  make(host: string, port: number, options: Options): Client & Emitter
  readonly events: readonly string[]
  end(client: Client): void
}

/** A driver with ioredis's constructor: `ioredis`, `ioredis-6`, `iovalkey`. */
export function ioredisFamily(name: string): Family<Redis, RedisOptions> {
  const driver = require(name) as { Redis: new (options: RedisOptions) => Redis & Emitter }
  return {
    make: (host, port, options) => new driver.Redis({ host, port, disableClientInfo: true, ...options }),
    events: ['connect', 'ready', 'error', 'close', 'reconnecting', 'end', 'message', 'pmessage'],
    end: (client) => client.disconnect(),
  }
}

export type NodeRedisClient = ReturnType<typeof createClient>

/** node-redis. */
export const NODE_REDIS: Family<NodeRedisClient, RedisClientOptions> = {
  make(host, port, options) {
    const redis = require('redis') as { createClient: typeof createClient }
    const settings = { ...options, socket: { host, port, ...options.socket } } as RedisClientOptions
    return redis.createClient(settings) as unknown as NodeRedisClient & Emitter
  },
  events: ['connect', 'ready', 'error', 'reconnecting', 'terminated', 'end'],
  end: (client) => client.destroy(),
}

const IOREDIS = ioredisFamily('ioredis')

/** What a program may do. */
export interface Stage<Client = Redis, Options = RedisOptions> {
  /** A new client of the driver; whatever it reports goes to the log. Closed when the program ends. */
  redis(options?: Options, name?: string): Client
  say(...values: unknown[]): void
  sleep(ms: number): Promise<void>
  readonly faults: Faults
}

/** What happens to the way between the client and the server. */
export interface Faults {
  /** The next request that contains this word is executed; instead of its reply the connection is reset. */
  loseReplyTo(word: string): void
  /** Cuts every connection. */
  cut(): void
  /** Holds what the client sends, or what the server sends, until it is released. */
  hold(direction: 'requests' | 'replies'): void
  release(): void
  /** New connections are refused. */
  refuse(isRefusing: boolean): void
  /** The server stands still, and goes on. */
  stop(): void
  go(): void
}

export type Program<Client = Redis, Options = RedisOptions> = (stage: Stage<Client, Options>) => Promise<void>

/**
 * Settles when a client has reported an event so many times. What is counted must not be waited for by the clock: beside
 * other work a real process makes fewer tries in the same time.
 */
export function hears(client: Emitter, event: string, times: number): Promise<void> {
  let count = 0
  return new Promise((resolve) => {
    client.on(event, () => {
      count += 1
      if (count === times) resolve()
    })
  })
}

/**
 * Of tests that compare with a real driver and server. Beside other work either may come late to any step, and a timeout
 * of the driver strike where it does not in the world; what a driver does otherwise it does each time.
 */
export const AS_OUTSIDE = { retry: 3 }

/** What both stages do alike. */
function makeStage<Client, Options>(
  family: Family<Client, Options>,
  host: string,
  port: number,
  faults: Faults,
): { stage: Stage<Client, Options>; log: unknown[]; mute: () => readonly Client[] } {
  const log: unknown[] = []
  const clients: Client[] = []
  let isMuted = false
  const stage: Stage<Client, Options> = {
    redis(options = {} as Options, name = '') {
      const redis = family.make(host, port, options)
      clients.push(redis)
      for (const event of family.events) {
        redis.on(event, (...values: unknown[]) => {
          if (isMuted) return
          const shown = event === 'reconnecting' ? [] : values.map((value) => show(value, host, port))
          log.push([name, event, ...shown].join(' ').trim())
        })
      }
      return redis
    },
    say: (...values) => log.push(values.map((value) => show(value, host, port))),
    sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
    faults,
  }
  const mute = (): readonly Client[] => {
    // Not by removing listeners: `createClient` hands out an object that cannot remove what its prototype has.
    isMuted = true
    return clients
  }
  return { stage, log, mute }
}

/** Errors as their kind and text; the address of the server by a common name. */
function show(value: unknown, host: string, port: number): unknown {
  if (value instanceof Error) {
    const { name, message, code } = value as NodeJS.ErrnoException
    return `${name}: ${message}${code === undefined ? '' : ` (${code})`}`.replaceAll(`${host}:${port}`, 'server')
  }
  if (Buffer.isBuffer(value)) return `bytes ${value.toString('hex')}`
  if (Array.isArray(value)) return value.map((item) => show(item, host, port))
  return value
}

/** Runs a program in a world; `clock` tells how much virtual time has passed, ms. */
export function simulate(program: (stage: Stage & { clock(): number }) => Promise<void>): Promise<unknown[]> {
  return simulateWith(IOREDIS, program)
}

/** The same with another driver. */
export async function simulateWith<Client, Options>(
  family: Family<Client, Options>,
  program: (stage: Stage<Client, Options> & { clock(): number }) => Promise<void>,
): Promise<unknown[]> {
  const world = new World('stage')
  const network = new Network(world, { minUs: 150, maxUs: 150 })
  const node = world.addProcess('redis-1')
  new RedisNode(node, network, provider.node('redis-1', { seed: 'stage', nowUs: EPOCH_US }))
  const client = world.addProcess('A')
  const { stage, log, mute } = makeStage(family, 'redis-1', 6379, simulatedFaults(network, client, node))
  world.schedule(0, client, 'timer', () => {
    program({ ...stage, clock: () => client.monoUs / 1000 }).then(
      () => {
        mute()
        world.stop()
      },
      (error) => {
        log.push(`the program failed: ${(error as Error).stack}`)
        world.stop()
      },
    )
  })
  await inMacrotask(() => runLoop(world))
  if (world.limitReached !== null) log.push(world.limitReached)
  return log
}

function simulatedFaults(network: Network, client: SimProcess, node: SimProcess): Faults {
  let word: string | null = null
  let doomed: Endpoint | null = null
  const held: ('requests' | 'replies')[] = []
  const link = (direction: 'requests' | 'replies') =>
    direction === 'requests' ? network.link(client.name, node.name) : network.link(node.name, client.name)
  network.onTransmit = (endpoint, message) => {
    if (endpoint.role !== 'client' || word === null || !(message as string).includes(word)) return
    word = null
    doomed = endpoint.peer
  }
  network.hooks = {
    beforeSend: (endpoint) => {
      if (endpoint !== doomed) return PASS
      doomed = null
      return CUT
    },
    beforeDelivery: () => 'now',
  }
  return {
    loseReplyTo: (next) => {
      word = next
    },
    cut: () => {
      for (const endpoint of network.endpointsOf(client)) network.reset(endpoint)
    },
    hold: (direction) => {
      held.push(direction)
      link(direction).block()
    },
    release: () => {
      for (const direction of held.splice(0)) link(direction).unblock()
    },
    refuse: (isRefusing) => network.setRefusing(node.name, isRefusing),
    stop: () => node.pause(Number.MAX_SAFE_INTEGER / 4),
    go: () => {
      node.resumeAtUs = node.world.nowUs
      node.world.scheduleResume(node)
    },
  }
}

/** The real thing: one redis-server and one proxy, for all programs of a test file. */
export class RealStage {
  readonly #redis: RealRedis
  readonly #proxy: Server
  readonly #port: number
  readonly #pid: number
  readonly #pairs = new Set<{ readonly client: Socket; readonly upstream: Socket }>()
  readonly #queued: Socket[] = []
  #word: string | null = null
  #held: readonly ('requests' | 'replies')[] = []

  private constructor(redis: RealRedis, proxy: Server, pid: number) {
    this.#redis = redis
    this.#proxy = proxy
    this.#pid = pid
    this.#port = (proxy.address() as { port: number }).port
    proxy.on('connection', (client) => this.#join(client))
  }

  static async start(options: readonly string[] = []): Promise<RealStage> {
    const redis = await RealRedis.start(options)
    const connection = await redis.connect()
    const [, pid] = /process_id:(\d+)/.exec(await connection.command('INFO', 'server')) as RegExpExecArray
    connection.close()
    const proxy = createServer({ allowHalfOpen: true }).listen(0, '127.0.0.1')
    await new Promise((resolve) => proxy.once('listening', resolve))
    return new RealStage(redis, proxy, Number(pid))
  }

  async stop(): Promise<void> {
    this.#proxy.close()
    for (const socket of this.#queued) socket.destroy()
    for (const { client, upstream } of this.#pairs) {
      client.destroy()
      upstream.destroy()
    }
    await this.#redis.stop()
  }

  run(program: Program): Promise<unknown[]> {
    return this.runWith(IOREDIS, program)
  }

  /** The same with another driver. */
  async runWith<Client, Options>(
    family: Family<Client, Options>,
    program: Program<Client, Options>,
  ): Promise<unknown[]> {
    const connection = await this.#redis.connect()
    await connection.command('FLUSHALL')
    await connection.command('SCRIPT', 'FLUSH')
    connection.close()
    const faults: Faults = {
      loseReplyTo: (word) => {
        this.#word = word
      },
      cut: () => {
        for (const { client } of this.#pairs) client.resetAndDestroy()
      },
      hold: (direction) => {
        this.#held = [...this.#held, direction]
        for (const pair of this.#pairs) (direction === 'requests' ? pair.client : pair.upstream).pause()
      },
      release: () => {
        this.#held = []
        for (const { client, upstream } of this.#pairs) {
          client.resume()
          upstream.resume()
        }
      },
      refuse: (isRefusing) => {
        if (isRefusing) this.#proxy.close()
        else this.#proxy.listen(this.#port, '127.0.0.1')
      },
      stop: () => process.kill(this.#pid, 'SIGSTOP'),
      go: () => process.kill(this.#pid, 'SIGCONT'),
    }
    try {
      return await this.#play(family, program, this.#port, faults)
    } finally {
      // A program that failed may have left its faults on; the next must not meet them.
      this.#word = null
      faults.release()
      faults.go()
      if (!this.#proxy.listening) faults.refuse(false)
    }
  }

  /** Without the proxy, and without faults. */
  runDirectly(program: Program): Promise<unknown[]> {
    const nothing = (): never => {
      throw new Error('there is no proxy here')
    }
    const faults = { loseReplyTo: nothing, cut: nothing, hold: nothing, release: nothing, refuse: nothing }
    return this.#play(IOREDIS, program, this.#redis.port, { ...faults, stop: nothing, go: nothing })
  }

  async #play<Client, Options>(
    family: Family<Client, Options>,
    program: Program<Client, Options>,
    port: number,
    faults: Faults,
  ): Promise<unknown[]> {
    const { stage, log, mute } = makeStage(family, '127.0.0.1', port, faults)
    try {
      await program(stage)
    } finally {
      for (const client of mute()) family.end(client)
    }
    return log
  }

  /** Stops the server and connects until its queue is full: from then on nobody is answered. */
  async fillQueue(): Promise<void> {
    process.kill(this.#pid, 'SIGSTOP')
    for (let isFull = false; !isFull; ) {
      const socket = openSocket(this.#redis.port, '127.0.0.1')
      socket.on('error', () => {})
      this.#queued.push(socket)
      isFull = await new Promise<boolean>((resolve) => {
        socket.once('connect', () => resolve(false))
        setTimeout(() => resolve(true), 300)
      })
    }
  }

  /** The proxy: passes bytes and ends on, in both directions, and resets on as well. */
  #join(client: Socket): void {
    const upstream = openSocket({ port: this.#redis.port, host: '127.0.0.1', allowHalfOpen: true })
    const pair = { client, upstream }
    this.#pairs.add(pair)
    let isDoomed = false
    client.setNoDelay(true)
    upstream.setNoDelay(true)
    client.on('data', (bytes) => {
      if (this.#word !== null && bytes.includes(this.#word)) {
        this.#word = null
        isDoomed = true
      }
      upstream.write(bytes)
    })
    upstream.on('data', (bytes) => {
      if (isDoomed) client.resetAndDestroy()
      else client.write(bytes)
    })
    for (const [from, to] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      from.on('end', () => to.end())
      from.on('error', () => {})
      from.on('close', () => {
        to.destroy()
        this.#pairs.delete(pair)
      })
    }
    for (const direction of this.#held) (direction === 'requests' ? client : upstream).pause()
  }
}
