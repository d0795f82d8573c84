/**
 * What to do about a violation: one line for each cause that a change of the code cures, in the imperative.
 */
import type { Cause } from '../check/cause.ts'

const TAKE_ATOMICALLY = 'take the key in one step that succeeds only while it is free: SET key token NX PX ttl'
const COMPARE = 'compare the token and delete in one script, so that a client deletes only its own key'
const FENCE =
  'draw a number that grows with each grant, send it with each write, and let the resource refuse older ones'
const RENEW_AND_FENCE = `renew the lease while the work goes on; and ${FENCE}`
const MONOTONIC = 'count the lease on the monotonic clock (performance.now), not on the wall clock (Date.now)'

/** The advice; null: no single change is known to cure it. */
export function adviceOf(cause: Cause): string | null {
  switch (cause.kind) {
    case 'taken-away':
    case 'token-not-compared':
      return cause.how === 'deleted' ? COMPARE : cause.how === 'overwritten' ? TAKE_ATOMICALLY : null
    case 'granted-while-held':
    case 'never-granted':
      return TAKE_ATOMICALLY
    case 'lease-ended':
    case 'redis-lost-it':
    case 'loss-not-noticed':
      return FENCE
    case 'work-outlives-lease':
      return RENEW_AND_FENCE
    case 'client-clock-moved':
    case 'counted-on-wrong-clock':
      return MONOTONIC
    case 'lease-overstated':
    case 'no-drift-margin':
      return 'count the lease from before the request, and take a margin for the drift of clocks off it'
    case 'fence-not-drawn-with-grant':
      return 'draw the fencing token in the same script that takes the key'
    case 'fence-not-checked':
      return 'let the resource compare the fencing token with the highest that it has seen, in one step with the write'
    case 'no-expiry':
      return 'give the key its expiry in the command that sets it: SET key token NX PX ttl'
    case 'attempt-misread':
      return 'after an error read the key back: if it holds your token, the lock is yours'
    case 'attempt-not-taken-back':
    case 'votes-not-taken-back':
      return 'after an attempt that failed or is unknown, release it everywhere with compare-and-delete'
    case 'script-forgotten':
      return 'on NOSCRIPT send the script itself (EVAL) in place of its hash'
    case 'older-copy-stored':
      return 'store changes, not whole copies; or store a copy only if its version has not changed since it was loaded'
    case 'session-id-kept':
      return 'give the session a new id at each login'
    case 'stored-after-logout':
      return 'store a session only if it still exists (SET XX), and remember logouts for as long as a request may last'
    default:
      return null
  }
}
