/**
 * Why each pitfall's run is violated, as `causeKey` names it: what a finding of the same property, kind and cause is an example of. A
 * test compares it with the runs.
 */
import { causeKey } from '../check/cause.ts'
import type { Violation } from '../check/verdict.ts'
import type { ShownPitfall } from './pitfall.ts'
import { SHOWN } from './registry.ts'

/** By the pitfall's number. */
export const CAUSES: Readonly<Record<number, string>> = {
  1: 'taken-away overwritten',
  2: 'no-expiry after its end',
  3: 'no-expiry after its end',
  4: 'token-not-compared deleted',
  5: 'token-not-compared deleted',
  6: 'token-not-compared deleted',
  7: 'token-not-compared deleted',
  8: 'release-gave-up',
  9: 'release-gave-up',
  10: 'attempt-not-taken-back',
  11: 'attempt-misread',
  12: 'never-settled',
  13: 'attempt-not-taken-back',
  14: 'attempt-not-taken-back',
  15: 'granted-too-late',
  16: 'attempt-not-taken-back',
  17: 'not-takeable',
  18: 'not-takeable',
  19: 'taken-away deleted by itself',
  20: 'no-expiry',
  21: 'lease-ended',
  22: 'lease-ended',
  23: 'granted-too-late',
  24: 'granted-too-late',
  25: 'counted-on-wrong-clock',
  26: 'loss-not-noticed',
  27: 'token-not-compared extended',
  28: 'taken-away deleted by itself',
  29: 'loss-not-noticed',
  30: 'not-takeable',
  31: 'loss-not-noticed',
  32: 'uncaught',
  33: 'signal-late',
  34: 'loss-not-noticed',
  35: 'taken-again-late',
  36: 'lease-ended',
  37: 'not-takeable',
  41: 'never-settled',
  42: 'never-granted',
  43: 'never-granted',
  44: 'minority-awaited',
  45: 'votes-kept votes-not-taken-back',
  46: 'votes-kept votes-not-taken-back',
  47: 'redis-lost-it restart',
  48: 'redis-lost-it clock ahead',
  49: 'redis-lost-it clock ahead',
  50: 'redis-lost-it restart',
  51: 'granted-too-late',
  52: 'not-takeable',
  53: 'redis-lost-it failover',
  54: 'redis-lost-it failover',
  55: 'no-expiry',
  56: 'older-copy-stored',
  57: 'redis-lost-it restart',
  58: 'redis-lost-it eviction',
  59: 'not-takeable',
  60: 'not-takeable',
  61: 'taken-away deleted',
  62: 'never-settled',
  63: 'not-takeable',
  64: 'never-settled',
  65: 'retried-in-step',
  66: 'no-queue',
  67: 'not-takeable',
  68: 'not-takeable',
  69: 'not-takeable',
  70: 'token-not-compared deleted',
  71: 'lease-ended',
  72: 'not-takeable',
  73: 'token-not-compared overwritten',
  74: 'taken-away displaced',
  75: 'counted-on-wrong-clock',
  76: 'taken-away overwritten',
  77: 'lease-ended',
  78: 'fence-not-drawn-with-grant',
  79: 'fence-not-drawn-with-grant',
  80: 'never-granted',
  81: 'older-copy-stored',
  82: 'stored-after-logout by a request',
  83: 'older-copy-stored',
  84: 'older-copy-stored',
  85: 'session-gone',
  86: 'session-gone',
  87: 'older-copy-stored',
  88: 'older-copy-stored',
  89: 'session-gone',
  90: 'session-id-kept',
  91: 'stored-after-logout by a request',
  92: 'session-gone',
  94: 'older-copy-stored',
  95: 'older-copy-stored',
  96: 'session-gone',
  97: 'stored-after-logout by a request',
  98: 'session-gone',
  99: 'never-granted',
  100: 'writer-without-lock',
  101: 'lease-ended',
  102: 'never-granted',
  103: 'never-granted',
}

/** `DEL without comparing`: where no fault was needed, nothing was compared, neither before nor in the program. */
const PLAIN_DELETE = 4

/** Two hold because a client deleted the key of another one: the release did not compare, whichever of the two is told first. */
const deletesOfOthers = ({ property, cause }: Pick<Violation, 'property' | 'cause'>) =>
  property === 'mutual-exclusion' && cause.kind === 'taken-away' && cause.how === 'deleted' && cause.by !== cause.client
    ? ({ property: 'foreign-release', cause: 'token-not-compared deleted' } as const)
    : null

/** More than this are no hint any more. */
const PITFALLS_MAX = 3

/**
 * The pitfalls that a finding is an example of: broken in the same way for the same cause, by faults that its storm has, too. Those that
 * take just its faults come first.
 * @param faults the kinds of the faults of its storm
 */
export function pitfallsLike(
  finding: Pick<Violation, 'property' | 'kind' | 'cause'>,
  faults: readonly string[],
): readonly ShownPitfall[] {
  const { property, cause } = deletesOfOthers(finding) ?? { property: finding.property, cause: causeKey(finding.cause) }
  const kinds = new Set(faults)
  return SHOWN.filter(
    (pitfall) =>
      pitfall.isLikeOthers !== true &&
      pitfall.property === property &&
      pitfall.kind === finding.kind &&
      CAUSES[pitfall.number] === cause &&
      (pitfall.faults.every((kind) => kinds.has(kind)) || (kinds.size === 0 && pitfall.number === PLAIN_DELETE)),
  )
    .sort((a, b) => b.faults.length - a.faults.length || a.number - b.number)
    .slice(0, PITFALLS_MAX)
}
