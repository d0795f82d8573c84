/**
 * Why a believed hold was no longer backed by Redis: the question that decides between a bug of the lock and the limit of
 * every lock with a lease.
 *
 * By contract: the key ran its full TTL (or the server's clock, a restart, an eviction or FLUSHALL took it) after the
 * holder had been told that it has the lock, and the lease never claimed otherwise on a clock that was right. Definite:
 * anything else; also a lease that says at every moment whether it is held (`statement.ts`) and is wrong while its client
 * runs. A lease that ended before `acquire` returned is the lock's own fault: the request left before the TTL began, so
 * its own clock shows that the TTL is over (antirez.com/news/101).
 *
 * Of several nodes a majority must have the token. What counts is what took that majority: had all nodes kept what no lock
 * can prevent them from losing, would there still be one?
 */
import { type Backing, liveVotes, majorityOf, nodesIn, votesOf } from '../history/backing.ts'
import type { Grant } from '../history/grant.ts'
import type { History } from '../history/history.ts'
import type { BelievedHold } from '../history/hold.ts'
import { type Circumstance, circumstanceOf, hadWrongRate } from '../history/running.ts'
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
  if (backing === null) return { kind: 'definite', atUs: hold.fromUs, why: neverBacked(history, hold) }
  const { votes, quorum } = backing
  const live = liveVotes(votes, atUs)
  if (nodesIn(live) >= quorum) return null
  const gone = votes.filter((vote) => vote.untilUs <= atUs).sort((a, b) => a.untilUs - b.untilUs)
  const end = { atUs: backing.untilUs }
  const rest =
    history.voters.length === 1 ? '' : ` Only ${nodesIn(live)} of ${history.voters.length} nodes still had its token.`
  const taken = gone.filter(({ endedBy }) => TAKEN.has(endedBy))
  const [first] = taken
  if (first !== undefined && nodesIn([...live, ...taken]) >= quorum) {
    return { ...end, kind: 'definite', why: takenAway(first, client) + rest }
  }
  const unknowable = gone.filter(
    (vote) => vote.endedBy === 'lost' || (vote.endedBy === 'expired' && isEarly(backing, vote)),
  )
  if (nodesIn([...live, ...unknowable]) >= quorum) {
    const reasons = unknowable.map((vote) =>
      vote.endedBy === 'lost' ? letGo(vote, client) : `${aheadOf(vote)}, and ${client} could not know`,
    )
    return { ...end, kind: 'by-contract', why: `${reasons.join('; ')}.${rest}` }
  }
  return { ...end, ...expired(history, hold, backing, lookedUntilUs) }
}

/** What a client that never had the lock was wrong about. */
function neverBacked(history: History, hold: BelievedHold): string {
  const voters = history.voters.length
  if (voters === 1) return `Redis never had ${hold.client}'s token: its acquire did not take the lock.`
  const count = nodesIn(votesOf(history.grants, hold, voters).filter((vote) => vote.fromUs <= hold.fromUs))
  return `${count} of ${voters} nodes had ${hold.client}'s token, and ${majorityOf(voters)} are a majority: its acquire did not take the lock.`
}

/** Somebody took the key away. */
const TAKEN: ReadonlySet<Grant['endedBy']> = new Set(['overwritten', 'displaced', 'deleted'])

function takenAway({ endedBy, endedByWhom }: Grant, client: string): string {
  if (endedBy === 'overwritten') return `${endedByWhom} overwrote ${client}'s key while it was live.`
  if (endedBy === 'displaced') return `${endedByWhom} went before ${client} in the queue.`
  return endedByWhom === client
    ? `A command of ${client}'s own deleted the key while it was live.`
    : `${endedByWhom} deleted ${client}'s key while it was live.`
}

/** How a node let a key go that was live. */
function letGo({ node, endedByWhom }: Grant, client: string): string {
  if (endedByWhom === 'eviction') return `${node} evicted ${client}'s key to save memory`
  if (endedByWhom === 'flush') return `FLUSHALL on ${node} took ${client}'s key`
  return `${node} restarted and had forgotten ${client}'s key`
}

