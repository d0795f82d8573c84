/**
 * session-resurrected: after a logout was acknowledged the session is gone, until its user logs in again.
 *
 * Source: tj/connect-redis#328, expressjs/session#632 (a slow request saves after destroy).
 */
import type { Check } from './check.ts'
import { sessionModel } from './session-model.ts'

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
    const writer = model.changes.find(
      (change) => change.outcome === 'ok' && change.endedUs > logout.invokedUs && change.invokedUs < logout.endedUs,
    )
    return [
      {
        property: 'session-resurrected',
        kind: 'bug',
        told: { kind: 'session-again', client: logout.process, afterUs: ghost.endedUs - logout.endedUs },
        cause: { kind: 'stored-after-logout', writer: writer?.process ?? null },
        atUs: logout.endedUs,
        untilUs: ghost.endedUs,
        processes: writer === undefined ? [logout.process] : [logout.process, writer.process],
      },
    ]
  },
}
