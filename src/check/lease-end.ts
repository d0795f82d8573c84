/**
 * Why a believed hold was no longer backed by Redis: the question that decides between a bug of the lock and the limit of
 * every lock with a lease.
 *
 * A limit: the key ran its full TTL (or the server's clock, a restart, an eviction, FLUSHALL or a failover took it) after the
 * holder had been told that it has the lock, and the lease never claimed otherwise on a clock that was right. A bug:
 * anything else; also a lease that says at every moment whether it is held (`statement.ts`) and is wrong while its client
 * runs. A lease that ended before `acquire` returned is the lock's own fault: the request left before the TTL began, so
 * its own clock shows that the TTL is over (antirez.com/news/101). And one that no fault touched from its beginning to its end:
 * the work was longer than the lease, and a lock that renews keeps it.
 *
 * That is about leases. What the workload's own design allows stays a limit without any fault, because no lock can mend it: a
 * job that is done and due again (`lock-forgets`), a writer that takes no lock, a run that is recorded after it was run.
 *
 * Of several nodes a majority must have the token. What counts is what took that majority: had all nodes kept what no lock
 * can prevent them from losing, would there still be one?
 */
import { type Backing, liveVotes, nodesIn, votesOf } from '../history/backing.ts'
import type { Span } from '../history/fault-span.ts'
import { type Grant, ROUNDING_US } from '../history/grant.ts'
import type { History } from '../history/history.ts'
import type { BelievedHold } from '../history/hold.ts'
import { circumstanceOf, hadWrongRate } from '../history/running.ts'
import type { Cause, During, Forgetting, Place, Taking, UntimelyEnd, Votes } from './cause.ts'
import { couldLook, isLive } from './statement.ts'
import type { Reason, ViolationKind } from './verdict.ts'

/** When and why the truth behind a hold ended. */
export interface LeaseEnd {
  readonly kind: ViolationKind
  readonly atUs: number
  readonly cause: Cause
}

/**
 * How much earlier than asked for a vote may end before its node's clock is to blame. Of one node: rounding. Clocks of
 * several never run at quite the same rate: so much of a TTL a quorum lock's lease must leave.
 * Source: redis.io, Redlock, "minus just a few milliseconds in order to compensate for clock drift between processes";
 * its implementations take 1 % of the TTL and 2 ms.
 */
const marginUs = ({ quorum }: Backing, ttlUs: number): number =>
  quorum === 1 ? ROUNDING_US : Math.floor(ttlUs / 100) + 2_000

/**
 * Why `hold` had lost its backing at `atUs`; null when Redis still backed it then. Until `lookedUntilUs` its client could
 * have looked at its lease again before it did harm.
 */
export function leaseEnd(
  history: History,
  hold: BelievedHold,
  atUs: number,
  lookedUntilUs = hold.untilUs,
): LeaseEnd | null {
  const { client, backing } = hold
  if (backing === null) return { kind: 'bug', atUs: hold.fromUs, cause: neverGranted(history, hold) }
  const { votes, quorum } = backing
  const live = liveVotes(votes, atUs)
  if (nodesIn(live) >= quorum) return null
  const gone = votes.filter((vote) => vote.untilUs <= atUs).sort((a, b) => a.untilUs - b.untilUs)
  const end = { atUs: backing.untilUs }
  const left: Votes | null = history.isQuorum ? { had: nodesIn(live), of: history.voters.length } : null
  const taken = gone.filter(({ endedBy }) => TAKEN.has(endedBy))
  if (nodesIn([...live, ...taken]) >= quorum) {
    // Those that live are too few: it took one of these.
    const { endedByWhom: by, endedBy } = taken[0] as Grant
    return { ...end, kind: 'bug', cause: { kind: 'taken-away', client, by, how: endedBy as Taking, votes: left } }
  }
  const untimely = gone.filter(
    (vote) =>
      vote.endedBy === 'lost' ||
      (vote.endedBy === 'expired' && (vote.brokenBy !== undefined || isEarly(backing, vote))),
  )
  if (nodesIn([...live, ...untimely]) >= quorum) {
    const ends = untimely.map((vote): UntimelyEnd => {
      if (vote.endedBy === 'lost') return { node: vote.node, how: vote.endedByWhom as Forgetting }
      return vote.brokenBy !== undefined ? { node: vote.node, how: vote.brokenBy } : aheadOf(vote)
    })
    return { ...end, kind: 'limit', cause: { kind: 'redis-lost-it', client, ends, votes: left } }
  }
  return { ...end, ...expired(history, hold, backing, lookedUntilUs) }
}

/** Why two had the lock when no lease had ended. */
export const grantedWhileHeld = (history: History, holder: string, later: string): Cause => ({
  kind: 'granted-while-held',
  holder,
  later,
  isQuorum: history.isQuorum,
})

/** What a client that never had the lock was wrong about. */
function neverGranted(history: History, hold: BelievedHold): Cause {
  const { client } = hold
  const voters = history.voters.length
  if (voters === 1) return { kind: 'never-granted', client, votes: null }
  const had = nodesIn(votesOf(history.grants, hold, voters).filter((vote) => vote.fromUs <= hold.fromUs))
  return { kind: 'never-granted', client, votes: { had, of: voters } }
}

/** A client took the key away. */
const TAKEN: ReadonlySet<Grant['endedBy']> = new Set<Taking>(['overwritten', 'displaced', 'deleted'])

