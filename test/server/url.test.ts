import { execFileSync } from 'node:child_process'
import fs from 'node:fs'
import net from 'node:net'
import os from 'node:os'
import path from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { Reply } from '../../src/redis/reply.ts'
import { encodeRequest } from '../../src/redis/resp/encode-request.ts'
import type { RealServerProvider } from '../../src/server/node/redis-server.ts'
import { parseRedisUrl, redactUrl } from '../../src/server/node/redis-url.ts'
import { ServerLostError } from '../../src/server/node/server-lost-error.ts'
import { ServerUnreachableError } from '../../src/server/node/server-unreachable-error.ts'
import { createUrlProvider, type UrlProviderOptions } from '../../src/server/node/url.ts'
import type { RedisServer } from '../../src/server/server.ts'
import { UsageError } from '../../src/sim/usage-error.ts'
import { RealRedis } from '../redis/real-redis.ts'

const T0_US = 1_800_000_000_000_000

let redis: RealRedis
let url: string
const providers: RealServerProvider[] = []

beforeAll(async () => {
  redis = await RealRedis.start()
  url = `redis://127.0.0.1:${redis.port}`
})
afterEach(async () => {
  for (const provider of providers.splice(0)) await provider.close()
  await own('FLUSHALL')
})
afterAll(() => redis.stop())

async function open(options: Partial<UrlProviderOptions> = {}): Promise<RealServerProvider> {
  const provider = await createUrlProvider({ url, ...options })
  providers.push(provider)
  return provider
}

/** One command of the server's owner, past lockstorm; the reply's bytes. */
function own(...args: string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = net.connect(redis.port, '127.0.0.1')
    let bytes = ''
    socket.on('data', (chunk) => {
      bytes += chunk.toString('latin1')
    })
    socket.on('error', reject)
    socket.on('close', () => resolve(bytes.replace(/\+OK\r\n$/, '') || '+OK\r\n'))
    socket.write(encodeRequest(args) + encodeRequest(['QUIT']))
  })
}

class Client {
  readonly #replies: Reply[] = []
  readonly #connection
  constructor(node: RedisServer) {
    this.#connection = node.connect({ onReply: (reply) => this.#replies.push(reply) })
  }
  call(...args: string[]): Reply {
    this.#connection.execute(args)
    return this.#replies.shift()!
  }
  take(): Reply[] {
    return this.#replies.splice(0)
  }
}

const OK = { kind: 'status', text: 'OK' }
const refusal = (text: string): Reply => ({ kind: 'error', text: `ERR lockstorm: ${text}` })

async function capture(run: () => unknown): Promise<Error> {
  try {
    await run()
  } catch (error) {
    return error as Error
  }
  throw new Error('expected an error')
}

