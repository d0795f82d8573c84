/** The text of a failure: the same on the terminal, in Markdown and in JUnit. */
import { describe, expect, it } from 'vitest'
import { failureText } from '../../src/report/failure.ts'
import { createPalette } from '../../src/text/palette.ts'
import { textWidth } from '../../src/text/width.ts'
import { type Fixture, gcPause, hostile, lostUpdate, naiveInterleaving, partition } from './stories.ts'

const textOf = ({ story, violations }: Fixture, index = 0): string =>
  failureText({ violation: violations[index]!, story })

/** Colours that can be read in a snapshot. */
const COLORS = { isColorSupported: true, bold: (text: string) => `<b>${text}</b>`, dim: (text: string) => text }

describe('the text of a failure', () => {
  // Kleppmann 2016, the figure with the client that is stopped for longer than its lease.
  it('tells of a pause that outlives the lease, and that only fencing helps', () => {
    expect(textOf(gcPause())).toMatchInlineSnapshot(`
      "✗ mutual exclusion violated: A and B both held the lock for 10.022 s

        time     0.2 ms                          30.0 s            40.0 s      42.0 s
                 ┬──────╱╱────────╱╱────────────────┬────╱╱───────────┬───╱╱─────────┬
        A              ├───··········· paused 40.0 s ···········──────┤
                 ▸ SET k A-1 NX → OK
        B                                           ├─ holds ─────────────────────┤
                                           ▸ SET k B-41 NX → OK
        redis-1     ╞═ A-1 (expired) ═════════╡ ╞═ B-41 (deleted) ═══════════════════╡
        storage                                                    ◆ A: write 1
                                                                    B: write 1 ◆
        ✗                      both hold for 10.0 s ▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒

        A's key reached its TTL of 30 s while A was paused, and A could not know.
        Needs fencing: no lock with a lease can prevent this by itself.

        replay  npx lockstorm replay L1.Z2MtcGF1c2U"
    `)
  })

  it('shows the moment of a write that came too late', () => {
    expect(textOf(gcPause(), 1)).toMatchInlineSnapshot(`
      "✗ stale write accepted: A wrote 1 although B had taken the lock 10.022 s before

        time     0.2 ms                          30.0 s         40.0 s         42.0 s
                 ┬──────╱╱────────╱╱────────────────┬────╱╱────────┬──────╱╱─────────┬
        A              ├───··········· paused 40.0 s ···········──────┤
                 ▸ SET k A-1 NX → OK                            ✗ write 1 → 1
        B                                           ├─ holds ─────────────────────┤
                                           ▸ SET k B-41 NX → OK
        redis-1     ╞═ A-1 (expired) ═════════╡ ╞═ B-41 (deleted) ═══════════════════╡
        storage                                                    ◆ A: write 1
                                                                    B: write 1 ◆
        ✗                                     stale write accepted ▲

        A's key reached its TTL of 30 s while A was paused, and A could not know.
        Needs fencing: no lock with a lease can prevent this by itself.

        replay  npx lockstorm replay L1.Z2MtcGF1c2U"
    `)
  })

  it('tells of two clients who both saw a free lock, with everything that a run knows', () => {
    const { story, violations } = naiveInterleaving()
    const text = failureText({
      violation: violations[0]!,
      story,
      subject: 'naive in contention',
      found: 'storm 412 of 1,000 · seed 7301 · shrunk 4 faults → 1',
      seeIt: 'reports/hunt/index.html#L1.bmFpdmU',
      cure: 'locks/fenced.ts passes the same storm',
    })
    expect(text).toMatchInlineSnapshot(`
      "✗ mutual exclusion violated: A and B both held the lock for 20.625 ms

        time     0.1 ms       1.7 ms      3.3 ms    23.9 ms      25.4 ms      53.1 ms
                 ┬───────────────┬───────────┬─╱╱───────┬───────────┬───────────╱╱───┬
        A                        ├─ holds ──────────────┤
                 ▸ GET k → nil
                         ▸ SET k A-1 → OK
        B                                    ├─ holds ──────────────┤
                     ▸ GET k → nil  ✗ SET k B-1 → OK
        C                                                                     ├ holds
        redis-1              ╞═ A's ════╪═ B-1 (deleted) ═══╡             ╞ C's token
        storage                                     ◆ A: write 1          C: write 2 ◆
                                                                ◆ B: write 1
        ✗                                    ▒▒▒▒▒▒▒▒▒▒▒▒ both hold for 20.6 ms

        B overwrote A's key while it was live.

        in        naive in contention
        found in  storm 412 of 1,000 · seed 7301 · shrunk 4 faults → 1
        replay    npx lockstorm replay L1.bmFpdmU
        see it    reports/hunt/index.html#L1.bmFpdmU
        cure      locks/fenced.ts passes the same storm"
    `)
  })

  it('draws three nodes, a partition and a wrong clock', () => {
    expect(textOf(partition())).toMatchInlineSnapshot(`
      "✗ mutual exclusion violated: A and B both held the lock for 987.358 ms

        time     0.3 ms   1.9 ms  900.0 ms         2.00 s          2.01 s       3.0 s
                 ┬───────────┬───╱╱───┬───╱╱──────────┬╱╱─────────────┬──╱╱──────╱╱──┬
        A                    ├─ holds ────────────────────────────────────────────────
                 ▸ SET k A-1 NX → OK ×3
        B                                                             ├─ holds ──────┤
                                                          ▸ SET k B-14 NX → OK ×3
        redis-1     ╞═ A-1 (expired) ═══════════╡                 ╞═ B-14 (deleted) ══
        redis-2           ╞═ A-1 (expired) ═══════════╡         ╞═ B-14 (deleted) ════
        redis-3        ╞═ A-1 (expired) ═══════════╡         ╞═ B-14 (deleted) ═══════
        storage                                                     B: write 1 ◆
        faults   ~~~~~~~~~~~~~~~~~~~~~~ clock of A 2 s behind ~~~~~~~~~~~~~~~~~~~~~~~
                                      ╌╌╌╌ partition A | redis-1 redis-2 for 6 s ╌╌╌╌
        ✗                                        both hold for 987 ms ▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒

        A trusted its wall clock, which was 2 s behind: it believed in its lease 1.4 s
        longer than Redis had its token.

        replay  npx lockstorm replay L1.cGFydGl0aW9u"
    `)
  })

  it('tells of sessions by their operations, as nobody holds anything', () => {
    expect(textOf(lostUpdate())).toMatchInlineSnapshot(`
      "✗ session update lost: the session lost "book", whose addition had been
        acknowledged to A

        time     0.5 ms        3.2 ms        13.6 ms    15.0 ms    16.5 ms    30.9 ms
                 ┬────────────────┬─────────────┬──────────┬──────────┬──────────────┬
        A             ▴ login          ▴ load              ▴ add                look ▴
                                                ▸ SET k {"user":7,"… → OK
        B                         ▴ load                                    ▴ add
                            ▸ GET k → {"us…
                                         SET k {"user":7,"… → OK ✗
        redis-1  ╞═ A: user (overwritten) ═══════════╪═ A's ══════════╪═ B's ═════════
        ✗                                      for 15.9 ms ▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒

        B wrote back the whole session as it had loaded it before the change of A.

        replay  npx lockstorm replay L1.c2Vzc2lvbg"
    `)
  })

  it('shows characters that would act on a terminal, and quotes a token that a shell would read', () => {
    expect(textOf(hostile())).toMatchInlineSnapshot(`
      "✗ mutual exclusion violated: </text></svg><script>alert(2)</script> and B\`|<b>
        both held "</p><script>alert(6)</script>" for 498 ms

        time        1.0 ms                          1.0 s             1.5 s     1.6 s
                    ┬──────────────────╱╱──────────────┬───────╱╱────────┬────╱╱─────┬
        </text></…            ├─ holds ──────────────────────────────────┤
        B\`|<b>                                         ├─ holds ─────────────────────┤
        redis-1          ╞════════════════════════╡
        ✗                         both hold for 498 ms ▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒

        A why with \`\`\` fences, a | pipe, <img src=x onerror=alert(7)> and
        ␛[31mcolours␇.

        replay  npx lockstorm replay 'L1."><img src=x onerror=alert(1)>'"
    `)
  })

  it('names whom the violation is about, even if all there is of them is an attempt that failed', () => {
    const { story } = naiveInterleaving()
    const violation = {
      property: 'dead-lock',
      kind: 'bug',
      weight: 'blocked-for-ever',
      cause: { kind: 'not-takeable' },
      told: { kind: 'not-takeable', forUs: 1_000 },
      needs: null,
      sentence: 'D was told nothing but an error',
      why: 'Its attempt succeeded in Redis.',
      atUs: 2_000,
      untilUs: 4_000,
      processes: ['D'],
    } as const
    const marks = [{ kind: 'operation', atUs: 2_000, label: 'acquire unknown', owner: 'D' }] as const
    const lanes = [{ name: 'D', kind: 'client', bars: [], marks } as const, ...story.lanes]
    expect(failureText({ violation, story: { ...story, lanes } })).toMatch(/^ {2}D .*▴ acquire unknown/m)
  })

  it('is told without a picture when the world is not kept', () => {
    const [violation] = lostUpdate().violations
    expect(failureText({ violation: violation!, story: null })).toMatchInlineSnapshot(`
      "✗ session update lost: the session lost "book", whose addition had been
        acknowledged to A

        B wrote back the whole session as it had loaded it before the change of A.

        replay  npx lockstorm replay L1.c2Vzc2lvbg"
    `)
  })

  it('fits into 80 columns and one screen, whatever happened; only a command may be longer', () => {
    for (const fixture of [naiveInterleaving(), gcPause(), partition(), lostUpdate(), hostile()]) {
      for (const [index] of fixture.violations.entries()) {
        const lines = textOf(fixture, index).split('\n')
        expect(lines.filter((line) => textWidth(line) > 80 && !line.includes('npx lockstorm replay'))).toEqual([])
        expect(lines.length).toBeLessThanOrEqual(24)
      }
    }
  })

  it('fits into the width it is given', () => {
    const { story, violations } = gcPause()
    for (const width of [60, 100, 132]) {
      const lines = failureText({ violation: violations[0]!, story }, { width }).split('\n')
      expect(lines.filter((line) => textWidth(line) > width)).toEqual([])
    }
  })

  it('says the same with colours: they add nothing that can be read', () => {
    const { story, violations } = gcPause()
    const failure = { violation: violations[0]!, story }
    const colored = failureText(failure, { palette: createPalette(COLORS) })
    expect(colored.split('\n')[0]).toBe(
      '\u001b[38;5;166m✗ mutual exclusion violated: A and B both held the lock for 10.022 s\u001b[39m',
    )
    expect(colored.replace(/\u001b\[[\d;]*m|<\/?b>/g, '').replace(/ +$/gm, '')).toBe(failureText(failure))
  })
})
