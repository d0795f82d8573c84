/**
 * The world: virtual time, the processes, and the loop that runs one event at a time.
 *
 * One turn = one event of one process, then everything its promises and ticks lead to (the drain), then the next.
 * Nothing may depend on how many `await`s a function contains: the drain empties them all before time moves.
 *
 * Two loops run the same turns: `runSync` where the host can empty its microtask queue synchronously (Node), and
 * `runAwaiting` where it cannot (a browser).
 *
 * Does not model  parallelism inside one process; real I/O, which never happens inside a world.
 */
import { AssertionError, assert, failures } from './assert.ts'
import { EventQueue, type Phase, type SimEvent } from './event-queue.ts'
import { HostError } from './host-error.ts'
import { SimProcess } from './process.ts'
import { RandomStreams } from './random.ts'
import type { Interruption } from './resume-order.ts'
import { thrownText } from './thrown.ts'
import { type Atom, Trace, type TraceType } from './trace.ts'
import { UsageError } from './usage-error.ts'

/** Where a world stops even if nothing ends it: reaching one of these makes the verdict `unknown`. */
export interface Limits {
  /** Turns. */
  readonly events: number
  /** Virtual time, µs. */
  readonly virtualUs: number
  /** Records in the trace. */
  readonly records: number
}

/** Generous for a world of a few dozen clients; a run of three clients needs a thousandth of it. */
export const DEFAULT_LIMITS: Limits = { events: 200_000, virtualUs: 24 * 3_600_000_000, records: 100_000 }

/** Empties the host's tick and microtask queues; what is thrown in there goes to `charge`. */
export type Drain = () => void

/** The process whose turn is running, for the virtual globals; null outside a world. */
export const running: { process: SimProcess | null } = { process: null }

// A broken invariant ends the world even when it is thrown through code under test that catches everything.
failures.hear = (error) => running.process?.world.charge(running.process, error, 'assertion')

/** Thrown by a virtual `process.exit()` to leave the subject's code; the process has crashed by then. */
export class ProcessExit extends Error {
  override readonly name = 'ProcessExit'
}

export class World {
  readonly random: RandomStreams
  readonly trace: Trace
  readonly limits: Limits
  nowUs = 0
  readonly processes = new Map<string, SimProcess>()
  /** Told of each timer that a process sets, with the true time at which it is to ring. */
  onTimer: ((dueUs: number) => void) | null = null
  /** The network of this world, for code that only knows the world; what it is, is no business of `sim`. */
  network: unknown = null
  /** Why the world stopped before its end, if it did. */
  limitReached: string | null = null
  turnCount = 0
  /** How many modules its processes have evaluated for themselves. */
  moduleCount = 0
  /** An uncaught exception, thrown in a turn of `process`; the default crashes it, as Node would. */
  onUncaught: (process: SimProcess, error: unknown, origin: string) => void
  readonly #queue = new EventQueue()
  #seq = 0
  /** The event whose turn is running, and how many events had been scheduled when it began. */
  #turn: SimEvent | null = null
  #turnSeq = 0
  #isStopped = false
  /** What no process of the world caused: thrown when the loop has ended. */
  #failure: Error | null = null

  constructor(seed: string, limits: Limits = DEFAULT_LIMITS) {
    this.random = new RandomStreams(seed)
    this.limits = limits
    this.trace = new Trace(limits.records)
    this.trace.onLimit = () => this.#reach(`the history reached ${limits.records} records`)
    this.onUncaught = (process, error) => {
      this.record(process, 'note', 'uncaught', thrownText(error))
      process.crash()
    }
  }

  /** Adds a process; names are unique. */
  addProcess(name: string): SimProcess {
    assert(!this.processes.has(name), `process names are unique: ${name}`)
    const process = new SimProcess(this, name)
    this.processes.set(name, process)
    return process
  }

  /** Puts an event into the future; `process` null means the world's own. */
  schedule(atUs: number, process: SimProcess | null, phase: Phase, run: () => void, delayUs = 0): SimEvent {
    assert(atUs >= this.nowUs, 'virtual time never goes back')
    const event: SimEvent = {
      atUs,
      seq: this.#seq++,
      process,
      incarnation: process === null ? 0 : process.incarnation,
      phase,
      delayUs,
      run,
    }
    this.#queue.push(event)
    return event
  }

  /** Whether this process is doing something right now: everything else happens to it from outside. */
  isInTurn(process: SimProcess): boolean {
    return this.#turn !== null && this.#turn.process === process
  }