describe("a user's own server", () => {
  it('is told apart from those that lockstorm starts', async () => {
    const provider = await open({ prefix: 'mine:' })
    expect(provider).toMatchObject({ kind: 'url', deterministic: false })
    expect(provider.description).toMatch(/^redis:\/\/127\.0\.0\.1:\d+ \(Redis 7\.0\.15\), paced, keys under mine:$/)
    expect(provider.warning).toBe(
      'a server of your own keeps its own time: time is paced and a run cannot be replayed exactly',
    )
  })

  it('holds keys under the prefix only while a world runs, and nobody else loses any', async () => {
    await own('SET', 'precious', '1')
    const provider = await open({ prefix: 'mine:' })
    const node = provider.node('redis-1', { seed: 's', nowUs: T0_US })
    const client = new Client(node)
    expect(client.call('SET', 'k', 'v')).toEqual(OK)
    expect(client.call('EVAL', "return redis.call('SET', KEYS[1] .. ':fence', ARGV[1])", '1', 'k', '7')).toEqual(OK)
    expect(await own('KEYS', 'mine:*')).toMatch(/^\*2\r\n/)
    expect(await own('GET', 'mine:1:k')).toBe('$1\r\nv\r\n')
    node.stop()
    expect(await own('KEYS', 'mine:*')).toBe('*1\r\n$15\r\nmine:1:k:fence\r\n'.replace('$15', '$14'))
    await provider.close()
    expect(await own('KEYS', '*')).toBe('*1\r\n$8\r\nprecious\r\n')
  })

  it('suffers what stays under the prefix, and says why it does not suffer the rest', async () => {
    await own('SET', 'precious', '1')
    await own('SCRIPT', 'LOAD', 'return 1')
    const provider = await open({ prefix: 'mine:' })
    const node = provider.node('redis-1', { seed: 's', nowUs: T0_US })
    const client = new Client(node)
    client.call('MSET', 'one', '1', 'two', '2')
    expect(node.suffer({ kind: 'evict', key: 'one' })).toBeNull()
    expect([client.call('GET', 'one'), client.call('GET', 'two')]).toEqual([null, '2'])
    expect(node.suffer({ kind: 'flush' })).toBeNull()
    expect(client.call('GET', 'two')).toBeNull()
    expect(await own('GET', 'precious')).toBe('$1\r\n1\r\n')
    const address = `redis://127.0.0.1:${redis.port}`
    expect(node.suffer({ kind: 'script-flush' })).toBe(`the scripts of ${address} are not ours to flush`)
    expect(node.suffer({ kind: 'state', state: 'oom', isOn: true })).toBe(`${address} is not ours to make answer OOM`)
    expect(await own('SCRIPT', 'EXISTS', 'e0e1f9fabfc9d4800c877a703b823ac0578ff8db')).toBe('*1\r\n:1\r\n')
    expect(await own('CONFIG', 'GET', 'maxmemory')).toContain('\r\n0\r\n')
  })

  it('gives each node and each world keys of its own', async () => {
    const provider = await open()
    const [one, two] = ['redis-1', 'redis-2'].map((name) => provider.node(name, { seed: 's', nowUs: T0_US }))
    new Client(one!).call('SET', 'k', 'v')
    expect(new Client(two!).call('GET', 'k')).toBeNull()
    expect(one!.observe('k')).toEqual({ type: 'string', text: 'v', expireAtMs: null })
    expect(two!.observe('k')).toBeNull()
    one!.stop()
    expect(new Client(provider.node('redis-1', { seed: 's', nowUs: T0_US })).call('EXISTS', 'k')).toBe(0)
  })

  it('gives names back as they were: KEYS, SCAN, BLPOP, LMPOP, XREAD, SORT, and all of it inside EXEC', async () => {
    const client = new Client((await open()).node('redis-1', { seed: 's', nowUs: T0_US }))
    client.call('RPUSH', 'list', '2', '1')
    client.call('XADD', 'stream', '1-1', 'f', 'v')
    client.call('MSET', 'w_1', '20', 'w_2', '10')
    expect(client.call('KEYS', 'l*')).toEqual(['list'])
    expect(client.call('SCAN', '0', 'MATCH', 'str*', 'COUNT', '1000')).toEqual(['0', ['stream']])
    expect((client.call('SCAN', '0', 'COUNT', '1000') as readonly [string, string[]])[1].sort()).toEqual([
      ...['list', 'stream', 'w_1', 'w_2'],
    ])
    expect(client.call('SORT', 'list', 'BY', 'w_*', 'GET', '#', 'GET', 'w_*')).toEqual(['2', '10', '1', '20'])
    expect(client.call('XREAD', 'COUNT', '1', 'STREAMS', 'stream', '0')).toEqual([['stream', [['1-1', ['f', 'v']]]]])
    client.call('MULTI')
    client.call('BLPOP', 'none', 'list', '0')
    client.call('LMPOP', '2', 'none', 'list', 'LEFT')
    client.call('GET', 'w_1')
    expect(client.call('EXEC')).toEqual([['list', '2'], ['list', ['1']], '20'])
    expect(client.call('ZADD', 'a', '1', 'x')).toBe(1)
    expect(client.call('ZUNIONSTORE', 'c', '1', 'a')).toBe(1)
    expect(client.call('ZRANGE', 'c', '0', '-1')).toEqual(['x'])
  })

  it('speaks RESP3, and keeps bytes that need no change', async () => {
    const node = (await open()).node('redis-1', { seed: 's', nowUs: T0_US })
    let bytes = ''
    const connection = node.connect({
      onBytes: (more) => {
        bytes += more
      },
    })
    connection.receive(encodeRequest(['HELLO', '3']))
    expect(bytes).toMatch(/^%7\r\n/)
    bytes = ''
    const request =
      encodeRequest(['HSET', 'h', 'f', 'v']) + encodeRequest(['HGETALL', 'h']) + encodeRequest(['KEYS', '*'])
    for (const char of request) connection.receive(char)
    expect(bytes).toBe(':1\r\n%1\r\n$1\r\nf\r\n$1\r\nv\r\n*1\r\n$1\r\nh\r\n')
  })

  it('keeps channels apart too', async () => {
    const node = (await open()).node('redis-1', { seed: 's', nowUs: T0_US })
    const [subscriber, publisher] = [new Client(node), new Client(node)]
    expect(subscriber.call('SUBSCRIBE', 'news')).toEqual(['subscribe', 'news', 1])
    expect(subscriber.call('PSUBSCRIBE', 'n*')).toEqual(['psubscribe', 'n*', 2])
    await own('PUBLISH', 'news', 'from outside')
    expect(publisher.call('PUBLISH', 'news', 'from inside')).toBe(2)
    expect(subscriber.take()).toEqual([
      ['message', 'news', 'from inside'],
      ['pmessage', 'n*', 'news', 'from inside'],
    ])
  })

  it('refuses what would reach others, and a transaction that contains it', async () => {
    await own('SET', 'precious', '1')
    const client = new Client((await open()).node('redis-1', { seed: 's', nowUs: T0_US }))
    expect(client.call('FLUSHALL')).toEqual(refusal('FLUSHALL would reach keys of others on a shared server'))
    expect(client.call('CONFIG', 'SET', 'maxmemory', '1')).toEqual(refusal('CONFIG SET is not for a shared server'))
    expect(client.call('CLIENT', 'PAUSE', '1000')).toEqual(refusal('CLIENT PAUSE is not for a shared server'))
    expect(client.call('SHUTDOWN')).toEqual(refusal('SHUTDOWN is not for a shared server'))
    expect(client.call('SELECT', '3')).toEqual(refusal('the keys of this run are in database 0 only'))
    expect(client.call('GEORADIUS', 'g', '0', '0', '1', 'km')).toEqual(
      refusal('it is not known which arguments of GEORADIUS are keys'),
    )
    expect(client.call('CLIENT', 'SETNAME', 'me')).toEqual(OK)
    client.call('MULTI')
    expect(client.call('FLUSHDB')).toEqual(refusal('FLUSHDB would reach keys of others on a shared server'))
    expect(client.call('EXEC')).toMatchObject({ text: expect.stringMatching(/^EXECABORT/) })
    expect(client.call('NO-SUCH-COMMAND')).toMatchObject({ text: expect.stringMatching(/^ERR unknown command/) })
    expect(await own('GET', 'precious')).toBe('$1\r\n1\r\n')
  })

  it('is paced: the world waits until a key has really expired, and a blocked call really ends', async () => {
    const node = (await open()).node('redis-1', { seed: 's', nowUs: T0_US })
    const client = new Client(node)
    client.call('SET', 'k', 'v', 'PX', '50')
    // A second is enough for a machine that is busy with other tests.
    node.setClock(T0_US + 1_000_000)
    expect(client.call('GET', 'k')).toBeNull()
    client.call('BLPOP', 'list', '0.05')
    let nowUs = T0_US + 1_000_000
    const replies: Reply[] = []
    for (let round = 0; round < 100 && replies.length === 0; round++) {
      nowUs = node.wakeAtMs()! * 1000
      node.setClock(nowUs)
      node.wake()
      replies.push(...client.take())
    }
    expect(replies).toEqual([{ kind: 'nullArray' }])
    expect(nowUs).toBeGreaterThan(T0_US + 1_000_000 + 50_000)
  })

  it('has deadlines on the clock of the world, which stay the same however often one looks', async () => {
    const node = (await open()).node('redis-1', { seed: 's', nowUs: T0_US })
    new Client(node).call('SET', 'k', 'v', 'PX', '60000')
    const first = node.observe('k')!.expireAtMs!
    // Whatever real time has passed since SET is missing from what is left; virtual time has not moved.
    expect(first).toBeLessThanOrEqual(T0_US / 1000 + 60_000)
    expect(first).toBeGreaterThan(T0_US / 1000)
    node.setClock(T0_US + 50_000)
    expect(node.observe('k')!.expireAtMs).toBe(first)
  })

  it('cannot be restarted', async () => {
    const node = (await open()).node('redis-1', { seed: 's', nowUs: T0_US })
    expect(await capture(() => node.restart('all'))).toBeInstanceOf(UsageError)
  })

  it('that vanishes is a ServerLostError', async () => {
    const other = await RealRedis.start()
    const provider = await createUrlProvider({ url: `redis://127.0.0.1:${other.port}` })
    const client = new Client(provider.node('redis-1', { seed: 's', nowUs: T0_US }))
    client.call('SET', 'k', 'v')
    await other.stop()
    const error = await capture(() => client.call('GET', 'k'))
    expect(error).toBeInstanceOf(ServerLostError)
    expect(error.message).toMatch(/^the server of redis-1 \(redis:\/\/127\.0\.0\.1:\d+\) has ended/)
    // Its keys could not be deleted, and closing says so.
    expect(await capture(() => provider.close())).toBeInstanceOf(ServerUnreachableError)
  })

  it('that does not answer is given up', async () => {
    const provider = await open({ answerLimitMs: 1000 })
    const client = new Client(provider.node('redis-1', { seed: 's', nowUs: T0_US }))
    client.call('GET', 'k')
    const busy = own('EVAL', 'local t = redis.call("TIME")[1] while redis.call("TIME")[1] - t < 4 do end', '0')
    await new Promise((resolve) => setTimeout(resolve, 50))
    const error = await capture(() => client.call('GET', 'k'))
    expect(error.message).toContain('did not answer within 1 s and was given up')
    await busy
  })
})

