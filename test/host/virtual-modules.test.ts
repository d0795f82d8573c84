/**
 * Node's own modules inside a world and outside of it. As for the globals, the same program runs on the real thing and
 * inside, and must say the same.
 */
import crypto from 'node:crypto'
import { createRequire } from 'node:module'
import { performance as hooksPerformance } from 'node:perf_hooks'
import timers, { setTimeout as namedSetTimeout, promises as timersPromisesOfTimers } from 'node:timers'
import timersPromises, { setTimeout as sleep, setInterval as ticks } from 'node:timers/promises'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { installHost } from '../../src/host/install.ts'
import { inMacrotask, runLoop } from '../../src/sim/node/drain.ts'
import { World } from '../../src/sim/world.ts'
import { inWorld, outside, type Say } from '../sim/programs.ts'

/** A module of the user's, loaded natively before the virtual modules are installed. */
const NATIVE = `
  import { setTimeout, setImmediate } from 'node:timers'
  import { setTimeout as sleep } from 'node:timers/promises'
  import { randomBytes, randomUUID } from 'node:crypto'
  import { hrtime } from 'node:process'
  import * as everything from 'node:timers'
  export const look = () => ({
    setTimeout, setImmediate, sleep, randomBytes, randomUUID, hrtime, ofNamespace: everything.setTimeout,
  })
`
const native = (await import(/* @vite-ignore */ `data:text/javascript,${encodeURIComponent(NATIVE)}`)) as {
  look(): Record<string, (...args: never[]) => unknown>
}
const before = native.look()
const realHrtime = process.hrtime.bigint
installHost()

const text = (error: unknown): string => {
  const { name, code, message, cause } = error as NodeJS.ErrnoException
  return [name, code, message, cause instanceof Error ? `because of ${cause.name}` : cause].join(' | ')
}
const thrown = (task: () => unknown): unknown => {
  try {
    return task()
  } catch (error) {
    return text(error)
  }
}
const settled = (promise: Promise<unknown>): Promise<unknown> => promise.then((value) => ['resolved', value], text)

