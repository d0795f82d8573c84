/**
 * session-vanished: a session that was neither destroyed nor idle past its time to live is there.
 *
 * A limit: the server let the key go (a restart without its data, an eviction, FLUSHALL, its clock). A bug: anything else.
 */
import type { History } from '../history/history.ts'
import type { Cause } from './cause.ts'
import type { Check } from './check.ts'
import { aheadOf, endedEarly } from './lease-end.ts'
import { movedAheadUs } from './server-loss.ts'
import { isIdle, isUnwatched, type Look, lastUsedUs, letGo, letGoCause, sessionModel } from './session-model.ts'

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
    const lost = letGo(history, login.invokedUs, missing.endedUs)
    const excuse = lost === null ? clockRanAhead(history, missing, lastUsedUs(model, missing)) : letGoCause(lost)
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
function clockRanAhead(history: History, { process, endedUs }: Look, fromUs: number): Cause | null {
  if (isUnwatched(history)) return clockWasMoved(history, { client: process, fromUs, untilUs: endedUs })
  const last = history.grants.findLast((grant) => grant.untilUs <= endedUs)
  if (last?.endedBy !== 'expired' || !endedEarly(last)) return null
  return { kind: 'redis-lost-it', client: process, ends: [aheadOf(last)], votes: null }
}

/** The cause when a server's clock was moved past the end of a session whose key is not known; else null. */
function clockWasMoved(
  history: History,
  { client, fromUs, untilUs }: { readonly client: string; readonly fromUs: number; readonly untilUs: number },
): Cause | null {
  const ttlUs = history.rules.ttlMs * 1_000
  const livedUs = untilUs - fromUs
  for (const node of history.servers) {
    const aheadUs = movedAheadUs(history, node, { fromUs, untilUs })
    if (aheadUs > 0 && livedUs + aheadUs >= ttlUs)
      return { kind: 'redis-lost-it', client, ends: [{ node, how: 'clock ahead', livedUs, ttlUs }], votes: null }
  }
  return null
}
