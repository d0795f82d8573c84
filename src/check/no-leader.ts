/**
 * no-leader: when everything has healed and no client leads, one that campaigns is elected, at the latest when the last lease has
 * ended twice over.
 *
 * Source: Ongaro and Ousterhout 2014, Raft, section 5.2: a leader is elected when the old one is gone
 */
import type { Check } from './check.ts'

export const noLeader: Check = {
  name: 'no-leader',
  heading: 'no leader',
  weight: 'blocked-for-ever',
  summary: 'once all faults have healed a leader is elected',
  subjects: ['leader-election'],
  run(history) {
    const probe = history.operations.findLast((operation) => operation.op === 'probe')
    if (probe === undefined || probe.outcome === 'ok') return []
    // One that ended meanwhile has shown nothing.
    if ((history.ended.get(probe.process) ?? -1) >= probe.invokedUs) return []
    return [
      {
        property: 'no-leader',
        kind: 'bug',
        told: { kind: 'not-elected', client: probe.process, forUs: probe.endedUs - probe.invokedUs },
        cause: { kind: 'none-elected' },
        atUs: probe.invokedUs,
        untilUs: probe.endedUs,
        processes: [probe.process],
      },
    ]
  },
}