describe('the same program says the same inside and outside', () => {
  it.each<[string, (say: Say) => unknown]>([
    [
      'timers: the functions of the module are the globals',
      (say) =>
        say(
          timers.setTimeout === setTimeout,
          timers.setInterval === setInterval,
          timers.setImmediate === setImmediate,
          timers.clearTimeout === clearTimeout,
          namedSetTimeout === setTimeout,
          timersPromisesOfTimers === timersPromises,
        ),
    ],
    [
      'timers/promises: a value',
      async (say) => say(await sleep(5, 'value'), await sleep(), await sleep(1, undefined, {})),
    ],
    [
      'timers/promises: in the order of the delays',
      async (say) => {
        await Promise.all([30, 10, 20].map(async (ms) => say(await sleep(ms, ms))))
      },
    ],
    ['timers/promises: an immediate', async (say) => say(await timersPromises.setImmediate('value'))],
    [
      'timers/promises: a signal that is aborted already',
      async (say) => {
        say(await settled(sleep(5, 'x', { signal: AbortSignal.abort() })))
        say(await settled(sleep(5, 'x', { signal: AbortSignal.abort('my reason') })))
        say(await settled(timersPromises.setImmediate('x', { signal: AbortSignal.abort() })))
      },
    ],
    [
      'timers/promises: a signal that is aborted meanwhile',
      async (say) => {
        const controller = new AbortController()
        const waiting = settled(sleep(60_000, 'x', { signal: controller.signal }))
        const immediate = settled(timersPromises.setImmediate('x', { signal: controller.signal }))
        controller.abort(new TypeError('enough'))
        say(await waiting, await immediate)
      },
    ],
    [
      'timers/promises: a signal that is aborted afterwards',
      async (say) => {
        const controller = new AbortController()
        say(await settled(sleep(1, 'x', { signal: controller.signal })))
        controller.abort()
        say(controller.signal.aborted)
      },
    ],
    [
      'timers/promises: a signal that times out',
      async (say) => {
        const keepAlive = setTimeout(() => {}, 200)
        say(await settled(sleep(150, 'x', { signal: AbortSignal.timeout(5) })))
        clearTimeout(keepAlive)
      },
    ],
    [
      'timers/promises: what is refused',
      async (say) => {
        for (const delay of ['5', null, {}, 5n]) say(await settled(sleep(delay as number)))
        for (const options of [null, 5, 'x', { signal: 'no signal' }, { signal: {} }, { ref: 5 }]) {
          say(await settled(sleep(1, 'x', options as object)))
          say(await settled(timersPromises.setImmediate('x', options as object)))
          say(await settled(ticks(1, 'x', options as object).next()))
        }
        say(await settled(ticks('5' as unknown as number).next()))
      },
    ],
    [
      'timers/promises: odd delays',
      async (say) => {
        say(await Promise.all([0, -1, Number.NaN, 1.5].map((ms) => sleep(ms, String(ms)))))
      },
    ],
    [
      'timers/promises: a few ticks of an interval, then no more',
      async (say) => {
        let count = 0
        for await (const value of ticks(3, 'tick')) {
          say(value)
          count += 1
          if (count === 3) break
        }
        say('end')
      },
    ],
    [
      'timers/promises: an interval that is aborted',
      async (say) => {
        const controller = new AbortController()
        try {
          for await (const value of ticks(3, 'tick', { signal: controller.signal })) {
            say(value)
            controller.abort()
          }
        } catch (error) {
          say(text(error))
        }
        say(await settled(ticks(3, 'x', { signal: AbortSignal.abort() }).next()))
      },
    ],
    [
      'timers/promises: an interval that is aborted while somebody waits',
      async (say) => {
        const controller = new AbortController()
        const next = settled(ticks(60_000, 'tick', { signal: controller.signal }).next())
        await sleep(1)
        controller.abort()
        say(await next)
      },
    ],
    [
      'timers/promises: an interval whose consumer is slow hands out what it missed',
      async (say) => {
        const interval = ticks(40, 'tick')
        await interval.next()
        // Ticks at 40, 80, 120 and 160; the consumer sleeps from 40 to 140 and finds two.
        await sleep(100)
        let isLate = false
        setImmediate(() => {
          isLate = true
        })
        await interval.next()
        await interval.next()
        say(`the missed ones come at once: ${!isLate}`)
        await interval.next()
        say(`the next one does not: ${isLate}`)
        await interval.return?.()
      },
    ],
    [
      'timers/promises: scheduler',
      async (say) => {
        const { scheduler } = timersPromises
        say(await scheduler.wait(1), await settled(scheduler.wait(1, { signal: AbortSignal.abort() })))
        say(await (scheduler as unknown as { readonly yield: () => Promise<unknown> }).yield())
      },
    ],
    [
      'util.promisify',
      async (say) => {
        say(await promisify(setTimeout)(1, 'value'), await promisify(setImmediate)('value'))
        say(await promisify(timers.setTimeout)(1, 'value'))
        say(await settled(promisify(setTimeout)(5, 'x', { signal: AbortSignal.abort() })))
      },
    ],
    [
      'crypto.randomBytes',
      async (say) => {
        const bytes = crypto.randomBytes(16)
        say(
          Buffer.isBuffer(bytes),
          bytes.length,
          bytes.toString('hex').length,
          crypto.randomBytes(0).length,
          crypto.randomBytes(1.5).length,
        )
        for (const size of [-1, '5', Number.NaN, undefined, 2 ** 40])
          say(thrown(() => crypto.randomBytes(size as number)))
        let isSync = true
        await new Promise<void>((resolve) =>
          crypto.randomBytes(4, (error, later) => {
            say(error, later.length, isSync)
            resolve()
          }),
        )
        isSync = false
      },
    ],
    ['util.promisify(crypto.randomBytes)', async (say) => say((await promisify(crypto.randomBytes)(5)).length)],
    ['crypto.randomUUID', (say) => say(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(crypto.randomUUID()))],
    [
      'crypto.randomInt',
      async (say) => {
        const draws = Array.from({ length: 200 }, () => crypto.randomInt(3))
        say([...new Set(draws)].sort(), crypto.randomInt(5, 6), crypto.randomInt(-3, -2))
        say(crypto.randomInt(0, 2 ** 48 - 1) < 2 ** 48)
        for (const [min, max] of [
          [0, 0],
          [5, 5],
          [6, 5],
          [0, 1.5],
          [0.5, 2],
          [0, 2 ** 48],
          [0, Number.NaN],
          ['0', 5],
        ])
          say(thrown(() => crypto.randomInt(min as number, max as number)))
        say(thrown(() => crypto.randomInt(0)))
        await new Promise<void>((resolve) =>
          crypto.randomInt(1, (error, n) => {
            say(error ?? null, n)
            resolve()
          }),
        )
      },
    ],
    [
      'crypto.randomFillSync and randomFill',
      async (say) => {
        const fill = (target: Uint8Array, ...rest: number[]): unknown =>
          thrown(() => crypto.randomFillSync(target, ...rest) === target)
        const zeros = (bytes: Uint8Array): number[] =>
          [...bytes.entries()].filter(([, byte]) => byte === 0).map(([i]) => i)
        // 64 random bytes are hardly ever zero at a place that was named before.
        const buffer = Buffer.alloc(64)
        say(
          fill(buffer, 10, 50),
          zeros(buffer).filter((i) => i < 10 || i >= 60),
        )
        for (const rest of [[-1], [65], [0, 65], [60, 5], [0.5], [64], [0, 0]]) say(fill(buffer, ...rest))
        const words = new Uint32Array(8)
        crypto.randomFillSync(words, 2, 3)
        say([...words].map((word) => word !== 0))
        const raw = new ArrayBuffer(16)
        say(
          crypto.randomFillSync(raw as unknown as DataView).byteLength,
          new Uint8Array(raw).some((byte) => byte !== 0),
        )
        const view = new DataView(raw, 4, 8)
        say(crypto.randomFillSync(view) === view)
        say(thrown(() => crypto.randomFillSync([] as unknown as Uint8Array)))
        await new Promise<void>((resolve) =>
          crypto.randomFill(new Uint8Array(4), (error, filled) => {
            say(error, filled.length)
            resolve()
          }),
        )
        await new Promise<void>((resolve) =>
          crypto.randomFill(new Uint8Array(4), 1, 2, (error, filled) => {
            say(error, filled[0], filled[3])
            resolve()
          }),
        )
      },
    ],
    [
      'crypto.getRandomValues and webcrypto',
      (say) => {
        const bytes = new Uint8Array(32)
        say(
          crypto.getRandomValues(bytes) === bytes,
          bytes.some((byte) => byte !== 0),
        )
        say(crypto.webcrypto === globalThis.crypto, crypto.webcrypto.randomUUID().length)
        say(crypto.webcrypto.getRandomValues(new Uint8Array(2)).length)
      },
    ],
    ['what is pure', (say) => say(crypto.createHash('sha1').update('x').digest('hex'))],
    [
      'process.hrtime',
      (say) => {
        const start = process.hrtime()
        say(start.length, start.every(Number.isInteger), typeof process.hrtime.bigint())
        const [seconds, nanos] = process.hrtime(start)
        say(seconds, nanos >= 0)
        for (const wrong of ['x', [1], 5]) say(thrown(() => process.hrtime(wrong as unknown as [number, number])))
      },
    ],
    ['performance of perf_hooks is the global one', (say) => say(hooksPerformance === performance)],
  ])('%s', async (_what, program) => {
    const inside = await inWorld(program)
    expect(inside.length).toBeGreaterThan(0)
    expect(await outside(program, inside.length)).toEqual(inside)
  })
})

