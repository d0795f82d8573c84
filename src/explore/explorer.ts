/**
 * Runs units of work: the part of a hunt that happens inside one worker (or inside the calling process).
 *
 * Invariants
 * - `onStorm` is told the ordinal of each storm of a unit before it is run, from 1 (0: the run that the storms are made from),
 *   so that a supervisor can see which one never ends.
 * - A storm that cost a worker is not run again: it is named, and the unit goes on without it, or is given up.
 */
import { assertNever } from '../sim/assert.ts'
import type { Subject } from '../subject/subject.ts'
import type { Loss } from '../worker/messages.ts'
import { type JudgedWorld, judgeWorld, tellWorld } from '../world/judged-world.ts'
import type { Plan } from '../world/plan.ts'
import type { Story } from '../world/story-data.ts'
import { explain } from './counterexample.ts'
import { courseOf } from './course.ts'
import { isAlone } from './cure.ts'
import { keysShownBy, type RankedFinding } from './finding.ts'
import { type RepairName, repairedSubject } from './repair.ts'
import { type SeenWorld, seeWorld, type WatchedWorld } from './site.ts'
import { type Ground, isLed, StormSource } from './storms.ts'
import { addStorm, emptyTally } from './tally.ts'
import type { LostStorm, Next, StormUnit, Tried, Unit, UnitResult } from './unit.ts'

export interface ExplorerOptions extends Ground {
  /** Called before each storm with its ordinal in its unit; what it throws ends the unit. */
  readonly onStorm?: (ordinal: number) => void
}

/** How a unit is run. */
export interface RunOptions {
  /** Storms of the unit that cost a worker. */
  readonly losses?: readonly Loss[]
}

const ORIGIN = 0
/** A unit that cost this many workers is given up: the next storms would cost as much, and say the same. */
const LOSSES_MAX = 2
export class Explorer {
  readonly #ground: Ground
  readonly #storms: StormSource
  readonly #onStorm: (ordinal: number) => void
  /** Worlds of a lone client without faults: all findings ask for the same few, and where such a client is stuck they are long. */
  readonly #alone = new WeakMap<Subject, Map<string, SeenWorld>>()

  constructor({ onStorm = () => {}, ...ground }: ExplorerOptions) {
    this.#ground = ground
    this.#storms = new StormSource(ground)
    this.#onStorm = onStorm
  }

