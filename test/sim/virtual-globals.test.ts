/**
 * The globals inside a world and outside of it. What real Node does in a corner case is not remembered but asked: the
 * same program runs outside, on the real thing, and inside.
 */
import { describe, expect, it, vi } from 'vitest'
import { EPOCH_US } from '../../src/sim/clock.ts'
import { inMacrotask, runLoop } from '../../src/sim/node/drain.ts'
import type { SimProcess } from '../../src/sim/process.ts'
import { installVirtualGlobals } from '../../src/sim/virtual-globals.ts'
import { World } from '../../src/sim/world.ts'
import { inWorld, outside } from './programs.ts'

const real = { Date, now: Date.now, performanceNow: performance.now.bind(performance) }
const installed = installVirtualGlobals()
const EPOCH_MS = EPOCH_US / 1000

const thrown = (task: () => unknown): string => {
  try {
    return `no error: ${String(task())}`
  } catch (error) {
    const { name, code, message } = error as NodeJS.ErrnoException
    return [name, code, message].join(' ')
  }
}

describe('Date', () => {
  it('shows the wall clock of the running process inside, and the real one outside', async () => {
    const before = real.now()
    const outsideNow = Date.now()
    expect(outsideNow).toBeGreaterThanOrEqual(before)
    const said = await inWorld((say, self) => {
      const date = new Date()
      say(Date.now() - EPOCH_MS, date.getTime() - EPOCH_MS, date.toISOString())
      self.clock.step(-3_600_000_000)
      say(Date.now() - EPOCH_MS)
      setTimeout(() => say(Date.now() - EPOCH_MS), 1500)
    })
    expect(said).toEqual([[0, 0, '2026-01-01T00:00:00.000Z'], -3_600_000, -3_598_500])
    expect(Date.now()).toBeGreaterThanOrEqual(outsideNow)
  })

  it('rounds a clock between two milliseconds down, also before 1970', async () => {
    const said = await inWorld((say, self) => {
      self.clock.step(-EPOCH_US - 500)
      say(Date.now())
      self.clock.step(1000)
      say(Date.now())
    })
    expect(said).toEqual([-1, 0])
  })

  it.each<[string, () => unknown]>([
    ['one number', () => new Date(1234).getTime()],
    ['a text', () => new Date('2020-02-30T00:00:00Z').getTime()],
    ['parts', () => new Date(2020, 1, 30, 12, 5, 6, 7).getTime()],
    ['another date', () => new Date(new Date(99)).getTime()],
    ['undefined', () => new Date(undefined as unknown as number).getTime()],
    ['null', () => new Date(null as unknown as number).getTime()],
    ['something that cannot be read', () => String(new Date('x'))],
    ['Date.UTC', () => Date.UTC(2020, 1, 2)],
    ['Date.parse', () => Date.parse('2020-02-02T00:00:00Z')],
    ['its name and length', () => [Date.name, Date.length]],
    ['its own properties', () => Object.getOwnPropertyNames(Date).sort()],
    ['that Date() is a text of now', () => Date() === new Date().toString() && typeof Date()],
    ['that Date(0) is that, too', () => (Date as unknown as (at: number) => string)(0) === Date()],
    ['instanceof', () => [new Date() instanceof Date, new Date() instanceof Object]],
    ['the constructor of a date', () => new Date().constructor === Date],
    ['the tag', () => Object.prototype.toString.call(new Date())],
    ['JSON', () => JSON.stringify({ at: new Date(5) })],
    ['comparison and arithmetic', () => [new Date(5) < new Date(6), +new Date(5) + 1, `${new Date(Number.NaN)}`]],
    [
      'a subclass',
      () => {
        class Mine extends Date {
          double(): number {
            return this.getTime() * 2
          }
        }
        const mine = new Mine(21)
        return [mine.double(), mine instanceof Mine, mine instanceof Date, typeof Mine.now(), mine.constructor === Mine]
      },
    ],
    ['Reflect.construct', () => Reflect.construct(Date, [7]).getTime()],
    ['calling a method on something else', () => thrown(() => Date.prototype.getTime.call({} as Date))],
  ])('is what it always was: %s', async (_what, program) => {
    const [inside] = await inWorld((say) => say(program()))
    expect(inside).toEqual(program())
  })

  it('of outside is a date inside, and the other way round', async () => {
    const before = new real.Date(5)
    const said = await inWorld((say) => {
      say(before instanceof Date, new Date(9))
    })
    expect(said[0]).toEqual([true, new real.Date(9)])
    expect((said[0] as [boolean, Date])[1] instanceof real.Date).toBe(true)
  })

  it('captured before a world shows the world inside it', async () => {
    const { now } = Date
    const CapturedDate = Date
    expect(await inWorld((say) => say(now() - EPOCH_MS, new CapturedDate().getTime() - EPOCH_MS))).toEqual([[0, 0]])
  })
})

