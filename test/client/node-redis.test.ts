/**
 * Unmodified node-redis over the simulated socket: its own handshake in RESP3, its queue, its reconnection. Every program
 * runs twice, in a world and for real, against a redis-server behind a proxy; both must say the same.
 */
import { createRequire } from 'node:module'
import type { RedisClientOptions } from 'redis'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { loadNodeRedisDriver } from '../../src/client/node/node-redis-driver.ts'
import {
  AS_OUTSIDE,
  type Faults,
  hears,
  NODE_REDIS,
  type NodeRedisClient,
  type Program,
  RealStage,
  simulateWith,
} from './stage.ts'

let real: RealStage

beforeAll(async () => {
  real = await RealStage.start()
})

afterAll(async () => {
  await real.stop()
})

const failure = (error: unknown): unknown => error

/** `pending` when a promise has not settled after a while. */
function outcome(promise: Promise<unknown>, sleep: (ms: number) => Promise<void>): Promise<unknown> {
  return Promise.race([promise.catch(failure), sleep(400).then(() => 'pending')])
}

/** Loses the server: the connection is cut, and the attempt that follows at once is refused. */
async function losesServer(client: NodeRedisClient, faults: Faults): Promise<void> {
  const refused = new Promise<void>((resolve) => {
    client.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'ECONNREFUSED') resolve()
    })
  })
  faults.refuse(true)
  faults.cut()
  await refused
  faults.refuse(false)
}

/** Tries again soon, and without chance. */
const QUIET: RedisClientOptions = { socket: { reconnectStrategy: () => 20 } }

