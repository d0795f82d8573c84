/**
 * A simulated process: a client, a Redis node, a storage node. It has its own clocks, its own randomness and a
 * state, and it can be paused, crashed and started again.
 *
 * A pause (garbage collection, a stalled event loop, SIGSTOP) holds up timers and socket data. A pause that begins
 * in the middle of a turn splits that turn: what the code does after it happens after the pause, so `localNowUs`
 * jumps ahead for the rest of the turn, its sends leave late and its clocks read late.
 *
 *   A  |--turn--[pause 40 s]--rest of the turn--| timers that became due | socket data that arrived
 *
 * In which order exactly, depends on where it was stopped: see `resume-order.ts`.
 *
 * Does not model  threads: one process runs one turn at a time.
 */
import { Clock, type ClockName } from './clock.ts'
import type { SimEvent } from './event-queue.ts'
import type { RandomStream } from './random.ts'
import { type Interruption, resumeOrder } from './resume-order.ts'
import type { World } from './world.ts'

/** A timer of a process, as `setTimeout` returns it. Cancelling is `cancel()`. */
export interface SimTimer {
  cancel(): void
}

export class SimProcess {
  readonly name: string
  readonly world: World
  /** The process of which it is one caller among several: that one's modules, name and listeners are its own, too. */
  home: SimProcess = this
  readonly clock = new Clock()
  /** False: its turns lead to no promises or ticks, so nothing has to be drained after them. For processes of our own. */
  usesPromises = true
  /** Counts the lives of this process; events of an earlier life never run. */
  incarnation = 0
  isCrashed = false
  /** When it crashed last. */
  crashedAtUs = 0
  /** The last life that ended with the whole machine, its kernel included; -1: none did. */
  #powerlessLife = -1
  /** A paused process goes on at this true time. */
  resumeAtUs = 0
  /** True until what the pause held up is back in line: nothing of that instant may overtake it. */
  isHeldUp = false
  /** What waits for the end of the pause, by phase of the event loop. */
  readonly deferred: { timer: SimEvent[]; io: SimEvent[]; immediate: SimEvent[] } = { timer: [], io: [], immediate: [] }
  /** Where the pause struck; the first of several that follow each other without a break. */
  #interruption: Interruption | null = null
  /** The kernel closing the connections of a process that ended beyond a pause. */
  #kill: SimEvent | null = null
  /** Its workload has begun: from now on its messages count as sites that faults can be anchored at. */
  isCounting = false
  /** Messages sent, answers sent to it by servers, and answers that it has seen. */
  sendCount = 0
  answerCount = 0
  replyCount = 0
  /** When it last lost a connection, in true time; -1: never. */
  lostUs = -1
  /** To whom it lost one and has not heard from since, and when the last of them was heard again; -1: never. */
  readonly unheard: string[] = []
  heardAgainUs = -1
  /** The process was killed: its kernel tells the peers. Not called when the machine loses power. */
  onKilled: (() => void) | null = null
  /** Runs after each of its turns, when everything that the turn led to has run. */
  onTurnEnd: (() => void) | null = null
  /** Its code listens for uncaught exceptions; true: it heard this one, and goes on. */
  hearsUncaught: ((error: unknown, origin: string) => boolean) | null = null
  /** What it runs on, as `host/` shows it to code; a field, because a WeakMap would keep worlds alive for long. */
  machine: object | null = null
  #random: RandomStream | null = null
  #alarms: ClockAlarm[] | null = null

  constructor(world: World, name: string) {
    this.world = world
    this.name = name
  }

  /** The true time at which this process does what it is doing now: later than the world's inside a pause. */
  get localNowUs(): number {
    return Math.max(this.resumeAtUs, this.world.nowUs)
  }

  get isPaused(): boolean {
    return this.resumeAtUs > this.world.nowUs
  }

  /** What its monotonic clock shows, µs. */
  get monoUs(): number {
    return this.clock.monoUs(this.localNowUs)
  }

  /** What its wall clock shows, µs since 1970. */
  get wallUs(): number {
    return this.clock.wallUs(this.localNowUs)
  }

  /** What one of its clocks shows, µs. */
  clockUs(which: ClockName): number {
    return which === 'wall' ? this.wallUs : this.monoUs
  }

  /** Its own stream: what `Math.random()` and `crypto.randomBytes()` draw from. */
  get random(): RandomStream {
    this.#random ??= this.world.random.stream(`process/${this.name}`)
    return this.#random
  }

  /** Runs `task` after a delay on the monotonic clock, counted from now or from an earlier `fromMonoUs`. */
  setTimer(delayUs: number, task: () => void, fromMonoUs = this.monoUs): SimTimer {
    const { world } = this
    // A slow clock shows the same for some microseconds: the first of them may be past.
    const dueUs = Math.max(this.clock.trueUsWhenMono(fromMonoUs + delayUs), world.nowUs)
    world.onTimer?.(dueUs)
    return new Timer(
      this.isPaused && dueUs <= this.resumeAtUs
        ? world.defer(this, task, 'timer', dueUs, delayUs)
        : world.schedule(dueUs, this, 'timer', task, delayUs),
    )
  }

