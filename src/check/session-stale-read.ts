/**
 * session-stale-read: who loads after a change was acknowledged sees it. (A change that never reappears is a lost update,
 * not a stale read.)
 */

import type { Operation } from '../history/operation.ts'
import type { Check } from './check.ts'
import { fieldOf, mustSee, type SessionModel, serverTook, sessionModel, shows } from './session-model.ts'
import type { Violation } from './verdict.ts'

export const sessionStaleRead: Check = {
  name: 'session-stale-read',
  heading: 'stale session read',
  weight: 'untrue',
  summary: 'a load after an acknowledged change sees it',
  subjects: ['session'],
  run(history) {
    const model = sessionModel(history)
    const violations: Violation[] = []
    for (const change of model.changes) {
      const missing = model.looks.findIndex(
        (look) => look.fields !== null && mustSee(model, look, change) && !shows(look, change),
      )
      const look = model.looks[missing]
      if (look === undefined) continue
      const reappears = model.looks.some((later) => later.invokedUs >= look.endedUs && shows(later, change))
      if (!reappears) continue
      const excuse = serverTook(history, look, { fromUs: change.invokedUs })
      violations.push({
        property: 'session-stale-read',
        kind: excuse === null ? 'bug' : 'limit',
        told: { kind: 'change-not-seen', client: look.process, item: fieldOf(change) },
        cause: excuse ?? { kind: wasOverwritten(model, change) ? 'older-copy-stored' : 'older-copy-read' },
        atUs: look.endedUs,
        untilUs: look.endedUs,
        processes: [change.process, look.process],
      })
    }
    return violations
  },
}

/** Whether another request was under way when a change was acknowledged, which is before a look at it: it may have stored what it had loaded. */
const wasOverwritten = ({ changes }: SessionModel, change: Operation): boolean =>
  changes.some(
    (other) => other.process !== change.process && other.invokedUs <= change.endedUs && other.endedUs >= change.endedUs,
  )
