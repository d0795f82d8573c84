/** Redis over HTTP: what the service of Upstash answers, answered by a node of the world. */
import { describe, expect, it } from 'vitest'
import { Network } from '../../src/net/network.ts'
import { REDIS_PORT } from '../../src/server/ports.ts'
import { RedisNode } from '../../src/server/redis-node.ts'
import { EPOCH_US } from '../../src/sim/clock.ts'
import { inMacrotask, runLoop } from '../../src/sim/node/drain.ts'
import { UsageError } from '../../src/sim/usage-error.ts'
import { World } from '../../src/sim/world.ts'
import { memoryProvider } from '../../src/world/node/environment.ts'

/** What a program of process A comes to. */
async function run(program: () => Promise<unknown>, isRefusing = false): Promise<unknown> {
  const world = new World('rest')
  const network = new Network(world, { minUs: 100, maxUs: 100 })
  network.substitute = { host: 'redis-1', port: REDIS_PORT }
  const seed = { seed: 'rest', nowUs: EPOCH_US }
  new RedisNode(world.addProcess('redis-1'), network, memoryProvider().node('redis-1', seed))
  network.setRefusing('redis-1', isRefusing)
  let outcome: unknown = 'open'
  world.schedule(0, world.addProcess('A'), 'timer', () => {
    program().then(
      (value) => {
        outcome = value
      },
      (error: unknown) => {
        outcome = error
      },
    )
  })
  await inMacrotask(() => runLoop(world))
  return outcome
}

async function post(path: string, body: unknown, more: RequestInit = {}): Promise<unknown> {
  const response = await fetch(`https://example.upstash.io${path}`, {
    method: 'POST',
    body: JSON.stringify(body),
    ...more,
  })
  return [response.status, await response.json()]
}

describe('fetch of a simulated process', () => {
  it('asks for one command', async () => {
    const answers = await run(async () => [
      await post('/', ['SET', 'k', 'é', 'PX', 1000]),
      await post('/', ['GET', 'k']),
      await post('/', ['GET', 'k'], { headers: { 'Upstash-Encoding': 'base64' } }),
      await post('/', ['SET', 'k', 'v'], { headers: { 'Upstash-Encoding': 'base64' } }),
      await post('/', ['MGET', 'k', 'none']),
      await post('/', ['INCR', 'n']),
      await post('/', ['SET', 'object', { a: 1 }]),
      await post('/', ['GET', 'object']),
    ])
    expect(answers).toEqual([
      [200, { result: 'OK' }],
      [200, { result: 'é' }],
      [200, { result: Buffer.from('é').toString('base64') }],
      [200, { result: 'OK' }],
      [200, { result: ['v', null] }],
      [200, { result: 1 }],
      [200, { result: 'OK' }],
      [200, { result: '{"a":1}' }],
    ])
  })

  it('is told of an error', async () => {
    expect(await run(() => post('/', ['INCR']))).toEqual([
      400,
      { error: "ERR wrong number of arguments for 'incr' command" },
    ])
  })

  it('asks for several, and for a transaction', async () => {
    const commands = [
      ['SET', 'k', 'v'],
      ['INCR', 'k'],
      ['GET', 'k'],
    ]
    const error = { error: 'ERR value is not an integer or out of range' }
    const all = [{ result: 'OK' }, error, { result: 'v' }]
    expect(await run(async () => [await post('/pipeline', commands), await post('/multi-exec', commands)])).toEqual([
      [200, all],
      [200, all],
    ])
    const aborted = (await run(() => post('/multi-exec', [['INCR']]))) as readonly [number, { readonly error: string }]
    expect(aborted[0]).toBe(400)
    expect(aborted[1].error).toMatch(/^EXECABORT /)
  })

  it('fails as fetch does when there is no connection, and when it is aborted', async () => {
    const failed = (await run(() => post('/', ['GET', 'k']), true)) as Error
    expect([failed.name, failed.message, (failed.cause as { code: string }).code]).toEqual([
      'TypeError',
      'fetch failed',
      'ECONNREFUSED',
    ])
    const reason = new Error('no more')
    expect(await run(() => post('/', ['GET', 'k'], { signal: AbortSignal.abort(reason) }))).toBe(reason)
    const late = (await run(() => post('/', ['BLPOP', 'k', 0], { signal: AbortSignal.timeout(50) }))) as Error
    expect(late.name).toBe('TimeoutError')
  })

  it('reaches no other service', async () => {
    for (const [url, init] of [
      ['https://example.com/', {}],
      ['https://example.com/', { method: 'POST', body: 'text' }],
      ['https://example.com/hook', { method: 'POST', body: '{"a":1}' }],
    ] as const) {
      const error = await run(() => fetch(url, init)).catch((thrown: unknown) => thrown)
      expect(error).toBeInstanceOf(UsageError)
      expect(String(error)).toMatch(/rest\.test\.ts:\d+: fetch\("https:\/\/example\.com\//)
    }
  })
})