  /** Runs `task` in the check phase of this turn of the event loop. */
  setImmediate(task: () => void): SimTimer {
    return new Timer(
      this.isPaused
        ? this.world.defer(this, task, 'immediate')
        : this.world.schedule(this.localNowUs, this, 'immediate', task),
    )
  }

  /**
   * Tells `task` when one of this process's clocks reaches a value, also while it is paused: it is the harness
   * that looks at the clock, not the process. Steps and changes of rate move the alarm; a crash ends it.
   */
  setAlarm(which: ClockName, atUs: number, task: () => void): SimTimer {
    if (this.#alarms === null) {
      this.#alarms = []
      this.clock.onChange = () => {
        for (const alarm of [...(this.#alarms ?? [])]) alarm.arm()
      }
    }
    const alarm = new ClockAlarm(this, this.#alarms, which, atUs, task)
    this.#alarms.push(alarm)
    alarm.arm()
    return alarm
  }

  /** Stops this process for a while, from now (or from the end of the pause it is in). */
  pause(durationUs: number): void {
    if (this.isCrashed) return
    if (!this.isPaused) this.#interruption = this.world.interruption(this)
    this.resumeAtUs = this.localNowUs + durationUs
    this.isHeldUp = true
    this.world.scheduleResume(this)
  }

  /** Hands out what the pause held up, in the order in which it happens now. */
  takeDeferred(): SimEvent[] {
    const { timer, io, immediate } = this.deferred
    const events = resumeOrder(this.deferred, this.#interruption as Interruption)
    for (const held of [timer, io, immediate]) held.length = 0
    return events
  }

  /**
   * Ends this process at once: the rest of its turn has no effect, its timers and sockets are gone. When it is killed,
   * its kernel closes its connections; when the machine loses power, the peers are not told.
   */
  crash(how: 'killed' | 'power lost' = 'killed'): void {
    if (this.isCrashed) return
    // In its own turn it may be beyond a pause already. Struck from outside, it never came to do what follows the pause.
    const { world } = this
    const atUs = world.isInTurn(this) ? this.localNowUs : world.nowUs
    world.trace.retract(this.name, atUs)
    world.trace.append(atUs, this.name, 'note', 'ended', how)
    this.isCrashed = true
    this.crashedAtUs = atUs
    this.deferred.timer.length = 0
    this.deferred.io.length = 0
    this.deferred.immediate.length = 0
    this.onTurnEnd = null
    this.hearsUncaught = null
    if (how === 'power lost') {
      this.#silenceAlarms()
      this.#powerlessLife = this.incarnation
      return
    }
    if (atUs === world.nowUs) {
      this.#silenceAlarms()
      this.onKilled?.()
    } else {
      // Its clocks run on until then: what they say during the pause is still said.
      this.#kill = world.schedule(atUs, null, 'io', () => {
        this.#kill = null
        this.#silenceAlarms()
        this.onKilled?.()
      })
    }
  }

  #silenceAlarms(): void {
    for (const alarm of this.#alarms?.splice(0) ?? []) alarm.cancel()
  }

  /** Whether the machine has lost power since that life began: its kernel sends and answers nothing for it any more. */
  hasLostPower(incarnation: number): boolean {
    return incarnation <= this.#powerlessLife
  }

  /** Starts a crashed process again, with nothing of its former life; the caller runs its main function. */
  restart(): void {
    const kill = this.#kill
    if (kill !== null) {
      kill.run?.()
      kill.run = null
    }
    this.isCrashed = false
    this.resumeAtUs = 0
    this.isHeldUp = false
    this.incarnation += 1
  }
}

class Timer implements SimTimer {
  readonly #event: SimEvent

  constructor(event: SimEvent) {
    this.#event = event
  }

  cancel(): void {
    this.#event.run = null
  }
}

class ClockAlarm implements SimTimer {
  readonly #process: SimProcess
  /** The armed alarms of this process, this one among them. */
  readonly #alarms: ClockAlarm[]
  readonly #which: ClockName
  readonly #atUs: number
  readonly #task: () => void
  #event: SimEvent | null = null

  constructor(process: SimProcess, alarms: ClockAlarm[], which: ClockName, atUs: number, task: () => void) {
    this.#process = process
    this.#alarms = alarms
    this.#which = which
    this.#atUs = atUs
    this.#task = task
  }

  /** Sets it, or sets it anew after the clock was changed. */
  arm(): void {
    this.#disarm()
    const { clock, world } = this.#process
    const dueUs = clock.trueUsWhen(this.#which, this.#atUs)
    this.#event = world.schedule(Math.max(dueUs, world.nowUs), null, 'timer', () => this.#ring())
  }

  cancel(): void {
    this.#forget()
    this.#disarm()
  }

  #ring(): void {
    this.#forget()
    this.#task()
  }

  #forget(): void {
    const index = this.#alarms.indexOf(this)
    if (index >= 0) this.#alarms.splice(index, 1)
  }

  #disarm(): void {
    if (this.#event !== null) this.#event.run = null
    this.#event = null
  }
}
