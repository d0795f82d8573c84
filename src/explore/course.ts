/**
 * The course of a world: what its clients, its nodes and its storage did and when, and when each message passed. Where storms have
 * one course, their faults made no difference that lasts, and what follows them in a larger storm follows one of them.
 *
 * Does not model  what no client has seen yet: a clock that is wrong, a client that works slowly, keys that are gone and a slot that is elsewhere matter
 *                 later, so faults with such effects are a part of the course themselves. An error's text is not: what code reads
 *                 in it, it shows in the storm of that fault alone.
 */
import type { Effect } from '../fault/effect.ts'
import type { PlannedFault } from '../fault/fault.ts'
import { effectsOf } from '../fault/planned-fault.ts'
import { hashTrace, type TraceRecord } from '../sim/trace.ts'
import type { SeenWorld } from './site.ts'

/** The course, as a short text; equal texts, equal courses. */
export function courseOf({ run, passed }: SeenWorld): string {
  const told = run.records.filter(({ type, op }) => type !== 'fault' && op !== 'no effect').map(withoutErrorText)
  const sites = passed.map(
    ({ atUs, process, site, count }): TraceRecord => ({ atUs, seq: 0, process, type: 'note', op: site, value: count }),
  )
  const lasting = run.plan.faults.filter(isLasting)
  return `${hashTrace([...told, ...sites])}${lasting.length === 0 ? '' : JSON.stringify(lasting)}`
}

const withoutErrorText = (record: TraceRecord): TraceRecord =>
  record.type === 'info' || record.type === 'fail' ? { ...record, value: null } : record

const isLasting = (fault: PlannedFault): boolean => effectsOf(fault).some(lasts)

function lasts(effect: Effect): boolean {
  switch (effect.kind) {
    case 'moves-clock':
    case 'changes-rate':
    case 'slows-work':
    case 'moves-slot':
      return true
    case 'forgets':
      return effect.what !== 'scripts'
    default:
      return false
  }
}