describe('performance', () => {
  it('shows the monotonic clock of the running process, in fractions of milliseconds, which no step moves', async () => {
    const { now } = performance
    const said = await inWorld((say, self) => {
      say(performance.now(), now())
      self.clock.step(1_000_000)
      self.world.schedule(1_234_567, self, 'io', () => say(performance.now()))
    })
    expect(said).toEqual([[0, 0], 1234.567])
    const before = real.performanceNow()
    expect(performance.now()).toBeGreaterThanOrEqual(before)
  })

  it('began when the process did: its origin and its count together are the time of day', async () => {
    const said = await inWorld((say) => {
      setTimeout(() => say(performance.timeOrigin + performance.now() - Date.now()), 10)
    })
    expect(said).toEqual([0])
    expect(performance.timeOrigin).toBeGreaterThan(EPOCH_MS - 1e12)
    expect(Math.abs(performance.timeOrigin + performance.now() - Date.now())).toBeLessThan(60_000)
  })
})

describe('timers', () => {
  it.each<[string, (say: (...values: unknown[]) => void) => unknown]>([
    ['pass their arguments', (say) => setTimeout(say, 1, 'a', 2)],
    ['run without a delay', (say) => setTimeout(() => say('ran'))],
    [
      'call back on themselves',
      (say) => {
        const timer = setTimeout(function (this: unknown) {
          say(this === timer)
        }, 1)
      },
    ],
    [
      'call an interval back on itself',
      (say) => {
        const timer = setInterval(function (this: unknown) {
          say(this === timer)
          clearInterval(timer)
        }, 1)
      },
    ],
    [
      'call an immediate back on itself',
      (say) => {
        const immediate = setImmediate(function (this: unknown) {
          say(this === immediate)
        })
      },
    ],
    [
      'in the order of their delays',
      (say) => {
        for (const delay of [40, 20, 0, 60]) setTimeout(say, delay, delay)
      },
    ],
    [
      'of one delay in the order in which they were set',
      (say) => {
        for (const name of ['a', 'b', 'c']) setTimeout(say, 5, name)
      },
    ],
    [
      'with ticks and promises between them',
      (say) => {
        for (const name of ['a', 'b']) {
          setTimeout(() => {
            Promise.resolve().then(() => say(`promise of ${name}`))
            process.nextTick(() => say(`tick of ${name}`))
            say(name)
          }, 5)
        }
      },
    ],
    [
      'are refused what is no function',
      (say) => {
        for (const callback of [undefined, null, 'text', 5, {}, Symbol('x')])
          for (const set of [setTimeout, setInterval, setImmediate])
            say(thrown(() => set(callback as unknown as () => void, 1)))
      },
    ],
    [
      'are refused a delay that is no number at all',
      (say) => {
        for (const delay of [5n, Symbol('x')]) say(thrown(() => setTimeout(() => {}, delay as unknown as number)))
      },
    ],
    [
      'have handles that can be asked',
      (say) => {
        const timer = setTimeout(() => {}, 50)
        say(timer.hasRef(), timer.unref() === timer, timer.hasRef(), timer.ref() === timer, timer.hasRef())
        say(timer.refresh() === timer, timer.close() === timer, timer.hasRef())
        const interval = setInterval(() => {}, 50)
        say(interval.hasRef(), interval.unref().hasRef(), interval.ref().hasRef())
        clearInterval(interval)
        const immediate = setImmediate(() => {})
        say(immediate.hasRef(), immediate.unref().hasRef(), immediate.ref() === immediate, immediate.hasRef())
        clearImmediate(immediate)
        say(immediate.hasRef())
      },
    ],
    [
      'have an immediate that holds nothing open once it has run',
      (say) => {
        const immediate = setImmediate(() => setTimeout(() => say(immediate.hasRef()), 1))
      },
    ],
    [
      'are a number in arithmetic, by which they can be cleared',
      (say) => {
        const timer = setTimeout(() => say('never'), 5)
        say(typeof +timer, typeof timer[Symbol.toPrimitive](), Number.isInteger(+timer))
        clearTimeout(+timer)
        const byText = setTimeout(() => say('never'), 5)
        clearTimeout(String(+byText))
        setTimeout(() => say('end'), 20)
      },
    ],
    [
      'can be cleared twice, and by whatever is no timer',
      (say) => {
        const timer = setTimeout(() => say('never'), 1)
        clearTimeout(timer)
        clearTimeout(timer)
        for (const nothing of [undefined, null, Number.NaN, 'x', {}, -1, 0, true])
          for (const clear of [clearTimeout, clearInterval])
            say(thrown(() => (clear as (timer: unknown) => void)(nothing)))
        // Node's clearImmediate miscounts its immediates when it is given something else: that is not copied.
        for (const nothing of [undefined, null]) say(thrown(() => clearImmediate(nothing as undefined)))
      },
    ],
    [
      'are cleared by the other kind of clear, but not immediates',
      (say) => {
        clearInterval(setTimeout(() => say('never: a timeout'), 1))
        clearTimeout(setInterval(() => say('never: an interval'), 1))
        clearTimeout(setImmediate(() => say('immediate')) as unknown as NodeJS.Timeout)
      },
    ],
    [
      'are closed by their own method',
      (say) => {
        setTimeout(() => say('never'), 1).close()
        setTimeout(() => say('end'), 10)
      },
    ],
    [
      'are disposed of by `using`',
      (say) => {
        for (const timer of [
          setTimeout(() => say('never'), 1),
          setInterval(() => say('never'), 1),
          setImmediate(() => say('never')),
        ])
          timer[Symbol.dispose]()
        setTimeout(() => say('end'), 10)
      },
    ],
    [
      'begin anew when they are refreshed',
      (say) => {
        // Node still looks at it when it was to ring at first: were the machine to stand still until then and 200 ms more, it would ring there.
        const timer = setTimeout(() => say('refreshed'), 600)
        setTimeout(() => timer.refresh(), 300)
        setTimeout(() => say('between'), 700)
      },
    ],
    [
      'run again when they are refreshed after they ran',
      (say) => {
        let runs = 0
        const timer = setTimeout(() => {
          runs += 1
          say(runs)
          if (runs < 3) setTimeout(() => timer.refresh(), 1)
        }, 1)
      },
    ],
    [
      'can be refreshed in their own callback',
      (say) => {
        let runs = 0
        const timer = setTimeout(() => {
          runs += 1
          say(runs)
          if (runs < 3) timer.refresh()
        }, 1)
      },
    ],
    [
      'stay cleared when they are refreshed',
      (say) => {
        const timer = setTimeout(() => say('never'), 1)
        clearTimeout(timer)
        timer.refresh()
        setTimeout(() => say('end'), 10)
      },
    ],
    [
      'repeat until they are cleared, also in their own callback',
      (say) => {
        let runs = 0
        const interval = setInterval(() => {
          runs += 1
          say(runs)
          if (runs === 3) clearInterval(interval)
        }, 2)
      },
    ],
    [
      'of an immediate in an immediate come a round later',
      (say) => {
        setImmediate(() => {
          say('first')
          setImmediate(() => say('third'))
        })
        setImmediate(() => say('second'))
      },
    ],
    [
      'of an immediate can be cleared by the one before it',
      (say) => {
        let later: NodeJS.Immediate | undefined
        setImmediate(() => clearImmediate(later))
        later = setImmediate(() => say('never'))
        setTimeout(() => say('end'), 5)
      },
    ],
  ])('%s', async (_what, program) => {
    const inside = await inWorld((say) => program(say))
    expect(inside.length).toBeGreaterThan(0)
    expect(inside).not.toContain('never')
    expect(await outside(program, inside.length)).toEqual(inside)
  })

  it('understand a delay as the real ones do: what they would wait for is what their handle says', async () => {
    const delays: unknown[] = [0, 1, 1.9, 2.5, -1, -0.5, Number.NaN, '5', '5.7', 'x', '', null, undefined, true, false]
    delays.push(2 ** 31 - 1, 2 ** 31, 2 ** 32, Number.POSITIVE_INFINITY, {}, [], [7], new real.Date(3))
    // The real timer keeps its delay as `_idleTimeout`, and cuts it to whole milliseconds when it is put into a list.
    const expected = delays.map((delay) => {
      const timer = installed.real.setTimeout(() => {}, delay) as NodeJS.Timeout & { readonly _idleTimeout: number }
      const ms = Math.trunc(timer._idleTimeout)
      clearTimeout(timer)
      return ms
    })
    const waited = await Promise.all(
      delays.map(async (delay) => {
        const said = await inWorld((say) => setTimeout(() => say(performance.now()), delay as number))
        return said[0]
      }),
    )
    // A delay of 24 days is beyond the limit of a world: it never came.
    expect(waited).toEqual(expected.map((ms) => (ms === 2 ** 31 - 1 ? undefined : ms)))
  })

  it('of a world that has ended can be cleared outside, and refreshed, without effect', async () => {
    let timer: NodeJS.Timeout | undefined
    await inWorld((say, self) => {
      timer = setTimeout(() => say('never'), 1_000_000)
      self.world.stop()
    })
    clearTimeout(timer)
    timer?.refresh()
    clearInterval(timer)
  })

  it('number themselves anew in each world: the same story, whatever ran before', async () => {
    const program = (say: (value: unknown) => void): void => {
      for (let i = 0; i < 3; i += 1) say(+setTimeout(() => {}, 1))
    }
    expect(await inWorld(program)).toEqual(await inWorld(program))
  })

  it('that were captured before a world belong to the world inside it', async () => {
    const captured = { setTimeout, setInterval, setImmediate, clearInterval }
    const said = await inWorld((say) => {
      captured.setTimeout(() => say(`timeout ${performance.now()}`), 60_000)
      captured.setImmediate(() => say('immediate'))
      const interval = captured.setInterval(() => {
        say('interval')
        captured.clearInterval(interval)
      }, 30_000)
    })
    expect(said).toEqual(['immediate', 'interval', 'timeout 60000'])
  })

  it('that were set outside go on outside', async () => {
    const heard: string[] = []
    setTimeout(() => heard.push(`outside ${Date.now() > real.Date.UTC(2020, 1) && performance.now() > 1}`), 1)
    await inWorld((say) => setTimeout(() => say('x'), 3_600_000))
    await vi.waitUntil(() => heard.length > 0)
    expect(heard).toEqual(['outside true'])
  })
})

