/** The end of a run on the terminal. */
import { describe, expect, it } from 'vitest'
import { summaryText } from '../../../src/report/run/terminal.ts'
import { textWidth } from '../../../src/text/width.ts'
import { cell, emptyMaterial, largeMaterial, report, smallMaterial } from '../stories.ts'

describe('the summary of a run', () => {
  it('is a table of words, worst first, then what was not as expected, the totals and the place of the report', () => {
    expect(summaryText(smallMaterial().report, { where: 'reports/suite/index.html' })).toMatchInlineSnapshot(`
      "                                                                       ../../
                                                      <script>alert(1)</     etc/
                    set-nx-lua  naive       fenced    script>                passwd
        partition   ✗ bug*      –           ✓ valid*  –                      –
        gc-pause    ✗ limit     ? unknown*  ✓ valid   –                      ! vacuous
        contention  ✓ valid     ✗ bug       ✓ valid   ✗ bug                  –

                                     overwrite  optimistic
        session-concurrent-requests  ✗ bug      ✓ valid

        limit: nothing that runs on the client can prevent it: it needs fencing, or
        Redis forgot what it had acknowledged
        unknown: a limit was hit before there was an answer
        vacuous: nothing contended, so nothing was tested
        * not as expected

        not as expected
        ✗ set-nx-lua in partition
          found mutual-exclusion (bug), overstated-lease (bug); expected valid
          npx lockstorm replay L1.cGFydGl0aW9u
        ? naive in gc-pause
          found unknown: the history reached 100000 records; expected valid
        ✓ fenced in partition
          found valid; expected hang (bug)

        12 cells: 9 as expected, 3 not
        5 violated · 1 unknown · 1 vacuous · 5 valid · 480 worlds
        report  reports/suite/index.html"
    `)
  })

  it('lists the locks of each scenario by word where eleven columns do not fit', () => {
    const text = summaryText(largeMaterial().report)
    expect(text.split('\n').slice(0, 9).join('\n')).toMatchInlineSnapshot(`
      "  crash-while-holding       ✗ bug    plain-set, set-nx-lua, wall-deadline,
                                           quorum
                                  ✓ valid  the other 7
        client-clock-ahead        ✗ bug    plain-set, set-nx-lua, quorum, reentrant
                                  ✓ valid  the other 7
        redis-clock-step-forward  ✗ bug    sorted-set, watchdog, naive, setnx-expire
                                  ✓ valid  the other 7
        partition-of-waiter       ✗ bug    sorted-set, wall-deadline, naive,
                                           setnx-expire"
    `)
    expect(text.split('\n').slice(-5).join('\n')).toMatchInlineSnapshot(`
      "  limit: nothing that runs on the client can prevent it: it needs fencing, or
        Redis forgot what it had acknowledged

        154 cells: all as expected
        54 violated · 100 valid · 6,160 worlds"
    `)
  })

  it('breaks the names of locks at their hyphens before it gives up the table', () => {
    const locks = ['naive', 'set-nx-plain-release', 'setnx-then-expire', 'fenced', 'watchdog', 'wall-deadline']
    expect(summaryText(report(locks.map((lock) => cell({ scenario: 'contention', lock }))))).toMatchInlineSnapshot(`
      "                                            setnx-
                             set-nx-plain-        then-                       wall-
                    naive    release              expire   fenced   watchdog  deadline
        contention  ✓ valid  ✓ valid              ✓ valid  ✓ valid  ✓ valid   ✓ valid

        6 cells: all as expected
        6 valid · 240 worlds"
    `)
  })

  it('fits into 80 columns but for the commands, also with names in Chinese', () => {
    const wide = report([
      cell({ scenario: '垃圾回收暂停导致锁过期之后继续写入数据的场景', lock: '看门狗锁' }),
      cell({ scenario: '垃圾回收暂停导致锁过期之后继续写入数据的场景', lock: '公平锁', asExpected: false }),
    ])
    for (const one of [smallMaterial().report, largeMaterial().report, wide]) {
      const lines = summaryText(one).split('\n')
      expect(lines.filter((line) => textWidth(line) > 80 && !line.includes('npx lockstorm'))).toEqual([])
    }
  })

  it('shows the first ten surprises and counts the rest', () => {
    const cells = Array.from({ length: 13 }, (_, index) =>
      cell({ scenario: `s${index}`, lock: 'naive', expected: 'vacuous', asExpected: false }),
    )
    const text = summaryText(report(cells))
    expect(text.match(/found valid; expected vacuous/g)).toHaveLength(10)
    expect(text).toContain('… and 3 more in the report')
  })

  it('says so when nothing was run', () => {
    expect(summaryText(emptyMaterial().report)).toBe('  nothing was run')
  })
})
