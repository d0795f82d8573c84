/**
 * What stands behind a believed hold: the key on one Redis node, or the votes of a majority of several.
 *
 *   redis-1  |------ A-1 ------|                 N = 3, so two votes are a majority:
 *   redis-2     |------ A-1 ------|              A's lease began with its second vote
 *   redis-3        |------ A-1 ------|           and ended when it was left with one.
 *                ^ from           ^ until
 *
 * One node is the case N = 1, of one vote. Nodes have clocks of their own, so votes that were given together may end apart.
 *
 * Source: redis.io, "Distributed Locks with Redis", the Redlock algorithm: "the majority of the instances (at least 3)".
 */
import type { Grant } from './grant.ts'

export interface Backing {
  /** What the nodes had with the hold's token, in the order in which it began. */
  readonly votes: readonly Grant[]
  /** How many of them it takes. */
  readonly quorum: number
  /** When enough had voted. */
  readonly fromUs: number
  /** When there were no longer enough. */
  readonly untilUs: number
  /** When there would be too few by the clocks of the nodes, had no client deleted a vote; null: never. */
  readonly deadlineUs: number | null
  /** The same, had all clocks run right. */
  readonly honestUs: number | null
  /** The TTL that was asked for; null: none. */
  readonly ttlUs: number | null
}

/** What is asked for: whose attempt, and when it was believed in. */
export interface Asked {
  readonly client: string
  readonly token: string
  readonly invokedUs: number
  readonly fromUs: number
  readonly untilUs: number
}

/** How many of `nodes` nodes are a majority. */
export const majorityOf = (nodes: number): number => Math.floor(nodes / 2) + 1

/** The votes that are live at a moment. */
export const liveVotes = (votes: readonly Grant[], atUs: number): Grant[] =>
  votes.filter((vote) => vote.fromUs <= atUs && (vote.untilUs > atUs || vote.endedBy === 'end'))

/** On how many nodes these are. */
export const nodesIn = (votes: readonly Grant[]): number => new Set(votes.map(({ voter }) => voter)).size

/**
 * The votes that a hold ever got, whether or not they were enough: on each node the last before it began, and later ones. Where a key
 * has the hold's token those count alone: requests of earlier attempts may arrive together with its own. Else it is what came after
 * the client had asked.
 */
export function votesOf(grants: readonly Grant[], hold: Asked, voters: number): Grant[] {
  const votes: Grant[] = []
  const counted = new Set<string>()
  const isNamed = grants.some(({ owner, text }) => owner === hold.client && text === hold.token)
  for (let index = grants.length - 1; index >= 0; index -= 1) {
    const grant = grants[index] as Grant
    if (grant.owner !== hold.client || counted.has(grant.voter)) continue
    if (grant.fromUs > hold.fromUs) {
      // A late request, or a renewal, adds a vote of several; on one node there is nothing to add to.
      if (voters > 1 && grant.text === hold.token && grant.fromUs < hold.untilUs) votes.push(grant)
    } else if (isNamed ? grant.text === hold.token : grant.fromUs >= hold.invokedUs) {
      votes.push(grant)
      counted.add(grant.voter)
      if (counted.size === voters) break
    }
  }
  return votes
}

/** The backing of a hold among a number of voting nodes. Null: it never had enough of them. */
export function backingOf(grants: readonly Grant[], hold: Asked, voters: number): Backing | null {
  const votes = votesOf(grants, hold, voters)
  if (voters === 1) return votes[0] === undefined ? null : oneVote(votes[0])
  const quorum = majorityOf(voters)
  const before = votes.filter((vote) => vote.fromUs <= hold.fromUs)
  if (nodesIn(before) < quorum) return null
  const fromUs = nth(ascending(before.map((vote) => vote.fromUs)), quorum)
  // On each node the last vote counts; the votes are listed latest first.
  const last = votes.filter((vote, index) => votes.findIndex(({ voter }) => voter === vote.voter) === index)
  return {
    votes: [...votes].reverse(),
    quorum,
    fromUs,
    untilUs: lostUs(votes, quorum, fromUs),
    deadlineUs: finite(nth(descending(last.map(deadlineUs)), quorum)),
    honestUs: finite(nth(descending(last.map(honestUs)), quorum)),
    ttlUs: (before[0] as Grant).ttlUs,
  }
}

const oneVote = (vote: Grant): Backing => ({
  votes: [vote],
  quorum: 1,
  fromUs: vote.fromUs,
  untilUs: vote.untilUs,
  deadlineUs: finite(deadlineUs(vote)),
  honestUs: finite(honestUs(vote)),
  ttlUs: vote.ttlUs,
})

/** When a vote ends by its node's clock; when it would end if that clock ran right. */
const deadlineUs = (vote: Grant): number =>
  vote.endedBy === 'expired' ? vote.untilUs : (vote.expireUs ?? Number.POSITIVE_INFINITY)
const honestUs = ({ renewedUs, ttlUs }: Grant): number =>
  ttlUs === null ? Number.POSITIVE_INFINITY : renewedUs + ttlUs

/** The first end of a vote that leaves too few. */
function lostUs(votes: readonly Grant[], quorum: number, fromUs: number): number {
  const ends = ascending(votes.map((vote) => Math.max(vote.untilUs, fromUs)))
  return ends.find((atUs) => nodesIn(liveVotes(votes, atUs)) < quorum) ?? nth(ends, ends.length)
}

const ascending = (times: number[]): number[] => times.sort((a, b) => a - b)
const descending = (times: number[]): number[] => times.sort((a, b) => b - a)
const nth = (sorted: readonly number[], count: number): number => sorted[count - 1] as number
const finite = (us: number): number | null => (us === Number.POSITIVE_INFINITY ? null : us)
