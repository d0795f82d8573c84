/**
 * Which keys a lock uses, learned from what became of all keys while one client took it and gave it back with nobody in the
 * way: the acquire made or changed them, and the release took that back. A fencing counter stays, and is none. Where no release
 * takes anything back before it returns, as `stop()` of a leader, it is the keys that expire.
 */
import { isRefusal } from '../lock/lease.ts'
import type { Call, Keys } from './witness.ts'

/** What the first world shows of a lock's keys. */
export interface LearnedKeys {
  /** Those that stand for the lock. */
  readonly keys: readonly string[]
  /** All that an acquire wrote. */
  readonly written: readonly string[]
}

export function learnKeys(calls: readonly Call[]): LearnedKeys {
  const keys = new Set<string>()
  const expiring = new Set<string>()
  const written = new Set<string>()
  for (const [index, acquire] of calls.entries()) {
    const release = calls[index + 1]
    if (acquire.method !== 'acquire' || !isGrant(acquire) || acquire.after === null) continue
    const changed = changes(acquire.before, acquire.after)
    for (const key of changed) {
      written.add(key)
      if ((acquire.after.get(key)?.leaseMs ?? -1) >= 0) expiring.add(key)
    }
    if (release?.method !== 'release' || release.after === null) continue
    const { after } = release
    for (const key of changed) if (after.get(key)?.state !== acquire.after.get(key)?.state) keys.add(key)
  }
  return { keys: [...(keys.size > 0 ? keys : expiring)].sort(), written: [...written].sort() }
}

/** Whether an acquire said that the client has the lock. */
export const isGrant = ({ outcome }: Call): boolean => outcome?.kind === 'returned' && !isRefusal(outcome.value)

const changes = (before: Keys, after: Keys): readonly string[] =>
  [...after].filter(([key, { state }]) => before.get(key)?.state !== state).map(([key]) => key)
