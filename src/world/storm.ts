/**
 * The storm of one world: waits for each fault's anchor and strikes; when the storm is over, everything heals.
 *
 * Anchors are counted as the world goes: operations as they are recorded, messages as they pass the network's hooks.
 * A fault strikes once; one that acts on a message strikes when that is sent, which may be later than its anchor.
 */
import type { MessageEffect } from '../fault/effect.ts'
import type { FaultContext, FaultKind, PlannedFault, Site, SlotOnItsWay } from '../fault/fault.ts'
import { kindOf } from '../fault/planned-fault.ts'
import type { Endpoint } from '../net/connection.ts'
import { CUT, type Delivery, type Fate, late, PASS } from '../net/fate.ts'
import type { Network, NetworkHooks } from '../net/network.ts'
import type { FailoverMode, Kept } from '../server/server.ts'
import type { NodeTrouble } from '../server/trouble.ts'
import { assert } from '../sim/assert.ts'
import type { SimProcess } from '../sim/process.ts'
import type { TraceRecord } from '../sim/trace.ts'
import type { World } from '../sim/world.ts'

/** What a storm may do besides what the world and the network offer. */
export interface StormHost {
  restart(process: SimProcess, kept: Kept): void
  slowDown(process: SimProcess, byUs: number): void
  readonly servers: readonly string[]
  primaryOf(process: SimProcess): SimProcess | null
  promote(process: SimProcess): void
  demote(process: SimProcess): void
  failOver(process: SimProcess): void
  clusterFailover(process: SimProcess, how: FailoverMode): void
  moveSlot(key: string, to: SimProcess): SlotOnItsWay
  suffer(node: SimProcess, trouble: NodeTrouble, cannot: (why: string) => void): void
  readonly watchedKey: string
}

/** Watches a storm from outside; what it does changes nothing. */
export interface StormWatch {
  /** A moment at which a fault can be anchored passes by. */
  onSite(site: Site, process: string, count: number, atUs: number): void
  /** A fault strikes. */
  onStrike(): void
  /** Code of a process sets a timer that is to ring at this true time. */
  onTimer?(dueUs: number): void
}

interface Waiting {
  readonly fault: PlannedFault
  readonly kind: FaultKind
  /** What it does to a message; null: it strikes at once. */
  readonly message: MessageEffect | null
  /** How many more times its operation must happen. */
  remaining: number
  hasStruck: boolean
}

export class Storm implements NetworkHooks {
  readonly #world: World
  readonly #network: Network
  readonly #host: StormHost
  readonly #events: Waiting[] = []
  readonly #sites: Waiting[] = []
  /** Their anchor has passed; they wait for a message to act on. */
  readonly #armed: Waiting[] = []
  readonly #heals = new Set<() => void>()
  readonly #context: FaultContext
  watch: StormWatch | null = null
  #isOver = false
  /** What struck, in the order of its records. */
  readonly struck: PlannedFault[] = []
  /** Which fault this kind of Redis could not have, and why; null: it could have all. */
  leftOut: string | null = null

