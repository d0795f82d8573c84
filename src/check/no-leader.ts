/**
 * no-leader: when everything has healed and no client leads, one that campaigns is elected, at the latest when the last lease has
 * ended twice over: one that begins to campaign, and one whose campaign went on through the storm.
 *
 * Source: Ongaro and Ousterhout 2014, Raft, section 5.2: a leader is elected when the old one is gone
 */
import type { History } from '../history/history.ts'
import type { Operation } from '../history/operation.ts'
import type { Check } from './check.ts'
import type { Violation } from './verdict.ts'

export const noLeader: Check = {
  name: 'no-leader',
  heading: 'no leader',
  weight: 'blocked-for-ever',
  summary: 'once all faults have healed a leader is elected',
  subjects: ['leader-election'],
  run(history) {
    const probe = history.operations.findLast((operation) => operation.op === 'probe')
    if (probe === undefined) return []
    return probe.outcome === 'ok' ? campaignsGivenUp(history) : newcomerNotElected(history, probe)
  },
}

/** The last campaign, which was begun when all was calm. */
function newcomerNotElected(history: History, probe: Operation): readonly Violation[] {
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
}

/** Campaigns that nobody ended, and that were not elected while no client led. */
function campaignsGivenUp(history: History): readonly Violation[] {
  const { operations, lanes, healedUs, rules, ended } = history
  const calmEndsUs = lanes.notes.find(({ op }) => op === 'settled')?.atUs
  if (calmEndsUs === undefined) return []
  const terms = operations.filter(({ op, invokedUs }) => op === 'lead' && invokedUs < calmEndsUs)
  const fromUs = Math.max(healedUs, ...terms.map(({ endedUs }) => endedUs))
  const forUs = calmEndsUs - fromUs
  if (forUs <= 2 * rules.ttlMs * 1_000) return []
  const resigned = new Set(operations.filter(({ op }) => op === 'resign').map(({ token }) => token))
  return operations
    .filter(({ op, outcome, token }) => op === 'campaign' && outcome === 'ok' && !resigned.has(token))
    .filter(({ process, invokedUs }) => invokedUs < healedUs && (ended.get(process) ?? -1) < invokedUs)
    .map(({ process }) => ({
      property: 'no-leader',
      kind: 'bug',
      told: { kind: 'never-elected', client: process, forUs },
      cause: { kind: 'campaign-given-up' },
      atUs: fromUs,
      untilUs: calmEndsUs,
      processes: [process],
    }))
}
