/**
 * What can be asked of a fault in a plan: its kind is looked up in the registry and answers with the fault's settings. So
 * nothing outside this folder takes settings apart, or knows a fault by its name.
 */
import * as z from 'zod'
import { assert } from '../sim/assert.ts'
import type { Language } from '../text/language.ts'
import type { Effect } from './effect.ts'
import type { FaultKind, PlannedFault } from './fault.ts'
import { faultKind } from './registry.ts'

/** The kind of a planned fault: what makes it happen, and what it says of itself. */
export function kindOf({ kind: name }: PlannedFault): FaultKind {
  const kind = faultKind(name)
  assert(kind !== undefined, `a planned fault is registered: ${name}`)
  return kind
}

/** In words: `pause A for 2 s`. */
export const describeFault = (fault: PlannedFault, language: Language = 'en'): string =>
  kindOf(fault).describe[language](fault.settings)

/** The processes that its settings name. */
export const processesOf = (fault: PlannedFault): readonly string[] => kindOf(fault).processes(fault.settings)

/** How long it lasts, µs; 0 for an instant, null until the storm is over. */
export const durationOf = (fault: PlannedFault): number | null => kindOf(fault).durationUs(fault.settings)

/** What it does. */
export function effectsOf(fault: PlannedFault): readonly Effect[] {
  const kind = kindOf(fault)
  return kind.onMessage === undefined ? kind.effects(fault.settings) : [kind.onMessage(fault.settings)]
}

/** How large it is: how long it lasts, or how far it moves a clock, µs; 0: it has no size. */
export function sizeUs(fault: PlannedFault): number {
  const { size } = kindOf(fault)
  return size === undefined ? 0 : Math.abs(numberAt(fault, size))
}

/** A tenth of its size, half, eight and nine tenths. */
const TENTHS = [1, 5, 8, 9] as const

/** The same fault in smaller sizes, the smallest first: whole milliseconds, because that is what people read. */
export function* smallerFaults(fault: PlannedFault): Iterable<PlannedFault> {
  const { size } = kindOf(fault)
  if (size === undefined) return
  const us = numberAt(fault, size)
  for (const tenths of TENTHS) {
    const smallerUs = Math.trunc((us * tenths) / 10_000) * 1_000
    if (smallerUs !== 0 && smallerUs !== us) yield { ...fault, settings: { ...fault.settings, [size]: smallerUs } }
  }
}

/** The same fault in another size, in the same direction; itself where it has none. */
export function withSize(fault: PlannedFault, us: number): PlannedFault {
  const { size } = kindOf(fault)
  if (size === undefined) return fault
  return { ...fault, settings: { ...fault.settings, [size]: Math.sign(numberAt(fault, size)) * us } }
}

function numberAt({ kind, settings }: PlannedFault, key: string): number {
  const us = settings[key]
  assert(typeof us === 'number', `the size of a fault is a number: ${key} of ${kind}`)
  return us
}

/** Its settings as scenario files write them. */
export const writeSettings = (fault: PlannedFault): unknown => z.encode(kindOf(fault).schema, fault.settings)
