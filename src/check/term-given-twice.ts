/**
 * term-given-twice: where an election numbers its terms no two leaders have the same number. What a leader does carries it, and what
 * it is done to can refuse a leader that was superseded only if numbers tell them apart.
 *
 * A limit where Redis forgot the last number: no election on a server that forgets can prevent that.
 *
 * Source: Ongaro and Ousterhout 2014, "In Search of an Understandable Consensus Algorithm": "Raft divides time into terms … at most one
 * leader can be elected in a given term"
 */
import type { Check } from './check.ts'
import { type LeaderTerm, leaderTerms } from './leader-terms.ts'
import { forgottenIn } from './server-loss.ts'
import type { Violation } from './verdict.ts'

export const termGivenTwice: Check = {
  name: 'term-given-twice',
  heading: 'term given twice',
  weight: 'harm',
  summary: 'no two leaders have the same term',
  subjects: ['leader-election'],
  run(history) {
    const byTerm = new Map<number, LeaderTerm>()
    return leaderTerms(history).flatMap((later): Violation[] => {
      const { term } = later
      if (term === null) return []
      const first = byTerm.get(term)
      if (first === undefined) byTerm.set(term, later)
      if (first === undefined || first.client === later.client) return []
      const forgotten = forgottenIn(history, { fromUs: first.fromUs, untilUs: later.fromUs })
      return [
        {
          property: 'term-given-twice',
          kind: forgotten === null ? 'bug' : 'limit',
          told: { kind: 'same-term', term, first: first.client, again: later.client },
          cause: forgotten === null ? { kind: 'term-not-drawn' } : { kind: 'term-forgotten', ...forgotten },
          atUs: later.fromUs,
          untilUs: later.fromUs,
          processes: [first.client, later.client],
        },
      ]
    })
  },
}
