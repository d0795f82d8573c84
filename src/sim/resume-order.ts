/**
 * The order in which a process does what piled up while it stood still: Node's, whose event loop goes round.
 *
 *   stopped in a turn of    goes on with
 *   a timer                 socket data → immediates → timers
 *   a socket                immediates → timers → socket data
 *   an immediate            timers → socket data → immediates
 *   nothing (idle in epoll) timers → socket data
 *
 * Before all that the interrupted turn ends, with its ticks and promises, and then the rest of its batch: what was due
 * in the same phase when it began. Node keeps timers of one delay in one list and empties a list before it looks at the
 * next, so the later timers of a delay overtake others that were due before them.
 *
 * Does not model  more than one reading of the same socket in one phase.
 *
 * Source: libuv's `uv_run` and Node's `lib/internal/timers.js`; held against a real event loop by `test/sim/pause.test.ts`,
 * which also says where the libuv of Node 20 differed.
 */
import type { Phase, SimEvent } from './event-queue.ts'

/** Where in its event loop a process was stopped; `phase` null: between two turns. */
export interface Interruption {
  readonly phase: Phase | null
  /** When the interrupted turn began, and how many events had been scheduled by then. */
  readonly atUs: number
  readonly seq: number
}

/** What was held up, by phase. */
export type Deferred = Readonly<Record<Phase, readonly SimEvent[]>>

const LOOP: readonly Phase[] = ['timer', 'io', 'immediate']

/** Everything that was held up, in the order in which it now happens. */
export function resumeOrder(deferred: Deferred, { phase, atUs, seq }: Interruption): SimEvent[] {
  const isOfBatch = (event: SimEvent): boolean => event.phase === phase && event.atUs <= atUs && event.seq < seq
  const batch = phase === null ? [] : deferred[phase].filter(isOfBatch)
  const start = phase === null ? 0 : LOOP.indexOf(phase) + 1
  const round = [...LOOP.slice(start), ...LOOP.slice(0, start)]
  const rest = round.flatMap((next) => {
    const events = deferred[next].filter((event) => !isOfBatch(event)).sort(byDue)
    return next === 'timer' ? byDelay(events) : events
  })
  return [...batch, ...rest]
}

/** What is set in the rest of the turn is held up first and due later; an interval's next tick may be due before others. */
const byDue = (a: SimEvent, b: SimEvent): number => a.atUs - b.atUs || a.seq - b.seq

/** One list a delay, the list that was due first at the front. */
function byDelay(timers: readonly SimEvent[]): SimEvent[] {
  const lists = new Map<number, SimEvent[]>()
  for (const timer of timers) {
    const list = lists.get(timer.delayUs)
    if (list === undefined) lists.set(timer.delayUs, [timer])
    else list.push(timer)
  }
  return [...lists.values()].flat()
}
