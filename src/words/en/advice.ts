/** What to do about a violation, in English, in the imperative. */
import type { Advice } from '../advice.ts'

const FENCE =
  'draw a number that grows with each grant, send it with each write, and let the resource refuse older ones'

export const ADVICE: Readonly<Record<Advice, string>> = {
  'take atomically': 'take the key in one step that succeeds only while it is free: SET key token NX PX ttl',
  compare: 'compare the token and delete in one script, so that a client deletes only its own key',
  fence: FENCE,
  'renew and fence': `renew the lease while the work goes on; and ${FENCE}`,
  'monotonic clock': 'count the lease on the monotonic clock (performance.now), not on the wall clock (Date.now)',
  'drift margin': 'count the lease from before the request, and take a margin for the drift of clocks off it',
  'draw fence with grant': 'draw the fencing token in the same script that takes the key',
  'check fence':
    'let the resource compare the fencing token with the highest that it has seen, in one step with the write',
  'expire with set': 'give the key its expiry in the command that sets it: SET key token NX PX ttl',
  'read back': 'after an error read the key back: if it holds your token, the lock is yours',
  'take back': 'after an attempt that failed or is unknown, release it everywhere with compare-and-delete',
  'send script': 'on NOSCRIPT send the script itself (EVAL) in place of its hash',
  'store changes':
    'store changes, not whole copies; or store a copy only if its version has not changed since it was loaded',
  'new session id': 'give the session a new id at each login',
  'store if there':
    'store a session only if it still exists (SET XX), and remember logouts for as long as a request may last',
}
