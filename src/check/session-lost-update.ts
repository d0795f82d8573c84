/**
 * session-lost-update: an acknowledged change is still there when all is calm; a limit when the server let the session go
 * after it, or its clock ended it before its time.
 *
 * Source: tj/connect-redis#75; the state is S(t+1) = (S(t) ∪ U(t)) − D(t).
 */
import type { Check } from './check.ts'
import { fieldOf, mustSee, serverTook, sessionModel, shows } from './session-model.ts'

export const sessionLostUpdate: Check = {
  name: 'session-lost-update',
  heading: 'session update lost',
  weight: 'harm',
  summary: 'an acknowledged change of a session is never lost',
  subjects: ['session'],
  run(history) {
    const model = sessionModel(history)
    const { final } = model
    if (final === null || final.fields === null) return []
    return model.changes
      .filter((change) => mustSee(model, final, change) && !shows(final, change))
      .map((change) => ({
        change,
        excuse: serverTook(history, final, { fromUs: change.invokedUs }),
      }))
      .map(({ change, excuse }) => ({
        property: 'session-lost-update' as const,
        kind: excuse === null ? ('bug' as const) : ('limit' as const),
        told: { kind: 'change-lost' as const, client: change.process, op: change.op, item: fieldOf(change) },
        cause: excuse ?? ({ kind: 'older-copy-stored' } as const),
        atUs: change.endedUs,
        untilUs: final.endedUs,
        processes: [change.process],
      }))
  },
}
