/**
 * Judging one world: every property, then whether anything was tested at all.
 */
import type { History } from '../history/history.ts'
import { CHECKS } from './registry.ts'
import { SOMETIMES, type Sometimes, sometimes } from './sometimes.ts'
import type { Verdict, Violation } from './verdict.ts'

export interface Judgement {
  readonly verdict: Verdict
  readonly sometimes: ReadonlySet<Sometimes>
}

/** The verdict on one world. A limit that was reached, or a check that gave up, makes one without violations `unknown`. */
export function judge(history: History): Judgement {
  const { subject, rules, service } = history
  const violations: Violation[] = []
  let unknown = history.limitReached
  const asked = (violation: Violation): Violation => (service === undefined ? violation : { ...violation, service })
  const undecided = (reason: string): void => {
    unknown ??= reason
  }
  for (const check of CHECKS) {
    if (rules.properties?.includes(check.name) === false) continue
    if (check.isForOneHolder && (rules.limit ?? 1) > 1) continue
    if (check.subjects.includes(subject)) violations.push(...check.run(history, undecided).map(asked))
  }
  const facts = sometimes(history)
  if (violations.length > 0) return { verdict: { status: 'violated', violations }, sometimes: facts }
  return { verdict: cleanVerdict(history, facts, unknown), sometimes: facts }
}

/** What is missing where no client met another one and no lease ended. */
export const NOT_CONTENDED = `it never happened that ${SOMETIMES.contended}, nor that ${SOMETIMES.expired}`

/** What a world without violations is worth. */
function cleanVerdict(history: History, facts: ReadonlySet<Sometimes>, unknown: string | null): Verdict {
  if (unknown !== null) return { status: 'unknown', reason: unknown }
  // In a storm to give up may be all that is right: then that is what was tested.
  if (!facts.has('done') && history.faults.length === 0) {
    const { doneBy = [] } = history.rules
    const how = facts.has('gaveUp') ? '; holders gave up, because their leases had ended' : ''
    return {
      status: 'vacuous',
      missing: `it never happened that ${SOMETIMES.done}: no ${doneBy.join(' and no ')} ended well${how}`,
    }
  }
  if (!facts.has('contended') && !facts.has('expired')) {
    return { status: 'vacuous', missing: NOT_CONTENDED }
  }
  return { status: 'valid' }
}