describe('randomness', () => {
  const draw = () => ({
    math: Math.random(),
    values: [...crypto.getRandomValues(new Uint8Array(4))],
    uuid: crypto.randomUUID(),
  })

  it('inside comes from the process, outside from the host', async () => {
    const [first, again] = [await inWorld((say) => say(draw())), await inWorld((say) => say(draw()))]
    expect(first).toEqual(again)
    expect(draw()).not.toEqual(draw())
    expect(draw()).not.toEqual(first[0])
  })

  it('fills what can be filled, and refuses what the real one refuses', async () => {
    const program = (say: (...values: unknown[]) => void): void => {
      const part = new Uint8Array(8)
      const middle = part.subarray(2, 5)
      say(crypto.getRandomValues(middle) === middle, part[0], part[1], part[5], part[7])
      for (const array of [new Uint32Array(3), new BigUint64Array(1), new Int16Array(0)])
        say(crypto.getRandomValues(array) === array)
      for (const wrong of [new Float64Array(1), new DataView(new ArrayBuffer(1)), new Uint8Array(65_537), [1], 'x'])
        say(thrown(() => crypto.getRandomValues(wrong as Uint8Array)))
    }
    const inside = await inWorld(program)
    expect(await outside(program, inside.length)).toEqual(inside)
  })
})