describe('inside a world', () => {
  it('everything waits in virtual time', async () => {
    const said = await inWorld(async (say) => {
      await sleep(3_600_000)
      say(performance.now(), hooksPerformance.now(), process.uptime(), process.hrtime(), process.hrtime.bigint())
      const since = process.hrtime()
      await promisify(setTimeout)(1234)
      say(process.hrtime(since))
      let count = 0
      for await (const _ of ticks(60_000)) {
        count += 1
        if (count === 3) break
      }
      say(performance.now())
    })
    expect(said).toEqual([
      [3_600_000, 3_600_000, 3600, [3600, 0], 3_600_000_000_000n],
      [1, 234_000_000],
      3_600_000 + 1234 + 180_000,
    ])
  })

  it('hrtime borrows a second when the nanoseconds run over', async () => {
    const said = await inWorld((say, self) => {
      self.world.schedule(900_000, self, 'io', () => {
        const start = process.hrtime()
        self.world.schedule(2_100_000, self, 'io', () => say(start, process.hrtime(start)))
      })
    })
    expect(said).toEqual([
      [
        [0, 900_000_000],
        [1, 200_000_000],
      ],
    ])
  })

  it('randomness comes from the process: the same seed, the same draws; another seed, others', async () => {
    const program = (say: Say): void => {
      say(crypto.randomBytes(8).toString('hex'), crypto.randomUUID(), crypto.randomInt(2 ** 40), crypto.randomInt(100))
      say([...crypto.randomFillSync(new Uint8Array(4))], [...crypto.getRandomValues(new Uint8Array(4))])
      crypto.randomBytes(4, (_error, bytes) => say(bytes.toString('hex')))
    }
    const first = await inWorld(program)
    expect(await inWorld(program)).toEqual(first)
    const other = await inWorld(program, 'another seed')
    expect(other.flat(2).filter((value) => first.flat(2).includes(value))).toEqual([])
  })

  it('draws integers over their whole range', async () => {
    const [draws] = (await inWorld((say) =>
      say(Array.from({ length: 400 }, () => crypto.randomInt(0, 2 ** 48 - 1))),
    )) as [number[]]
    // 400 draws of 48 bits: the low 16 bits and the high 16 bits both take hundreds of values.
    expect(new Set(draws.map((n) => n % 65_536)).size).toBeGreaterThan(350)
    expect(new Set(draws.map((n) => Math.floor(n / 2 ** 32))).size).toBeGreaterThan(350)
  })

  it('two processes draw from streams of their own', async () => {
    const world = new World('two')
    const draws: string[] = []
    for (const name of ['A', 'B']) {
      world.schedule(0, world.addProcess(name), 'timer', () => {
        draws.push(crypto.randomBytes(8).toString('hex'), crypto.randomUUID(), String(crypto.randomInt(2 ** 40)))
      })
    }
    await inMacrotask(() => runLoop(world))
    expect(new Set(draws).size).toBe(6)
  })
})

