/** mutual-exclusion of an election: at no time do two clients believe that they lead. */
import type { History } from '../history/history.ts'
import { type LeaderTerm, leaderTerms, whyTwoLead } from './leader-terms.ts'
import type { Violation } from './verdict.ts'

/** Each time that one was elected while another one led. */
export function twoLeaders(history: History): readonly Violation[] {
  const violations: Violation[] = []
  let open: LeaderTerm[] = []
  for (const later of leaderTerms(history)) {
    open = open.filter(({ untilUs }) => untilUs > later.fromUs)
    if (later.untilUs <= later.fromUs) continue
    for (const earlier of open) {
      if (earlier.client === later.client) continue
      const untilUs = Math.min(earlier.untilUs, later.untilUs)
      violations.push({
        property: 'mutual-exclusion',
        ...whyTwoLead(history, earlier, later),
        told: { kind: 'both-led', earlier: earlier.client, later: later.client, forUs: untilUs - later.fromUs },
        atUs: later.fromUs,
        untilUs,
        processes: [earlier.client, later.client],
      })
    }
    open.push(later)
  }
  return violations
}
