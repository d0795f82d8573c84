/**
 * stale-cache: who reads after a change was acknowledged is not served an older value out of the cache.
 *
 * By contract where the writer does not take the lock: no lock can keep a slow reader from filling in what it read
 * before. Where the writer takes it too, it is the lock's bug unless a lease ended under one of the two.
 *
 * Source: Nishtala et al., "Scaling Memcache at Facebook", NSDI 2013, section 3.2.1 (stale sets).
 */
import type { History } from '../history/history.ts'
import type { Operation } from '../history/operation.ts'
import { filledValue, servedFrom, servedValue, updatedValue, updateSteps } from '../record/cache.ts'
import { formatUs } from '../sim/units.ts'
import type { Check, Rules } from './check.ts'
import { leaseEnd } from './lease-end.ts'
import type { Violation } from './verdict.ts'

export const staleCache: Check = {
  name: 'stale-cache',
  summary: 'the cache serves nothing older than the last acknowledged change',
  subjects: ['lock'],
  run(history, rules) {
    const updates = history.operations.filter(({ op, outcome }) => op === 'update' && outcome === 'ok')
    if (updates.length === 0) return []
    const violations: Violation[] = []
    for (const get of history.operations) {
      if (get.op !== 'get' || get.outcome !== 'ok' || servedFrom(get.answer) !== 'cache') continue
      const value = servedValue(get.answer)
      const missed = updates.findLast((update) => update.endedUs <= get.invokedUs && writtenBy(update) > value)
      if (missed !== undefined) violations.push(violation(history, rules, get, value, missed))
    }
    return violations
  },
}

const writtenBy = (operation: Operation): number => updatedValue(operation.asked)

function violation(history: History, rules: Rules, get: Operation, value: number, missed: Operation): Violation {
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
  const { kind, why } = cause(history, rules, fill, missed)
  return {
    property: 'stale-cache',
    kind,
    sentence: `${get.process} was served ${value} out of the cache ${formatUs(get.invokedUs - missed.endedUs)} after ${missed.process} had changed it to ${writtenBy(missed)}`,
    why,
    atUs: get.endedUs,
    untilUs: get.endedUs,
    processes: [missed.process, ...(fill === undefined ? [] : [fill.process])],
  }
}

/** Why an older value was in the cache, and whether the lock could have prevented it. */
function cause(
  history: History,
  rules: Rules,
  fill: Operation | undefined,
  missed: Operation,
): Pick<Violation, 'kind' | 'why'> {
  if (fill === undefined) return { kind: 'definite', why: 'Nobody filled that value in after it had been changed.' }
  if (rules.isWriterLocked !== true) {
    return {
      kind: 'by-contract',
      why: `${fill.process} had read it before the change and filled it in after. ${missed.process} does not take the lock, so no lock prevents it: fence the fill.`,
    }
  }
  const filler = history.holdOf(fill.token)
  const writer = history.holdOf(updateSteps(missed.answer))
  const end =
    (filler === undefined ? null : leaseEnd(history, filler, fill.endedUs)) ??
    (writer === undefined ? null : leaseEnd(history, writer, missed.endedUs))
  return {
    kind: end?.kind ?? 'definite',
    why: end?.why ?? `${fill.process} filled it in, and ${missed.process} changed it, while both had the lock.`,
  }
}
