/**
 * On which scale a lock is used, learned from what it does by itself: whether it renews its lease while the work goes on, and for
 * how long it tries before it says that another client has it. Work and leases on another scale would never show what comes of a
 * renewal that fails, or would end leases in the middle of each attempt.
 */
import { isGrant } from './learn-keys.ts'
import type { Call } from './witness.ts'

/** Work of so many leases is longer than one, whenever the lock renews it. */
export const LONG_WORK_LEASES = 2.5

/**
 * Whether a key of the first acquire was still there when the release was called, so long after its lease. A server that no client
 * asked anything meanwhile has not looked at its clock.
 */
export function isRenewed(calls: readonly Call[], keys: readonly string[]): boolean {
  const [acquire, release] = calls
  if (acquire === undefined || release?.method !== 'release' || !isGrant(acquire)) return false
  if (release.sentBefore === acquire.sentAfter) return false
  return keys.some((key) => {
    const taken = acquire.after?.get(key)
    return taken !== undefined && taken.leaseMs >= 0 && release.before.get(key) !== undefined
  })
}

/** The lease and the work of the world in which one client holds for so long that another one gives up, if it ever does. */
export const OUTLASTING = { ttlMs: 30_000, workUs: 20_000_000, retryUs: 1_000_000 } as const

/** How long an attempt lasts that is in vain, ms; null: none was. */
export function patienceMs(calls: readonly Call[]): number | null {
  const vain = calls.find((call) => call.method === 'acquire' && call.outcome !== null && !isGrant(call))
  return vain === undefined ? null : vain.endedMs - vain.calledMs
}

/** So many times as long as an attempt in vain is the lease: what it leaves behind is then still there. */
const LEASE_ATTEMPTS = 5

/** The lease that suits attempts that last so long; null: the one that is asked for does. */
export function leaseFor(patience: number | null, ttlMs: number): number | null {
  const wantedMs = (patience ?? 0) * LEASE_ATTEMPTS
  if (wantedMs <= ttlMs) return null
  const step = wantedMs >= 1_000 ? 1_000 : 100
  return Math.min(OUTLASTING.ttlMs, Math.ceil(wantedMs / step) * step)
}
