/** The loop: one event at a time, everything it leads to, then the next; and what happens when code under test ends badly. */
import { describe, expect, it } from 'vitest'
import { installHost } from '../../src/host/install.ts'
import { AssertionError, assert } from '../../src/sim/assert.ts'
import { EPOCH_US } from '../../src/sim/clock.ts'
import { inMacrotask, nextMacrotask, runLoop } from '../../src/sim/node/drain.ts'
import type { SimProcess } from '../../src/sim/process.ts'
import { type Limits, World } from '../../src/sim/world.ts'

installHost()

const MS = 1000
const LIMITS: Limits = { events: 10_000, virtualUs: 3_600_000_000, records: 1000 }

/** Runs a world in which each process has a main function. */
async function run(
  mains: Record<string, (self: SimProcess, log: string[]) => unknown>,
  { limits = LIMITS, prepare = (_world: World): void => {} } = {},
): Promise<{ world: World; log: readonly string[]; notes: readonly string[] }> {
  const world = new World('world', limits)
  const log: string[] = []
  for (const [name, main] of Object.entries(mains)) {
    const process = world.addProcess(name)
    world.schedule(0, process, 'timer', () => {
      main(process, log)
    })
  }
  prepare(world)
  await inMacrotask(() => runLoop(world))
  const notes = world.trace.sort().map(({ process, op, value }) => `${process} ${op} ${value as string}`)
  return { world, log, notes }
}

const afterAwaits = async (count: number, then: () => void): Promise<void> => {
  for (let i = 0; i < count; i += 1) await null
  then()
}

describe('a turn', () => {
  it('is followed by a drain, unless its process uses no promises', async () => {
    const turns: string[] = []
    const prepare = (world: World): void => {
      for (const name of ['client', 'server']) {
        const process = world.addProcess(name)
        process.usesPromises = name === 'client'
        for (const atUs of [0, 1]) world.schedule(atUs, process, 'timer', () => turns.push(name))
      }
    }
    const expected = ['client', 'drain', 'server', 'client', 'drain', 'server']
    const world = new World('drains', LIMITS)
    prepare(world)
    world.runSync(() => turns.push('drain'))
    expect(turns).toEqual(expected)
    turns.length = 0
    const awaited = new World('drains', LIMITS)
    prepare(awaited)
    await awaited.runAwaiting(async () => {
      turns.push('drain')
    })
    expect(turns).toEqual(expected)
  })

  it('is one event and everything it leads to: ticks and promises end before the next event begins', async () => {
    const { log } = await run({
      A: (_self, log) => {
        log.push('A')
        setTimeout(() => log.push('A timer'), 1)
        Promise.resolve().then(() => {
          log.push('A promise')
          process.nextTick(() => {
            log.push('A tick of a promise')
            afterAwaits(10, () => log.push('A ten awaits later'))
          })
        })
      },
      B: (_self, log) => {
        log.push('B')
        queueMicrotask(() => log.push('B microtask'))
      },
    })
    expect(log).toEqual(['A', 'A promise', 'A tick of a promise', 'A ten awaits later', 'B', 'B microtask', 'A timer'])
  })

  it('gives the same story however many awaits a function contains', async () => {
    const story = async (awaitsOfA: number, awaitsOfB: number): Promise<readonly string[]> => {
      const main = (awaits: number) => (self: SimProcess, log: string[]) => {
        let round = 0
        const next = (): void => {
          round += 1
          log.push(`${self.name} ${round} at ${self.world.nowUs}`)
          if (round < 4) setTimeout(() => afterAwaits(awaits, next), 10)
        }
        afterAwaits(awaits, next)
      }
      return (await run({ A: main(awaitsOfA), B: main(awaitsOfB) })).log
    }
    const plain = await story(2, 2)
    expect(plain).toEqual([
      'A 1 at 0',
      'B 1 at 0',
      ...[2, 3, 4].flatMap((n) => ['A', 'B'].map((name) => `${name} ${n} at ${(n - 1) * 10_000}`)),
    ])
    for (const [a, b] of [
      [2, 3],
      [3, 2],
      [0, 50],
      [50, 0],
    ] as const)
      expect(await story(a, b)).toEqual(plain)
  })

  it('is recorded in the order of time, and events of one instant run in the order in which they were scheduled', async () => {
    const { log } = await run({
      A: (_self, log) => {
        for (const ms of [30, 10, 20, 10]) setTimeout(() => log.push(String(ms)), ms)
        setImmediate(() => log.push('immediate'))
      },
    })
    expect(log).toEqual(['immediate', '10', '10', '20', '30'])
  })

  it('ends with a look at the process, when everything it led to has run', async () => {
    const { log } = await run({
      A: (self, log) => {
        self.onTurnEnd = () => log.push('end of turn')
        afterAwaits(3, () => log.push('await'))
        setTimeout(() => log.push('timer'), 5)
      },
    })
    expect(log).toEqual(['await', 'end of turn', 'timer', 'end of turn'])
  })

  it('is not cut short by `stop`: the world ends after it', async () => {
    const { log } = await run({
      A: (self, log) => {
        self.world.stop()
        afterAwaits(2, () => log.push('rest'))
        setTimeout(() => log.push('never'), 1)
      },
    })
    expect(log).toEqual(['rest'])
  })
})

