/**
 * A story as a list of events that can be stepped through: every record of its history, and every message as it arrives or is lost.
 *
 * Invariants
 * - In the order of time; what arrives in an instant comes before what is made of it.
 */
import type { TraceRecord } from '../sim/trace.ts'
import type { DrawnStory } from '../world/story-data.ts'

export type StoryEvent =
  | { readonly kind: 'record'; readonly atUs: number; readonly record: TraceRecord }
  /** `message`: its place among those of the story. */
  | { readonly kind: 'arrival' | 'loss'; readonly atUs: number; readonly message: number }

/** All of them. */
export function storyEvents({ messages, records }: DrawnStory): readonly StoryEvent[] {
  const arrivals = messages.map(
    ({ arrivedUs, lost }, message): StoryEvent => ({ kind: lost ? 'loss' : 'arrival', atUs: arrivedUs, message }),
  )
  const told = records.map((record): StoryEvent => ({ kind: 'record', atUs: record.atUs, record }))
  // Stable: at one instant arrivals stay before records, and records in their order.
  return [...arrivals, ...told].sort((a, b) => a.atUs - b.atUs)
}

/** The first event at or after an instant; the last one if there is none. */
export function eventAt(events: readonly StoryEvent[], atUs: number): number {
  let low = 0
  let high = events.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (events[middle]!.atUs < atUs) low = middle + 1
    else high = middle
  }
  return Math.max(0, Math.min(low, events.length - 1))
}
