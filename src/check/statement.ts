/**
 * What a lease said of itself when that was no longer true, and whether its client could have known.
 *
 * A lease that states an end (`expiresAt`, `validUntil`) is judged by it. One that says whether it is held (`isHeld`), or
 * that tells when it is lost (`signal`, `lost`), has promised to look: when the time that it asked Redis for is over, and its
 * client is running and has a clock, it must not go on saying that it is held.
 *
 *   A    |--acquire--|........ partition ........|          key of 1 s gone at 1.0 s
 *   signal                                  aborted at 3.4 s: 2.4 s too late, although A ran all the time
 *
 * Source: Redis documentation, "Distributed Locks with Redis": the client must count the validity time itself.
 */
import { ROUNDING_US } from '../history/grant.ts'
import type { History } from '../history/history.ts'
import type { BelievedHold } from '../history/hold.ts'
import { stoppedUs } from '../history/running.ts'
import type { Statement } from './told.ts'

/** Whether the lease says at every moment if it is held. */
export const isLive = ({ statements }: BelievedHold): boolean =>
  statements.has('isHeld') || statements.has('signal') || statements.has('lost')

/**
 * What the lease said at `atUs`, and when that had stopped being true; null when leases of this lock say nothing.
 * @param endedUs when Redis (of several nodes, a majority) no longer had its key; null: it never had
 */
export function falseStatement(hold: BelievedHold, endedUs: number | null, atUs: number): Statement | null {
  const { client, statements, backing } = hold
  const isQuorum = backing !== null && backing.quorum > 1
  const sinceUs = endedUs === null ? null : Math.max(0, atUs - endedUs)
  const isHeld = statements.get('isHeld')
  if (isHeld !== undefined) return { kind: 'is held', client, name: isHeld, atUs, sinceUs, isQuorum }
  const signal = statements.get('signal') ?? statements.get('lost')
  if (signal !== undefined) {
    const signalledUs = hold.endedBy === 'signalled' || hold.endedBy === 'lost' ? hold.untilUs : null
    return { kind: 'no signal', client, name: signal, atUs, sinceUs, isQuorum, signalledUs }
  }
  const end = statements.get('expiresAt') ?? statements.get('validUntil')
  if (end === undefined || hold.statedUs === null) return null
  return { kind: 'end', client, name: end, statedUs: hold.statedUs, endedUs, isQuorum }
}

/** Whether the client ran for a while between two moments, so that its code could look at its clock. */
export const couldLook = (history: History, client: string, fromUs: number, untilUs: number): boolean =>
  untilUs - fromUs - stoppedUs(history, client, { fromUs, untilUs }) > ROUNDING_US