function expired(history: History, hold: BelievedHold, backing: Backing, lookedUntilUs: number): Reason {
  const { client } = hold
  // A client cannot know that a node's clock runs ahead: what it was told is held against the end that the lease should have had.
  const untilUs = (ranAhead(backing) === null ? backing.deadlineUs : backing.honestUs) ?? backing.untilUs
  const place = placeOf(history, backing)
  // Clocks that ran slow did not show that the lease was over.
  if (hold.fromUs > untilUs + ROUNDING_US && !hadWrongRate(history, client)) {
    const isQuorum = history.isQuorum
    return { kind: 'bug', cause: { kind: 'granted-too-late', client, lateUs: hold.fromUs - untilUs, isQuorum } }
  }
  const byUs = (hold.statedUs ?? Number.NEGATIVE_INFINITY) - untilUs
  if (byUs > ROUNDING_US) return { kind: 'bug', cause: { kind: 'lease-overstated', client, byUs, place } }
  if (hold.statedUs !== null && hold.untilUs > untilUs + ROUNDING_US) {
    return { kind: 'bug', cause: { kind: 'client-clock-moved', client, clock: hold.clock as string, place } }
  }
  const ended = {
    client,
    leaseUs: backing.ttlUs ?? untilUs - renewedUs(backing),
    during: duringOf(history, hold, { renewedUs: renewedUs(backing), untilUs }),
  }
  // Until the lease said that it is lost: who works on after that has been told.
  if (isLive(hold) && couldLook(history, client, untilUs, Math.min(lookedUntilUs, hold.untilUs))) {
    return { kind: 'bug', cause: { kind: 'loss-not-noticed', ...ended } }
  }
  if (!isStruck(history, { fromUs: renewedUs(backing), untilUs })) {
    const didAsk = lookedUntilUs <= hold.untilUs
    return { kind: 'bug', cause: { kind: 'work-outlives-lease', client, leaseUs: ended.leaseUs, didAsk } }
  }
  return { kind: 'limit', cause: { kind: 'lease-ended', ...ended } }
}

/** Whether a fault was in force in a stretch of time, whomever it struck. */
const isStruck = (history: History, { fromUs, untilUs }: Span): boolean =>
  history.faultEffects.some((span) => span.fromUs <= untilUs && span.untilUs >= fromUs)

/** When the last of the votes was given, or prolonged. */
const renewedUs = ({ votes }: Backing): number => Math.max(...votes.map((vote) => vote.renewedUs))

/** Where the key is that it is about. */
export const placeOf = (history: History, { votes }: Backing): Place =>
  history.isQuorum ? { majorityOf: history.voters.length } : { node: (votes[0] as Grant).node }

/** The votes that nodes' clocks ended (or would have ended) before their TTL was over in true time; null: they did not matter. */
export function ranAhead(backing: Backing): readonly UntimelyEnd[] | null {
  const { votes, ttlUs } = backing
  const [deadlineUs, honestUs] = [backing.deadlineUs ?? NEVER_US, backing.honestUs ?? NEVER_US]
  if (deadlineUs >= honestUs - marginUs(backing, ttlUs ?? 0)) return null
  // A clock that is set back can bring a vote to life again: of each node its last one is told.
  const last = votes.filter((vote, index) => votes.findLastIndex(({ voter }) => voter === vote.voter) === index)
  return last.filter((vote) => isEarly(backing, vote)).map(aheadOf)
}

const NEVER_US = Number.POSITIVE_INFINITY

/** How long a vote lived, or would have, by its node's clock. */
const livedUs = (vote: Grant): number =>
  (vote.endedBy === 'expired' ? vote.untilUs : (vote.expireUs ?? NEVER_US)) - vote.renewedUs

const isEarly = (backing: Backing, vote: Grant): boolean => endedEarly(vote, marginUs(backing, vote.ttlUs ?? 0))

/** Whether the node's clock ended (or would have ended) a key before its TTL was over in true time, by more than so much. */
export const endedEarly = (vote: Grant, byUs = ROUNDING_US): boolean => livedUs(vote) < (vote.ttlUs ?? 0) - byUs

/** A key that its node's clock ended early. */
export const aheadOf = (vote: Grant): UntimelyEnd => ({
  node: vote.node,
  how: 'clock ahead',
  livedUs: livedUs(vote),
  ttlUs: vote.ttlUs as number,
})

/** What the client was doing when its lease ended, or what had held it up until then. */
function duringOf(
  history: History,
  { client }: BelievedHold,
  { renewedUs, untilUs: atUs }: Pick<Grant, 'renewedUs' | 'untilUs'>,
): During {
  let before: During | null = null
  for (const { effect, fromUs, untilUs } of history.faultEffects) {
    const circumstance = circumstanceOf(effect, client)
    if (circumstance === null || fromUs > atUs) continue
    if (untilUs >= atUs) return { when: 'while', circumstance }
    if (untilUs > renewedUs) before = { when: 'after', circumstance }
  }
  return before ?? { when: 'before', circumstance: null }
}

/** Whether the lease was over by Redis's clock, with or without a fault, and nothing else was wrong. */
export const hasRunOut = ({ kind, cause }: Reason): boolean => kind === 'limit' || cause.kind === 'work-outlives-lease'

/** Whether a fencing resource makes such an end harmless: refusing the late write is what it is there for. */
export const isFenced = (hold: BelievedHold, checkFence: boolean): boolean => checkFence && hold.fence !== null