const PROGRAMS: Record<string, Program<NodeRedisClient, RedisClientOptions>> = {
  async 'connects and runs commands'({ redis, say }) {
    const client = redis()
    await client.connect()
    say(client.isOpen, client.isReady)
    say(await client.set('k', 'v'), await client.get('k'), await client.get('none'))
    say(await client.set('k', 'w', { PX: 1000, NX: true }), await client.incr('n'), await client.exists(['k', 'none']))
    say(await client.hSet('h', { a: '1', b: 'ü' }), { ...(await client.hGetAll('h')) }, await client.pTTL('none'))
    say(await client.mGet(['k', 'none']), await client.type('h'), await client.ping())
    say(await client.sendCommand(['STRLEN', 'k']))
  },
  async 'speaks RESP3, or RESP2 when it is told to'({ redis, say }) {
    for (const RESP of [2, 3] as const) {
      const client = redis({ RESP } as RedisClientOptions, `RESP${RESP}`)
      await client.connect()
      await client.zAdd('z', [{ value: 'a', score: 1.5 }])
      await client.hSet('h', 'a', '1')
      await client.sAdd('s', 'm')
      say(await client.zScore('z', 'a'), await client.zRangeWithScores('z', 0, -1), await client.sMembers('s'))
      const raw = (await client.sendCommand(['HGETALL', 'h'])) as unknown
      say(Array.isArray(raw) ? raw : { ...(raw as object) })
    }
  },
  async 'reports what Redis refuses'({ redis, say }) {
    const client = redis()
    await client.connect()
    await client.set('text', 'x')
    say(await client.incr('text').catch(failure), await client.sendCommand(['NO-SUCH-COMMAND', 'a']).catch(failure))
    say(await client.eval("return redis.error_reply('MINE oh no')").catch(failure))
  },
  async 'runs scripts and transactions'({ redis, say }) {
    const client = redis()
    await client.connect()
    say(await client.eval('return {1, 2.9, "three", KEYS[1], ARGV[1]}', { keys: ['k'], arguments: ['a'] }))
    const sha = await client.scriptLoad("return redis.call('INCRBY', KEYS[1], ARGV[1])")
    say(sha, await client.evalSha(sha, { keys: ['n'], arguments: ['2'] }))
    await client.scriptFlush()
    say(await client.evalSha(sha, { keys: ['n'], arguments: ['2'] }).catch(failure))
    say(await client.multi().set('a', '1').incr('a').get('none').exec())
    await client.watch('a')
    await client.sendCommand(['SET', 'a', '7'])
    say(await client.multi().set('a', 'mine').exec().catch(failure), await client.get('a'))
  },
  async 'sends what was said in one turn together, and in order'({ redis, say }) {
    const client = redis()
    await client.connect()
    say(await Promise.all([client.set('a', '1'), client.incr('a'), client.get('a')]))
  },
  async 'hears what is published'({ redis, say, sleep }) {
    const client = redis({}, 'client')
    await client.connect()
    const subscriber = client.duplicate()
    await subscriber.connect()
    const heard: string[] = []
    await subscriber.subscribe('news', (message, channel) => heard.push(`${channel}: ${message}`))
    await subscriber.pSubscribe('n*', (message, channel) => heard.push(`${channel}? ${message}`))
    say(await client.publish('news', 'héllo'), await client.publish('nothing', 'x'), await client.publish('zero', 'x'))
    await sleep(50)
    say(heard, await subscriber.get('k'))
    await subscriber.unsubscribe('news')
    await subscriber.pUnsubscribe('n*')
    say(await client.publish('news', 'x'))
    subscriber.destroy()
  },
  async 'subscribes again after it was cut'({ redis, say, sleep, faults }) {
    const subscriber = redis(QUIET, 'subscriber')
    await subscriber.connect()
    const heard: string[] = []
    await subscriber.subscribe('news', (message) => heard.push(message))
    faults.cut()
    await sleep(200)
    const client = redis({}, 'client')
    await client.connect()
    const count = await client.publish('news', 'after the cut')
    await sleep(50)
    say(count, heard)
  },
  async 'blocks until something comes'({ redis, say, sleep }) {
    const client = redis({}, 'blocked')
    await client.connect()
    const other = redis({}, 'other')
    await other.connect()
    const popped = client.blPop('list', 5)
    await sleep(100)
    say(await other.rPush('list', 'x'), { ...(await popped) }, await client.blPop('list', 0.1))
  },
  async 'refuses commands before it was told to connect'({ redis, say }) {
    const client = redis()
    say(client.isOpen)
    say(await client.get('k').catch(failure))
  },
  async 'refuses a second connect'({ redis, say }) {
    const client = redis()
    await client.connect()
    say(await client.connect().catch(failure))
  },
  async 'waits for a server that refuses'({ redis, say, faults }) {
    faults.refuse(true)
    const client = redis({ socket: { reconnectStrategy: () => 100 } })
    const connected = client.connect()
    await hears(client, 'error', 3)
    faults.refuse(false)
    await connected
    say(await client.set('k', 'v'))
  },
  async 'gives up when it may not retry'({ redis, say, faults }) {
    faults.refuse(true)
    const client = redis({ socket: { reconnectStrategy: false } })
    say(await client.connect().catch(failure), client.isOpen)
    faults.refuse(false)
  },
  async 'is cut between two commands, and connects again'({ redis, say, sleep, faults }) {
    const client = redis(QUIET)
    await client.connect()
    await client.set('k', 'v')
    faults.cut()
    await sleep(200)
    say(await client.get('k'), client.isReady)
  },
  async 'queues what is said while it is not connected'({ redis, say, faults }) {
    const client = redis({ socket: { reconnectStrategy: () => 300 } })
    await client.connect()
    await losesServer(client, faults)
    say(client.isReady, client.isOpen)
    say(await client.set('k', 'queued'), await client.get('k'))
  },
  async 'refuses what is said while it is not connected, when it may not queue'({ redis, say, faults }) {
    const client = redis({ socket: { reconnectStrategy: () => 300 }, disableOfflineQueue: true })
    await client.connect()
    await losesServer(client, faults)
    const ready = new Promise((resolve) => {
      client.on('ready', resolve)
    })
    say(await client.set('k', 'v').catch(failure))
    await ready
    say(await client.get('k'))
  },
  // P16: the caller is told of a failure, and the server has applied the command.
  async 'rejects what had no reply, and sends nothing again'({ redis, say, faults, sleep }) {
    const client = redis(QUIET, 'client')
    await client.connect()
    faults.loseReplyTo('token-1')
    say(await outcome(client.set('lock', 'token-1', { PX: 30_000, NX: true }), sleep))
    say(await client.get('lock'))
    faults.loseReplyTo('INCR-ME')
    say(await outcome(client.incr('INCR-ME'), sleep), await client.get('INCR-ME'))
  },
  // P15: the timeout only counts while the command is waiting to be written.
  async 'waits without end for the reply to a command that has a timeout'({ redis, say, faults, sleep }) {
    const client = redis()
    await client.connect()
    const timed = client.withCommandOptions({ timeout: 100 })
    await timed.set('k', 'v')
    faults.hold('replies')
    const late = timed.set('late', 'applied')
    say(await outcome(late, sleep))
    faults.release()
    say(await late)
  },
  async 'times out a command that is still waiting to be written'({ redis, say, faults, sleep }) {
    const client = redis({ socket: { reconnectStrategy: () => 300 } }, 'client')
    await client.connect()
    await losesServer(client, faults)
    say(await outcome(client.withCommandOptions({ timeout: 100 }).set('ghost', 'token-1'), sleep))
    await sleep(350)
    // Unlike the ghost of ioredis (P13) it is never sent.
    say(await client.get('ghost'))
  },
  async 'gives a command up when its signal says so, before it is written'({ redis, say }) {
    const client = redis()
    await client.connect()
    const controller = new AbortController()
    const promise = client.withAbortSignal(controller.signal).set('k', 'v')
    controller.abort()
    say(await promise.catch(failure), await client.get('k'))
  },
  async 'notices a silent connection by the socket timeout, and does not come back'({ redis, say, sleep, faults }) {
    const client = redis({ socket: { socketTimeout: 1_000 } })
    await client.connect()
    await client.set('k', 'v')
    faults.hold('requests')
    const reply = client.get('k')
    await sleep(200)
    say('still open', client.isReady)
    say(await outcome(reply, sleep), client.isOpen)
    faults.release()
  },
  async 'waits through a black hole, and gets every reply when it heals'({ redis, say, sleep, faults }) {
    const client = redis()
    await client.connect()
    await client.set('n', '0')
    faults.hold('requests')
    const replies = [client.incr('n'), client.incr('n'), client.get('n')]
    await sleep(200)
    faults.release()
    say(await Promise.all(replies))
  },
  async 'closes when everything has been answered'({ redis, say, sleep }) {
    const client = redis()
    await client.connect()
    await client.set('k', 'v')
    const last = client.get('k')
    await client.close()
    say(await last, client.isOpen, await client.get('k').catch(failure))
    await sleep(50)
  },
  async 'is destroyed with a reply under way'({ redis, say, sleep }) {
    const client = redis()
    await client.connect()
    await client.set('k', 'v')
    const last = outcome(client.get('k'), sleep)
    client.destroy()
    say(await last, client.isOpen)
    await sleep(50)
  },
  async 'pings by itself'({ redis, say }) {
    const client = redis({ pingInterval: 60 })
    const pinged = new Promise((resolve) => {
      client.on('ping-interval', resolve)
    })
    await client.connect()
    // How many fit into a while depends on how late a busy machine is.
    say(await pinged)
  },
}

