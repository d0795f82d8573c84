/** What faults did to the Redis nodes within a stretch of time, where what became of each key is not on record. */
import type { Span } from '../history/fault-span.ts'
import type { History } from '../history/history.ts'
import type { Forgetting } from './cause.ts'

/** A node that forgot keys. */
export interface LetGo {
  readonly node: string
  readonly how: Forgetting
}

const FORGOTTEN = {
  'all keys': 'flush',
  'one key': 'eviction',
  memory: 'restart',
  unwritten: 'restart',
  unsynced: 'restart',
} as const

/** A primary that was replaced, or took writes after that; null: none was. */
export function failedOverIn({ failovers }: History, stretch: Span): LetGo | null {
  const found = failovers.find(({ fromUs, untilUs }) => fromUs <= stretch.untilUs && untilUs >= stretch.fromUs)
  return found === undefined ? null : { node: found.former, how: 'failover' }
}

/** The first node that forgot keys; null: none did. That a client begins anew with nothing is none of Redis's doing. */
export function forgottenIn(history: History, stretch: Span): LetGo | null {
  const former = failedOverIn(history, stretch)
  if (former !== null) return former
  for (const { effect, fromUs: us } of history.faultEffects) {
    if (effect.kind !== 'forgets' || effect.what === 'scripts' || !history.servers.includes(effect.process)) continue
    if (us >= stretch.fromUs && us <= stretch.untilUs) return { node: effect.process, how: FORGOTTEN[effect.what] }
  }
  return null
}

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