  /** Where in its event loop a process is being stopped right now. */
  interruption(process: SimProcess): Interruption {
    const turn = this.#turn
    return turn !== null && turn.process === process
      ? { phase: turn.phase, atUs: this.nowUs, seq: this.#turnSeq }
      : { phase: null, atUs: this.nowUs, seq: this.#seq }
  }

  /** Puts what a pause held up back in line when it ends. */
  scheduleResume(process: SimProcess): void {
    const untilUs = process.resumeAtUs
    this.schedule(untilUs, null, 'timer', () => {
      // A longer pause has begun since: its own event will do this.
      if (process.resumeAtUs !== untilUs || process.isCrashed) return
      process.isHeldUp = false
      for (const event of process.takeDeferred()) {
        event.atUs = untilUs
        event.seq = this.#seq++
        this.#queue.push(event)
      }
    })
  }

  /** Holds up something of a paused process: socket data that it was about to see, a timer set in the rest of its turn. */
  defer(process: SimProcess, run: () => void, phase: Phase = 'io', atUs = this.nowUs, delayUs = 0): SimEvent {
    const { incarnation } = process
    const event: SimEvent = { atUs, seq: this.#seq++, process, incarnation, phase, delayUs, run }
    process.deferred[phase].push(event)
    return event
  }

  /** Adds a record to the trace in the name of a process (or of the world); a crashed process records nothing. */
  record(process: SimProcess | null, type: TraceType, op: string, value: Atom | readonly Atom[] = null): void {
    if (process === null) this.trace.append(this.nowUs, 'world', type, op, value)
    else if (!process.isCrashed) this.trace.append(process.localNowUs, process.name, type, op, value)
  }

  /**
   * Charges a process with an uncaught exception, unless its own code listens for such. A broken invariant of
   * lockstorm, a server that died and a plan that cannot be run on it are never charged to a process.
   */
  charge(process: SimProcess, error: unknown, origin: string): void {
    if (error instanceof AssertionError || error instanceof HostError || error instanceof UsageError) {
      this.#failure ??= error
      this.stop()
    } else if (!(error instanceof ProcessExit) && process.home.hearsUncaught?.(error, origin) !== true) {
      this.onUncaught(process, error, origin)
    }
  }

  /** Ends the world after this turn. */
  stop(): void {
    this.#isStopped = true
  }

  /** Runs turns until the world is stopped, has nothing left to do, or reaches a limit. */
  runSync(drain: Drain): void {
    try {
      for (let event = this.#next(); event !== null; event = this.#next()) {
        const { process, run } = event
        running.process = process
        if (process === null) {
          ;(run as () => void)()
          continue
        }
        this.#guard(process, run as () => void)
        if (process.usesPromises) drain()
        process.onTurnEnd?.()
      }
      if (this.#failure !== null) throw this.#failure
    } finally {
      running.process = null
    }
  }

  /** The same loop for hosts without a synchronous drain: `nextMacrotask` resolves after all microtasks ran. */
  async runAwaiting(nextMacrotask: () => Promise<void>): Promise<void> {
    try {
      for (let event = this.#next(); event !== null; event = this.#next()) {
        const { process, run } = event
        running.process = process
        if (process === null) {
          ;(run as () => void)()
          continue
        }
        this.#guard(process, run as () => void)
        if (process.usesPromises) await nextMacrotask()
        process.onTurnEnd?.()
      }
      if (this.#failure !== null) throw this.#failure
    } finally {
      running.process = null
    }
  }

  #guard(process: SimProcess, task: () => void): void {
    try {
      task()
    } catch (error) {
      this.charge(process, error, 'exception')
    }
  }

  /** The next turn, or null at the end. */
  #next(): SimEvent | null {
    for (;;) {
      if (this.#isStopped) return null
      const event = this.#queue.pop()
      if (event === undefined) return null
      if (event.run === null) continue
      if (event.atUs > this.limits.virtualUs) {
        this.#reach(`virtual time reached ${this.limits.virtualUs / 1_000_000} s`)
        return null
      }
      this.nowUs = event.atUs
      const { process } = event
      if (process !== null) {
        if (process.isCrashed || process.incarnation !== event.incarnation) continue
        if (process.isHeldUp) {
          process.deferred[event.phase].push(event)
          continue
        }
      }
      this.turnCount += 1
      if (this.turnCount > this.limits.events) {
        this.#reach(`the world ran ${this.limits.events} events`)
        return null
      }
      this.#turn = event
      this.#turnSeq = this.#seq
      return event
    }
  }

  #reach(limit: string): void {
    this.limitReached ??= limit
    this.#isStopped = true
  }
}