describe('node-redis in a world does what it does in the world outside', () => {
  it.each(Object.keys(PROGRAMS))('it %s', AS_OUTSIDE, async (name) => {
    const program = PROGRAMS[name] as (typeof PROGRAMS)[string]
    const truth = await real.runWith(NODE_REDIS, program)
    expect(truth.length).toBeGreaterThan(1)
    expect(await simulateWith(NODE_REDIS, program)).toEqual(truth)
  })

  it('shows P15 and P16 by name', async () => {
    const said = async (start: string): Promise<unknown> => {
      const name = Object.keys(PROGRAMS).find((each) => each.startsWith(start)) as string
      return (await simulateWith(NODE_REDIS, PROGRAMS[name] as (typeof PROGRAMS)[string])).filter(Array.isArray)
    }
    // P16: rejected, yet applied.
    expect(await said('rejects what had no reply')).toEqual([
      [expect.stringMatching(/^Error: .*(closed unexpectedly|ECONNRESET)/)],
      ['token-1'],
      [expect.stringMatching(/^Error: .*(closed unexpectedly|ECONNRESET)/), '1'],
    ])
    // P15: a timeout of 100 ms, and nothing after 400 ms.
    expect(await said('waits without end')).toEqual([['pending'], ['OK']])
  })
})

describe('in a world', () => {
  it('node-redis waits in virtual time between attempts, by its own rule', async () => {
    const said = await simulateWith(NODE_REDIS, async ({ redis, sleep, clock, say, faults }) => {
      faults.refuse(true)
      const client = redis()
      const at: number[] = []
      client.on('reconnecting', () => at.push(clock()))
      client.connect().catch(() => {})
      await sleep(20_000)
      const waits = at.slice(1).map((ms, index) => ms - (at[index] as number))
      // 2^n × 50 ms, at most 2 s, and up to 200 ms of chance on top.
      say(waits.slice(0, 5).map((ms, index) => ms >= Math.min(2 ** (index + 1) * 50, 2000) && ms <= 2202))
      say(at.length)
      faults.refuse(false)
    })
    expect(said.filter(Array.isArray)[0]).toEqual([[true, true, true, true, true]])
  })
})

describe('the classes of node-redis', () => {
  const classOf = (url: string): unknown => {
    const { createClient } = createRequire(import.meta.url)('redis') as typeof import('redis')
    const prototypeOf = Object.getPrototypeOf as (value: object) => object
    return prototypeOf(prototypeOf(createClient({ url })))
  }

  it('are written once, although two configurations take turns', () => {
    loadNodeRedisDriver()
    const [one, other] = [classOf('redis://one'), classOf('redis://other')]
    expect(one).not.toBe(other)
    expect(classOf('redis://one')).toBe(one)
    expect(classOf('redis://other')).toBe(other)
  })

  it('do not grow beyond what an application has of configurations', () => {
    loadNodeRedisDriver()
    const first = classOf('redis://first')
    for (let index = 0; index < 32; index += 1) classOf(`redis://host-${index}`)
    expect(classOf('redis://first')).not.toBe(first)
  })
})