describe('a simulated process that ends badly', () => {
  /** B works on every 10 ms, ten times; A does something terrible at 35 ms, and would go on at 50. */
  const disaster = (terrible: (self: SimProcess, log: string[]) => unknown) =>
    run({
      A: (self, log) => {
        setTimeout(() => {
          setTimeout(() => log.push('A goes on'), 15)
          terrible(self, log)
        }, 35)
      },
      B: (_self, log) => {
        let count = 0
        const interval = setInterval(() => {
          count += 1
          log.push(`B ${count}`)
          if (count === 6) clearInterval(interval)
        }, 10)
      },
    })
  const WORK_OF_B = ['B 1', 'B 2', 'B 3', 'B 4', 'B 5', 'B 6']

  it.each<[string, (self: SimProcess, log: string[]) => unknown, string]>([
    [
      'an exception',
      () => {
        throw new Error('thrown')
      },
      'thrown',
    ],
    [
      'an exception in a tick',
      () => {
        process.nextTick(() => {
          throw new Error('thrown in a tick')
        })
      },
      'thrown in a tick',
    ],
    [
      'an exception in a microtask',
      () =>
        queueMicrotask(() => {
          throw new Error('thrown in a microtask')
        }),
      'thrown in a microtask',
    ],
    ['a rejection that nobody handles', () => Promise.reject(new Error('rejected')), 'rejected'],
    [
      'an async function that throws',
      async () => {
        await null
        throw new Error('rejected later')
      },
      'rejected later',
    ],
    [
      'an exception in an event listener',
      () => {
        const target = new EventTarget()
        target.addEventListener('x', () => {
          throw new Error('thrown in a listener')
        })
        target.dispatchEvent(new Event('x'))
      },
      'thrown in a listener',
    ],
    ['something that is no Error', () => Promise.reject('just text'), 'just text'],
    ['process.exit', () => process.exit(3), 'process.exit(3)'],
    [
      'process.exit in a promise',
      async () => {
        await null
        process.exit()
      },
      'process.exit()',
    ],
    [
      'process.exit that the code tries to survive',
      (_self, log) => {
        try {
          process.exit(1)
        } catch {
          log.push('still here')
          setImmediate(() => log.push('never'))
          setTimeout(() => log.push('never'), 1)
        }
      },
      'process.exit(1)',
    ],
  ])('by %s is charged with it and is gone; the others go on', async (_what, terrible, message) => {
    const { world, log, notes } = await disaster(terrible)
    expect(notes).toEqual([`A uncaught ${message}`, 'A ended killed'])
    expect(log.filter((line) => line !== 'still here')).toEqual(WORK_OF_B)
    expect([...world.processes.values()].map(({ name, isCrashed }) => [name, isCrashed])).toEqual([
      ['A', true],
      ['B', false],
    ])
  })

  it('is charged once for each exception of a turn, and what was queued behind a throwing tick still runs', async () => {
    const charged: unknown[] = []
    const { log } = await run(
      {
        A: (_self, log) => {
          for (const name of ['one', 'two']) {
            process.nextTick(() => {
              throw new Error(name)
            })
          }
          process.nextTick(() => log.push('third tick'))
          Promise.resolve().then(() => log.push('promise'))
          Promise.reject(new Error('three'))
        },
      },
      {
        prepare: (world) => {
          world.onUncaught = (process, error, origin) => charged.push([process.name, (error as Error).message, origin])
        },
      },
    )
    expect(log).toEqual(['third tick', 'promise'])
    expect(charged).toEqual([
      ['A', 'one', 'uncaughtException'],
      ['A', 'two', 'uncaughtException'],
      ['A', 'three', 'unhandledRejection'],
    ])
  })

  it('is not charged with a rejection that is handled in the same turn', async () => {
    const { notes } = await run({
      A: () => {
        const rejected = Promise.reject(new Error('handled'))
        process.nextTick(() => rejected.catch(() => {}))
      },
    })
    expect(notes).toEqual([])
  })

  it('does not disturb the listeners of the host', async () => {
    const events = ['uncaughtException', 'unhandledRejection', 'rejectionHandled', 'warning'] as const
    const heard: string[] = []
    const always = (): void => {
      heard.push('always')
    }
    const once = (): void => {
      heard.push('once')
    }
    process.on('warning', always)
    process.on('rejectionHandled', always)
    process.once('rejectionHandled', once)
    const before = events.map((event) => process.rawListeners(event as never))
    try {
      expect(before[0]?.length).toBeGreaterThan(0)
      await disaster(() => {
        process.on('uncaughtException', () => {})
        process.emitWarning('a warning of the subject')
        Promise.reject(new Error('rejected'))
      })
      expect(events.map((event) => process.rawListeners(event as never))).toEqual(before)
      expect(heard).toEqual([])
      process.emit('rejectionHandled', Promise.resolve())
      process.emit('rejectionHandled', Promise.resolve())
      expect(heard).toEqual(['always', 'once', 'always'])
    } finally {
      process.removeListener('warning', always)
      process.removeListener('rejectionHandled', always)
      process.removeListener('rejectionHandled', once)
    }
  })

  it('is not charged with a bug of lockstorm: that comes out of the loop', async () => {
    const broken = (): void => assert(false, 'an invariant in words')
    for (const main of [
      broken,
      () => process.nextTick(broken),
      () => queueMicrotask(broken),
      async () => {
        await null
        broken()
      },
    ])
      await expect(run({ A: main })).rejects.toThrow('an invariant in words')
  })
})

