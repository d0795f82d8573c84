/**
 * livelock: clients that all ask for a free quorum lock do not prevent each other from getting it, round after round.
 *
 *   redis-1  |-A-|     |-A-|     |-A-|            each round each client has one vote of three, gives it back, and asks
 *   redis-2  |-B-|     |-B-|     |-B-|            again at the same moment as the others: nobody ever has two
 *   redis-3  |-C-|     |-C-|     |-C-|
 *
 * A round that ends so is no fault of a lock: that votes are split happens. Rounds that keep ending so, while no fault is
 * there, are: waiting for a random time before the next round ends them.
 *
 * Does not judge  rounds that the workload asks for, one call each: then the rhythm is not the lock's. Rounds while a fault
 *                 lasts, or across its beginning or end: clients that it brought into step are counted anew.
 *
 * Source: redis.io, "Retry on failure": "the client should try again after a random delay in order to try to desynchronize
 * multiple clients trying to acquire the lock for the same resource at the same time (this may result in a split brain
 * condition where nobody wins)".
 */
import { majorityOf } from '../history/backing.ts'
import type { Grant } from '../history/grant.ts'
import type { History } from '../history/history.ts'
import type { Check } from './check.ts'
import type { Violation } from './verdict.ts'

/** So many rounds in a row, each of two clients or more and within one call of each, are no accident any more. */
const ROUNDS_MIN = 6

/** What happens to the rounds. */
type Turn = { readonly atUs: number } & (
  | { readonly kind: 'lapsed' | 'given'; readonly vote: Grant }
  /** A call that wanted the lock ends: what comes next is asked for by the workload. */
  | { readonly kind: 'returned'; readonly client: string }
  /** A fault begins or ends. */
  | { readonly kind: 'disturbed' }
)

/** In one moment: votes end before calls return and others are given. */
const ORDER: readonly Turn['kind'][] = ['lapsed', 'disturbed', 'returned', 'given']

export const livelock: Check = {
  name: 'livelock',
  heading: 'livelock',
  weight: 'slow',
  summary: 'clients that ask for a free lock do not split the votes again and again',
  subjects: ['lock'],
  run(history) {
    if (!history.isQuorum || !history.isBlocking) return []
    const quorum = majorityOf(history.voters.length)
    const violations: Violation[] = []
    /** How many votes of each node a client has. */
    const votes = new Map<string, Map<string, number>>()
    /** The votes with which a client's rounds began, since somebody had the lock or the client's call began. */
    const rounds = new Map<string, Grant[]>()
    const settle = (untilUs: number): void => {
      const split = [...rounds].filter(([, given]) => given.length >= ROUNDS_MIN)
      if (split.length < 2) return
      violations.push(violation(history, split, untilUs))
      rounds.clear()
    }
    for (const turn of turnsOf(history)) {
      if (turn.kind === 'lapsed' || turn.kind === 'given') {
        const { owner } = turn.vote
        const before = votes.get(owner) ?? new Map<string, number>()
        const nodes = counted(before, turn)
        votes.set(owner, nodes)
        if (before.size === 0 && !isFaulty(history, turn.atUs))
          rounds.set(owner, [...(rounds.get(owner) ?? []), turn.vote])
        if (nodes.size < quorum) continue
      }
      settle(turn.atUs)
      if (turn.kind === 'returned') rounds.delete(turn.client)
      else rounds.clear()
    }
    settle(history.endUs)
    return violations
  },
}

/** The votes of a client after one was given or ended. */
function counted(
  nodes: ReadonlyMap<string, number>,
  { kind, vote: { node } }: Turn & { vote: Grant },
): Map<string, number> {
  const count = (nodes.get(node) ?? 0) + (kind === 'given' ? 1 : -1)
  const after = new Map(nodes)
  if (count > 0) after.set(node, count)
  else after.delete(node)
  return after
}

function turnsOf({ grants, operations, faultEffects }: History): readonly Turn[] {
  const turns: Turn[] = []
  for (const vote of grants) {
    turns.push({ kind: 'given', atUs: vote.fromUs, vote })
    if (vote.endedBy !== 'end') turns.push({ kind: 'lapsed', atUs: vote.untilUs, vote })
  }
  for (const { op, outcome, process, endedUs } of operations) {
    if (op === 'acquire' && outcome !== 'pending') turns.push({ kind: 'returned', atUs: endedUs, client: process })
  }
  for (const { fromUs, untilUs } of faultEffects) {
    for (const atUs of [fromUs, untilUs]) turns.push({ kind: 'disturbed', atUs })
  }
  return turns.sort((a, b) => a.atUs - b.atUs || ORDER.indexOf(a.kind) - ORDER.indexOf(b.kind))
}

const isFaulty = ({ faultEffects }: History, atUs: number): boolean =>
  faultEffects.some(({ fromUs, untilUs }) => fromUs <= atUs && untilUs > atUs)

function violation(
  history: History,
  split: readonly (readonly [string, readonly Grant[]])[],
  untilUs: number,
): Violation {
  const clients = split.map(([client]) => client).sort()
  const atUs = Math.min(...split.map(([, [first]]) => (first as Grant).fromUs))
  return {
    property: 'livelock',
    kind: 'bug',
    told: {
      kind: 'votes-split',
      clients,
      rounds: Math.min(...split.map(([, { length }]) => length)),
      of: history.voters.length,
      forUs: untilUs - atUs,
    },
    cause: { kind: 'retried-in-step' },
    atUs,
    untilUs,
    processes: clients,
  }
}