describe('AbortSignal.timeout', () => {
  const program = (say: (...values: unknown[]) => void): void => {
    const signal = AbortSignal.timeout(20)
    say(signal.aborted, signal instanceof AbortSignal)
    signal.addEventListener('abort', () => {
      const { name, message, code } = signal.reason as DOMException
      say(signal.aborted, name, message, code, signal.reason instanceof DOMException)
    })
    AbortSignal.timeout(0).addEventListener('abort', () => say('0 ms'))
    for (const wrong of [-1, 1.5, '5', undefined, 2 ** 40, Number.NaN])
      say(thrown(() => AbortSignal.timeout(wrong as number)))
  }

  it('does what the real one does', async () => {
    const inside = await inWorld(program)
    expect(inside.at(-1)).toEqual([true, 'TimeoutError', 'The operation was aborted due to timeout', 23, true])
    const keepAlive = setInterval(() => {}, 5)
    expect(await outside(program, inside.length)).toEqual(inside)
    clearInterval(keepAlive)
  })

  it('waits in virtual time', async () => {
    const said = await inWorld((say) =>
      AbortSignal.timeout(86_000_000).addEventListener('abort', () => say(performance.now())),
    )
    expect(said).toEqual([86_000_000])
  })
})

describe('two processes of one world', () => {
  it('have clocks of their own and draw from streams of their own, whoever runs first', async () => {
    const story = async (order: readonly string[]): Promise<Map<string, unknown[]>> => {
      const world = new World('two')
      const said = new Map<string, unknown[]>()
      for (const name of ['A', 'B']) world.addProcess(name)
      ;(world.processes.get('B') as SimProcess).clock.step(5_000_000)
      ;(world.processes.get('B') as SimProcess).clock.setRate(0, 100_000)
      for (const name of order) {
        world.schedule(0, world.processes.get(name) as SimProcess, 'timer', () => {
          const own: unknown[] = [Math.random(), crypto.randomUUID()]
          said.set(name, own)
          setTimeout(() => own.push(Date.now() - EPOCH_MS, performance.now(), Math.random()), 1000)
        })
      }
      await inMacrotask(() => runLoop(world))
      return said
    }
    const said = await story(['A', 'B'])
    const [a, b] = [said.get('A') as unknown[], said.get('B') as unknown[]]
    expect(a.slice(2, 4)).toEqual([1000, 1000])
    // Its timer rings when its own clock has counted a second: after 909,091 µs of true time.
    expect(b.slice(2, 4)).toEqual([6000, 1000])
    const draws = (own: unknown[]): unknown[] => [own[0], own[1], own[4]]
    expect(new Set([...draws(a), ...draws(b)]).size).toBe(6)
    const reversed = await story(['B', 'A'])
    expect(reversed.get('A')).toEqual(a)
    expect(reversed.get('B')).toEqual(b)
  })
})

describe('installing', () => {
  it('a second time changes nothing', () => {
    const before = { setTimeout, Date, random: Math.random, now: performance.now }
    expect(installVirtualGlobals()).toBe(installed)
    expect({ setTimeout, Date, random: Math.random, now: performance.now }).toEqual(before)
  })
})
