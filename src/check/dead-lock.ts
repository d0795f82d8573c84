/**
 * dead-lock: a lock that nobody holds can be taken.
 *
 * Five ways to break it: a key without a TTL whose owner is gone; a key of an owner that is gone and that others prolong; a
 * key whose owner is alive and was told that it does not have the lock, or whose release Redis refused or did not know the
 * script of; an attempt that its own lost reply blocks; a lock that cannot be taken although everything healed and its lease
 * has long ended.
 *
 * Of several voting nodes it takes so many that no majority is left: `kept-votes.ts`.
 *
 * Does not judge  a key that stays until its TTL because its owner crashed, or could not reach Redis to release it: that
 *                 is what the TTL is for.
 *
 * Source: redis.io, "Liveness property A: deadlock free".
 */
import type { Grant } from '../history/grant.ts'
import type { History } from '../history/history.ts'
import { heldMessages, mayHaveMissedReply, outages } from '../history/reach.ts'
import { formatUs } from '../sim/units.ts'
import type { Check, Rules } from './check.ts'
import { keptVotes } from './kept-votes.ts'
import { attemptOf, orphanedBy, prolongedBy, unbelievedUs } from './orphan.ts'
import type { Violation } from './verdict.ts'

export const deadLock: Check = {
  name: 'dead-lock',
  summary: 'a lock that nobody holds can be taken',
  subjects: ['lock'],
  run(history, rules) {
    const violations: Violation[] = history.voters.length > 1 ? keptVotes(history, rules) : keptKeys(history, rules)
    const probe = history.operations.find((operation) => operation.op === 'probe')
    // A prober that ended meanwhile has shown nothing.
    const hasCrashed = probe !== undefined && (history.ended.get(probe.process) ?? -1) >= probe.invokedUs
    if (probe !== undefined && probe.outcome !== 'ok' && !hasCrashed && !neverAnswers(history)) {
      violations.push({
        property: 'dead-lock',
        kind: 'definite',
        sentence: `the lock could not be taken for ${formatUs(probe.endedUs - probe.invokedUs)} after everything had healed`,
        why: 'Nobody believed in it any more, all faults were over, and its lease had ended twice over.',
        atUs: probe.invokedUs,
        untilUs: probe.endedUs,
        processes: [probe.process],
      })
    }
    return violations
  },
}

/** No attempt ever came to an end: then it hangs, and nothing is known about the lock. */
const neverAnswers = (history: History): boolean =>
  history.operations.every(({ op, outcome }) => op !== 'acquire' || outcome === 'pending')

/** The keys of one node that nobody believes in. */
function keptKeys(history: History, rules: Rules): Violation[] {
  const violations: Violation[] = []
  for (const grant of history.grants) {
    const violation =
      immortal(history, grant) ??
      prolonged(history, grant, rules) ??
      orphan(history, grant, rules) ??
      selfBlocked(history, grant, rules)
    if (violation !== null) violations.push(violation)
  }
  return violations
}

/** A key without a TTL that nobody believes in, at the end of the world. */
function immortal(history: History, grant: Grant): Violation | null {
  if (grant.expireUs !== null || grant.endedBy !== 'end') return null
  const fromUs = unbelievedUs(history, grant)
  const crashedUs = history.ended.get(grant.owner)
  return {
    property: 'dead-lock',
    kind: 'definite',
    sentence: `"${grant.key}" has no expiry and nobody holds it: it is locked for ever`,
    why:
      crashedUs === undefined
        ? `${grant.owner} took the key and never gave it an expiry.`
        : `${grant.owner} ended after it had taken the key and before it gave it an expiry.`,
    atUs: fromUs,
    untilUs: grant.untilUs,
    processes: [grant.owner],
  }
}

/** A key whose owner is gone, and that lives on because others prolong it. */
function prolonged(history: History, grant: Grant, rules: Rules): Violation | null {
  const found = prolongedBy(history, grant)
  if (found === null || grant.untilUs - found.deadlineUs <= rules.orphanUs) return null
  return {
    property: 'dead-lock',
    kind: 'definite',
    sentence: `the lock of ${grant.owner}, which had ended, stayed ${formatUs(grant.untilUs - found.deadlineUs)} longer than its lease`,
    why: found.why,
    atUs: found.deadlineUs,
    untilUs: grant.untilUs,
    processes: [grant.owner, ...found.helpers],
  }
}

/** A key whose owner is alive, was told that it does not have it (or gave it back), and does nothing about it. */
function orphan(history: History, grant: Grant, rules: Rules): Violation | null {
  if (grant.untilUs - grant.fromUs <= rules.orphanUs) return null
  const { owner } = grant
  const orphaned = orphanedBy(history, grant)
  if (orphaned === null) return null
  const { fromUs, told, why } = orphaned
  const orphanedUs = grant.untilUs - fromUs
  if (orphanedUs <= rules.orphanUs) return null
  return {
    property: 'dead-lock',
    kind: 'definite',
    sentence: `${owner} was told ${told}, but its own token kept the lock from everybody for ${formatUs(orphanedUs)}`,
    why,
    atUs: fromUs,
    untilUs: grant.untilUs,
    processes: [owner],
  }
}

/** So long a lock may take to connect again and give back what it had not heard of. */
const TAKE_BACK_US = 150_000

/**
 * A key that its owner took in an attempt whose reply was lost, and that then kept the owner itself out until the attempt
 * failed. Only where one node votes: of several, a lock waits for the others while it has some.
 */
function selfBlocked(history: History, grant: Grant, rules: Rules): Violation | null {
  const { owner } = grant
  const acquire = attemptOf(history, grant)
  if (acquire === undefined || (acquire.outcome !== 'info' && acquire.outcome !== 'fail')) return null
  const endedUs = Math.min(acquire.endedUs, grant.untilUs)
  const attempt = { client: owner, node: grant.node, fromUs: acquire.invokedUs, untilUs: endedUs }
  if (!mayHaveMissedReply(history, attempt)) return null
  // Who hears nothing from Redis does not know that it should give something back.
  const isSilent = [...heldMessages(history, owner), ...outages(history, owner, grant.node)].some(
    ({ fromUs, untilUs }) => fromUs <= endedUs && untilUs >= acquire.invokedUs,
  )
  if (isSilent) return null
  const untilUs = Math.min(grant.untilUs, acquire.endedUs)
  if (untilUs - grant.fromUs <= rules.orphanUs + TAKE_BACK_US) return null
  return {
    property: 'dead-lock',
    kind: 'definite',
    sentence: `${owner}'s acquire failed after ${formatUs(acquire.endedUs - acquire.invokedUs)}: its own token, of which it had lost the reply, kept the lock from everybody for ${formatUs(untilUs - grant.fromUs)}`,
    why: 'The command was applied and its reply lost; each further attempt met its own token and took it for somebody else.',
    atUs: grant.fromUs,
    untilUs,
    processes: [owner],
  }
}