describe('before the first world', () => {
  it('a prefix under which there are keys is refused', async () => {
    await own('SET', 'mine:old', '1')
    const error = await capture(() => createUrlProvider({ url, prefix: 'mine:' }))
    expect(error).toBeInstanceOf(ServerUnreachableError)
    expect(error.message).toBe(
      `127.0.0.1:${redis.port}: expected no keys under the prefix mine:, got 1, among them "mine:old"\n` +
        '  fix: choose another prefix, or delete these keys if they are left over from a run that was killed',
    )
    expect(await own('GET', 'mine:old')).toBe('$1\r\n1\r\n')
  })

  it('a server that is not there, and a port that speaks something else, are said with a fix', async () => {
    const closed = await capture(() => createUrlProvider({ url: 'redis://127.0.0.1:1' }))
    expect(closed.message).toBe(
      '127.0.0.1:1: expected a Redis server, got ECONNREFUSED (connect ECONNREFUSED 127.0.0.1:1)\n' +
        '  fix: start the server, or correct host and port in --redis',
    )
    const plain = await capture(() => createUrlProvider({ url: url.replace('redis:', 'rediss:'), answerLimitMs: 2000 }))
    expect(plain).toBeInstanceOf(ServerUnreachableError)
    expect(plain.message).toContain('fix: use redis:// if the port does not speak TLS')
  })

  it('wrong passwords and missing rights are said, and passwords are not', async () => {
    await own('ACL', 'SETUSER', 'storm', 'on', '>s3cret', '~lockstorm:*', '&lockstorm:*', '+@all', '-@dangerous')
    await own('ACL', 'SETUSER', 'weak', 'on', '>s3cret', '~lockstorm:*', '+@read')
    const at = (user: string, password: string): string => `redis://${user}:${password}@127.0.0.1:${redis.port}`
    const wrong = await capture(() => createUrlProvider({ url: at('storm', 'wr0ng') }))
    expect(wrong.message).toBe(
      `127.0.0.1:${redis.port}: expected AUTH to be answered, got "WRONGPASS invalid username-password pair or user is disabled."\n` +
        '  fix: correct user and password in --redis (redis://user:password@host:port)',
    )
    const weak = await capture(() => createUrlProvider({ url: at('weak', 's3cret') }))
    expect(weak.message).toContain('NOPERM')
    expect(weak.message).toContain('fix: let the user run')
    for (const { message, stack } of [wrong, weak]) expect(`${message}${stack}`).not.toMatch(/s3cret|wr0ng/)

    const provider = await open({ url: at('storm', 's3cret') })
    expect(provider.description).toContain('redis://storm:***@127.0.0.1')
    const client = new Client(provider.node('redis-1', { seed: 's', nowUs: T0_US }))
    expect(client.call('SET', 'k', 'v')).toEqual(OK)
    expect(client.call('ACL', 'WHOAMI')).toBe('storm')
    await own('ACL', 'DELUSER', 'weak')
  })

  it('a server with TLS is used when its certificate can be trusted', async () => {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'tls-test-'))
    const file = (name: string): string => path.join(folder, name)
    const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1']
    const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-keyout', file('key.pem')]
    execFileSync('openssl', ['req', '-x509', ...key, '-out', file('cert.pem'), '-days', '2', ...subject], {
      stdio: 'ignore',
    })
    const tlsPort = redis.port === 65_535 ? redis.port - 1 : redis.port + 1
    const secure = await RealRedis.start([
      ...['--tls-port', String(tlsPort), '--tls-cert-file', file('cert.pem'), '--tls-key-file', file('key.pem')],
      ...['--tls-auth-clients', 'no', '--requirepass', 'p@ss/word'],
    ])
    try {
      const secureUrl = `rediss://:${encodeURIComponent('p@ss/word')}@localhost:${tlsPort}/2`
      const untrusted = await capture(() => createUrlProvider({ url: secureUrl }))
      expect(untrusted.message).toContain('fix: give the file of its certificate authority')
      const provider = await createUrlProvider({ url: secureUrl, caFile: file('cert.pem') })
      const client = new Client(provider.node('redis-1', { seed: 's', nowUs: T0_US }))
      expect(client.call('SET', 'k', 'v')).toEqual(OK)
      expect(client.call('SELECT', '2')).toEqual(OK)
      expect(client.call('GET', 'k')).toBe('v')
      await provider.close()
    } finally {
      await secure.stop()
      fs.rmSync(folder, { recursive: true })
    }
  })
})

describe('a URL', () => {
  it('is read', () => {
    expect(parseRedisUrl('rediss://me:p%40ss@[::1]:7000/3?x=y')).toEqual({
      ...{ host: '::1', port: 7000, tls: true, username: 'me', password: 'p@ss', database: 3 },
      redacted: 'rediss://me:***@[::1]:7000/3',
    })
    expect(parseRedisUrl('redis://localhost')).toMatchObject({ host: 'localhost', port: 6379, database: 0, tls: false })
  })

  it('that is wrong is said without its password', async () => {
    for (const text of ['http://u:s3cret@x', 'redis://u:s3cret@', 'redis://u:s3cret@host/x', 's3cret']) {
      const error = await capture(() => parseRedisUrl(text))
      expect(error).toBeInstanceOf(UsageError)
      expect(error.message).not.toContain('s3cret')
    }
    expect(redactUrl('redis://:s3cret@h:1/0?password=s3cret#s3cret')).toBe('redis://:***@h:1/0')
    expect(redactUrl('s3cret')).toBe('***')
  })
})
