/**
 * dead-lock: a lock that nobody holds can be taken.
 *
 * Five ways to break it: a key without a TTL whose owner is gone; a key of an owner that is gone and that others prolong; a
 * key whose owner is alive and was told that it does not have the lock, or whose release Redis refused or did not know the
 * script of; an attempt that its own lost reply blocks; a lock that cannot be taken although everything healed and its lease
 * has long ended.
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
      const violation =
        immortal(history, grant) ??
        prolonged(history, grant, rules) ??
        orphan(history, grant, rules) ??
        selfBlocked(history, grant, rules)
      if (violation !== null) violations.push(violation)
    }
    const probe = history.operations.find((operation) => operation.op === 'probe')
    // A prober that ended meanwhile has shown nothing.
    const hasCrashed = probe !== undefined && (history.ended.get(probe.process) ?? -1) >= probe.invokedUs
    if (probe !== undefined && probe.outcome !== 'ok' && !hasCrashed) {
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
  if (grant.untilUs - grant.fromUs <= rules.orphanUs) return null
  const { owner } = grant
  const crashedUs = history.ended.get(owner)
  if (crashedUs !== undefined && crashedUs < grant.untilUs && crashedUs >= grant.fromUs) return null
  const acquire = attemptOf(history, grant)
  if (acquire === undefined || acquire.outcome === 'pending') return null
  const release = history.operations.find(
    (operation) => operation.op === 'release' && operation.token === acquire.token,
  )
  // Told that it has it: then only a release that says it succeeded, or that it was not its own, ends its duty. One that
  // failed may be nobody's fault; but who hears NOSCRIPT only has to send the script, and what Redis calls an error of the
  // command it will never accept.
  const isSettled = release?.outcome === 'ok' || isForgotten(release) || refusal(release) !== null
  if (acquire.outcome === 'ok' && !isSettled) return null
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

/** A release by EVALSHA alone, refused because the server has forgotten the script. */
const isForgotten = (release: Operation | undefined): boolean => String(release?.answer[1]).startsWith('NOSCRIPT ')

/** The attempt that took a key: the one whose token it holds; of a lock with tokens of its own, the last one begun by then. */
function attemptOf(history: History, grant: Grant): Operation | undefined {
  const attempts = history.operations.filter(
    (operation) =>
      operation.op === 'acquire' && operation.process === grant.owner && operation.invokedUs <= grant.fromUs,
  )
  return attempts.find((operation) => operation.token === grant.text) ?? attempts.at(-1)
}

const CUTS = new Set(['lose-reply', 'reset'])
const SILENCES = new Set(['partition', 'black-hole', 'refuse', 'half-open'])

/**
 * A key that its owner took in an attempt whose reply was lost, and that then kept the owner itself out until the attempt
 * failed. Only where there is one node: on several, a lock waits for the others while it has some.
 */
function selfBlocked(history: History, grant: Grant, rules: Rules): Violation | null {
  const { owner } = grant
  const acquire = attemptOf(history, grant)
  if (acquire === undefined || (acquire.outcome !== 'info' && acquire.outcome !== 'fail')) return null
  if (history.grants.some((other) => other.node !== grant.node)) return null
  const during = history.faults.filter(
    ({ processes, fromUs }) =>
      processes.includes(owner) && fromUs >= acquire.invokedUs && fromUs <= Math.min(acquire.endedUs, grant.untilUs),
  )
  // Who cannot reach Redis can give nothing back.
  if (!during.some(({ kind }) => CUTS.has(kind)) || during.some(({ kind }) => SILENCES.has(kind))) return null
  const untilUs = Math.min(grant.untilUs, acquire.endedUs)
  if (untilUs - grant.fromUs <= rules.orphanUs) return null
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

/** Redis's error text when it refused a release as a mistake (`ERR …`), whatever its state; else null. */
function refusal(release: Operation | undefined): string | null {
  const text = release?.outcome === 'info' ? String(release.answer[1]) : ''
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
      why: 'The command was applied, and the caller was told no: the reply was misread, or lost and the command sent again, which met its own token.',
    }
  }
  if (acquire.outcome === 'info') {
    return {
      told: 'nothing but an error',
      why: 'The attempt failed for the caller and succeeded in Redis, and nobody took it back.',
    }
  }
  if (isForgotten(release)) {
    return {
      told: 'NOSCRIPT',
      why: 'It releases by EVALSHA and does not send the script when the server has forgotten it.',
    }
  }
  const refused = refusal(release)
  if (refused !== null) return { told: 'that its release was wrong', why: `Redis refused it: ${refused}` }
  return release?.answer[1] === true
    ? { told: 'that it had released the lock', why: 'The release reported success without removing the key.' }
    : {
        told: 'that the lock was no longer its own',
        why: 'The release gave up without asking Redis whose key it is, or asked with another token.',
      }
}
