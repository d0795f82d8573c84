/**
 * The election of the Sentinel that does a failover: one vote in each epoch, for who asks first.
 *
 * Source: sentinel.c (`sentinelVoteLeader`, `sentinelGetLeader`) of Redis 7.0
 */
import type { MonitoredPrimary } from './monitored-primary.ts'
import { DESYNC_MS } from './periods.ts'
import type { Sentinel } from './sentinel.ts'

/** The vote of this Sentinel: for the candidate, or the one that it has given before in this or a later epoch. */
export function voteFor(sentinel: Sentinel, primary: MonitoredPrimary, candidate: string, epoch: number): void {
  sentinel.reachEpoch(epoch, primary)
  if (primary.voteEpoch >= epoch || sentinel.currentEpoch > epoch) return
  primary.vote = candidate
  primary.voteEpoch = sentinel.currentEpoch
  sentinel.tell('+vote-for-leader', primary, null, `${candidate} ${primary.voteEpoch}`)
  // Who votes for another one waits before it stands itself.
  if (candidate !== sentinel.id) primary.failoverStartMs = sentinel.nowMs + sentinel.draw(DESYNC_MS)
}

/** Who has the votes of the majority of all Sentinels that are known, and of the quorum; null: nobody. */
export function leaderOf(sentinel: Sentinel, primary: MonitoredPrimary): string | null {
  const epoch = primary.failoverEpoch
  const counts = new Map<string, number>()
  const count = (candidate: string): void => {
    counts.set(candidate, (counts.get(candidate) ?? 0) + 1)
  }
  for (const { vote, voteEpoch } of primary.sentinels.values()) {
    if (vote !== null && voteEpoch === sentinel.currentEpoch) count(vote)
  }
  voteFor(sentinel, primary, mostVoted(counts) ?? sentinel.id, epoch)
  if (primary.vote !== null && primary.voteEpoch === epoch) count(primary.vote)
  const winner = mostVoted(counts)
  const votes = winner === null ? 0 : (counts.get(winner) ?? 0)
  return votes >= primary.majority && votes >= primary.quorum ? winner : null
}

/** The first one with the most votes. */
function mostVoted(counts: ReadonlyMap<string, number>): string | null {
  let most: string | null = null
  for (const [candidate, votes] of counts) if (most === null || votes > (counts.get(most) ?? 0)) most = candidate
  return most
}
