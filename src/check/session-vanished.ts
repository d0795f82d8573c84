/**
 * session-vanished: a session that was neither destroyed nor idle past its time to live is there.
 *
 * A limit: the server let the key go (a restart without its data, an eviction, FLUSHALL, its clock). A bug: anything else.
 */
import type { History } from '../history/history.ts'
import type { Cause } from './cause.ts'
import type { Check } from './check.ts'
import { aheadOf, endedEarly } from './lease-end.ts'
import { type Look, letGo, letGoCause, sessionModel } from './session-model.ts'

export const sessionVanished: Check = {
  name: 'session-vanished',
  heading: 'session vanished',
  weight: 'harm',
  summary: 'a session in use does not disappear',
  subjects: ['session'],
  run(history) {
    const model = sessionModel(history)
    const { login, logout } = model
    if (login === null) return []
    const usedUs = [login, ...model.changes.filter((change) => change.outcome === 'ok')].map(
      (operation) => operation.invokedUs,
    )
    const missing = model.looks.find((look) => {
      if (look.fields !== null || look.invokedUs < login.endedUs) return false
      if (logout !== null && logout.invokedUs < look.endedUs) return false
      const lastUs = Math.max(...usedUs.filter((us) => us <= look.invokedUs))
      return look.endedUs - lastUs < history.rules.ttlMs * 1000
    })
    if (missing === undefined) return []
    const lost = letGo(history, login.invokedUs, missing.endedUs)
    const excuse = lost === null ? clockRanAhead(history, missing) : letGoCause(lost)
    return [
      {
        property: 'session-vanished',
        kind: excuse === null ? 'bug' : 'limit',
        told: { kind: 'session-missing', client: missing.process, afterUs: missing.endedUs - login.endedUs },
        cause: excuse ?? { kind: 'session-gone' },
        atUs: missing.endedUs,
        untilUs: missing.endedUs,
        processes: [missing.process],
      },
    ]
  },
}

/** The cause when the server's clock ended the session too early, which no store can prevent; else null. */
function clockRanAhead(history: History, { process, endedUs }: Look): Cause | null {
  const last = history.grants.findLast((grant) => grant.untilUs <= endedUs)
  if (last?.endedBy !== 'expired' || !endedEarly(last)) return null
  return { kind: 'redis-lost-it', client: process, ends: [aheadOf(last)], votes: null }
}
