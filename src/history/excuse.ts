/**
 * What kept a process from saying in time that it is still at work, where no key tells it: by what the storm did to it, to its
 * way to Redis, and to Redis itself. Only faults on record count.
 */
import type { Span } from './fault-span.ts'
import type { History } from './history.ts'
import { heldMessages, outages } from './reach.ts'
import { type Circumstance, stoppedUs } from './running.ts'

/** How long a process was kept from it within a stretch of time, and by what; null: it was not. */
export function keptFrom(
  history: History,
  process: string,
  stretch: Span,
): { readonly us: number; readonly circumstance: Circumstance } | null {
  const stopped = stoppedUs(history, process, stretch)
  const cut = history.servers.flatMap((node) => outages(history, process, node))
  const ways: readonly (readonly [number, Circumstance])[] = [
    [stopped, 'paused'],
    [longest(cut, stretch), 'cut off'],
    [longest(heldMessages(history, process), stretch), 'message under way'],
  ]
  const [us, circumstance] = ways.reduce((most, way) => (way[0] > most[0] ? way : most))
  return us === 0 ? null : { us, circumstance }
}

const longest = (spans: readonly Span[], { fromUs, untilUs }: Span): number =>
  Math.max(0, ...spans.map((span) => Math.min(span.untilUs, untilUs) - Math.max(span.fromUs, fromUs)))
