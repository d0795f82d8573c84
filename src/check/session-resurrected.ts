/**
 * session-resurrected: after a logout was acknowledged the session is gone, until its user logs in again.
 *
 * A limit: the server forgot the logout (it started again with an older snapshot, or another one was promoted that had not heard of it). A
 * bug: anything else.
 *
 * Source: tj/connect-redis#328, expressjs/session#632 (a slow request saves after destroy).
 */
import type { Span } from '../history/fault-span.ts'
import type { History } from '../history/history.ts'
import type { Check } from './check.ts'
import { forgottenIn, type LetGo } from './server-loss.ts'
import { broughtBack, isUnwatched, sessionModel } from './session-model.ts'

export const sessionResurrected: Check = {
  name: 'session-resurrected',
  heading: 'session resurrected',
  weight: 'harm',
  summary: 'a session does not exist again after its logout',
  subjects: ['session'],
  run(history) {
    const model = sessionModel(history)
    const { logout, laterLogins } = model
    if (logout === null || logout.outcome !== 'ok') return []
    // Not if the user has logged in again since.
    const again = laterLogins.find(({ endedUs }) => endedUs > logout.invokedUs)
    const ghost = model.looks.find(
      (look) =>
        look.fields !== null &&
        look.invokedUs >= logout.endedUs &&
        (again === undefined || look.endedUs <= again.invokedUs),
    )
    if (ghost === undefined) return []
    const lost = takenBack(history, { fromUs: logout.invokedUs, untilUs: ghost.endedUs })
    const writer =
      lost === null
        ? model.changes.find(
            (change) =>
              change.outcome === 'ok' && change.endedUs > logout.invokedUs && change.invokedUs < logout.endedUs,
          )
        : undefined
    return [
      {
        property: 'session-resurrected',
        kind: lost === null ? 'bug' : 'limit',
        told: { kind: 'session-again', client: logout.process, afterUs: ghost.endedUs - logout.endedUs },
        cause:
          lost === null
            ? { kind: 'stored-after-logout', writer: writer?.process ?? null }
            : { kind: 'logout-forgotten', ...lost },
        atUs: logout.endedUs,
        untilUs: ghost.endedUs,
        processes: writer === undefined ? [logout.process] : [logout.process, writer.process],
      },
    ]
  },
}

/** When a server had a session again that was gone, without a client: it had forgotten that. Null: it had not. */
function takenBack(history: History, stretch: Span): LetGo | null {
  if (isUnwatched(history)) return forgottenIn(history, stretch)
  // As it was before the logout, and not as a request stored it after that.
  return broughtBack(history, stretch, ({ key, text, fromUs }) =>
    history.grants.some((before) => before.key === key && before.text === text && before.untilUs < fromUs),
  )
}
