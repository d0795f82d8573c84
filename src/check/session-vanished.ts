/**
 * session-vanished: a session that was neither destroyed nor idle past its time to live is there.
 *
 * By contract: the server let the key go (a restart without its data, an eviction, FLUSHALL, its clock); definite: anything else.
 */
import type { History } from '../history/history.ts'
import { formatUs } from '../sim/units.ts'
import type { Check } from './check.ts'
import { aheadOf, endedEarly } from './lease-end.ts'
import { letGo, letGoWhy, sessionModel } from './session-model.ts'

export const sessionVanished: Check = {
  name: 'session-vanished',
  summary: 'a session in use does not disappear',
  subjects: ['session'],
  run(history, rules) {
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
      return look.endedUs - lastUs < rules.ttlMs * 1000
    })
    if (missing === undefined) return []
    const lost = letGo(history, login.invokedUs, missing.endedUs)
    const excuse = lost === null ? clockRanAhead(history, missing.endedUs) : letGoWhy(lost)
    return [
      {
        property: 'session-vanished',
        kind: excuse === null ? 'definite' : 'by-contract',
        sentence: `${missing.process} found no session ${formatUs(missing.endedUs - login.endedUs)} after the login, though nobody had logged out`,
        why: excuse ?? 'The session was neither destroyed nor idle for its time to live.',
        atUs: missing.endedUs,
        untilUs: missing.endedUs,
        processes: [missing.process],
      },
    ]
  },
}

/** In words, when the server's clock ended the session too early, which no store can prevent; else null. */
function clockRanAhead(history: History, atUs: number): string | null {
  const last = history.grants.findLast((grant) => grant.untilUs <= atUs)
  return last?.endedBy === 'expired' && endedEarly(last) ? `${aheadOf(last)}, and nobody could know.` : null
}
