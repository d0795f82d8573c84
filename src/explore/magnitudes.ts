/**
 * All magnitudes of a fault. How late a message is, or for how long a client stands still, matters only where it makes one event
 * pass another: the end of a lease, a renewal, another client's command, a timer. So the sizes to try come from the run, and one
 * stands for all that lead to the same course (`sequenceOf`).
 *
 *   1 us                                                            more than three leases
 *   |--- course 1 ---|--- course 2 ---|-- 3 --|------ course 4 ------|
 *                    ^ the lease ends before the message arrives
 *
 * Both ends are run. Where two sizes led to one course, none between them is run: as a fault grows it passes one event after
 * another, and passed none there. Where they led to two, a size between them is run: one at which the run without the fault says
 * that an event is just about to be passed or just was, and when there is none left, the one in the middle, until they are close.
 *
 * Invariants
 * - Which sizes are tried depends on the plan and the worlds alone.
 *
 * Does not model  a course that comes and goes between two sizes with the same one. `test/explore/magnitudes.laws.test.ts` compares
 *                 with grids of sizes.
 */
import type { PlannedFault } from '../fault/fault.ts'
import { effectsOf, sizeUs, withSize } from '../fault/planned-fault.ts'
import { fieldsOf } from '../record/fields.ts'
import { acquiredStatedUs } from '../record/lock.ts'
import { readTruth } from '../record/truth.ts'
import type { TraceRecord } from '../sim/trace.ts'
import type { JudgedWorld } from '../world/judged-world.ts'
import type { Plan } from '../world/plan.ts'
import { sequenceOf } from './order.ts'
import type { SeenWorld } from './site.ts'

/** More than three leases: what looks at a lock once a lease has looked more than once. */
const UP_TO_PERCENT = 320
/** Sizes that are closer than this part of a lease count as one: 1 ms of 200 ms. */
const CLOSE_OF_LEASE = 200

/** The largest size that is tried, µs. */
const largestUs = ({ ttlMs }: Plan): number => ttlMs * 10 * UP_TO_PERCENT + 1

/** Of faults that differ in their size alone one, in their order; those without a size are left out. */
export function sizedFaults(faults: readonly PlannedFault[]): readonly PlannedFault[] {
  const byRest = new Map<string, PlannedFault>()
  for (const fault of faults) {
    const rest = JSON.stringify(withSize(fault, 1))
    if (sizeUs(fault) > 0 && !byRest.has(rest)) byRest.set(rest, fault)
  }
  return [...byRest.values()]
}

/** The storms of one fault in all its sizes. Who runs them passes back what came of each; null: it was not run. */
export function* magnitudes(
  plan: Plan,
  fault: PlannedFault,
  calm: SeenWorld,
): Generator<Plan, void, JudgedWorld | null> {
  const courses = new Map<number, string>()
  function* run(us: number): Generator<Plan, string, JudgedWorld | null> {
    let course = courses.get(us)
    if (course === undefined) {
      const world = yield { ...plan, faults: [withSize(fault, us)] }
      course = world === null ? 'lost' : sequenceOf(world)
      courses.set(us, course)
    }
    return course
  }
  function* between(low: number, high: number, sizes: readonly number[]): Generator<Plan, void, JudgedWorld | null> {
    if ((yield* run(low)) === (yield* run(high))) return
    const inside = sizes.filter((us) => low < us && us < high)
    if (inside.length === 0 && high - low <= closeUs) return
    const middle = inside[inside.length >> 1] ?? Math.floor((low + high) / 2)
    yield* between(low, middle, inside)
    yield* between(middle, high, inside)
  }
  const closeUs = (plan.ttlMs * 1_000) / CLOSE_OF_LEASE
  const sizes = new Set(flipsOf(fault, calm).flatMap((us) => [us - 1, us + 1]))
  yield* between(
    1,
    largestUs(plan),
    [...sizes].sort((a, b) => a - b),
  )
}

/** How many messages of the client after the fault count as moved by it: they take along what comes after them. */
const MOVED_MESSAGES = 2

/** The sizes at which the run without the fault says that it makes one event pass another, µs. */
function flipsOf(fault: PlannedFault, { passed, run, timers }: SeenWorld): readonly number[] {
  const { at } = fault
  const start = passed.findIndex(
    ({ process, site, count }) =>
      at.kind === 'site' && process === at.process && site === at.site && count === at.count,
  )
  const later = passed.slice(Math.max(0, start))
  const fromUs = start < 0 ? 0 : (later[0]?.atUs ?? 0)
  const deadlines = [...run.records.flatMap(deadlineIn), ...timers].filter((us) => us > fromUs)
  const moments = [...later.map(({ atUs }) => atUs), ...run.records.map(({ atUs }) => atUs), ...deadlines]
  const own = later.filter(({ process }) => at.kind === 'site' && process === at.process)
  const moved = [fromUs, ...own.slice(1, 1 + MOVED_MESSAGES).map(({ atUs }) => atUs)]
  const passing = moments.flatMap((moment) => moved.map((us) => moment - us))
  // A clock that is set moves the deadlines on it.
  const isClock = effectsOf(fault).some(({ kind }) => kind === 'moves-clock')
  const struck = isClock ? deadlines.flatMap((deadline) => moments.map((moment) => deadline - moment)) : []
  return [...passing, ...struck].filter((us) => us > 1)
}

/** When something ends of which a record tells, in true time by the clock of that moment: a key, or what a lease says of itself. */
function deadlineIn(record: TraceRecord): readonly number[] {
  if (record.type === 'truth') {
    const { expireUs } = readTruth(record)
    return expireUs === null ? [] : [expireUs]
  }
  if (record.type !== 'ok' || record.op !== 'acquire') return []
  const statedUs = acquiredStatedUs(fieldsOf(record))
  return typeof statedUs === 'number' ? [statedUs] : []
}