describe('a crash in the middle of a turn', () => {
  it('leaves nothing of the rest of the turn', async () => {
    const { log, notes } = await run({
      A: (self, log) => {
        setTimeout(() => log.push('never: set before'), 5)
        setImmediate(() => log.push('never: set before'))
        self.onTurnEnd = () => log.push('never: end of turn')
        self.crash()
        self.world.record(self, 'note', 'never')
        setTimeout(() => log.push('never: set after'), 5)
        setImmediate(() => log.push('never: set after'))
        setInterval(() => log.push('never: set after'), 5)
        log.push('rest of the turn')
      },
    })
    expect(log).toEqual(['rest of the turn'])
    expect(notes).toEqual(['A ended killed'])
  })

  it('happens once, and tells the kernel once', async () => {
    let killed = 0
    const { notes } = await run({
      A: (self) => {
        self.onKilled = () => {
          killed += 1
        }
        self.crash()
        self.crash('power lost')
      },
    })
    expect(notes).toEqual(['A ended killed'])
    expect(killed).toBe(1)
  })

  it('by loss of power tells no kernel', async () => {
    let killed = 0
    const { world, notes } = await run({
      A: (self) => {
        self.onKilled = () => {
          killed += 1
        }
        self.crash('power lost')
      },
    })
    expect(notes).toEqual(['A ended power lost'])
    expect(killed).toBe(0)
    const process = world.processes.get('A') as SimProcess
    expect([process.hasLostPower(0), process.hasLostPower(1)]).toEqual([true, false])
  })
})

