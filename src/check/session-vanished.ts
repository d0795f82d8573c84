/**
 * session-vanished: a session that was neither destroyed nor idle past its time to live is there.
 *
 * By contract: the server let the key go (a restart without its data, an eviction, FLUSHALL); definite: anything else.
 */
import { formatUs } from '../sim/units.ts'
import type { Check } from './check.ts'
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
    return [
      {
        property: 'session-vanished',
        kind: lost === null ? 'definite' : 'by-contract',
        sentence: `${missing.process} found no session ${formatUs(missing.endedUs - login.endedUs)} after the login, though nobody had logged out`,
        why: lost === null ? 'The session was neither destroyed nor idle for its time to live.' : letGoWhy(lost),
        atUs: missing.endedUs,
        untilUs: missing.endedUs,
        processes: [missing.process],
      },
    ]
  },
}