describe('outside a world', () => {
  it('everything is the real thing', async () => {
    const start = realHrtime()
    expect(process.hrtime.bigint()).toBeGreaterThanOrEqual(start)
    expect(crypto.randomBytes(16).equals(crypto.randomBytes(16))).toBe(false)
    expect(process.uptime()).toBeGreaterThan(0)
    await sleep(2)
    expect(process.hrtime.bigint()).toBeGreaterThan(start)
  })
})

describe('who sees it', () => {
  it('modules that imported by name before it was installed', () => {
    const after = native.look()
    for (const name of ['setTimeout', 'setImmediate', 'sleep', 'randomBytes', 'randomUUID', 'hrtime', 'ofNamespace'])
      expect([name, after[name] === before[name]]).toEqual([name, false])
    expect(after.setTimeout).toBe(setTimeout)
    expect(after.sleep).toBe(timersPromises.setTimeout)
    expect(after.randomBytes).toBe(crypto.randomBytes)
    expect(after.hrtime).toBe(process.hrtime)
  })

  it('modules that are required, with and without the prefix', () => {
    const require = createRequire(import.meta.url)
    expect(require('timers' as string).setTimeout).toBe(setTimeout)
    expect(require('node:timers/promises').setTimeout).toBe(timersPromises.setTimeout)
    expect(require('crypto' as string).randomBytes).toBe(crypto.randomBytes)
    expect(require('perf_hooks' as string).performance.now).toBe(performance.now)
  })

  it('libraries that keep what they find when they are loaded, in every world and outside', async () => {
    // As express-session, bluebird and Q do: a reference is taken once, when the module is loaded.
    const library = new Function(
      'global',
      'process',
      `
      const defer = typeof global.setImmediate === 'function' ? global.setImmediate : (f) => process.nextTick(f)
      const { setTimeout, clearTimeout, Date } = global
      const { now } = Date
      const random = Math.random
      return { now, random, later: (f, ms) => setTimeout(f, ms), defer: (f) => defer(f), date: () => new Date() }
    `,
    )(globalThis, process) as {
      now(): number
      random(): number
      later(task: () => void, ms: number): void
      defer(task: () => void): void
      date(): Date
    }
    const story = (say: Say): void => {
      library.defer(() => say('deferred'))
      library.later(() => say(library.now(), library.date().toISOString(), library.random()), 90_000)
    }
    const first = await inWorld(story)
    expect(first[0]).toBe('deferred')
    expect((first[1] as unknown[])[1]).toBe('2026-01-01T00:01:30.000Z')
    expect(await inWorld(story)).toEqual(first)
    expect(library.now()).toBeGreaterThan(Date.UTC(2020, 1))
  })
})