  constructor(world: World, network: Network, faults: readonly PlannedFault[], host: StormHost) {
    this.#world = world
    this.#network = network
    this.#host = host
    network.hooks = this
    this.#context = this.#makeContext()
    for (const fault of faults) {
      const kind = kindOf(fault)
      const waiting: Waiting = {
        fault,
        kind,
        message: kind.onMessage?.(fault.settings) ?? null,
        remaining: fault.at.kind === 'event' ? fault.at.count : 0,
        hasStruck: false,
      }
      if (fault.at.kind === 'time') world.schedule(fault.at.atUs, null, 'timer', () => this.#strike(waiting))
      else if (fault.at.kind === 'event') this.#events.push(waiting)
      else this.#sites.push(waiting)
    }
    if (this.#events.length > 0) world.trace.onRecord = (record) => this.#onRecord(record)
  }

  /** Ends the storm: what has not struck never will, and everything that lasts is undone. */
  heal(): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#armed.length = 0
    for (const heal of [...this.#heals]) heal()
  }

  get isOver(): boolean {
    return this.#isOver
  }

  /** A server is about to execute a client's message. */
  onExec(node: SimProcess, count: number): void {
    this.#pass('exec', node, count)
    this.#atSite('exec', node, count, false)
  }

  beforeSend(endpoint: Endpoint): Fate {
    const { process } = endpoint
    if (endpoint.role === 'client') {
      if (process.isCounting) {
        process.sendCount += 1
        this.#pass('send', process, process.sendCount)
        if (this.#sites.length > 0) this.#atSite('send', process, process.sendCount, null)
      }
      return this.#fateOf(process, 'request')
    }
    const client = endpoint.peer.process
    if (client.isCounting) {
      client.answerCount += 1
      if (this.#sites.length > 0) {
        process.sendCount += 1
        this.#atSite('answer', process, process.sendCount, null)
        this.#atSite('reply', client, client.answerCount, true)
      }
    }
    return this.#fateOf(client, 'reply')
  }

  beforeDelivery(endpoint: Endpoint): Delivery {
    const { process } = endpoint
    if (endpoint.role === 'server' || !process.isCounting) return 'now'
    process.replyCount += 1
    this.#pass('reply', process, process.replyCount)
    if (this.#sites.length === 0) return 'now'
    this.#atSite('reply', process, process.replyCount, false)
    return process.isPaused || process.isCrashed ? 'after the pause' : 'now'
  }

  #pass(site: Site, process: SimProcess, count: number): void {
    if (!this.#isOver) this.watch?.onSite(site, process.name, count, this.#world.nowUs)
  }

  #onRecord(record: TraceRecord): void {
    if (this.#isOver) return
    for (const waiting of this.#events) {
      const { at } = waiting.fault
      if (waiting.hasStruck || at.kind !== 'event' || at.op !== record.op || at.process !== record.process) continue
      if (record.type !== (at.when === 'before' ? 'invoke' : 'ok')) continue
      waiting.remaining -= 1
      if (waiting.remaining === 0) this.#strike(waiting)
    }
  }

  /** `actsOnMessage` null: both kinds of fault. */
  #atSite(site: Site, process: SimProcess, count: number, actsOnMessage: boolean | null): void {
    if (this.#isOver) return
    for (const waiting of this.#sites) {
      const { at } = waiting.fault
      if (
        waiting.hasStruck ||
        at.kind !== 'site' ||
        at.site !== site ||
        at.process !== process.name ||
        at.count !== count
      )
        continue
      const isOnMessage = waiting.message !== null
      if (actsOnMessage === null || isOnMessage === actsOnMessage) this.#strike(waiting)
    }
  }

  #fateOf(client: SimProcess, direction: 'request' | 'reply'): Fate {
    if (this.#armed.length === 0) return PASS
    const index = this.#armed.findIndex(
      ({ message }) => message?.process === client.name && message.direction === direction,
    )
    const armed = this.#armed[index]
    if (armed === undefined || armed.message === null) return PASS
    this.#armed.splice(index, 1)
    this.#tell(armed)
    return armed.message.kind === 'loses-message' ? CUT : late(armed.message.forUs)
  }

  #strike(waiting: Waiting): void {
    if (this.#isOver || waiting.hasStruck) return
    waiting.hasStruck = true
    const { fault, kind } = waiting
    if (kind.strike === undefined) this.#armed.push(waiting)
    else {
      this.#tell(waiting)
      kind.strike(fault.settings, this.#context)
    }
  }

  /** Puts on record that a fault strikes. */
  #tell({ fault, kind }: Waiting): void {
    this.watch?.onStrike()
    this.struck.push(fault)
    const { settings } = fault
    const told = [kind.describe.en(settings), kind.processes(settings).join(' '), kind.durationUs(settings)]
    this.#world.record(null, 'fault', fault.kind, told)
  }

  #makeContext(): FaultContext {
    const once = (heal: () => void): (() => void) => {
      const run = (): void => {
        if (this.#heals.delete(run)) heal()
      }
      this.#heals.add(run)
      return run
    }
    return {
      world: this.#world,
      network: this.#network,
      process: (name) => {
        const process = this.#world.processes.get(name)
        assert(process !== undefined, `a planned fault names processes of its world: ${name}`)
        return process
      },
      healAfter: (us, heal) => {
        this.#world.schedule(this.#world.nowUs + us, null, 'timer', once(heal))
      },
      healAtEnd: (heal) => {
        once(heal)
      },
      restart: (process, kept) => this.#host.restart(process, kept),
      servers: this.#host.servers,
      primaryOf: (process) => this.#host.primaryOf(process),
      promote: (process) => this.#host.promote(process),
      demote: (process) => this.#host.demote(process),
      failOver: (process) => this.#host.failOver(process),
      clusterFailover: (process, how) => this.#host.clusterFailover(process, how),
      moveSlot: (key, to) => this.#host.moveSlot(key, to),
      slowDown: (process, byUs) => this.#host.slowDown(process, byUs),
      suffer: (node, trouble) =>
        this.#host.suffer(node, trouble, (why) => {
          this.#world.record(null, 'note', 'no effect', [node.name, why])
          this.leftOut ??= `a fault had no effect: ${why}`
        }),
      watchedKey: this.#host.watchedKey,
    }
  }
}