describe('a restart', () => {
  it('drops everything of the former life: timers, what a pause held up, alarms', async () => {
    const log: string[] = []
    const world = new World('restart')
    const process = world.addProcess('A')
    world.schedule(0, process, 'timer', () => {
      setTimeout(() => log.push('former timer'), 50)
      process.setAlarm('mono', 60 * MS, () => log.push('former alarm'))
      world.schedule(7 * MS, process, 'io', () => log.push('former data'))
    })
    world.schedule(5 * MS, null, 'timer', () => process.pause(10 * MS))
    world.schedule(8 * MS, null, 'timer', () => process.crash())
    world.schedule(20 * MS, null, 'timer', () => {
      process.restart()
      world.schedule(world.nowUs, process, 'timer', () => {
        log.push(`new life ${process.incarnation} at ${performance.now()}`)
        setTimeout(() => log.push('new timer'), 100)
        process.setAlarm('mono', 130 * MS, () => log.push('new alarm'))
        process.setAlarm('mono', 140 * MS, () => log.push('another new alarm'))
      })
    })
    // A step moves every alarm that is still set: it must not set a former one again.
    world.schedule(25 * MS, null, 'timer', () => process.clock.step(5 * MS))
    await inMacrotask(() => runLoop(world))
    expect(log).toEqual(['new life 1 at 20', 'new timer', 'new alarm', 'another new alarm'])
  })
})

describe('limits', () => {
  const forever = (): void => {
    setInterval(() => {}, 1)
  }

  it('of events end the world and are named', async () => {
    const { world } = await run({ A: forever }, { limits: { ...LIMITS, events: 100 } })
    expect(world.limitReached).toBe('the world ran 100 events')
    expect(world.turnCount).toBe(101)
  })

  it('of virtual time end the world and are named', async () => {
    const { world } = await run({ A: forever }, { limits: { ...LIMITS, virtualUs: 2_000_000 } })
    expect(world.limitReached).toBe('virtual time reached 2 s')
    expect(world.nowUs).toBe(2_000_000)
  })

  it('of records end the world and are named', async () => {
    const { world } = await run(
      { A: (self) => setInterval(() => self.world.record(self, 'note', 'tick'), 1) },
      { limits: { ...LIMITS, records: 10 } },
    )
    expect(world.limitReached).toBe('the history reached 10 records')
    expect(world.trace.records).toHaveLength(10)
  })

  it('that are not reached are not named', async () => {
    const { world } = await run({ A: () => setTimeout(() => {}, 5) })
    expect(world.limitReached).toBeNull()
  })
})

describe('an alarm', () => {
  const alarms = async (happen: (world: World, self: SimProcess) => void): Promise<readonly string[]> => {
    const log: string[] = []
    const world = new World('alarm')
    const self = world.addProcess('A')
    world.schedule(0, self, 'timer', () => {
      self.setAlarm('wall', EPOCH_US + 100 * MS, () => log.push(`wall ${world.nowUs}`))
      self.setAlarm('mono', 100 * MS, () => log.push(`mono ${world.nowUs}`))
    })
    happen(world, self)
    await inMacrotask(() => runLoop(world))
    return log
  }
  const at = (world: World, atUs: number, run: () => void): void => {
    world.schedule(atUs, null, 'timer', run)
  }

  it('rings when the clock shows its time', async () => {
    expect(await alarms(() => {})).toEqual(['wall 100000', 'mono 100000'])
  })

  it('on the wall clock follows steps; on the monotonic clock it does not', async () => {
    expect(await alarms((world, self) => at(world, 10 * MS, () => self.clock.step(30 * MS)))).toEqual([
      'wall 70000',
      'mono 100000',
    ])
    expect(await alarms((world, self) => at(world, 10 * MS, () => self.clock.step(-30 * MS)))).toEqual([
      'mono 100000',
      'wall 130000',
    ])
  })

  it('rings at once when a step jumps over it', async () => {
    expect(await alarms((world, self) => at(world, 10 * MS, () => self.clock.step(500 * MS)))).toEqual([
      'wall 10000',
      'mono 100000',
    ])
  })

  it('follows the rate of the clock', async () => {
    expect(await alarms((world, self) => at(world, 0, () => self.clock.setRate(0, 250_000)))).toEqual([
      'wall 80000',
      'mono 80000',
    ])
  })

  it('rings also while the process is paused: it is the harness that looks', async () => {
    expect(await alarms((world, self) => at(world, 10 * MS, () => self.pause(500 * MS)))).toEqual([
      'wall 100000',
      'mono 100000',
    ])
  })

  it('that was cancelled never rings, whatever the clock does', async () => {
    const log: string[] = []
    const world = new World('alarm')
    const self = world.addProcess('A')
    world.schedule(0, self, 'timer', () => {
      const alarm = self.setAlarm('wall', EPOCH_US + 50 * MS, () => log.push('never'))
      const other = self.setAlarm('wall', EPOCH_US + 60 * MS, () => log.push('other'))
      alarm.cancel()
      alarm.cancel()
      expect(other).not.toBe(alarm)
    })
    at(world, 10 * MS, () => self.clock.step(1 * MS))
    await inMacrotask(() => runLoop(world))
    expect(log).toEqual(['other'])
  })
})

