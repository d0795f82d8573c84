/** What faults did to the Redis nodes within a stretch of time, where what became of each key is not on record. */
import { touchedBy } from '../fault/effect.ts'
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
  const isWithin = (us: number): boolean => us >= stretch.fromUs && us <= stretch.untilUs
  let aheadUs = 0
  for (const { effect, fromUs, untilUs } of history.faultEffects) {
    if (!touchedBy(effect).includes(process)) continue
    switch (effect.kind) {
      case 'moves-clock':
        if (effect.byUs > 0 && isWithin(fromUs)) aheadUs += effect.byUs
        if (effect.byUs < 0 && effect.isMendedAtEnd && isWithin(history.healedUs)) aheadUs -= effect.byUs
        break
      case 'changes-rate': {
        const us = Math.min(untilUs, stretch.untilUs) - Math.max(fromUs, stretch.fromUs)
        aheadUs += (Math.max(0, us) * Math.max(0, effect.ppm)) / 1_000_000
      }
    }
  }
  return aheadUs
}
