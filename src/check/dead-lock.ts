/**
 * dead-lock: a lock that no client holds can be taken, sooner or later.
 *
 * Three ways to break it, each for ever: a key without a TTL whose owner is gone or no longer believes in it; a key of an
 * owner that is gone and that waiting clients prolong; a lock that cannot be taken although everything healed and its lease
 * has long ended. A lock that stays taken only until its lease ends is an orphaned lock (`orphaned-lock.ts`).
 *
 * Of several voting nodes it takes so many that no majority is left: `kept-votes.ts`.
 *
 * Source: redis.io, "Liveness property A: deadlock free".
 */
import type { Grant } from '../history/grant.ts'
import type { History } from '../history/history.ts'
import type { Operation } from '../history/operation.ts'
import type { Check } from './check.ts'
import { keptVotes } from './kept-votes.ts'
import { isKeptOnPurpose, prolongedBy, unbelievedUs } from './orphan.ts'
import type { Told } from './told.ts'
import type { Violation } from './verdict.ts'

export const deadLock: Check = {
  name: 'dead-lock',
  heading: 'dead-lock',
  weight: 'blocked-for-ever',
  summary: 'a lock that no client holds can be taken',
  subjects: ['lock', 'read-write-lock'],
  run(history) {
    const kept = isShared(history) ? [] : keptKeys(history)
    // That the lock cannot be taken is what a key that stays for ever means, and is not told once more.
    return kept.length > 0 ? kept : notTakeable(history)
  },
}

const keptKeys = (history: History): readonly Violation[] =>
  history.isQuorum
    ? keptVotes(history).filter(({ property }) => property === 'dead-lock')
    : history.grants.flatMap((grant) => keptForEver(history, grant) ?? [])

/** One key holds the tokens of several, each with a time of its own: it need not expire. */
const isShared = ({ rules }: History): boolean => (rules.limit ?? 1) > 1

/** A key that stays for ever, without an expiry or because clients prolong it; null: it does not. */
export const keptForEver = (history: History, grant: Grant): Violation | null =>
  immortal(history, grant) ?? prolonged(history, grant)

/** A key without a TTL that no client believes in, at the end of the world. */
function immortal(history: History, grant: Grant): Violation | null {
  if (grant.expireUs !== null || grant.endedBy !== 'end' || isKeptOnPurpose(history, grant)) return null
  const { owner, key } = grant
  return {
    property: 'dead-lock',
    kind: 'bug',
    told: { kind: 'locked-for-ever', key },
    cause: { kind: 'no-expiry', owner, hasEnded: history.ended.has(owner) },
    atUs: unbelievedUs(history, grant),
    untilUs: grant.untilUs,
    processes: [owner],
  }
}

/** A key whose owner is gone, and that lives on because others prolong it. */
function prolonged(history: History, grant: Grant): Violation | null {
  const found = prolongedBy(history, grant)
  if (found === null || grant.untilUs - found.deadlineUs <= history.rules.orphanUs) return null
  return {
    property: 'dead-lock',
    kind: 'bug',
    told: { kind: 'kept-alive', owner: grant.owner, longerUs: grant.untilUs - found.deadlineUs },
    cause: { kind: 'prolonged-by-waiters', helpers: found.helpers },
    atUs: found.deadlineUs,
    untilUs: grant.untilUs,
    processes: [grant.owner, ...found.helpers],
  }
}

/** The last try, when all was calm: it did not get the lock. */
function notTakeable(history: History): readonly Violation[] {
  const probe = history.operations.findLast((operation) => operation.op === 'probe')
  if (probe === undefined || probe.outcome === 'ok' || neverAnswers(history)) return []
  // A prober that ended meanwhile has shown nothing.
  if ((history.ended.get(probe.process) ?? -1) >= probe.invokedUs) return []
  return [
    {
      property: 'dead-lock',
      kind: 'bug',
      told: notTaken(history, probe),
      cause: { kind: 'not-takeable' },
      atUs: probe.invokedUs,
      untilUs: probe.endedUs,
      processes: [probe.process],
    },
  ]
}

/** Of a semaphore each permit was asked for. */
function notTaken({ rules, holds }: History, { process, invokedUs, endedUs }: Operation): Told {
  const forUs = endedUs - invokedUs
  const { limit = 1 } = rules
  if (limit === 1) return { kind: 'not-takeable', forUs }
  const ofProbe = holds.filter(({ client, fromUs }) => client === process && fromUs >= invokedUs)
  // Those of its last try are held when it ends.
  const had = ofProbe.filter(({ untilUs }) => untilUs >= endedUs).length
  return { kind: 'permits-lost', had, limit, forUs }
}

/** No attempt ever came to an end: then it hangs, and nothing is known about the lock. */
const neverAnswers = (history: History): boolean =>
  history.operations.every(({ op, outcome }) => op !== 'acquire' || outcome === 'pending')
