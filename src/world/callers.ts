/**
 * Several callers in one process of an application: requests of one web server, jobs of one worker. They share its modules,
 * its name and its fate; each is a client of its own in the history, with a connection of its own.
 *
 *   callers: 2    A and B are one process, C and D the next
 *
 * Does not model  that they share one thread: while one computes, the others go on. Computing takes no time in a world; what
 * stops a process (a pause, a crash) stops all of its callers.
 */
import type { FaultSettings, PlannedFault } from '../fault/fault.ts'
import { kindOf } from '../fault/planned-fault.ts'
import { type Callers, matesOf } from '../history/rules.ts'

/** Which of the clients share a process, when each process has so many callers. */
export function callersOf(clients: readonly string[], callers: number): Callers {
  const groups = clients
    .filter((_, index) => index % callers === 0)
    .map((_, index) => clients.slice(index * callers, (index + 1) * callers))
  return groups.filter(({ length }) => length > 1)
}

/**
 * What strikes one caller, unless it is a single message, strikes its whole process: the same fault for each of them, at the
 * same moment.
 */
export const strikeAll = (faults: readonly PlannedFault[], callers: Callers): readonly PlannedFault[] =>
  callers.length === 0 ? faults : faults.flatMap((fault) => forAll(fault, callers))

function forAll(fault: PlannedFault, callers: Callers): readonly PlannedFault[] {
  const kind = kindOf(fault)
  if (kind.onMessage !== undefined) return [fault]
  const settings = Object.entries(fault.settings).map(([key, value]) => [key, withMates(value, callers)])
  const listed: PlannedFault = { ...fault, settings: Object.fromEntries(settings) as FaultSettings }
  const named = Object.entries(listed.settings).find(([, value]) => callers.flat().includes(value as string))
  if (named === undefined) return [listed]
  const [key, name] = named
  return matesOf(name as string, callers).map((mate) => ({
    ...listed,
    settings: { ...listed.settings, [key]: mate },
  }))
}

/** In lists of processes, all callers stand where one of them stood. */
function withMates(value: unknown, callers: Callers): unknown {
  if (!Array.isArray(value)) return value
  const all = value.flatMap((item: unknown): readonly unknown[] =>
    typeof item === 'string' ? matesOf(item, callers) : [withMates(item, callers)],
  )
  return [...new Set(all)]
}
