/**
 * session-crossed: no user is served as another. Either two users share a session, or an id from before the login
 * opens the session after it, and the stranger who planted that id is logged in too (fixation).
 *
 * Judged on what web applications say of each request (`served`); a session store is never asked who a user is.
 *
 * Source: https://owasp.org/www-community/attacks/Session_fixation, jaredhanson/passport#192
 */

import type { History } from '../history/history.ts'
import { fieldsOf } from '../record/fields.ts'
import { servedAsker, servedTaken } from '../record/session.ts'
import type { TraceRecord } from '../sim/trace.ts'
import type { Check } from './check.ts'
import type { Violation } from './verdict.ts'

/** Who plants a cookie and never logs in (see `workload/cart-app.ts`). */
const STRANGER = 'stranger'

export const sessionCrossed: Check = {
  name: 'session-crossed',
  heading: 'session of another user',
  weight: 'harm',
  summary: "no user is given another user's session",
  subjects: ['session'],
  isForApps: true,
  run: (history) => firstOfEach(history).map(violationOf),
}

/** The first request of each user that was answered as if it came from a certain other one. */
function firstOfEach(history: History): readonly TraceRecord[] {
  const found = new Map<string, TraceRecord>()
  for (const record of history.records) {
    if (record.type !== 'note' || record.op !== 'served') continue
    const asker = servedAsker(fieldsOf(record))
    const taken = servedTaken(fieldsOf(record))
    const pair = `${asker} ${taken}`
    if (taken !== null && taken !== asker && !found.has(pair)) found.set(pair, record)
  }
  return [...found.values()]
}

function violationOf(record: TraceRecord): Violation {
  const asker = servedAsker(fieldsOf(record))
  const taken = servedTaken(fieldsOf(record)) as string
  const isStranger = asker === STRANGER
  return {
    property: 'session-crossed',
    kind: 'bug',
    told: { kind: 'served-as', server: record.process, asker, taken, isStranger },
    cause: isStranger ? { kind: 'session-id-kept', user: taken } : { kind: 'session-shared' },
    atUs: record.atUs,
    untilUs: record.atUs,
    processes: [record.process],
  }
}
