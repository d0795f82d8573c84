/** What to do about a violation: one line for each cause that a change of the code cures. */
import type { Violation } from '../check/verdict.ts'
import type { Language } from '../text/language.ts'
import { isOfSession } from './needs.ts'
import { WORDS } from './words.ts'

/** A change of the code that cures. */
export type Advice =
  | 'take atomically'
  | 'compare'
  | 'fence'
  | 'renew and fence'
  | 'monotonic clock'
  | 'drift margin'
  | 'draw fence with grant'
  | 'check fence'
  | 'expire with set'
  | 'read back'
  | 'take back'
  | 'send script'
  | 'store changes'
  | 'new session id'
  | 'store if there'

type Judged = Pick<Violation, 'property' | 'told' | 'cause' | 'service'>

/** They name commands of a Redis, which another service has not. */
const FOR_REDIS: ReadonlySet<Advice> = new Set([
  ...(['take atomically', 'compare', 'draw fence with grant', 'expire with set'] as const),
  ...(['read back', 'take back', 'send script', 'store if there'] as const),
])

/** The advice; null: no single change is known to cure it. */
export function adviceOf(violation: Judged, language: Language = 'en'): string | null {
  const advice = adviceFor(violation)
  if (advice === null || (violation.service !== undefined && FOR_REDIS.has(advice))) return null
  return WORDS[language].advice[advice]
}

function adviceFor(violation: Judged): Advice | null {
  const { cause } = violation
  switch (cause.kind) {
    case 'taken-away':
    case 'token-not-compared':
      return cause.how === 'deleted' ? 'compare' : cause.how === 'overwritten' ? 'take atomically' : null
    case 'granted-while-held':
    case 'never-granted':
      return 'take atomically'
    case 'redis-lost-it':
      return isOfSession(violation) ? null : 'fence'
    case 'lease-ended':
    case 'loss-not-noticed':
      return 'fence'
    case 'work-outlives-lease':
      return 'renew and fence'
    case 'client-clock-moved':
    case 'counted-on-wrong-clock':
      return 'monotonic clock'
    case 'lease-overstated':
    case 'no-drift-margin':
      return 'drift margin'
    case 'fence-not-drawn-with-grant':
      return 'draw fence with grant'
    case 'fence-not-checked':
      return 'check fence'
    case 'no-expiry':
      return 'expire with set'
    case 'attempt-misread':
      return 'read back'
    case 'attempt-not-taken-back':
    case 'votes-not-taken-back':
      return 'take back'
    case 'script-forgotten':
      return 'send script'
    case 'older-copy-stored':
      return 'store changes'
    case 'session-id-kept':
      return 'new session id'
    case 'stored-after-logout':
      return 'store if there'
    default:
      return null
  }
}
