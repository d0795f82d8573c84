/**
 * The crew of a fleet: units are jobs of a queue, and whoever works for the fleet runs them. Stories, and the replays that need a
 * worker which has run nothing before, are this machine's own.
 *
 * Invariants
 * - A unit has one answer, the first that comes; what a worker says that was taken for lost is the same, and not counted again.
 * - What the queue has forgotten (its Redis was restarted) is asked for again.
 */
import { revived } from '../engine/crew.ts'
import type { Crew } from '../explore/crew.ts'
import type { ResultOf, Unit } from '../explore/unit.ts'
import { realTimers } from '../sim/real-clock.ts'
import type { Plan } from '../world/plan.ts'
import { type Bus, LOCK_MS, type Queue, type QueueEvents } from './bullmq.ts'
import { CANARY, decode, encode, unitId, unitQueue } from './message.ts'

/** So many units are asked for at the same time, whoever is there. */
const SIZE = 32
/** Events tell at once what is done; in case one is missed it is asked for, too. */
const LOOK_MS = 1_000

/** What a worker answers: a result, or what went wrong. */
export type Told =
  | { readonly result: unknown }
  | { readonly error: { readonly name: string; readonly message: string } }

interface Waiting {
  readonly name: string
  readonly text: string
  readonly resolve: (result: unknown) => void
  readonly reject: (error: unknown) => void
  readonly promise: Promise<unknown>
}

export interface FleetOptions {
  readonly bus: Bus
  readonly digest: string
  /** Runs what only this machine can. */
  readonly own: Crew
  /** What replays a storm. */
  readonly tokenOf: (plan: Plan) => string
  /** Told of units that are run again, because their worker is gone or stood still. */
  readonly onLost: (text: string) => void
}

export class FleetCrew implements Crew {
  readonly size = SIZE
  readonly #options: FleetOptions
  readonly #queue: Queue
  readonly #events: QueueEvents
  readonly #waiting = new Map<string, Waiting>()
  #looking: unknown = null

  constructor(options: FleetOptions) {
    this.#options = options
    const { bus, digest } = options
    const { Queue, QueueEvents } = bus.bull
    const { connection } = bus
    this.#queue = new Queue(unitQueue(digest), { connection, streams: { events: { maxLen: 1_000 } } })
    this.#events = new QueueEvents(unitQueue(digest), { connection })
    // While the Redis is away both try again by themselves.
    this.#queue.on('error', () => {})
    this.#events.on('error', () => {})
    this.#events.on('completed', ({ jobId, returnvalue }) => this.#settle(jobId, returnvalue))
    this.#events.on('failed', ({ jobId, failedReason }) => this.#fail(jobId, failedReason))
    this.#events.on('stalled', ({ jobId }) => {
      const waiting = this.#waiting.get(jobId)
      if (waiting !== undefined) void this.#tellLost(jobId, waiting)
    })
  }

  /** Resolves when it is heard what is done; asks for the unit that must fail. */
  async begin(): Promise<void> {
    await this.#events.waitUntilReady()
    this.#look()
  }

  /** Whether the unit that must fail has failed: a fleet that finds nothing in a broken lock finds nothing at all. */
  async canary(): Promise<boolean> {
    const result = (await this.#ask(CANARY, CANARY, '')) as ResultOf<'seeds'>
    return 'tally' in result && result.tally.findings.size > 0
  }

  run<Of extends Unit>(unit: Of): Promise<ResultOf<Of['kind']>> {
    const text = encode(unit)
    return this.#ask(unitId(this.#options.digest, unit), unit.kind, text) as Promise<ResultOf<Of['kind']>>
  }

  replay: Crew['replay'] = (plans) => this.#options.own.replay(plans)

  tell: Crew['tell'] = (plan, repair) => this.#options.own.tell(plan, repair)

  firstStorm: Crew['firstStorm'] = (unit) => this.#options.own.firstStorm(unit)

  async abandon(): Promise<void> {
    for (const id of this.#waiting.keys()) if (id !== CANARY) this.#waiting.delete(id)
    await this.#queue.drain()
  }

  /** Forgets the hunt. */
  async close({ isDone }: { readonly isDone: boolean }): Promise<void> {
    realTimers.clearTimeout(this.#looking)
    if (isDone) await this.#queue.obliterate({ force: true })
    await Promise.all([this.#queue.close(), this.#events.close()])
  }

  /** A unit that costs one worker after the other is looked into by replaying what it begins with. */
  async #tellLost(id: string, { name, text }: Waiting): Promise<void> {
    const { own, tokenOf, onLost } = this.#options
    const plan = name === CANARY ? null : await own.firstStorm(decode<Unit>(text)).catch(() => null)
    const first = plan === null ? '' : `; its first storm: ${tokenOf(plan)}`
    onLost(`a worker was lost at ${id}, or stood still for ${LOCK_MS / 1_000} s: the unit is run again${first}`)
  }

  #ask(id: string, name: string, text: string): Promise<unknown> {
    const known = this.#waiting.get(id)
    if (known !== undefined) return known.promise
    const { promise, resolve, reject } = withResolvers()
    this.#waiting.set(id, { name, text, resolve, reject, promise })
    this.#add(id).catch(reject)
    return promise
  }

  async #add(id: string): Promise<void> {
    const waiting = this.#waiting.get(id)
    if (waiting === undefined) return
    const { name, text } = waiting
    // Of a unit that is known nothing changes: it may be done already, by a hunt that was interrupted.
    await this.#queue.add(name, text, { jobId: id, lifo: name === 'explain' })
  }

  /** Asks for what is waited for: done unheard, or forgotten. */
  #look(): void {
    this.#looking = realTimers.setTimeout(async () => {
      try {
        await Promise.all([...this.#waiting.keys()].map((id) => this.#lookAt(id)))
      } catch {
        // It is asked for again.
      }
      this.#look()
    }, LOOK_MS)
  }

  async #lookAt(id: string): Promise<void> {
    const job = await this.#queue.getJob(id)
    if (job === undefined) await this.#add(id)
    else if (job.finishedOn === undefined) return
    else if (job.failedReason) this.#fail(id, job.failedReason)
    else this.#settle(id, job.returnvalue)
  }

  #settle(id: string, text: unknown): void {
    const waiting = this.#waiting.get(id)
    if (waiting === undefined || typeof text !== 'string') return
    this.#waiting.delete(id)
    const told = decode<Told>(text)
    if ('result' in told) waiting.resolve(told.result)
    else waiting.reject(errorOf(told.error))
  }

  #fail(id: string, reason: string): void {
    const waiting = this.#waiting.get(id)
    this.#waiting.delete(id)
    waiting?.reject(new Error(`${id} has no result: ${reason}`))
  }
}

/** What went wrong in a worker, as it was there. */
function errorOf(told: { readonly name: string; readonly message: string }): unknown {
  const error = revived(told)
  return error instanceof Error ? error : Object.assign(new Error(told.message), { name: told.name })
}

function withResolvers(): Pick<Waiting, 'promise' | 'resolve' | 'reject'> {
  let resolve: Waiting['resolve'] = () => {}
  let reject: Waiting['reject'] = () => {}
  const promise = new Promise<unknown>((yes, no) => {
    resolve = yes
    reject = no
  })
  // What is dropped fails unheard.
  promise.catch(() => {})
  return { promise, resolve, reject }
}
