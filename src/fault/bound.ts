/**
 * A planned fault with its kind's code bound to its settings: what everybody else works with, so that nobody outside this
 * folder takes settings apart.
 */
import { assert } from '../sim/assert.ts'
import { barOf, type Effect, type FaultBar } from './effect.ts'
import type { FaultContext, FaultKind, MessageFate, PlannedFault } from './fault.ts'
import { faultKind } from './registry.ts'

export interface BoundFault {
  readonly fault: PlannedFault
  /** In words: `pause A for 2 s`. */
  readonly description: string
  /** The processes that its settings name. */
  readonly processes: readonly string[]
  /** How long it lasts, µs; 0 for an instant, null until the storm is over. */
  readonly durationUs: number | null
  readonly effects: readonly Effect[]
  readonly bar: FaultBar
  /** How long it lasts or how far it moves a clock, µs; 0: it has no size. */
  readonly magnitudeUs: number
  /** What it does to one message; null: it strikes at once. */
  readonly messageFate: MessageFate | null
  /** Makes it happen, now; only without a `messageFate`. */
  strike(context: FaultContext): void
  /** The same fault with a magnitude times so many tenths, in whole milliseconds; null: it gets no smaller. */
  shortened(tenths: number): PlannedFault | null
}

/** The faults of plans that live: a plan is run, told and shrunk many times. */
const bound = new WeakMap<PlannedFault, BoundFault>()

/** The fault, ready to be asked and to strike. */
export function boundFault(fault: PlannedFault): BoundFault {
  let found = bound.get(fault)
  if (found === undefined) {
    const kind = faultKind(fault.kind)
    assert(kind !== undefined, `a planned fault is registered: ${fault.kind}`)
    found = bind(kind, fault)
    bound.set(fault, found)
  }
  return found
}

/** Binds a fault to its kind. */
export function bind(kind: FaultKind, fault: PlannedFault): BoundFault {
  // The settings come from the kind's own schema, or from its own menu: this is the one place that trusts it.
  const settings = fault.settings as never
  const { magnitude } = kind as { readonly magnitude?: string }
  const us = magnitude === undefined ? 0 : (fault.settings[magnitude] as number)
  const effects = kind.effects(settings)
  return {
    fault,
    description: kind.describe(settings),
    processes: kind.processes(settings),
    durationUs: kind.durationUs(settings),
    effects,
    bar: barOf(effects),
    magnitudeUs: Math.abs(us),
    messageFate: kind.onMessage?.(settings) ?? null,
    strike: (context) => kind.strike?.(settings, context),
    shortened(tenths) {
      const shorterUs = Math.trunc((us * tenths) / 10_000) * 1_000
      if (magnitude === undefined || shorterUs === 0 || shorterUs === us) return null
      return { ...fault, settings: { ...fault.settings, [magnitude]: shorterUs } }
    },
  }
}

/** A fault of this kind in a plan. */
export const planFault = <Settings extends object>(
  kind: FaultKind<Settings>,
  settings: NoInfer<Settings>,
  at: PlannedFault['at'],
): PlannedFault => ({ kind: kind.name, settings: settings as PlannedFault['settings'], at })
