/**
 * One life of a simulated machine, as its code sees it: a host name, a process id, an environment, listeners, modules.
 *
 * A machine is called like its process, and nothing of it outlives a restart but the name.
 */
import { EventEmitter } from 'node:events'
import { Readable } from 'node:stream'
import type { SimProcess } from '../sim/process.ts'
import { Modules } from './modules/modules.ts'

/** Real process ids of small machines look like this; each process of a world has a hundred lives before two share one. */
const FIRST_PID = 1000
const LIVES_MAX = 100

/** The machine of a process in its present life. */
export function machineOf({ home: process }: SimProcess): Machine {
  const { machine } = process
  if (machine instanceof Machine && machine.life === process.incarnation) return machine
  const made = new Machine(process)
  process.machine = made
  return made
}

export class Machine {
  readonly hostname: string
  readonly life: number
  readonly pid: number
  /** Which of the world's machines it is, from 1: the last byte of its addresses. */
  readonly number: number
  readonly #process: SimProcess
  #environment: NodeJS.ProcessEnv | null = null
  #events: EventEmitter | null = null
  /** Who listens to what it prints on. */
  readonly stdout = new EventEmitter()
  readonly stderr = new EventEmitter()
  #modules: Modules | null = null
  #stdin: Readable | null = null
  #globals: object | null = null

  constructor(process: SimProcess) {
    this.#process = process
    this.hostname = process.name
    this.life = process.incarnation
    this.number = [...process.world.processes.keys()].indexOf(process.name) + 1
    this.pid = FIRST_PID + this.number * LIVES_MAX + this.life
  }

  /** Its own copy of the environment; values become texts, as in Node. */
  get env(): NodeJS.ProcessEnv {
    this.#environment ??= new Proxy(
      { ...HOST_ENVIRONMENT, HOSTNAME: this.hostname },
      { set: (target, name, value: unknown) => Reflect.set(target, name, String(value)) },
    )
    return this.#environment
  }

  /** What its code hears of its own process. */
  get events(): EventEmitter {
    if (this.#events === null) {
      this.#events = new EventEmitter()
      this.#process.hearsUncaught = (error, origin) => this.#hears(error, origin)
    }
    return this.#events
  }

  /** As Node: a rejection that its own listener does not hear becomes an exception; a listener that throws hears nothing. */
  #hears(error: unknown, origin: string): boolean {
    const events = this.#events as EventEmitter
    try {
      if (origin === 'unhandledRejection' && events.emit(origin, error, Promise.resolve())) return true
      return origin !== 'workload' && events.emit('uncaughtException', error, origin)
    } catch {
      return false
    }
  }

  /** Nobody types anything. */
  get stdin(): Readable {
    this.#stdin ??= Readable.from([])
    return this.#stdin
  }

  /** Its own copies of the modules of the program. */
  get modules(): Modules {
    const { world } = this.#process
    this.#modules ??= new Modules(this.globals, () => {
      world.moduleCount += 1
    })
    return this.#modules
  }

  /**
   * What `globalThis` is in its modules: the host's, beside what they add. What is added is found through `globalThis` and
   * `global`, not by its bare name.
   */
  get globals(): object {
    if (this.#globals === null) {
      const own: Record<PropertyKey, unknown> = {}
      const self: object = new Proxy(own, {
        get: (_, name) =>
          Object.hasOwn(own, name)
            ? Reflect.get(own, name)
            : name === 'globalThis' || name === 'global'
              ? self
              : Reflect.get(globalThis, name),
        has: (_, name) => Object.hasOwn(own, name) || Reflect.has(globalThis, name),
      })
      this.#globals = self
    }
    return this.#globals
  }
}

/** As lockstorm was started with. */
const HOST_ENVIRONMENT: Readonly<NodeJS.ProcessEnv> = { ...process.env }
