/**
 * The scenes of a world, one after the other:
 *
 *   storm   the clients work, faults strike; over when every client has ended, or when its time is up
 *   heal    faults are undone, ended nodes start again, nothing new is begun
 *   calm    what was begun ends; then one client looks once more: can the lock be taken, what does the session hold?
 */
import { LOADING_PAUSE_US } from '../client/reconnecting.ts'
import type { PlannedFault } from '../fault/fault.ts'
import { durationOf, effectsOf } from '../fault/planned-fault.ts'
import type { Kept } from '../server/server.ts'
import { STATE_CODES } from '../server/trouble.ts'
import type { SimProcess } from '../sim/process.ts'
import type { World } from '../sim/world.ts'
import type { AnyLife } from '../workload/workload.ts'
import { strikeAll } from './callers.ts'
import { namesOf } from './cast.ts'
import type { Stage } from './stage.ts'
import { Storm, type StormWatch } from './storm.ts'
import { recoveryUs } from './topology.ts'

/** Clients begin within this time of each other, in an order of the seed. */
const START_SPREAD_US = 500
/** What it takes to connect, say hello, and be answered what was asked before, generously. */
const ROUND_TRIPS = 10

export class Scenes {
  readonly storm: Storm
  /** When everything had healed. */
  healedUs = 0
  readonly #stage: Stage
  readonly #world: World
  /** Clients whose workload has begun. */
  readonly #begun = new Map<SimProcess, AnyLife>()
  /** Clients whose workload has ended, or ended for good by a crash. */
  readonly #done = new Set<SimProcess>()
  readonly #isOver = (): boolean => this.storm.isOver
  #isProbing = false

  /** Everything that will happen by itself: faults at their times, clients that begin, the end of the storm. */
  constructor(stage: Stage, watch: StormWatch | undefined) {
    const { world, plan } = stage
    this.#stage = stage
    this.#world = world
    stage.onKilled = (process) => {
      if (stage.clients.includes(process)) this.#finish(process)
    }
    this.storm = new Storm(world, stage.network, strikeAll(plan.faults, stage.callers), {
      restart: (process, options) => this.#restart(process, options),
      slowDown: (process, byUs) => stage.slowDown(process, byUs),
      servers: namesOf(stage.cast, 'redis'),
      primaryOf: (process) => stage.primaryOf(process),
      promote: (process) => stage.promote(process),
      demote: (process) => stage.demote(process),
      failOver: (process) => stage.failOver(process),
      clusterFailover: (process, how) => stage.clusterFailover(process, how),
      moveSlot: (key, to) => stage.moveSlot(key, to),
      suffer: (process, trouble, cannot) => stage.suffer(process, trouble, cannot),
      // An application alone knows its keys; what strikes one of them strikes none.
      watchedKey: stage.workload.watches(stage.subject)[0] ?? stage.workload.key,
    })
    this.storm.watch = watch ?? null
    if (watch?.onTimer !== undefined) stage.world.onTimer = watch.onTimer
    for (const node of stage.nodes) node.onExec = () => this.storm.onExec(node.process, node.execCount)
    const spread = world.random.stream('start')
    for (const [index, process] of stage.clients.entries()) {
      const behindUs = index === 0 ? 0 : plan.headStartUs + (index - 1) * (plan.staggerUs ?? 0)
      const startUs = stage.readyUs + (plan.order === undefined ? spread.below(START_SPREAD_US) : 0) + behindUs
      world.schedule(startUs, process, 'timer', () => this.#start(process))
    }
    world.schedule(stormUs(stage), null, 'timer', () => this.#heal())
  }

  /** A client's main function. */
  #start(process: SimProcess): void {
    const { workload } = this.#stage
    this.#stage
      .connect(process, this.#isOver)
      .then((client) => {
        const life = this.#stage.lifeOf(client)
        // What a client sends while it starts is no part of the storm.
        const opening = workload.open?.(life)
        return opening === undefined ? life : opening.then(() => life)
      })
      .then((life) => {
        process.isCounting = true
        this.#begun.set(process, life)
        return workload.run(life)
      })
      .then(
        () => this.#finish(process),
        (error) => this.#world.charge(process, error, 'workload'),
      )
  }

  /** A client has nothing left to do; when all have, the storm is over. */
  #finish(process: SimProcess): void {
    this.#done.add(process)
    if (!this.#areAllDone() || this.storm.isOver) return
    // Not at once: this may be the middle of a turn, and a fault that struck in it must act before it heals.
    this.#world.schedule(this.#world.nowUs, null, 'timer', () => {
      if (this.#areAllDone()) this.#heal()
    })
  }

  #areAllDone(): boolean {
    return this.#done.size === this.#stage.clients.length
  }

