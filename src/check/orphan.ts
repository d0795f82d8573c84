/**
 * Orphans: keys in Redis whose owner is alive, was told that it does not have the lock (or gave it back), and does nothing
 * about them.
 */
import type { Grant } from '../history/grant.ts'
import type { History } from '../history/history.ts'
import type { Operation } from '../history/operation.ts'

/** Since when a key is an orphan, and how that came about. */
export interface Orphaned {
  readonly fromUs: number
  /** What its owner was told, in words. */
  readonly told: string
  readonly why: string
}

/** Since when this key is an orphan; null: its owner is gone, still busy with it, or believes in it. */
export function orphanedBy(history: History, grant: Grant): Orphaned | null {
  const { owner } = grant
  const crashedUs = history.ended.get(owner)
  if (crashedUs !== undefined && crashedUs < grant.untilUs && crashedUs >= grant.fromUs) return null
  const acquire = attemptOf(history, grant)
  if (acquire === undefined || acquire.outcome === 'pending') return null
  const release = history.operations.find(
    (operation) => operation.op === 'release' && operation.token === acquire.token,
  )
  // Told that it has it: then only a release that says it succeeded, or that it was not its own, ends its duty. One that
  // failed may be nobody's fault; but whoever hears NOSCRIPT only has to send the script.
  if (acquire.outcome === 'ok' && release?.outcome !== 'ok' && !isForgotten(release)) return null
  const fromUs = Math.max(grant.fromUs, acquire.endedUs, release?.endedUs ?? 0)
  return { fromUs, ...explanation(history, acquire, release) }
}

/** When the last belief of a grant's owner in it ended; the grant's own beginning when there was none. */
export function unbelievedUs(history: History, grant: Grant): number {
  let us = grant.fromUs
  for (const hold of history.holds) {
    if (hold.client === grant.owner && hold.fromUs < grant.untilUs && hold.untilUs > grant.fromUs)
      us = Math.max(us, hold.untilUs)
  }
  return us
}

/** What the owner was told, and how that came about. */
function explanation(
  history: History,
  acquire: Operation,
  release: Operation | undefined,
): { readonly told: string; readonly why: string } {
  if (acquire.outcome === 'fail' && history.voters > 1) {
    return { told: 'that it does not have the lock', why: 'The attempt failed, and nobody took its votes back.' }
  }
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
  return release?.answer[1] === true
    ? { told: 'that it had released the lock', why: 'The release reported success without removing the key.' }
    : {
        told: 'that the lock was no longer its own',
        why: 'The release gave up without asking Redis whose key it is, or asked with another token.',
      }
}

/** A release by EVALSHA alone, refused because the server has forgotten the script. */
const isForgotten = (release: Operation | undefined): boolean => String(release?.answer[1]).startsWith('NOSCRIPT ')

/** The attempt that took a key: the one whose token it holds; of a lock with tokens of its own, the last one begun by then. */
export function attemptOf(history: History, grant: Grant): Operation | undefined {
  const attempts = history.operations.filter(
    (operation) =>
      operation.op === 'acquire' && operation.process === grant.owner && operation.invokedUs <= grant.fromUs,
  )
  return attempts.find((operation) => operation.token === grant.text) ?? attempts.at(-1)
}
