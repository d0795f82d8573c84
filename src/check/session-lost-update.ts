/**
 * session-lost-update: an acknowledged change is still there when all is calm; by contract when the server let the session
 * go after it.
 *
 * Source: tj/connect-redis#75; the state is S(t+1) = (S(t) ∪ U(t)) − D(t).
 */
import type { Check } from './check.ts'
import { fieldOf, letGo, letGoWhy, mustSee, sessionModel, shows } from './session-model.ts'

export const sessionLostUpdate: Check = {
  name: 'session-lost-update',
  summary: 'an acknowledged change of a session is never lost',
  subjects: ['session'],
  run(history) {
    const model = sessionModel(history)
    const { final } = model
    if (final === null || final.fields === null) return []
    return model.changes
      .filter((change) => mustSee(model, final, change) && !shows(final, change))
      .map((change) => ({ change, lost: letGo(history, change.invokedUs, final.endedUs) }))
      .map(({ change, lost }) => ({
        property: 'session-lost-update' as const,
        kind: lost === null ? ('definite' as const) : ('by-contract' as const),
        sentence: `${change.process} was told that ${change.op === 'add' ? `"${fieldOf(change)}" is in the cart` : `"${fieldOf(change)}" is out of the cart`}, and it was not so in the end`,
        why:
          lost === null
            ? 'Another request had loaded the session before this change and stored its own copy of the whole after it.'
            : letGoWhy(lost),
        atUs: change.endedUs,
        untilUs: final.endedUs,
        processes: [change.process],
      }))
  },
}
