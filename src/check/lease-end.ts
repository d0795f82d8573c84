/**
 * Why a believed hold was no longer backed by Redis: the question that decides between a bug of the lock and the limit of
 * every lock with a lease.
 *
 * By contract: the key ran its full TTL (or the server's clock, a restart, an eviction or FLUSHALL took it) after the
 * holder had been told that it has the lock, and the lease never claimed otherwise on a clock that was right. Definite:
 * anything else; also a lease that says at every moment whether it is held (`statement.ts`) and is wrong while its client
 * runs. A lease that ended before `acquire` returned is the lock's own fault: the request left before the TTL began, so
 * its own clock shows that the TTL is over (antirez.com/news/101).
 */
import type { Grant } from '../history/grant.ts'
import type { History } from '../history/history.ts'
import type { BelievedHold } from '../history/hold.ts'
import { formatUs } from '../sim/units.ts'
import { couldLook, isLive } from './statement.ts'
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
  const { client, grant } = hold
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
            ? `A command of ${client}'s own deleted the key while it was live.`
            : `${grant.endedByWhom} deleted ${client}'s key while it was live.`,
      }
    case 'lost':
      return { ...end, kind: 'by-contract', why: lost(grant, client) }
    case 'end':
      return null
    case 'expired':
      return { ...end, ...expired(history, hold, grant) }
  }
}

/** How a node let a key go that was live. */
function lost({ node, endedByWhom }: Grant, client: string): string {
  if (endedByWhom === 'eviction') return `${node} evicted ${client}'s key to save memory.`
  if (endedByWhom === 'flush') return `FLUSHALL on ${node} took ${client}'s key.`
  return `${node} restarted and had forgotten ${client}'s key.`
}

function expired(history: History, hold: BelievedHold, grant: Grant): Pick<LeaseEnd, 'kind' | 'why'> {
  const { client } = hold
  const ahead = ranAhead(grant)
  if (ahead !== null) return { kind: 'by-contract', why: `${ahead}, and ${client} could not know.` }
  if (hold.fromUs > grant.untilUs + ROUNDING_US && !isSlow(history, client)) {
    return {
      kind: 'definite',
      why: `${client} was told that it has the lock ${formatUs(hold.fromUs - grant.untilUs)} after its lease had ended: nobody looked how long the reply had taken.`,
    }
  }
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
  if (isLive(hold) && couldLook(history, client, grant.untilUs, hold.untilUs)) {
    return {
      kind: 'definite',
      why: `${client}'s lease of ${formatUs(grant.ttlUs ?? grant.untilUs - grant.renewedUs)} ended ${during(history, hold, grant)}; ${client} was running, and nobody compared the lease with the clock.`,
    }
  }
  return {
    kind: 'by-contract',
    why: `${client}'s lease of ${formatUs(grant.ttlUs ?? grant.untilUs - grant.renewedUs)} ended ${during(history, hold, grant)}, and ${client} did not know.`,
  }
}

/** Whether the client's clocks ran slow, or may have: then they did not show that the lease was over. */
const isSlow = (history: History, client: string): boolean =>
  history.faults.some(({ kind, processes }) => kind === 'clock-rate' && processes.includes(client))

/** In words, when the node's clock ended (or would have ended) a key before its TTL was over in true time; else null. */
export function ranAhead(grant: Grant): string | null {
  if (grant.expireUs === null || grant.ttlUs === null) return null
  const livedUs = (grant.endedBy === 'expired' ? grant.untilUs : grant.expireUs) - grant.renewedUs
  if (livedUs >= grant.ttlUs - ROUNDING_US) return null
  return `${grant.node}'s clock ran ahead: the key lived ${formatUs(livedUs)} of its ${formatUs(grant.ttlUs)}`
}

/** What the client was doing when its lease ended, or what had held it up until then, in words. */
function during(history: History, hold: BelievedHold, { renewedUs, untilUs: atUs }: Grant): string {
  const { client } = hold
  let before: string | null = null
  for (const fault of history.faults) {
    // Slow work is told by how much slower each piece of work is; it stays so.
    const isLasting = fault.durationUs === null || fault.kind === 'slow-work'
    const untilUs = isLasting ? Number.POSITIVE_INFINITY : fault.fromUs + (fault.durationUs as number)
    const state = STATES[fault.kind]
    if (state === undefined || !fault.processes.includes(client) || fault.fromUs > atUs) continue
    if (untilUs >= atUs) return `while ${state(client)}`
    if (untilUs > renewedUs) before = `after ${state(client)}`
  }
  return before ?? `before ${client} was done`
}

/** What a fault does to a client that holds a lock. */
const STATES: Readonly<Record<string, (client: string) => string>> = {
  pause: (client) => `${client} was paused`,
  'slow-work': (client) => `${client} was still working`,
  partition: (client) => `${client} was cut off`,
  'black-hole': (client) => `${client} was cut off`,
  'delay-reply': (client) => `a message of ${client} was under way`,
  'delay-request': (client) => `a message of ${client} was under way`,
}

/** Whether a fencing resource makes this end harmless: refusing the late write is what it is there for. */
export const isFenced = (hold: BelievedHold, checkFence: boolean): boolean => checkFence && hold.fence !== null
