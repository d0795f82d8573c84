/**
 * Whether a process ran, by which clock, and what kept it, by what the storm did.
 */
import type { Effect } from '../fault/effect.ts'
import { touchedBy } from '../fault/effect.ts'
import type { Span } from './fault-span.ts'
import type { History } from './history.ts'

/** How long a process was stopped between two moments, µs. */
export function stoppedUs(history: History, process: string, { fromUs, untilUs }: Span): number {
  let us = 0
  let from = fromUs
  for (const span of history.faultEffects) {
    if (span.effect.kind !== 'stops' || span.effect.process !== process) continue
    const beginUs = Math.max(from, span.fromUs)
    const endUs = Math.min(untilUs, span.untilUs)
    if (endUs <= beginUs) continue
    us += endUs - beginUs
    // Pauses follow each other: what two of them cover is counted once.
    from = endUs
  }
  return us
}

/** When a process that was stopped at `atUs` goes on; `atUs` itself where it ran. */
export function runsFromUs(history: History, process: string, atUs: number): number {
  let fromUs = atUs
  for (const { effect, ...span } of history.faultEffects) {
    if (effect.kind !== 'stops' || effect.process !== process) continue
    if (span.fromUs <= fromUs && span.untilUs > fromUs) fromUs = span.untilUs
  }
  return fromUs
}

/** Whether a process's clocks ran fast or slow. */
export const hadWrongRate = (history: History, process: string): boolean =>
  history.faultEffects.some(({ effect }) => effect.kind === 'changes-rate' && effect.process === process)

/** What kept a client, or what it was doing. */
export type Circumstance = 'paused' | 'working' | 'cut off' | 'message under way'

/** What an effect makes of a client that holds a lock; null: nothing. */
export function circumstanceOf(effect: Effect, client: string): Circumstance | null {
  if (!touchedBy(effect).includes(client)) return null
  switch (effect.kind) {
    case 'stops':
      return 'paused'
    case 'slows-work':
      return 'working'
    case 'cuts':
      return 'cut off'
    case 'delays-message':
      return 'message under way'
    default:
      return null
  }
}
