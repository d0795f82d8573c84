/**
 * Unmodified ioredis (5 and 6) and its fork iovalkey over the simulated socket. Every program runs twice: in a world, and
 * for real, against a redis-server behind a proxy; both must say the same. What is known to go wrong in the driver must go
 * wrong here too.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { AS_OUTSIDE, hears, ioredisFamily, type Program, RealStage, simulate, simulateWith } from './stage.ts'

let real: RealStage

beforeAll(async () => {
  real = await RealStage.start()
})

afterAll(async () => {
  await real.stop()
})

/** `pending` when a promise has not settled after a while. */
async function outcome(promise: Promise<unknown>, sleep: (ms: number) => Promise<void>): Promise<unknown> {
  const isLate = Symbol('late')
  const first = await Promise.race([
    promise.then(
      (value) => value,
      (error) => error,
    ),
    sleep(400).then(() => isLate),
  ])
  return first === isLate ? 'pending' : first
}

const QUIET = { retryStrategy: () => 20 }

const PROGRAMS: Record<string, Program> = {
  async 'connects and runs commands'({ redis, say }) {
    const client = redis()
    say(await client.set('k', 'v'), await client.get('k'), await client.get('none'), client.status)
    say(await client.set('k', 'w', 'PX', 1000, 'NX'), await client.incr('n'), await client.exists('k', 'none'))
    say(await client.hset('h', { a: 1, b: 'ü' }), await client.hgetall('h'), await client.hgetall('none'))
    say(await client.mget('k', 'none'), await client.type('h'))
    say(await client.ping(), await client.echo('🔒'), await client.call('STRLEN', 'k'))
  },
  async 'keeps bytes'({ redis, say }) {
    const client = redis()
    const bytes = Buffer.from(Array.from({ length: 256 }, (_, i) => i))
    say(await client.set('bytes', bytes), await client.getBuffer('bytes'), await client.strlen('bytes'))
    say(await client.get('bytes'))
  },
  async 'sends large values'({ redis, say }) {
    const client = redis()
    const value = 'x'.repeat(300_000)
    say(await client.set('large', value), (await client.get('large')) === value)
  },
  async 'waits for the connection with what was said before it'({ redis, say }) {
    const client = redis()
    const replies = [client.set('a', '1'), client.incr('a'), client.get('a')]
    say(client.status)
    say(await Promise.all(replies))
  },
  async 'connects only when it is told to, or used'({ redis, say, sleep }) {
    const client = redis({ lazyConnect: true })
    await sleep(50)
    say(client.status)
    await client.connect()
    say(client.status, await client.ping())
    say(await client.connect().catch((error: Error) => error))
  },
  async 'reports what Redis refuses'({ redis, say }) {
    const client = redis()
    await client.set('text', 'x')
    const refused = (promise: Promise<unknown>): Promise<unknown> => promise.catch((error: Error) => error)
    say(await refused(client.incr('text')), await refused(client.lpush('text', 'a')))
    say(await refused(client.call('NO-SUCH-COMMAND', 'a')), await refused(client.set('k', 'v', 'XX', 'NX' as never)))
    say(await refused(client.eval("return redis.error_reply('MINE oh no')", 0)))
  },
  async pipelines({ redis, say }) {
    const client = redis()
    await client.set('text', 'x')
    say(await client.pipeline().set('a', '1').incr('a').incr('text').get('none').exec())
    say(
      await client
        .pipeline([
          ['set', 'b', '2'],
          ['get', 'b'],
        ])
        .exec(),
    )
    say(await client.pipeline().exec())
  },
  async 'pipelines by itself'({ redis, say }) {
    const client = redis({ enableAutoPipelining: true })
    say(await Promise.all([client.set('a', '1'), client.get('a'), client.incr('a')]))
  },
  async 'runs transactions'({ redis, say }) {
    const client = redis()
    await client.ping()
    const other = redis({}, 'other')
    await other.ping()
    say(await client.multi().set('a', '1').incr('a').get('none').exec())
    say(await client.multi().set('a', 'x').incr('a').exec())
    say(
      await client
        .multi()
        .call('NO-SUCH-COMMAND')
        .set('never', '1')
        .exec()
        .catch((error: Error) => error),
    )
    say(await client.get('never'))
    await client.watch('a')
    await other.set('a', 'other')
    say(await client.multi().set('a', 'mine').exec(), await client.get('a'))
    await client.watch('a')
    say(await client.multi().set('a', 'mine').exec())
    say(await client.multi({ pipeline: false }), await client.set('a', 'queued'), await client.exec())
  },
  async 'runs scripts, by their hash after the first time'({ redis, say }) {
    const client = redis()
    client.defineCommand('double', { numberOfKeys: 1, lua: "return redis.call('INCRBY', KEYS[1], ARGV[1] * 2)" })
    client.defineCommand('keys', { lua: 'return {#KEYS, KEYS[1], ARGV[1]}' })
    const own = client as unknown as Record<'double' | 'keys', (...args: (string | number)[]) => Promise<unknown>>
    say(await own.double('n', 2), await own.double('n', 3), await own.keys(1, 'k', 'a'), await own.keys(0, 'x'))
    say(await client.eval('return {1, 2.9, "three", false, {4}}', 0))
    say(await client.script('EXISTS', 'ffffffffffffffffffffffffffffffffffffffff'))
    await client.script('FLUSH')
    say(await own.double('n', 1))
    say(await client.evalsha('ffffffffffffffffffffffffffffffffffffffff', 0).catch((error: Error) => error))
    const piped = client.pipeline() as unknown as { double(key: string, by: number): { exec(): Promise<unknown> } }
    say(await piped.double('n', 1).exec())
  },
  async 'hears what is published'({ redis, say, sleep }) {
    const subscriber = redis({}, 'subscriber')
    await subscriber.ping()
    const client = redis({}, 'client')
    await client.ping()
    say(await subscriber.subscribe('news', 'more'), await subscriber.psubscribe('n*'))
    // Which of two connections is heard first is chance: what both say is written down when both have said it.
    const counts = [
      await client.publish('news', 'héllo'),
      await client.publish('nothing', 'x'),
      await client.publish('zero', 'x'),
    ]
    await sleep(50)
    say(counts)
    say(await subscriber.get('k').catch((error: Error) => error))
    say(await subscriber.unsubscribe('more'), await subscriber.unsubscribe('news'), await subscriber.punsubscribe('n*'))
    say(await subscriber.get('k'), await client.publish('news', 'x'))
  },
  async 'loses count of the replies when it pings while it is subscribed'({ redis, say, sleep }) {
    const subscriber = redis()
    await subscriber.subscribe('news')
    say(await outcome(subscriber.ping(), sleep))
    say(await outcome(subscriber.unsubscribe('news'), sleep), await outcome(subscriber.get('k'), sleep))
  },
  async 'subscribes again after it was cut'({ redis, say, sleep, faults }) {
    const subscriber = redis(QUIET, 'subscriber')
    await subscriber.subscribe('news')
    faults.cut()
    await sleep(200)
    const client = redis({}, 'client')
    const count = await client.publish('news', 'after the cut')
    await sleep(50)
    say(count)
  },
  async 'blocks until something comes'({ redis, say, sleep }) {
    const client = redis({}, 'blocked')
    await client.ping()
    const other = redis({}, 'other')
    await other.ping()
    const popped = client.blpop('list', 5)
    await sleep(100)
    say(await other.rpush('list', 'x'), await popped)
    say(await client.blpop('list', 0.1), await client.brpoplpush('list', 'target', 0.1))
    say(await client.get('after'))
  },
  async 'blocks, and what is sent behind it waits'({ redis, say, sleep }) {
    const client = redis()
    const order: string[] = []
    const popped = client.blpop('list', 0.2).then(() => order.push('blpop'))
    const got = client.get('k').then(() => order.push('get'))
    await sleep(50)
    say(order.length)
    await Promise.all([popped, got])
    say(order)
  },
  async quits({ redis, say, sleep }) {
    const client = redis()
    await client.set('k', 'v')
    const last = client.get('k')
    say(await client.quit(), await last)
    await sleep(50)
    say(client.status, await client.get('k').catch((error: Error) => error))
  },
  async 'disconnects, with a reply under way'({ redis, say, sleep }) {
    const client = redis()
    await client.set('k', 'v')
    const last = client.get('k')
    client.disconnect()
    say(client.status, await outcome(last, sleep))
    await sleep(50)
    say(client.status)
  },
  async 'disconnects although the server does not answer'({ redis, say, sleep, faults }) {
    const client = redis({ disconnectTimeout: 100 } as object)
    await client.set('k', 'v')
    faults.hold('replies')
    const last = client.get('k')
    client.disconnect()
    say(await outcome(last, sleep))
    faults.release()
    await sleep(50)
  },
  async 'disconnects before it is connected'({ redis, say, sleep }) {
    const client = redis()
    const last = client.get('k')
    client.disconnect()
    say(await outcome(last, sleep), client.status)
    await sleep(50)
  },
  async 'connects again when it is told to reconnect'({ redis, say, sleep }) {
    const client = redis(QUIET)
    await client.ping()
    client.disconnect(true)
    await sleep(200)
    say(await client.ping(), client.status)
  },
  async 'waits for a server that refuses'({ redis, say, faults }) {
    faults.refuse(true)
    const client = redis({ retryStrategy: () => 100 })
    const reply = client.set('k', 'v')
    await hears(client, 'reconnecting', 3)
    faults.refuse(false)
    say(await reply)
  },
  async 'gives up when it may not retry'({ redis, say, sleep, faults }) {
    faults.refuse(true)
    const client = redis({ retryStrategy: () => null })
    say(await outcome(client.get('k'), sleep), client.status)
    faults.refuse(false)
  },
  async 'refuses commands after so many retries'({ redis, say, sleep, faults }) {
    faults.refuse(true)
    const client = redis({ retryStrategy: () => 10, maxRetriesPerRequest: 2 })
    say(await outcome(client.get('k'), sleep))
    faults.refuse(false)
    await sleep(100)
    say(await client.get('k'))
  },
  async 'refuses commands while it is not connected, when it may not queue'({ redis, say, sleep }) {
    const client = redis({ enableOfflineQueue: false })
    say(await client.get('k').catch((error: Error) => error))
    await sleep(100)
    say(await client.get('k'))
  },
  async 'is cut between two commands'({ redis, say, sleep, faults }) {
    const client = redis(QUIET)
    await client.set('k', 'v')
    faults.cut()
    await sleep(200)
    say(await client.get('k'))
  },
  // P11: the driver itself sends the command again after it has reconnected.
  async 'sends again what had no reply: SET NX is answered with null while the server holds the token'({
    redis,
    say,
    sleep,
    faults,
  }) {
    const client = redis(QUIET, 'client')
    await client.ping()
    const other = redis({}, 'other')
    await other.ping()
    faults.loseReplyTo('token-1')
    say(await outcome(client.set('lock', 'token-1', 'PX', 30_000, 'NX'), sleep))
    say(await other.get('lock'))
    faults.loseReplyTo('INCR-ME')
    say(await outcome(client.incr('INCR-ME'), sleep), await other.get('INCR-ME'))
  },
  // P12: what was in flight is forgotten.
  async 'never settles what had no reply, when it may not send it again'({ redis, say, sleep, faults }) {
    const client = redis({ ...QUIET, autoResendUnfulfilledCommands: false }, 'client')
    await client.ping()
    const other = redis({}, 'other')
    await other.ping()
    faults.loseReplyTo('token-1')
    say(await outcome(client.set('lock', 'token-1', 'PX', 30_000, 'NX'), sleep))
    say(await other.get('lock'), client.status, await client.get('lock'))
  },
  // P13: the promise is rejected, the command stays in the queue.
  async 'runs a command long after it timed out, when that was waiting in the queue'({ redis, say, sleep, faults }) {
    faults.refuse(true)
    const client = redis({ retryStrategy: () => 150, commandTimeout: 50 }, 'client')
    say(await outcome(client.set('ghost', 'token-1', 'PX', 30_000, 'NX'), sleep))
    faults.refuse(false)
    await sleep(300)
    const other = redis({}, 'other')
    say(await other.get('ghost'))
  },
  async 'times out a command whose reply is late, and pairs later replies with the right commands'({
    redis,
    say,
    sleep,
    faults,
  }) {
    const client = redis({ commandTimeout: 300 })
    await client.set('k', 'v')
    faults.hold('replies')
    say(await outcome(client.set('late', 'applied'), sleep))
    const next = outcome(client.get('k'), sleep)
    await sleep(30)
    faults.release()
    say(await next, await client.get('late'))
  },
  async 'waits through a black hole, and gets every reply when it heals'({ redis, say, sleep, faults }) {
    const client = redis()
    await client.set('n', '0')
    faults.hold('requests')
    const replies = [client.incr('n'), client.incr('n'), client.get('n')]
    await sleep(200)
    say('held')
    faults.release()
    say(await Promise.all(replies))
  },
  async 'notices a silent connection by the socket timeout'({ redis, say, sleep, faults }) {
    const client = redis({ ...QUIET, socketTimeout: 500 })
    await client.set('k', 'v')
    faults.hold('requests')
    const reply = client.get('k')
    await sleep(250)
    say('still open', client.status)
    await sleep(350)
    faults.release()
    say(await outcome(reply, sleep))
  },
  async 'executes what a server that stood still had received before the connection was cut'({
    redis,
    say,
    sleep,
    faults,
  }) {
    const client = redis({ retryStrategy: () => 200, autoResendUnfulfilledCommands: false }, 'client')
    await client.ping()
    const other = redis({}, 'other')
    await other.ping()
    faults.stop()
    client.set('lock', 'token-1').catch(() => {})
    await sleep(50)
    client.disconnect(true)
    await sleep(20)
    faults.go()
    await sleep(50)
    say(await other.get('lock'))
  },
  async 'duplicates itself'({ redis, say, sleep }) {
    const client = redis({ db: 3 })
    await client.set('k', 'in database 3')
    const copy = client.duplicate()
    say(await copy.get('k'), copy.options.db)
    await client.select(0)
    say(await client.get('k'))
    copy.disconnect()
    await sleep(20)
  },
}

