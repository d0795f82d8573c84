/**
 * What code under test changes of the language, of Node and of the Redis clients is there until its world is over, for each of its
 * processes, and is gone then.
 */
import buffer from 'node:buffer'
import channels from 'node:diagnostics_channel'
import dns from 'node:dns'
import { EventEmitter } from 'node:events'
import http from 'node:http'
import net from 'node:net'
import path from 'node:path'
import stream from 'node:stream'
import tls from 'node:tls'
import util from 'node:util'
import { Command, Redis } from 'ioredis'
import { describe, expect, it } from 'vitest'
import { requirePackage } from '../../src/client/node/optional-package.ts'
import { watchBuiltIns, watchModule } from '../../src/host/built-ins.ts'
import { deepStack } from '../../src/host/call-site.ts'
import { installHost } from '../../src/host/install.ts'
import { runOnHost } from '../../src/host/watch.ts'
import { inMacrotask } from '../../src/sim/node/drain.ts'
import { World } from '../../src/sim/world.ts'

installHost()
watchBuiltIns()
requirePackage('ioredis', 'ioredis')
watchModule(path, 'path')

/** Runs a program in each of these processes, one after the other; what each came to. */
async function inWorld(program: () => unknown, processes: readonly string[] = ['A']): Promise<readonly unknown[]> {
  const outcomes: unknown[] = []
  const world = new World('built-ins')
  for (const name of processes) {
    world.schedule(0, world.addProcess(name), 'timer', () => {
      try {
        outcomes.push(program())
      } catch (error) {
        outcomes.push((error as Error).message)
      }
    })
  }
  await inMacrotask(() => runOnHost(world))
  return outcomes
}

const any = (object: unknown) => object as Record<string, unknown>

type Move = readonly [name: string, read: () => unknown, move: () => unknown]
const MOVES: readonly Move[] = [
  ['a method of the language', () => ['a', 'b'].at(1), () => Object.assign(Array.prototype, { at: () => 0 })],
  ['a method that was added', () => any(Array.prototype).last, () => Object.assign(Array.prototype, { last: 1 })],
  ['a function that was added', () => any(Math).left, () => Object.assign(Math, { left: 1 })],
  ['a class of Intl', () => new Intl.NumberFormat('en').format(1), () => spoil(Intl.NumberFormat.prototype, 'format')],
  ['Web Crypto', () => crypto.subtle.digest.name, () => spoil(crypto.subtle, 'digest')],
  ['the depth of stacks', () => Error.stackTraceLimit, () => Object.assign(Error, { stackTraceLimit: 0 })],
  ['what makes stacks', () => Error.prepareStackTrace, () => spoil(Error, 'prepareStackTrace')],
  ['a function of a module', () => path.join('a', 'b'), () => Object.assign(path, { join: () => 'x' })],
  [
    'a default of a module',
    () => tls.DEFAULT_MIN_VERSION,
    () => Object.assign(tls, { DEFAULT_MIN_VERSION: 'TLSv1.3' }),
  ],
  ['a size of a pool', () => Buffer.poolSize, () => Object.assign(Buffer, { poolSize: 0 })],
  [
    'how many listeners',
    () => EventEmitter.defaultMaxListeners,
    () => Object.assign(EventEmitter, { defaultMaxListeners: 3 }),
  ],
  ['how much is shown', () => buffer.INSPECT_MAX_BYTES, () => Object.assign(buffer, { INSPECT_MAX_BYTES: 3 })],
  [
    'how deep it is shown',
    () => util.inspect.defaultOptions.depth,
    () => Object.assign(util.inspect.defaultOptions, { depth: 7 }),
  ],
  ['how it is coloured', () => util.inspect.styles.number, () => Object.assign(util.inspect.styles, { number: 'red' })],
  ['the agent', () => any(http.globalAgent).left, () => Object.assign(http.globalAgent, { left: 1 })],
  [
    'another agent',
    () => http.globalAgent.maxSockets,
    () => Object.assign(http, { globalAgent: new http.Agent({ maxSockets: 1 }) }),
  ],
  ['the order of addresses', () => dns.getDefaultResultOrder(), () => dns.setDefaultResultOrder('ipv4first')],
  [
    'families',
    () => net.getDefaultAutoSelectFamily(),
    () => net.setDefaultAutoSelectFamily(!net.getDefaultAutoSelectFamily()),
  ],
  ['buffers of streams', () => stream.getDefaultHighWaterMark(false), () => stream.setDefaultHighWaterMark(false, 5)],
  ['the exit code', () => process.exitCode, () => Object.assign(process, { exitCode: 7 })],
  ['arguments', () => process.argv.length, () => process.argv.push('x')],
  ['the platform', () => process.platform, () => Object.defineProperty(process, 'platform', { value: 'other' })],
  [
    'listeners of its output',
    () => process.stdout.listenerCount('resize'),
    () => process.stdout.on('resize', () => {}),
  ],
  ['the width of its output', () => process.stdout.columns, () => Object.assign(process.stdout, { columns: 7 })],
  ['channels', () => channels.hasSubscribers('left'), () => channels.subscribe('left', () => {})],
  ['marks', () => performance.getEntries().length, () => performance.mark('left')],
  ['a method of a client', () => Redis.prototype.sendCommand.name, () => spoil(Redis.prototype, 'sendCommand')],
  [
    'answers of a client',
    () => any(any(Command)._transformer).reply,
    () => Command.setReplyTransformer('left', () => 1),
  ],
]

function spoil(object: object, key: string): void {
  Object.defineProperty(object, key, { get: () => () => 'left' })
}

describe('what code under test changes', () => {
  it.each(MOVES)('is gone after its world: %s', async (_, read, move) => {
    const shown = () => util.inspect(read())
    const before = shown()
    const [outcome] = await inWorld(() => {
      move()
      return shown()
    })
    // In the process itself it was there, or nothing was tried.
    expect(outcome).not.toBe(before)
    expect(shown()).toBe(before)
  })

  it('can be defined by each process, and is not frozen for others', async () => {
    const define = () => {
      Object.defineProperty(Array.prototype, 'last', { value: () => 1 })
      Object.defineProperties(String.prototype, { last: { value: () => 1 } })
      Reflect.defineProperty(Map.prototype, 'last', { value: () => 1 })
      for (const close of [Object.freeze, Object.seal, Object.preventExtensions]) close(Set.prototype)
      return [Reflect.preventExtensions(Set.prototype), Object.isFrozen(Object.freeze({}))]
    }
    expect(await inWorld(define, ['A', 'B'])).toEqual([
      [true, true],
      [true, true],
    ])
    for (const each of [Array, String, Map]) expect('last' in each.prototype).toBe(false)
    expect(Object.isExtensible(Set.prototype)).toBe(true)
  })
})

describe('a stack that lockstorm reads in a world', () => {
  it('is not made by what the code under test has put there', async () => {
    let calls = 0
    const replace = () => {
      Error.stackTraceLimit = 0
      Error.prepareStackTrace = () => {
        calls += 1
        throw new Error('no')
      }
      return deepStack()
    }
    const [stack] = await inWorld(replace)
    expect(stack).toContain('at replace')
    expect(calls).toBe(0)
  })
})

describe('a mark', () => {
  it('has the time of its process', async () => {
    const [times] = await inWorld(() => {
      const { startTime } = performance.mark('a')
      return [startTime === performance.now(), performance.measure('b', 'a').duration]
    })
    expect(times).toEqual([true, 0])
  })
})
