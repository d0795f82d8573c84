/**
 * Why a believed hold was no longer backed by Redis: the question that decides between a bug of the lock and the limit of
 * every lock with a lease.
 *
 * By contract: the key ran its full TTL (or the server's clock or a restart took it) and the lease never claimed
 * otherwise on a clock that was right. Definite: anything else.
 */
import type { Grant } from '../history/grant.ts'
import type { History } from '../history/history.ts'
import type { BelievedHold } from '../history/hold.ts'
import { formatUs } from '../sim/units.ts'
import type { ViolationKind } from './verdict.ts'

/** When and why the truth behind a hold ended. */
export interface LeaseEnd {
  readonly kind: ViolationKind
  readonly atUs: number
  readonly why: string
}

/** A clock error smaller than this is the rounding of milliseconds. */
const ROUNDING_US = 2_000

/** Why `hold` had lost its backing at `atUs`; null when Redis still backed it then. */
export function leaseEnd(history: History, hold: BelievedHold, atUs: number): LeaseEnd | null {
  const grant = history.grantOf(hold)
  const { client } = hold
  if (grant === null) {
    return {
      kind: 'definite',
      atUs: hold.fromUs,
      why: `Redis never had ${client}'s token: its acquire did not take the lock.`,
    }
  }
  if (grant.untilUs > atUs) return null
  const end = { atUs: grant.untilUs }
  switch (grant.endedBy) {
    case 'overwritten':
      return { ...end, kind: 'definite', why: `${grant.endedByWhom} overwrote ${client}'s key while it was live.` }
    case 'displaced':
      return { ...end, kind: 'definite', why: `${grant.endedByWhom} went before ${client} in the queue.` }
    case 'deleted':
      return {
        ...end,
        kind: 'definite',
        why:
          grant.endedByWhom === client
            ? `${client}'s own command deleted the key that it believed in.`
            : `${grant.endedByWhom} deleted ${client}'s key while it was live.`,
      }
    case 'lost':
      return { ...end, kind: 'by-contract', why: `${grant.node} restarted and had forgotten ${client}'s key.` }
    case 'end':
      return null
    case 'expired':
      return { ...end, ...expired(history, hold, grant) }
  }
}

function expired(history: History, hold: BelievedHold, grant: Grant): Pick<LeaseEnd, 'kind' | 'why'> {
  const { client } = hold
  const ahead = ranAhead(grant)
  if (ahead !== null) return { kind: 'by-contract', why: `${ahead}, and ${client} could not know.` }
  if (hold.statedUs !== null && hold.statedUs > grant.untilUs + ROUNDING_US) {
    return {
      kind: 'definite',
      why: `${client}'s lease claimed to last ${formatUs(hold.statedUs - grant.untilUs)} longer than the key in ${grant.node}.`,
    }
  }
  if (hold.statedUs !== null && hold.untilUs > grant.untilUs + ROUNDING_US) {
    return {
      kind: 'definite',
      why: `${client} measured its lease on a ${hold.clock} clock that was moved; the key in ${grant.node} had ended.`,
    }
  }
  return {
    kind: 'by-contract',
    why: `${client}'s lease of ${formatUs(grant.ttlUs ?? grant.untilUs - grant.renewedUs)} ended ${during(history, hold, grant.untilUs)}, and ${client} did not know.`,
  }
}

/** In words, when the node's clock ended (or would have ended) a key before its TTL was over in true time; else null. */
export function ranAhead(grant: Grant): string | null {
  if (grant.expireUs === null || grant.ttlUs === null) return null
  const livedUs = (grant.endedBy === 'expired' ? grant.untilUs : grant.expireUs) - grant.renewedUs
  if (livedUs >= grant.ttlUs - ROUNDING_US) return null
  return `${grant.node}'s clock ran ahead: the key lived ${formatUs(livedUs)} of its ${formatUs(grant.ttlUs)}`
}

/** What the client was doing when its lease ended, in words. */
function during(history: History, hold: BelievedHold, atUs: number): string {
  for (const fault of history.faults) {
    const untilUs = fault.fromUs + (fault.durationUs ?? Number.POSITIVE_INFINITY)
    if (!fault.processes.includes(hold.client) || fault.fromUs > atUs || untilUs < atUs) continue
    switch (fault.kind) {
      case 'pause':
        return `while ${hold.client} was paused`
      case 'slow-work':
        return `while ${hold.client} was still working`
      case 'partition':
      case 'black-hole':
        return `while ${hold.client} was cut off`
      case 'delay-reply':
      case 'delay-request':
        return `while a message of ${hold.client} was under way`
    }
  }
  return `before ${hold.client} was done`
}

/** Whether a fencing resource makes this end harmless: refusing the late write is what it is there for. */
export const isFenced = (hold: BelievedHold, checkFence: boolean): boolean => checkFence && hold.fence !== null