describe.each(['ioredis', 'ioredis-6', 'iovalkey'])(
  '%s in a world does what it does in the world outside',
  (driver) => {
    const family = ioredisFamily(driver)

    it.each(Object.keys(PROGRAMS))('it %s', AS_OUTSIDE, async (name) => {
      const program = PROGRAMS[name] as Program
      const truth = await real.runWith(family, program)
      expect(truth.length).toBeGreaterThan(1)
      expect(await simulateWith(family, program)).toEqual(truth)
    })

    it('shows P11, P12 and P13 by name', async () => {
      const shown = await Promise.all(
        Object.keys(PROGRAMS)
          .filter((name) => /^(sends again|never settles|runs a command long)/.test(name))
          .map(async (name) => (await simulateWith(family, PROGRAMS[name] as Program)).filter(Array.isArray)),
      )
      expect(shown).toEqual([
        // P11: told that somebody else has it, while Redis holds this client's token; a counter goes up twice.
        [[null], ['token-1'], [2, '2']],
        // P12: the promise never settles, although the driver is connected again and answers.
        [['pending'], ['token-1', 'ready', 'token-1']],
        // P13: rejected, and applied later.
        [['Error: Command timed out'], ['token-1']],
      ])
    })
  },
)

describe('in a world', () => {
  it('a connection that gets no answer ends when the driver says so, as against a server whose queue is full', async () => {
    const program: Program = async ({ redis, say, sleep }) => {
      const client = redis({ connectTimeout: 150, retryStrategy: () => null })
      say(await outcome(client.get('k'), sleep), client.status)
    }
    // A stopped server accepts nobody; when its queue is full, the kernel answers no handshake any more.
    const full = await RealStage.start(['--tcp-backlog', '1'])
    try {
      await full.fillQueue()
      const truth = await full.runDirectly(program)
      expect(truth).toEqual([
        'error Error: connect ETIMEDOUT (ETIMEDOUT)',
        'close',
        'end',
        ['Error: Connection is closed.', 'end'],
      ])
      const simulated = await simulate(async (stage) => {
        stage.faults.hold('requests')
        await program(stage)
      })
      expect(simulated).toEqual(truth)
    } finally {
      await full.stop()
    }
  })

  it('the driver waits in virtual time: blocking commands, retries, timeouts', async () => {
    const said = await simulate(async ({ redis, sleep, clock, say, faults }) => {
      const client = redis()
      await client.ping()
      const start = clock()
      await client.blpop('list', 3600)
      const blockedMs = clock() - start
      say('blocked for an hour', blockedMs >= 3_600_000 && blockedMs < 3_600_010)
      client.disconnect()
      await sleep(10)

      faults.refuse(true)
      const attempts: number[] = []
      const retrying = redis({ connectTimeout: 1000 })
      retrying.on('reconnecting', (delay: number) => attempts.push(delay))
      const since = clock()
      retrying.get('k').catch(() => {})
      await sleep(3000)
      say('retried after', attempts.slice(0, 5), 'within', Math.round(clock() - since))
      retrying.disconnect()
      await sleep(10)
      faults.refuse(false)

      const timing = redis({ commandTimeout: 36_000_000 })
      await timing.ping()
      faults.hold('replies')
      const before = clock()
      say(await timing.get('k').catch((error: Error) => error), 'after', clock() - before)
    })
    expect(said.filter(Array.isArray)).toEqual([
      ['blocked for an hour', true],
      ['retried after', [50, 100, 150, 200, 250], 'within', 3000],
      ['Error: Command timed out', 'after', 36_000_000],
    ])
  })

  it('two drivers of two processes do not share anything', async () => {
    const said = await simulate(async ({ redis, say }) => {
      const [one, two] = [redis({ db: 1 }), redis({ db: 2 })]
      await Promise.all([one.set('k', 'one'), two.set('k', 'two')])
      say(await one.get('k'), await two.get('k'))
    })
    expect(said.at(-1)).toEqual(['one', 'two'])
  })
})
