/** What a hunt says on the terminal: each finding, and under it what never showed without it. */
import { describe, expect, it } from 'vitest'
import { huntText } from '../../../src/report/hunt/terminal.ts'
import { contractHunt } from './hunts.ts'

describe('the text of a hunt', () => {
  it('tells under a finding what never showed without it, with its cause and its own token', () => {
    const { report, stories } = contractHunt()
    const text = huntText(report, stories)
    expect(text).toContain(
      [
        '  seen only together with it',
        '    ✗ stale write accepted: A wrote 2 although B had taken the lock 10 s before',
        '      (limit)',
        '      It did not know.',
        '      npx lockstorm replay L1.c3RhbGU',
      ].join('\n'),
    )
    // Also under findings that are told without their picture.
    expect(huntText(report, stories, { toldCount: 0 })).toContain('npx lockstorm replay L1.c3RhbGU')
  })

  it('says why the search ended before its end', () => {
    const { report, stories } = contractHunt()
    const text = huntText({ ...report, stoppedBy: 'lost' }, stories).replace(/\s+/g, ' ')
    expect(text).toContain('The search was given up: the code under test cost one worker after the other.')
    expect(huntText({ ...report, stoppedBy: null }, stories)).not.toContain('The search')
  })

  it('is the sentence alone when it is to be quiet', () => {
    const { report, stories } = contractHunt()
    expect(huntText(report, stories, { isQuiet: true })).not.toContain('seen only together')
  })
})
