/**
 * How long a lock's leases really are, learned from the expiry of its keys just after an acquire: a lock may have a lease of its
 * own, whatever it is asked for, or round it up to whole seconds. Faults and bounds on another scale would say nothing of it.
 */

import { writeUs } from '../sim/units.ts'
import { UsageError } from '../sim/usage-error.ts'
import type { LeaseRule } from '../subject/subject.ts'
import type { LearnedKeys } from './learn-keys.ts'
import type { Call } from './witness.ts'

/** The lease of a first world, ms; null: its keys do not expire. */
export function leaseIn(calls: readonly Call[], { keys }: LearnedKeys): number | null {
  for (const { method, after } of calls) {
    if (method !== 'acquire' || after === null) continue
    const found = keys.map((key) => after.get(key)?.leaseMs ?? -1).filter((ms) => ms >= 0)
    if (found.length > 0) return rounded(Math.min(...found))
  }
  return null
}

/** A part of it has passed when it is looked at. */
function rounded(ms: number): number {
  const step = ms >= 500 ? 100 : 10
  return Math.ceil(ms / step) * step
}

/** Whether a lease is as long as was asked for, but for what passed meanwhile. */
export const isAsAsked = (ms: number, askedMs: number): boolean => Math.abs(ms - askedMs) <= Math.max(20, askedMs / 10)

/** To be told apart, the second lease that is asked for is so much longer than what came of the first. */
export const SECOND_ASK = 3

/**
 * What two first worlds say of a lock's leases; null: nothing that can be used.
 * @throws UsageError when it takes milliseconds for seconds
 */
export function leaseRule(
  name: string,
  first: { readonly askedMs: number; readonly ms: number },
  second: { readonly askedMs: number; readonly ms: number | null },
): LeaseRule | null {
  if (second.ms === null) return null
  if (isAsAsked(second.ms, first.ms)) return { kind: 'fixed', ms: first.ms }
  if (isAsAsked(second.ms, second.askedMs)) return { kind: 'step', ms: first.ms }
  const times = second.ms / second.askedMs
  if (times < UNIT_MIN) return null
  throw new UsageError(
    name,
    `it was asked for a lease of ${writeUs(first.askedMs * 1_000)}, and its key expires after ${writeUs(first.ms * 1_000)}`,
    'its lease is in seconds, and it is given milliseconds: give it Math.ceil(ttlMs / 1000), or call the parameter ttlSeconds',
  )
}

/** From so many times on it is another unit. */
const UNIT_MIN = 500
