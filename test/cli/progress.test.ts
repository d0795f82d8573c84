/** The line of progress, on a clock of the test's own. */
import { describe, expect, it } from 'vitest'
import { Progress, progressText, type Step } from '../../src/cli/progress.ts'

const step = (doneCount: number): Step => ({ doneCount, totalCount: 40, worldCount: doneCount * 100, failureCount: 0 })

function screen(isProgressTerminal: boolean, progressWidth = 80) {
  const drawn: string[] = []
  const clock = { ms: 0 }
  const progress = new Progress({ isProgressTerminal, progressWidth, draw: (text) => drawn.push(text) }, () => clock.ms)
  return { drawn, clock, progress }
}

describe('on a terminal', () => {
  it('nothing is drawn in the first second, then at most ten lines a second, each over the last', () => {
    const { drawn, clock, progress } = screen(true)
    for (clock.ms = 0; clock.ms < 2_000; clock.ms += 10) progress.update(step(1))
    expect(drawn).toHaveLength(10)
    for (const text of drawn) expect(text).toMatch(/^\r\x1b\[2K▸ [^\n]*$/)
  })

  it('the line is gone at the end, and nothing is cleared that was not drawn', () => {
    const { drawn, clock, progress } = screen(true)
    progress.clear()
    expect(drawn).toEqual([])
    clock.ms = 1_500
    progress.update(step(1))
    progress.clear()
    progress.clear()
    expect(drawn.slice(1)).toEqual(['\r\x1b[2K'])
  })

  it('the line is never broken', () => {
    const { drawn, clock, progress } = screen(true, 20)
    clock.ms = 1_500
    progress.update(step(1))
    expect(drawn[0]?.replace('\r\x1b[2K', '')).toHaveLength(19)
  })
})

describe('without a terminal', () => {
  it('there is one plain line every thirty seconds', () => {
    const { drawn, clock, progress } = screen(false)
    for (clock.ms = 0; clock.ms <= 95_000; clock.ms += 1_000) progress.update(step(10))
    progress.clear()
    expect(drawn).toHaveLength(3)
    for (const text of drawn) expect(text).toMatch(/^▸ [^\r\x1b]*\n$/)
  })
})

describe('the text', () => {
  it('says how far, how fast, what was found and how long it will take', () => {
    expect(progressText({ doneCount: 12, totalCount: 40, worldCount: 12_400, failureCount: 2 }, 10_000)).toBe(
      '▸ 12/40 cells · 1,240 worlds/s · 2 not as expected · ETA 24s',
    )
    expect(progressText({ doneCount: 1, totalCount: 8, worldCount: 10, failureCount: 0 }, 10_000)).toContain(
      'ETA 1m10s',
    )
    expect(progressText({ doneCount: 0, totalCount: 8, worldCount: 0, failureCount: 0 }, 0)).toContain('0/8 cells')
  })
})