describe('a process', () => {
  it('has a name of its own', () => {
    const world = new World('names')
    world.addProcess('A')
    expect(() => world.addProcess('A')).toThrow('process names are unique: A')
  })

  it('cannot be given work in the past', async () => {
    await expect(
      run({ A: (self) => setTimeout(() => self.world.schedule(0, self, 'io', () => {}), 5) }),
    ).rejects.toThrow('virtual time never goes back')
  })

  it('with a slow clock can set a timer of no length', async () => {
    const { log } = await run({
      A: (self, log) => {
        self.clock.setRate(0, -500_000)
        self.world.schedule(1001, self, 'timer', () => {
          self.setTimer(0, () => log.push(`at ${self.world.nowUs}`))
        })
      },
    })
    expect(log).toEqual(['at 1001'])
  })

  it('sets its timers by its own monotonic clock, which steps do not move', async () => {
    const { log } = await run({
      A: (self, log) => {
        self.clock.setRate(0, 250_000)
        self.clock.step(-3_600_000_000)
        setTimeout(() => log.push(`A ${self.world.nowUs}`), 100)
      },
      B: (self, log) => {
        setTimeout(() => log.push(`B ${self.world.nowUs}`), 100)
      },
    })
    expect(log).toEqual(['A 80000', 'B 100000'])
  })
})

describe('the loop that awaits', () => {
  it('runs the same turns', async () => {
    const story = (world: World): string[] => {
      const log: string[] = []
      for (const name of ['A', 'B']) {
        const self = world.addProcess(name)
        world.schedule(0, self, 'timer', () => {
          let round = 0
          const next = async (): Promise<void> => {
            for (let i = 0; i < round; i += 1) await null
            log.push(`${name} ${round} at ${performance.now()}`)
            round += 1
            if (round < 5) setTimeout(next, 7)
            setImmediate(() => log.push(`${name} immediate`))
          }
          next()
          self.onTurnEnd = () => log.push(`${name} ends a turn`)
        })
      }
      world.schedule(12 * MS, null, 'timer', () => world.processes.get('A')?.pause(9 * MS))
      return log
    }
    const sync = new World('both')
    const awaiting = new World('both')
    const [inSync, inAwaiting] = [story(sync), story(awaiting)]
    await inMacrotask(() => runLoop(sync))
    await awaiting.runAwaiting(nextMacrotask)
    expect(inAwaiting).toEqual(inSync)
    expect(inSync.length).toBeGreaterThan(30)
    expect(awaiting.turnCount).toBe(sync.turnCount)
  })
})

describe('an invariant of lockstorm that breaks below code under test', () => {
  const broken = (): void => assert(false, 'one and one is two')

  it.each<[string, (self: SimProcess, log: string[]) => unknown]>([
    [
      'which catches it',
      () => {
        try {
          broken()
        } catch {
          // As a lock does that takes any error for a lock that it did not get.
        }
      },
    ],
    [
      'whose promise has a catch',
      () =>
        Promise.resolve()
          .then(broken)
          .catch(() => {}),
    ],
  ])('ends the world, %s', async (_, main) => {
    const log: string[] = []
    const later = (self: SimProcess): void => {
      main(self, log)
      self.world.schedule(MS, self, 'timer', () => log.push('went on'))
    }
    await expect(run({ A: later })).rejects.toThrow(new AssertionError('one and one is two'))
    expect(log).toEqual([])
  })

  it('is an error like any other outside of worlds', () => {
    expect(broken).toThrow(new AssertionError('one and one is two'))
  })
})