function expired(
  history: History,
  hold: BelievedHold,
  backing: Backing,
  lookedUntilUs: number,
): Pick<LeaseEnd, 'kind' | 'why'> {
  const { client } = hold
  const untilUs = backing.deadlineUs ?? backing.untilUs
  const place = placeOf(history, backing)
  // Clocks that ran slow did not show that the lease was over.
  if (hold.fromUs > untilUs + ROUNDING_US && !hadWrongRate(history, client)) {
    return {
      kind: 'definite',
      why: `${client} was told that it has the lock ${formatUs(hold.fromUs - untilUs)} after its lease had ended: nobody looked how long ${history.voters.length === 1 ? 'the reply' : 'the votes'} had taken.`,
    }
  }
  if (hold.statedUs !== null && hold.statedUs > untilUs + ROUNDING_US) {
    return {
      kind: 'definite',
      why: `${client}'s lease claimed to last ${formatUs(hold.statedUs - untilUs)} longer than the key in ${place}.`,
    }
  }
  if (hold.statedUs !== null && hold.untilUs > untilUs + ROUNDING_US) {
    return {
      kind: 'definite',
      why: `${client} measured its lease on a ${hold.clock} clock that was moved; the key in ${place} had ended.`,
    }
  }
  const lease = `${client}'s lease of ${formatUs(backing.ttlUs ?? untilUs - renewedUs(backing))}`
  if (isLive(hold) && couldLook(history, client, untilUs, lookedUntilUs)) {
    return {
      kind: 'definite',
      why: `${lease} ended ${during(history, hold, { renewedUs: renewedUs(backing), untilUs })}; ${client} was running, and nobody compared the lease with the clock.`,
    }
  }
  return {
    kind: 'by-contract',
    why: `${lease} ended ${during(history, hold, { renewedUs: renewedUs(backing), untilUs })}, and ${client} did not know.`,
  }
}

/** When the last of the votes was given, or prolonged. */
const renewedUs = ({ votes }: Backing): number => Math.max(...votes.map((vote) => vote.renewedUs))

/** The node whose key it is about, in words. */
export const placeOf = (history: History, { votes }: Backing): string =>
  history.voters.length === 1 ? (votes[0] as Grant).node : `a majority of the ${history.voters.length} nodes`

/** In words, when the nodes' clocks ended (or would have ended) a lease before its TTL was over in true time; else null. */
export function ranAhead(backing: Backing): string | null {
  const { votes, deadlineUs, honestUs, ttlUs } = backing
  if (deadlineUs === null || honestUs === null || ttlUs === null) return null
  if (deadlineUs >= honestUs - marginUs(backing, ttlUs)) return null
  return votes
    .filter((vote) => isEarly(backing, vote))
    .map(aheadOf)
    .join('; ')
}

/** How long a vote lived, or would have, by its node's clock. */
const livedUs = (vote: Grant): number =>
  (vote.endedBy === 'expired' ? vote.untilUs : (vote.expireUs ?? Number.POSITIVE_INFINITY)) - vote.renewedUs

const isEarly = (backing: Backing, vote: Grant): boolean => endedEarly(vote, marginUs(backing, vote.ttlUs ?? 0))

/** Whether the node's clock ended (or would have ended) a key before its TTL was over in true time, by more than so much. */
export const endedEarly = (vote: Grant, byUs = ROUNDING_US): boolean =>
  vote.ttlUs !== null && livedUs(vote) < vote.ttlUs - byUs

/** How early a key ended, in words. */
export const aheadOf = (vote: Grant): string =>
  `${vote.node}'s clock ran ahead: the key lived ${formatUs(livedUs(vote))} of its ${formatUs(vote.ttlUs as number)}`

/** What the client was doing when its lease ended, or what had held it up until then, in words. */
function during(
  history: History,
  hold: BelievedHold,
  { renewedUs, untilUs: atUs }: Pick<Grant, 'renewedUs' | 'untilUs'>,
): string {
  const { client } = hold
  let before: string | null = null
  for (const { effect, fromUs, untilUs } of history.effects) {
    const circumstance = circumstanceOf(effect, client)
    if (circumstance === null || fromUs > atUs) continue
    const words = CIRCUMSTANCES[circumstance](client)
    if (untilUs >= atUs) return `while ${words}`
    if (untilUs > renewedUs) before = `after ${words}`
  }
  return before ?? `before ${client} was done`
}

const CIRCUMSTANCES: Readonly<Record<Circumstance, (client: string) => string>> = {
  paused: (client) => `${client} was paused`,
  working: (client) => `${client} was still working`,
  'cut off': (client) => `${client} was cut off`,
  'message under way': (client) => `a message of ${client} was under way`,
}

/** Whether a fencing resource makes this end harmless: refusing the late write is what it is there for. */
export const isFenced = (hold: BelievedHold, checkFence: boolean): boolean => checkFence && hold.fence !== null
