/**
 * orphaned-lock: a lock that no client holds is not kept from the others until its lease ends.
 *
 * Two ways to break it: a key whose owner is alive and was told that it does not have the lock, or whose release Redis
 * refused or did not know the script of; an attempt that its own lost reply blocks.
 *
 *   A   |--SET NX--|x reply lost … |--SET NX again: nil--| "not mine"      A's own key keeps the lock from all clients
 *   key    A's token ─────────────────────────────────── expired           until its TTL is over
 *
 * Does not judge  a key that stays until its TTL because its owner crashed, or could not reach Redis to release it: that
 *                 is what the TTL is for.
 *
 * Source: redis.io, "Liveness property B"; "clients … release the (partially) acquired locks ASAP".
 */
import type { Grant } from '../history/grant.ts'
import type { History } from '../history/history.ts'
import { heldMessages, mayHaveMissedReply, outages, refusals } from '../history/reach.ts'
import type { Check } from './check.ts'
import { keptForEver } from './dead-lock.ts'
import { keptVotes } from './kept-votes.ts'
import { attemptOf, orphanedBy } from './orphan.ts'
import type { Violation } from './verdict.ts'

export const orphanedLock: Check = {
  name: 'orphaned-lock',
  heading: 'lock orphaned',
  weight: 'blocked-until-expiry',
  summary: 'a lock that no client holds does not stay taken until its lease ends',
  subjects: ['lock'],
  isForOneHolder: true,
  run: (history) =>
    history.isQuorum
      ? keptVotes(history).filter(({ property }) => property === 'orphaned-lock')
      : history.grants.flatMap((grant) => {
          // Most grants are short, and looking up the attempts behind them is what would cost.
          if (grant.untilUs - grant.fromUs <= history.rules.orphanUs) return []
          const found = orphan(history, grant) ?? selfBlocked(history, grant)
          return found === null || keptForEver(history, grant) !== null ? [] : [found]
        }),
}

/** A key whose owner is alive, was told that it does not have it (or gave it back), and does nothing about it. */
function orphan(history: History, grant: Grant): Violation | null {
  const { owner } = grant
  const orphaned = orphanedBy(history, grant)
  if (orphaned === null) return null
  const { fromUs, told, cause } = orphaned
  const forUs = grant.untilUs - fromUs
  if (forUs <= history.rules.orphanUs) return null
  return {
    property: 'orphaned-lock',
    kind: 'bug',
    told: { kind: 'orphaned', owner, told, forUs },
    cause,
    atUs: fromUs,
    untilUs: grant.untilUs,
    processes: [owner],
  }
}

/** How long a lock may take to give back what it had not heard of, once it is connected again. */
const TAKE_BACK_US = 100_000

/**
 * A key that its owner took in an attempt whose reply was lost, and that then kept the owner itself out until the attempt
 * failed. Only where one node votes: of several, a lock waits for the others while it has some.
 */
function selfBlocked(history: History, grant: Grant): Violation | null {
  const { owner } = grant
  const leastUs = history.rules.orphanUs + history.rules.firstReconnectUs + TAKE_BACK_US
  if (grant.untilUs - grant.fromUs <= leastUs) return null
  const acquire = attemptOf(history, grant)
  if (acquire === undefined || (acquire.outcome !== 'info' && acquire.outcome !== 'fail')) return null
  const endedUs = Math.min(acquire.endedUs, grant.untilUs)
  const attempt = { client: owner, node: grant.node, fromUs: acquire.invokedUs, untilUs: endedUs }
  if (!mayHaveMissedReply(history, attempt)) return null
  // A client that hears nothing from Redis does not know that it should give something back; one that is refused cannot.
  const isKeptFromIt = [
    ...heldMessages(history, owner),
    ...outages(history, owner, grant.node),
    ...refusals(history, grant.node),
  ].some(({ fromUs, untilUs }) => fromUs <= endedUs && untilUs >= acquire.invokedUs)
  if (isKeptFromIt) return null
  const untilUs = Math.min(grant.untilUs, acquire.endedUs)
  if (untilUs - grant.fromUs <= leastUs) return null
  return {
    property: 'orphaned-lock',
    kind: 'bug',
    told: {
      kind: 'blocked-itself',
      owner,
      attemptUs: acquire.endedUs - acquire.invokedUs,
      forUs: untilUs - grant.fromUs,
    },
    cause: { kind: 'own-token-blocks' },
    atUs: grant.fromUs,
    untilUs,
    processes: [owner],
  }
}