  /** Runs a unit, only where worlds can run. */
  run(unit: Unit, options: RunOptions = {}): UnitResult {
    const { losses = [] } = options
    if (losses.length >= LOSSES_MAX || losses.some(({ ordinal }) => ordinal === ORIGIN))
      return this.#giveUp(unit, losses)
    this.#onStorm(ORIGIN)
    switch (unit.kind) {
      case 'seeds':
      case 'magnitudes':
      case 'random':
      case 'guided':
      case 'point': {
        const { tally, lost } = this.#tryAll(unit, options, this.#judge)
        return { kind: unit.kind, tally, lost }
      }
      case 'orders':
        return { kind: 'orders', ...this.#tryAll(unit, options, this.#judge) }
      case 'singles':
      case 'longer': {
        if (unit.kind === 'longer' && unit.isLast) {
          const { tally, lost } = this.#tryAll(unit, options, this.#judge)
          return { kind: unit.kind, tally, lost, nexts: [] }
        }
        const nexts: Next[] = []
        const { tally, lost } = this.#tryAll(unit, options, this.#watch, (plan, world) => {
          if (world === null) nexts.push({ count: 0, course: '' })
          else nexts.push({ count: this.#storms.longer(world, plan).length, course: courseOf(world) })
        })
        return { kind: unit.kind, tally, lost, nexts }
      }
      case 'given': {
        const hashes: (string | null)[] = []
        const shown: (readonly string[] | null)[] = []
        const { tally, lost } = this.#tryAll(unit, options, this.#judge, (_, world) => {
          hashes.push(world === null ? null : world.run.historyHash)
          shown.push(world === null ? null : keysShownBy(world.judgement.verdict))
        })
        return { kind: 'given', tally, lost, hashes, shown }
      }
      case 'count': {
        const { singles, sized, course, weight } = this.#storms.root(unit.base)
        return { kind: 'count', count: singles.length, sizedCount: sized.length, course, weight, lost: [] }
      }
      case 'explain':
        return this.#explain(unit.finding, unit.shrinks, losses)
      default:
        return assertNever(unit)
    }
  }

  /** The story of one storm, for a picture; of the repaired lock if a repair is named. Only where worlds can run. */
  tell(plan: Plan, repair?: RepairName): Story {
    this.#onStorm(ORIGIN)
    const { subject, environment } = this.#ground
    return tellWorld(plan, repair === undefined ? subject : repairedSubject(subject, repair), environment)
  }

  /** The storm that a unit begins with, or is made from; null: there is none. Only where worlds can run. */
  firstStorm(unit: Unit): Plan | null {
    this.#onStorm(ORIGIN)
    return this.#planAt(unit, ORIGIN + 1, [])
  }

  /** Names the storms that cost a worker, and runs none of them. */
  #giveUp(unit: Unit, losses: readonly Loss[]): UnitResult {
    const lost = losses.flatMap(({ ordinal, reason }): LostStorm[] => {
      const plan = this.#planAt(unit, ordinal, losses)
      return plan === null ? [] : [{ plan, reason }]
    })
    return { kind: 'given-up', lost }
  }

  /** Null: there is none. What it depends on is run once more, but for what cost a worker. */
  #planAt(unit: Unit, ordinal: number, losses: readonly Loss[]): Plan | null {
    if (unit.kind === 'explain') return unit.finding.plan
    if (ordinal === ORIGIN || unit.kind === 'count') return this.#storms.originOf(unit)
    const storms = this.#storms.of(unit)
    let step = storms.next(null)
    for (let at = ORIGIN + 1; at < ordinal && step.done !== true; at += 1) {
      const isRun = isLed(unit) && losses.every((loss) => loss.ordinal !== at)
      if (isRun) this.#onStorm(at)
      step = storms.next(isRun ? this.#judge(step.value) : null)
    }
    return step.done === true ? null : step.value
  }

  /** Runs the storms of a unit one after the other. */
  #tryAll<World extends JudgedWorld>(
    unit: StormUnit,
    { losses = [] }: RunOptions,
    look: (plan: Plan) => World,
    take: (plan: Plan, world: World | null) => void = () => {},
  ): Tried & { readonly isCut: boolean } {
    const tally = emptyTally()
    const lost: LostStorm[] = []
    const storms = this.#storms.of(unit)
    let ordinal = ORIGIN
    let step = storms.next(null)
    while (step.done !== true) {
      const plan = step.value
      ordinal += 1
      const world = this.#survived(plan, ordinal, losses, lost) ? look(plan) : null
      if (world !== null) addStorm(tally, plan, world.judgement, world.run)
      take(plan, world)
      step = storms.next(world)
    }
    return { tally, lost, isCut: step.value }
  }

  #explain(finding: RankedFinding, shrinks: boolean, losses: readonly Loss[]): UnitResult {
    const lost: LostStorm[] = []
    let ordinal = ORIGIN
    const judge = (plan: Plan, subject = this.#ground.subject): SeenWorld | null => {
      ordinal += 1
      return this.#survived(plan, ordinal, losses, lost) ? this.#see(plan, subject) : null
    }
    return { kind: 'explain', counterexample: explain(finding, this.#ground.subject, judge, shrinks), lost }
  }

  #see(plan: Plan, subject: Subject): SeenWorld {
    const { environment } = this.#ground
    if (!isAlone(plan)) return seeWorld(plan, subject, environment)
    const known = this.#alone.get(subject) ?? new Map<string, SeenWorld>()
    this.#alone.set(subject, known)
    const name = JSON.stringify(plan)
    const world = known.get(name) ?? seeWorld(plan, subject, environment)
    known.set(name, world)
    return world
  }

  /** Whether a storm may be run, which is told then; one that cost a worker is named instead. */
  #survived(plan: Plan, ordinal: number, losses: readonly Loss[], lost: LostStorm[]): boolean {
    const loss = losses.find((other) => other.ordinal === ordinal)
    if (loss === undefined) this.#onStorm(ordinal)
    else lost.push({ plan, reason: loss.reason })
    return loss === undefined
  }

  readonly #judge = (plan: Plan): JudgedWorld => judgeWorld(plan, this.#ground.subject, this.#ground.environment)

  readonly #watch = (plan: Plan): WatchedWorld => this.#storms.watch(plan)
}
