/**
 * session-vanished: a session that was neither destroyed nor idle past its time to live is there.
 *
 * A limit: the server let the key go (a restart without its data, an eviction, FLUSHALL, its clock). A bug: anything else.
 */
import type { Check } from './check.ts'
import { isIdle, lastUsedUs, serverTook, sessionModel } from './session-model.ts'

export const sessionVanished: Check = {
  name: 'session-vanished',
  heading: 'session vanished',
  weight: 'harm',
  summary: 'a session in use does not disappear',
  subjects: ['session'],
  run(history) {
    const model = sessionModel(history)
    const { login } = model
    if (login === null) return []
    // A logout that found nobody logged in has ended nothing.
    const logout = model.logout?.outcome === 'fail' ? null : model.logout
    const missing = model.looks.find((look) => {
      if (look.fields !== null || look.invokedUs < login.endedUs) return false
      if (logout !== null && logout.invokedUs < look.endedUs) return false
      return !isIdle(history, model, look)
    })
    if (missing === undefined) return []
    const excuse = serverTook(history, missing, { fromUs: login.invokedUs, usedUs: lastUsedUs(model, missing) })
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
