/** `report.md` of a hunt. */
import { describe, expect, it } from 'vitest'
import { huntMarkdown, picturedFinding } from '../../../src/report/hunt/markdown.ts'
import { cleanHunt, contractHunt, violatedHunt } from './hunts.ts'

const text = huntMarkdown(contractHunt())

describe('report.md of a hunt', () => {
  it('tells the statement, the table of findings, and what was tried', () => {
    expect(text.split('\n')[0]).toBe('# lockstorm hunt: ✗ mine: 1 limit')
    expect(text).toContain(
      '| 1 | ✗ mutual exclusion violated | limit | A and B both held the lock for 10.022 s | pause A for 40 s (A before send 2) | 25 | fencing |',
    )
    expect(text).toContain('| a client wanted the lock (the session, the job) while another had it | never |')
    expect(text).toContain('```yaml\nworkload:\n  counter:\n    rounds: 2\n    work: 20ms\nttl: 200ms\n```')
  })

  it('draws the story as text, with the cures and the command', () => {
    const finding = text.split('### 1. mutual exclusion violated')[1]!
    expect(finding).toContain('1. pause A for 40 s (A before send 2) – necessary: without it the violation is gone')
    expect(finding).toMatch(/```text\n {2}time .*\n[\s\S]*paused 40.0 s[\s\S]*Needs fencing: no lock/)
    expect(finding).toContain('| longer-ttl | ! gone, but another violation is there then | a lease 10 times as long |')
    expect(finding).toContain('```sh\nnpx lockstorm replay L1.Z2MtcGF1c2U\n```')
    expect(finding).toContain(
      '- **stale write accepted** (limit): A wrote 2 although B had taken the lock 10 s before, in 3 storms',
    )
  })

  it('shows the file of the worst story where there is one, says why it happened, and folds the text picture', () => {
    const material = contractHunt()
    const beside = huntMarkdown(material, picturedFinding(material))
    const finding = beside.split('### 1. mutual exclusion violated')[1]!
    expect(finding).toMatch(
      /\n\n!\[mutual exclusion violated: A and B both held the lock for 10\.022 s\]\(story\.svg\)\n\n<details><summary>The same as text<\/summary>\n\n```text\n[\s\S]*```\n\n<\/details>\n\n/,
    )
    // A step summary has no files beside it.
    expect(text).not.toContain('story.svg')
  })

  it('lets nothing end its table cell, its code or its paragraph', () => {
    const hostile = huntMarkdown(violatedHunt())
    expect(hostile.replace(/^(`{3,})[\s\S]*?^\1$/gm, '')).not.toMatch(/<(script|img|b|p|\/)/)
    const rows = hostile.split('\n').filter((line) => line.startsWith('| fencing |'))
    expect(rows).toContain('| fencing | ✗ still there | &lt;b&gt;do&lt;/b&gt; \\| it |')
  })

  it('ends before GitHub drops it, says what was cut, and still says what was tried', () => {
    const cut = huntMarkdown(violatedHunt(), null, 7_000)
    expect(new TextEncoder().encode(cut).length).toBeLessThanOrEqual(7_000)
    expect(cut).toMatch(/\*\*Cut at 7 kB:\*\* \d more findings? in `report.json` and `index.html`\./)
    expect(cut).toContain('## What was tried')
  })

  it('says when nothing was found', () => {
    const clean = huntMarkdown(cleanHunt())
    expect(clean).toContain('# lockstorm hunt: ✓ mine: no violation was found')
    expect(clean).not.toContain('## Findings')
  })
})
