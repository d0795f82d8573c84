/**
 * stale-cache: who reads after a change was acknowledged is not served an older value out of the cache.
 *
 * A limit where the writer does not take the lock: no lock can keep a slow reader from filling in what it read
 * before. Where the writer takes it too, it is the lock's bug unless a lease ended under one of the two.
 *
 * Source: Nishtala et al., "Scaling Memcache at Facebook", NSDI 2013, section 3.2.1 (stale sets).
 */
import type { History } from '../history/history.ts'
import type { Operation } from '../history/operation.ts'
import { filledValue, servedFrom, servedValue, updatedValue, updateSteps } from '../record/cache.ts'
import type { Check } from './check.ts'
import { leaseEnd } from './lease-end.ts'
import type { Reason, Violation } from './verdict.ts'

export const staleCache: Check = {
  name: 'stale-cache',
  heading: 'stale value served',
  weight: 'untrue',
  summary: 'the cache serves nothing older than the last acknowledged change',
  subjects: ['lock'],
  isForOneHolder: true,
  run(history) {
    const updates = history.operations.filter(({ op, outcome }) => op === 'update' && outcome === 'ok')
    if (updates.length === 0) return []
    const violations: Violation[] = []
    for (const get of history.operations) {
      if (get.op !== 'get' || get.outcome !== 'ok' || servedFrom(get.answer) !== 'cache') continue
      const value = servedValue(get.answer)
      const missed = updates.findLast((update) => update.endedUs <= get.invokedUs && writtenBy(update) > value)
      if (missed !== undefined) violations.push(violation(history, get, value, missed))
    }
    return violations
  },
}

const writtenBy = (operation: Operation): number => updatedValue(operation.asked)

function violation(history: History, get: Operation, value: number, missed: Operation): Violation {
  // What was filled in before the change went with its invalidation: only a fill that was still under way then matters.
  // An update begins long before that, when it first waits for the lock.
  const invalidate = history.operations.find(
    ({ op, token }) => op === 'invalidate' && token === updateSteps(missed.answer),
  )
  const fill = history.operations.find(
    ({ op, invokedUs, endedUs, outcome, asked }) =>
      op === 'fill' &&
      outcome !== 'fail' &&
      filledValue(asked) === value &&
      endedUs > (invalidate ?? missed).invokedUs &&
      invokedUs < get.endedUs,
  )
  const { kind, cause } = reasonOf(history, fill, missed)
  return {
    property: 'stale-cache',
    kind,
    told: {
      kind: 'served-old',
      reader: get.process,
      value,
      sinceUs: get.invokedUs - missed.endedUs,
      writer: missed.process,
      current: writtenBy(missed),
    },
    cause,
    atUs: get.endedUs,
    untilUs: get.endedUs,
    processes: [missed.process, ...(fill === undefined ? [] : [fill.process])],
  }
}

/** Why an older value was in the cache, and whether the lock could have prevented it. */
function reasonOf(history: History, fill: Operation | undefined, missed: Operation): Reason {
  if (fill === undefined) return { kind: 'bug', cause: { kind: 'filled-by-nobody' } }
  const who = { filler: fill.process, writer: missed.process }
  if (history.rules.isWriterLocked !== true) return { kind: 'limit', cause: { kind: 'writer-without-lock', ...who } }
  const filler = history.holdOf(fill.token)
  const writer = history.holdOf(updateSteps(missed.answer))
  const end =
    (filler === undefined ? null : leaseEnd(history, filler, fill.endedUs)) ??
    (writer === undefined ? null : leaseEnd(history, writer, missed.endedUs))
  return {
    kind: end?.kind ?? 'bug',
    cause: end?.cause ?? { kind: 'filled-while-both-held', ...who },
  }
}
