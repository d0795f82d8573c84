/** What makes a world one in which something contended: told by hand. */
import { describe, expect, it } from 'vitest'
import { sometimes } from '../../src/check/sometimes.ts'
import type { HistoryRun } from '../../src/history/history.ts'
import { historyOf, type Line } from './by-hand.ts'

const isContended = (subject: HistoryRun['subject'], ...lines: readonly Line[]) =>
  sometimes(historyOf(lines, { subject })).has('contended')
const does = (
  client: string,
  op: string,
  fromUs: number,
  untilUs: number,
  value: number | string | null = 1,
): Line[] => [
  [fromUs, client, 'invoke', op, [`${client}-${fromUs}`, value]],
  [untilUs, client, 'ok', op, [`${client}-${fromUs}`, value]],
]

describe('a session', () => {
  const session = (...lines: readonly Line[]) => isContended('session', ...lines)

  it('is contended by a request of another server during a change, or a change during a request', () => {
    for (const op of ['add', 'remove', 'logout', 'read']) {
      expect(session(...does('A', 'add', 100, 300), ...does('B', op, 200, 400))).toBe(true)
      expect(session(...does('A', 'add', 100, 200), ...does('B', op, 200, 400))).toBe(false)
      expect(session(...does('A', 'add', 100, 300), ...does('A', op, 200, 400))).toBe(false)
    }
    expect(session(...does('A', 'read', 100, 300), ...does('B', 'add', 200, 400))).toBe(true)
    expect(session(...does('A', 'read', 100, 300), ...does('B', 'read', 200, 400))).toBe(false)
  })

  it('is contended by the longest of those before', () => {
    for (const op of ['read', 'add']) {
      const two = [...does('A', op, 100, 500), ...does('A', op, 150, 200)]
      expect(session(...two, ...does('B', 'add', 300, 400))).toBe(true)
      expect(session(...does('A', op, 100, 200), ...does('A', op, 250, 500), ...does('B', 'add', 300, 400))).toBe(true)
    }
  })
})

describe('a queue', () => {
  const queue = (...lines: readonly Line[]) => isContended('job-queue', ...lines)

  it('is contended when two workers are each at a job', () => {
    expect(queue(...does('A', 'run', 100, 300), ...does('B', 'run', 200, 400))).toBe(true)
    expect(queue(...does('A', 'run', 100, 300), ...does('A', 'run', 200, 400))).toBe(false)
    expect(queue(...does('A', 'run', 100, 200), ...does('B', 'run', 200, 400))).toBe(false)
    expect(queue(...does('A', 'run', 100, 500), ...does('A', 'run', 150, 200), ...does('B', 'run', 300, 400))).toBe(
      true,
    )
  })
})

describe('an election', () => {
  const election = (...lines: readonly Line[]) => isContended('leader-election', ...lines)
  const leads = (client: string, fromUs: number, untilUs: number) => does(client, 'lead', fromUs, untilUs, null)

  it('is contended by who campaigns while another one leads, until it is elected itself', () => {
    const campaign = does('B', 'campaign', 200, 210)
    expect(election(...leads('A', 100, 300), ...campaign)).toBe(true)
    expect(election(...leads('A', 100, 200), ...campaign)).toBe(false)
    expect(election(...leads('B', 100, 300), ...campaign)).toBe(false)
    expect(election(...campaign, ...leads('B', 300, 400), ...leads('A', 350, 500))).toBe(false)
    expect(election(...campaign, ...leads('A', 250, 280), ...leads('B', 300, 400))).toBe(true)
    // It led before it campaigned again.
    expect(election(...leads('B', 100, 150), ...campaign, ...leads('A', 250, 280), ...leads('B', 300, 400))).toBe(true)
  })
})
