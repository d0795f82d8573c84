/**
 * dead-lock: a lock that nobody holds can be taken.
 *
 * Five ways to break it: a key without a TTL whose owner is gone; a key of an owner that is gone and that others prolong; a
 * key whose owner is alive and was told that it does not have the lock, or whose release Redis refused; a lock that cannot
 * be taken although everything healed and its lease has long ended.
 *
 * Does not judge  a key that stays until its TTL because its owner crashed, or could not reach Redis to release it: that
 *                 is what the TTL is for.
 *
 * Source: redis.io, "Liveness property A: deadlock free".
 */
import type { Grant } from '../history/grant.ts'
import type { History } from '../history/history.ts'
import { fieldsOf } from '../history/hold.ts'
import type { Operation } from '../history/operation.ts'
import { formatUs } from '../sim/units.ts'
import type { Check, Rules } from './check.ts'
import type { Violation } from './verdict.ts'

export const deadLock: Check = {
  name: 'dead-lock',
  summary: 'a lock that nobody holds can be taken',
  subjects: ['lock'],
  run(history, rules) {
    const violations: Violation[] = []
    for (const grant of history.grants) {
      const violation = immortal(history, grant) ?? prolonged(history, grant, rules) ?? orphan(history, grant, rules)
      if (violation !== null) violations.push(violation)
    }
    const probe = history.operations.find((operation) => operation.op === 'probe')
    if (probe !== undefined && probe.outcome !== 'ok') {
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

/** When the last belief of a grant's owner in it ended; the grant's own beginning when there was none. */
function unbelievedUs(history: History, grant: Grant): number {
  let us = grant.fromUs
  for (const hold of history.holds) {
    if (hold.client === grant.owner && hold.fromUs < grant.untilUs && hold.untilUs > grant.fromUs)
      us = Math.max(us, hold.untilUs)
  }
  return us
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
  const crashedUs = history.ended.get(grant.owner)
  if (crashedUs === undefined || crashedUs < grant.fromUs || crashedUs >= grant.untilUs) return null
  let deadlineUs: number | null = null
  const helpers = new Set<string>()
  for (const record of history.records) {
    if (record.type !== 'truth' || record.process !== grant.node || record.atUs < grant.fromUs) continue
    const [key, by, , , expireUs] = fieldsOf(record) as [string, string, string, string, number | null]
    if (key !== grant.key || record.atUs >= grant.untilUs) continue
    if (record.atUs <= crashedUs) deadlineUs = expireUs
    else if (record.op === 'extended' && by !== grant.owner) helpers.add(by)
  }
  if (deadlineUs === null || helpers.size === 0 || grant.untilUs - deadlineUs <= rules.orphanUs) return null
  const [first = ''] = helpers
  return {
    property: 'dead-lock',
    kind: 'definite',
    sentence: `the lock of ${grant.owner}, which had ended, stayed ${formatUs(grant.untilUs - deadlineUs)} longer than its lease`,
    why: `${helpers.size === 1 ? first : `${first} and ${helpers.size - 1} more`} prolonged it while waiting for it.`,
    atUs: deadlineUs,
    untilUs: grant.untilUs,
    processes: [grant.owner, ...helpers],
  }
}

/** A key whose owner is alive, was told that it does not have it (or gave it back), and does nothing about it. */
function orphan(history: History, grant: Grant, rules: Rules): Violation | null {
  const { owner } = grant
  const crashedUs = history.ended.get(owner)
  if (crashedUs !== undefined && crashedUs < grant.untilUs && crashedUs >= grant.fromUs) return null
  const acquire = history.operations.find(
    (operation) => operation.op === 'acquire' && operation.process === owner && operation.token === grant.text,
  )
  if (acquire === undefined || acquire.outcome === 'pending') return null
  const release = history.operations.find(
    (operation) => operation.op === 'release' && operation.token === acquire.token,
  )
  // Told that it has it: then only a release that says it succeeded, or that it was not its own, ends its duty; or one
  // that Redis will never accept.
  if (acquire.outcome === 'ok' && (release === undefined || (release.outcome !== 'ok' && refusal(release) === null)))
    return null
  const fromUs = Math.max(grant.fromUs, acquire.endedUs, release?.endedUs ?? 0)
  const orphanedUs = grant.untilUs - fromUs
  if (orphanedUs <= rules.orphanUs) return null
  const { told, why } = explanation(acquire, release)
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

/** Redis's error text when it refused a release as a mistake (`ERR …`), whatever its state; else null. */
function refusal(release: Operation): string | null {
  const text = release.outcome === 'info' ? String(release.answer[1]) : ''
  return text.startsWith('ERR ') ? text : null
}

/** What the owner was told, and how that came about. */
function explanation(
  acquire: Operation,
  release: Operation | undefined,
): { readonly told: string; readonly why: string } {
  if (acquire.outcome === 'fail') {
    return {
      told: 'that somebody else holds the lock',
      why: 'The command was applied and its reply lost; sent again, it met its own token and took it for somebody else.',
    }
  }
  if (acquire.outcome === 'info') {
    return {
      told: 'nothing but an error',
      why: 'The attempt failed for the caller and succeeded in Redis, and nobody took it back.',
    }
  }
  const refused = release === undefined ? null : refusal(release)
  if (refused !== null) return { told: 'that its release was wrong', why: `Redis refused it: ${refused}` }
  return release?.answer[1] === true
    ? { told: 'that it had released the lock', why: 'The release reported success without removing the key.' }
    : { told: 'that the lock was no longer its own', why: 'The release gave up without asking Redis whose key it is.' }
}