  #restart(process: SimProcess, kept: Kept): void {
    if (!process.isCrashed) return
    this.#stage.revive(process, kept)
    if (!this.#stage.clients.includes(process)) return
    this.#done.delete(process)
    this.#begun.delete(process)
    this.#world.schedule(this.#world.nowUs, process, 'timer', () => this.#start(process))
  }

  #heal(): void {
    if (this.storm.isOver) return
    this.storm.heal()
    const kept = this.#stage.plan.persistence === undefined ? 'all' : 'written'
    for (const { process } of this.#stage.servers) this.#restart(process, kept)
    const { nowUs } = this.#world
    this.healedUs = nowUs
    this.#world.record(null, 'fault', 'healed', null)
    if (this.#areAllDone()) this.#probe()
    else this.#world.schedule(nowUs + this.#settleUs(), null, 'timer', () => this.#probe())
  }

  /**
   * How long the calm is given. A driver that has looked for its server since the storm began may have just begun its longest
   * pause: it is to connect, and what waited for it to end.
   */
  #settleUs(): number {
    const { plan, driver } = this.#stage
    const pauseUs = Math.max(driver.pauseUs(this.healedUs), plan.faults.some(isLoading) ? LOADING_PAUSE_US : 0)
    return recoveryUs(plan.topology) + Math.max(plan.settleUs, pauseUs + ROUND_TRIPS * 2 * plan.latency.maxUs)
  }

  /** A client that is still well looks; if there is none, another process does. */
  #probe(): void {
    if (this.#isProbing) return
    this.#isProbing = true
    this.#world.record(null, 'note', 'settled', null)
    const well = this.#stage.clients.find(
      (process) => this.#done.has(process) && !process.isCrashed && this.#begun.has(process),
    )
    const process = well ?? this.#stage.addProcess('probe')
    // A lease that no client holds ends by itself; twice its length is enough for any lock that lets go at all.
    const probeUs = 2 * this.#stage.plan.ttlMs * 1000 + this.#settleUs() + setBackUs(this.#stage)
    this.#world.schedule(this.#world.nowUs, process, 'timer', () => {
      const begun = this.#begun.get(process)
      const life =
        begun === undefined
          ? this.#stage.connect(process, this.#isOver).then((client) => this.#stage.lifeOf(client))
          : Promise.resolve(begun)
      life
        .then((ready) => {
          // Its time begins when it is connected.
          const deadlineUs = this.#world.nowUs + probeUs
          return this.#stage.workload.probe(ready, () => this.#world.nowUs >= deadlineUs)
        })
        .then(
          () => this.#world.stop(),
          (error) => this.#world.charge(process, error, 'workload'),
        )
    })
    // A client that waits for ever, or crashed, does not keep the world from ending.
    this.#world.schedule(this.#world.nowUs + 2 * probeUs, null, 'timer', () => this.#world.stop())
  }
}

/** By how much clocks of Redis are set back, all in all: a lease that ends by their time of day lasts so much longer. */
function setBackUs({ plan, cast }: Stage): number {
  const servers = namesOf(cast, 'redis')
  return plan.faults
    .flatMap((fault) => effectsOf(fault))
    .reduce((us, effect) => {
      if (effect.kind !== 'moves-clock' || !servers.includes(effect.process)) return us
      return us + (effect.byUs < 0 ? -effect.byUs : effect.isMendedAtEnd ? effect.byUs : 0)
    }, 0)
}

/** Whether drivers that connect again are told that the server reads its data. */
const isLoading = (fault: PlannedFault): boolean =>
  effectsOf(fault).some((effect) => effect.kind === 'answers-error' && effect.code === STATE_CODES.loading)

/** How long the storm may last at most: what the work takes when nothing is in its way, thrice, and what the faults last. */
function stormUs({ plan, workload }: Stage): number {
  const { clients, latency, ttlMs, staggerUs = 0 } = plan
  let us = 3 * clients * workload.lastsUs(plan.workload, 12 * latency.maxUs) + 3 * ttlMs * 1000
  us += staggerUs * clients
  for (const fault of plan.faults) {
    us += (durationOf(fault) ?? 0) + (fault.at.kind === 'time' ? fault.at.atUs : 0)
  }
  return us
}
