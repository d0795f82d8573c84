/**
 * What the storm did: a stretch of time for each fault that struck, and for each of its effects.
 *
 * The trace puts on record that a fault struck, in words; which fault it was the world says beside it (`struck`), in the
 * same order.
 *
 * Does not model  the end of the storm: a partition that was planned for longer heals there, and still counts as planned.
 *                 Code under test is excused for a little too long rather than too short.
 */
import { type Effect, isLeftToDisk, touchedBy } from '../fault/effect.ts'
import type { PlannedFault } from '../fault/fault.ts'
import { describeFault, durationOf, effectsOf, processesOf } from '../fault/planned-fault.ts'
import { isStrike } from '../record/registry.ts'
import { canLose } from '../redis/persistence/persistence.ts'
import { assert } from '../sim/assert.ts'
import type { TraceRecord } from '../sim/trace.ts'
import { type InLanguages, inLanguages } from '../text/language.ts'
import { type Callers, matesOf, type Rules } from './rules.ts'

/** A stretch of time; an instant ends where it begins. */
export interface Span {
  readonly fromUs: number
  readonly untilUs: number
}

/** A stretch of an effect. */
export interface EffectSpan extends Span {
  readonly effect: Effect
}

/** A stretch of a fault, in words, for reports and pictures. */
export interface FaultSpan {
  readonly kind: string
  readonly description: InLanguages
  readonly processes: readonly string[]
  readonly fromUs: number
  /** 0 for an instant. Null: until the storm was over. */
  readonly durationUs: number | null
  /** What it did, the most telling effect first. */
  readonly effects: readonly Effect[]
}

/** The faults that struck, each with when it did; `records` are those of the fault lane. */
function strikes(
  records: readonly TraceRecord[],
  struck: readonly PlannedFault[],
): { readonly fault: PlannedFault; readonly fromUs: number }[] {
  return records.filter(isStrike).map(({ op, atUs: fromUs }, index) => {
    const fault = struck[index]
    assert(fault?.kind === op, `each record of a fault has the fault that struck, in the same order: ${op}`)
    return { fault, fromUs }
  })
}

/** What the faults did, each effect by itself, in the order in which they struck. */
export const effectSpans = (
  records: readonly TraceRecord[],
  { struck, rules }: { readonly struck: readonly PlannedFault[]; readonly rules: Rules },
  healedUs: number,
): EffectSpan[] => {
  const pausedUntilUs = new Map<string, number>()
  /** A pause that comes in the middle of another one begins where that ends. */
  const end = (effect: Effect, fromUs: number): number => {
    if (effect.kind !== 'stops') return endUs(effect, fromUs, healedUs)
    const untilUs = endUs(effect, Math.max(fromUs, pausedUntilUs.get(effect.process) ?? 0), healedUs)
    pausedUntilUs.set(effect.process, untilUs)
    return untilUs
  }
  const spans = strikes(records, struck).flatMap(({ fault, fromUs }) =>
    effectsOf(fault)
      .filter((effect) => happens(effect, rules))
      .flatMap((effect) => forCallers(effect, rules.callers ?? []))
      .map((effect) => ({ effect, fromUs, untilUs: end(effect, fromUs) })),
  )
  return spans.map((span) => ({ ...span, untilUs: span.untilUs + sentAgainUs(span, spans) }))
}

/** How much later a message that is held up arrives, because its way was cut meanwhile: it is sent again then, and held up as before. */
function sentAgainUs({ effect, fromUs, untilUs }: EffectSpan, spans: readonly EffectSpan[]): number {
  if (effect.kind !== 'delays-message') return 0
  const cutUntilUs = spans
    .filter((cut) => cut.effect.kind === 'cuts' && touchedBy(cut.effect).includes(effect.process))
    .filter((cut) => cut.fromUs <= untilUs && cut.untilUs >= fromUs)
    .map((cut) => cut.untilUs)
  return Math.max(0, ...cutUntilUs.map((us) => us - fromUs))
}

/** Of what it had in memory alone a server with an append-only file forgets nothing that it answered, unless its machine ends between two syncs. */
function happens(effect: Effect, { persistence }: Rules): boolean {
  if (persistence === undefined || !isLeftToDisk(effect)) return true
  return canLose(persistence, effect.what === 'unwritten' ? 'written' : 'synced')
}

/** Callers in one process may share a connection: what happens to a message of one may have held up another. */
function forCallers(effect: Effect, callers: Callers): readonly Effect[] {
  if (effect.kind !== 'delays-message' && effect.kind !== 'loses-message') return [effect]
  return matesOf(effect.process, callers).map((process) => ({ ...effect, process }))
}

/** The faults that struck, in words. */
export const faultSpans = (records: readonly TraceRecord[], struck: readonly PlannedFault[]): FaultSpan[] =>
  strikes(records, struck).map(({ fault, fromUs }) => ({
    kind: fault.kind,
    description: inLanguages((language) => describeFault(fault, language)),
    processes: processesOf(fault),
    fromUs,
    durationUs: durationOf(fault),
    effects: effectsOf(fault),
  }))

function endUs(effect: Effect, fromUs: number, healedUs: number): number {
  switch (effect.kind) {
    case 'resets':
    case 'loses-message':
    case 'forgets':
    case 'has-promoted':
      return fromUs
    case 'changes-rate':
      return healedUs
    case 'moves-clock':
      return effect.isMendedAtEnd ? healedUs : Number.POSITIVE_INFINITY
    case 'slows-work':
      // Work that was begun while it was slow stays slow.
      return Number.POSITIVE_INFINITY
    default:
      return effect.forUs === null ? healedUs : fromUs + effect.forUs
  }
}
