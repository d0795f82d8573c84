/**
 * release-denied: a release that was done does not fail.
 *
 *   A        |--release: DEL--|x reply lost … connected again … |--DEL again: 0--| rejects: "could not release"
 *   key      A's token ─────── deleted
 *
 * The client was connected again and heard Redis before it rejected: what it heard is that there is nothing left to release,
 * and its caller is told of a failure, and may undo or repeat what was done under the lock.
 *
 * Does not judge  a release that rejects because it heard nothing more (it was paused or cut off, too), or nothing but that Redis
 *                 refuses commands: then it is not known what became of it.
 *
 * Source: Infisical/infisical#6601
 */
import type { History } from '../history/history.ts'
import { heldMessages, outages, refusals } from '../history/reach.ts'
import { fieldsOf } from '../record/fields.ts'
import { releaseReason } from '../record/lock.ts'
import type { Check } from './check.ts'

export const releaseDenied: Check = {
  name: 'release-denied',
  heading: 'release denied',
  weight: 'untrue',
  summary: 'a release that was done does not fail',
  subjects: ['lock'],
  isForOneHolder: true,
  run(history) {
    const answered = history.lanes.notes.filter(({ op }) => op === 'answered').map((note) => fieldsOf(note)[0])
    if (answered.length === 0) return []
    return history.operations
      .filter(({ op, outcome, token }) => op === 'release' && outcome === 'info' && answered.includes(token))
      .flatMap(({ process, answer, invokedUs, endedUs }) => {
        const deletedUs = deletionUs(history, process, { invokedUs, endedUs })
        if (deletedUs === null || isKeptFromIt(history, process, deletedUs, endedUs)) return []
        return [
          {
            property: 'release-denied' as const,
            kind: 'bug' as const,
            told: { kind: 'release-failed' as const, client: process, reason: releaseReason(answer) },
            cause: { kind: 'second-answer-taken-for-failure' as const, afterUs: endedUs - deletedUs },
            atUs: deletedUs,
            untilUs: endedUs,
            processes: [process],
          },
        ]
      })
  },
}

/** When all of a client's keys were gone by its own hand, within this time; null: some were not. */
function deletionUs(
  history: History,
  client: string,
  { invokedUs, endedUs }: { readonly invokedUs: number; readonly endedUs: number },
): number | null {
  const held = history.grants.filter(
    ({ owner, fromUs, untilUs }) => owner === client && fromUs <= invokedUs && untilUs > invokedUs,
  )
  const isDone = held.every(
    ({ endedBy, endedByWhom, untilUs }) => endedBy === 'deleted' && endedByWhom === client && untilUs <= endedUs,
  )
  return held.length > 0 && isDone ? Math.max(...held.map(({ untilUs }) => untilUs)) : null
}

/**
 * Whether something kept the client from hearing an answer after its release was done, or had Redis refuse what it sent again: then
 * what it heard, if it heard anything, was no answer to that.
 */
function isKeptFromIt(history: History, client: string, deletedUs: number, endedUs: number): boolean {
  const nodes = [...new Set(history.grants.map(({ node }) => node))]
  const spans = nodes.flatMap((node) => [...outages(history, client, node), ...refusals(history, node)])
  return [...heldMessages(history, client), ...spans].some(
    ({ fromUs, untilUs }) => fromUs <= endedUs && untilUs >= deletedUs,
  )
}
