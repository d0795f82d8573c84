/** What faults did to the clock of a machine within a stretch of time. */
import type { Span } from '../history/fault-span.ts'
import type { History } from '../history/history.ts'

/** How far a machine's wall clock got ahead of true time within a stretch of time. */
export function movedAheadUs(history: History, process: string, stretch: Span): number {
  let aheadUs = 0
  for (const { effect, ...span } of history.faultEffects) {
    if (!('process' in effect) || effect.process !== process) continue
    if (effect.kind === 'moves-clock') {
      const isWithin = (us: number): boolean => us >= stretch.fromUs && us <= stretch.untilUs
      if (effect.byUs > 0 && isWithin(span.fromUs)) aheadUs += effect.byUs
      if (effect.byUs < 0 && effect.isMendedAtEnd && isWithin(history.healedUs)) aheadUs -= effect.byUs
    }
    if (effect.kind === 'changes-rate' && effect.ppm > 0) {
      const us = Math.min(span.untilUs, stretch.untilUs) - Math.max(span.fromUs, stretch.fromUs)
      aheadUs += Math.max(0, (us * effect.ppm) / 1_000_000)
    }
  }
  return aheadUs
}
