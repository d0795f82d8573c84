/** `report.md`. */
import { describe, expect, it } from 'vitest'
import { reportMarkdown } from '../../../src/report/run/markdown.ts'
import type { ReportMaterial } from '../../../src/scenario/report.ts'
import { escapeMarkdown, markdownBlock, markdownCode } from '../../../src/text/escape.ts'
import { emptyMaterial, largeMaterial, report, smallMaterial } from '../stories.ts'

/** The material with only the cells of one scenario. */
function only(scenario: string): ReportMaterial {
  const material = smallMaterial()
  return { ...material, report: report(material.report.cells.filter((cell) => cell.scenario === scenario)) }
}

describe('report.md', () => {
  it('has the matrix, what was not as expected, and the story of each violation', () => {
    expect(reportMarkdown(only('partition'))).toMatchInlineSnapshot(`
      "# lockstorm: ✗ 2 cells not as expected

      2 cells: 0 as expected, 2 not<br>
      1 violated · 1 valid · 80 worlds<br>
      seed \`7301\` · Redis: memory (Redis 7.2) · client: ioredis · engine 1 · deterministic

      | scenario | set-nx-lua | fenced |
      |---|---|---|
      | partition | **✗ bug**, not as expected | **✓ valid**, not as expected |

      ## Not as expected

      - **set-nx-lua** in **partition**: found mutual-exclusion (bug), overstated-lease (bug); expected valid
      - **fenced** in **partition**: found valid; expected hang (bug)

      ## Violations

      ### ✗ set-nx-lua in partition

      *The holder is cut off from the majority · SET NX, compare-and-delete in Lua*

      12 of 40 worlds violated, **not as expected**.

      **mutual exclusion violated** (bug): A and B both held the lock for 987.358 ms

      \`\`\`text
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
      \`\`\`

      \`\`\`sh
      npx lockstorm replay L1.cGFydGl0aW9u
      \`\`\`

      **lease overstated** (bug): A's lease said that it lasts 1.4 s longer than the key in Redis

      The lease is computed from the wall clock, which can be wrong.

      \`\`\`sh
      npx lockstorm replay L1.cGFydGl0aW9u
      \`\`\`
      "
    `)
  })

  it('keeps names in their place, whatever they are made of', () => {
    expect(reportMarkdown(only('contention')).split('### ').at(-1)).toMatchInlineSnapshot(`
      "✗ &lt;script&gt;alert(1)&lt;/script&gt; in contention

      *Three clients want one lock*

      1 of 40 worlds violated, as expected.

      **mutual exclusion violated** (bug): &lt;/text&gt;&lt;/svg&gt;&lt;script&gt;alert(2)&lt;/script&gt; and B\\\`\\|&lt;b&gt; both held "&lt;/p&gt;&lt;script&gt;alert(6)&lt;/script&gt;" for 498 ms

      \`\`\`\`text
        time        1.0 ms                          1.0 s             1.5 s     1.6 s
                    ┬──────────────────╱╱──────────────┬───────╱╱────────┬────╱╱─────┬
        </text></…            ├─ holds ──────────────────────────────────┤
        B\`|<b>                                         ├─ holds ─────────────────────┤
        redis-1          ╞════════════════════════╡
        ✗                         both hold for 498 ms ▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒

        A why with \`\`\` fences, a | pipe, <img src=x onerror=alert(7)> and
        ␛[31mcolours␇.
      \`\`\`\`

      \`\`\`sh
      npx lockstorm replay 'L1."><img src=x onerror=alert(1)>'
      \`\`\`
      "
    `)
  })

  it('never exceeds its limit, and says how many cells it cut off', () => {
    const utf8 = new TextEncoder()
    for (const bytesMax of [20_000, 60_000, 80_000]) {
      const text = reportMarkdown(largeMaterial(), null, bytesMax)
      expect(utf8.encode(text).length).toBeLessThanOrEqual(bytesMax)
      const shown = text.match(/^### /gm)?.length ?? 0
      expect(text.trimEnd().split('\n').at(-1)).toBe(
        `**Cut at ${bytesMax / 1000} kB:** ${54 - shown} more violated cells in \`report.json\` and \`index.html\`.`,
      )
    }
    expect(reportMarkdown(largeMaterial())).not.toContain('**Cut at')
  })

  it('says so when nothing was run', () => {
    expect(reportMarkdown(emptyMaterial())).toBe('# lockstorm\n\nNothing was run.\n')
  })
})

describe('Markdown escaping', () => {
  it('takes their meaning from all characters that have one', () => {
    expect(escapeMarkdown('a_b*c`d|e[f](g)~h <b>&</b>\\')).toBe(
      'a\\_b\\*c\\`d\\|e\\[f\\](g)\\~h &lt;b&gt;&amp;&lt;/b&gt;\\\\',
    )
    expect(['# a', '- a', '1. a', '+ a', 'set-nx-lua'].map(escapeMarkdown)).toEqual([
      '\\# a',
      '\\- a',
      '1\\. a',
      '\\+ a',
      'set-nx-lua',
    ])
  })

  it('fences code with more backticks than it has', () => {
    expect(markdownCode('a`b``c')).toBe('```a`b``c```')
    expect(markdownCode('`a')).toBe('`` `a ``')
    expect(markdownBlock('x\n````\ny').split('\n')[0]).toBe('`````text')
  })
})
