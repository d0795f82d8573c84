/** `junit.xml`. That it is well-formed is tested in a browser (`browser.test.ts`). */
import { describe, expect, it } from 'vitest'
import { reportJunit } from '../../../src/report/run/junit.ts'
import type { Cell, ReportMaterial } from '../../../src/scenario/report.ts'
import { cell, emptyMaterial, lostUpdate, report, smallMaterial } from '../stories.ts'

const session = lostUpdate()
const CART = { scenario: 'two requests', workload: 'cart' } as const

function junitOf(...cells: readonly Cell[]): string {
  const histories = new Map([['two requests/overwrite', session.story]])
  const material: ReportMaterial = { report: report(cells), scenarios: new Map(), subjects: new Map(), histories }
  return reportJunit(material)
}

/** The lines that are not plain passed cases. */
const tellingLines = (xml: string): string =>
  xml
    .split('\n')
    .filter((line) => !/^ {4}<testcase .*\/>$/.test(line))
    .join('\n')

describe('junit.xml', () => {
  it('makes a violation that was not expected a failure, with its story', () => {
    const { violations } = session
    const xml = junitOf(cell({ ...CART, lock: 'overwrite', violations, expected: 'valid', asExpected: false }))
    expect(xml).toMatchInlineSnapshot(`
      "<?xml version="1.0" encoding="UTF-8"?>
      <testsuites name="lockstorm" tests="7" failures="1" errors="0" skipped="0">
        <testsuite name="two requests" tests="7" failures="1" errors="0" skipped="0">
          <testcase classname="two requests" name="overwrite: session-lost-update">
            <failure message="session update lost: the session lost &quot;book&quot;, whose addition had been acknowledged to A" type="session-lost-update">✗ session update lost: the session lost &quot;book&quot;, whose addition had been
        acknowledged to A

        time     0.5 ms        3.2 ms        13.6 ms    15.0 ms    16.5 ms    30.9 ms
                 ┬────────────────┬─────────────┬──────────┬──────────┬──────────────┬
        A             ▴ login          ▴ load              ▴ add                look ▴
                                                ▸ SET k {&quot;user&quot;:7,&quot;… → OK
        B                         ▴ load                                    ▴ add
                            ▸ GET k → {&quot;us…
                                         SET k {&quot;user&quot;:7,&quot;… → OK ✗
        redis-1  ╞═ A: user (overwritten) ═══════════╪═ A&#39;s ══════════╪═ B&#39;s ═════════
        ✗                                      for 15.9 ms ▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒

        B wrote back the whole session as it had loaded it before the change of A.

        in        overwrite in two requests
        found in  12 of 40 worlds
        replay    npx lockstorm replay L1.c2Vzc2lvbg
        expected  valid</failure>
          </testcase>
          <testcase classname="two requests" name="overwrite: session-vanished"/>
          <testcase classname="two requests" name="overwrite: session-resurrected"/>
          <testcase classname="two requests" name="overwrite: session-stale-read"/>
          <testcase classname="two requests" name="overwrite: hang"/>
          <testcase classname="two requests" name="overwrite: linearizability"/>
          <testcase classname="two requests" name="overwrite: crash"/>
        </testsuite>
      </testsuites>
      "
    `)
  })

  it('lets a violation that was expected pass, with the same story as output', () => {
    const xml = junitOf(cell({ ...CART, lock: 'overwrite', violations: session.violations }))
    expect(xml).toContain('tests="7" failures="0" errors="0" skipped="0"')
    expect(xml).toContain('<system-out>as expected\n✗ session update lost: the session lost &quot;book&quot;')
  })

  it('counts a bug of a lock that nothing was said about as a failure, and what needs fencing not', () => {
    const { violations } = session
    const xml = junitOf(cell({ ...CART, lock: 'overwrite', violations, expected: null, asExpected: false }))
    expect(xml).toContain('failures="1"')
    expect(xml).toContain('expected  no bug</failure>')
    const byContract = violations.map((violation) => ({ ...violation, kind: 'limit' as const }))
    expect(junitOf(cell({ ...CART, lock: 'overwrite', violations: byContract, expected: null }))).toContain(
      'failures="0"',
    )
  })

  it('lets a violation pass that may be there, and one that may be there and is not', () => {
    const { violations } = session
    const expected = { may: { 'session-lost-update': 'bug' } } as const
    expect(junitOf(cell({ ...CART, lock: 'overwrite', violations, expected }))).toContain('failures="0"')
    expect(junitOf(cell({ ...CART, lock: 'overwrite', expected }))).toContain('failures="0"')
  })

  it('counts a violation that did not come as a failure', () => {
    const expected = { 'session-lost-update': 'bug' } as const
    const xml = junitOf(cell({ ...CART, lock: 'overwrite', expected, asExpected: false }))
    expect(tellingLines(xml)).toMatchInlineSnapshot(`
      "<?xml version="1.0" encoding="UTF-8"?>
      <testsuites name="lockstorm" tests="7" failures="1" errors="0" skipped="0">
        <testsuite name="two requests" tests="7" failures="1" errors="0" skipped="0">
          <testcase classname="two requests" name="overwrite: session-lost-update">
            <failure message="expected session-lost-update (bug), found no such violation in 40 worlds" type="session-lost-update">expected session-lost-update (bug), found no such violation in 40 worlds</failure>
          </testcase>
        </testsuite>
      </testsuites>
      "
    `)
  })

  it('counts a violation of another kind than expected as a failure', () => {
    const expected = { 'session-lost-update': 'limit' } as const
    const { violations } = session
    const xml = junitOf(cell({ ...CART, lock: 'overwrite', violations, expected, asExpected: false }))
    expect(xml).toContain('expected  session-lost-update (limit)</failure>')
  })

  it('skips what is unknown or vacuous, and says why; vacuous passes where it was expected', () => {
    const unknown = cell({ ...CART, lock: 'a', verdict: 'unknown', detail: 'ran 200000 events', expected: 'valid' })
    const vacuous = cell({ ...CART, lock: 'b', verdict: 'vacuous', detail: 'nothing contended', expected: 'valid' })
    const calm = cell({ ...CART, lock: 'c', verdict: 'vacuous', detail: 'nothing contended' })
    const xml = junitOf({ ...unknown, asExpected: false }, { ...vacuous, asExpected: false }, calm)
    expect(xml).toContain('tests="21" failures="0" errors="0" skipped="14"')
    expect(xml).toContain('<skipped message="unknown: ran 200000 events"/>')
    expect(xml).toContain('<skipped message="vacuous: nothing contended"/>')
  })

  it('fails the cell as a whole where no property can be blamed', () => {
    const xml = junitOf(cell({ ...CART, lock: 'a', expected: 'vacuous', asExpected: false }))
    expect(tellingLines(xml)).toContain('<testcase classname="two requests" name="a: verdict">')
    expect(xml).toContain('message="expected vacuous, found valid"')
  })

  it('names cases without seeds and tokens, so that a server knows them again', () => {
    const xml = reportJunit(smallMaterial())
    const names = [...xml.matchAll(/<testcase classname="([^"]*)" name="([^"]*)"/g)].map(([, a, b]) => `${a} ${b}`)
    expect(names.filter((name) => name.includes('L1.') || name.includes('7301'))).toEqual([])
    expect(new Set(names).size).toBe(names.length)
  })

  it('is a document without suites when nothing was run', () => {
    expect(reportJunit(emptyMaterial())).toMatchInlineSnapshot(`
      "<?xml version="1.0" encoding="UTF-8"?>
      <testsuites name="lockstorm" tests="0" failures="0" errors="0" skipped="0">
      </testsuites>
      "
    `)
  })
})
