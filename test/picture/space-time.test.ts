/** The space-time diagram: what is drawn, and what is left out. */
import { describe, expect, it } from 'vitest'
import { chooseMessages } from '../../src/picture/arrows.ts'
import { spaceTime } from '../../src/picture/space-time.ts'
import type { Focus } from '../../src/picture/story-window.ts'
import type { Story } from '../../src/world/story-data.ts'
import { flagged } from '../report/page-data.ts'
import { gcPause, lostUpdate, naiveInterleaving, partition } from '../report/stories.ts'

const all = (text: string, pattern: RegExp): string[] => [...text.matchAll(pattern)].map((match) => match[1]!)

/** The places of the bars of one class: from, until. */
function bars(body: string, className: string): [number, number][] {
  const found = [...body.matchAll(/<rect class="([^"]*)" x="([\d.]+)" y="[\d.]+" width="([\d.]+)"/g)]
  return found
    .filter(([, name]) => name === className)
    .map(([, , x, width]) => [Math.round(Number(x)), Math.round(Number(x) + Number(width))])
}

describe('a space-time diagram', () => {
  const { story, violations } = gcPause()
  const picture = spaceTime(story, flagged(violations), { arrowsMax: 200 })

  it('has a lane for each client, each Redis node, the resource and the faults', () => {
    expect(picture.names.map(({ text }) => text)).toEqual(['A', 'B', 'C', 'redis-1', 'storage', 'faults'])
    const nodes = spaceTime(partition().story, flagged(partition().violations), { arrowsMax: 200 }).names.map(
      ({ text }) => text,
    )
    expect(nodes).toEqual(['A', 'B', 'C', 'redis-1', 'redis-2', 'redis-3', 'storage', 'faults'])
  })

  it('draws belief over truth: the gap between the two is the bug', () => {
    const [belief] = bars(picture.body, 'b o0')
    const truth = bars(picture.body, 't o0')
    // Once under A's belief, once on the lane of the node.
    expect(truth).toHaveLength(2)
    expect(truth[0]).toEqual(truth[1])
    expect(truth[0]![0]).toBeLessThan(belief![0])
    expect(truth[0]![1]).toBeLessThan(belief![1])
    const expiryX = picture.x(story.lanes[3]!.bars[0]!.untilUs)!
    expect(Math.abs(truth[0]![1] - expiryX)).toBeLessThanOrEqual(1)
  })

  it('hatches the overlap on both lanes, from the moment it begins to the moment it ends', () => {
    const place = [picture.x(violations[0]!.atUs), picture.x(violations[0]!.untilUs)]
    expect(bars(picture.body, 'hatch')).toEqual([place, place])
  })

  it('says what the storm did, and draws it over the process it was done to', () => {
    expect(bars(picture.body, 'pause')).toHaveLength(1)
    expect(all(picture.body, /class="st"[^>]*>([^<]*)</g)).toEqual(['paused 40.0 s'])
    const cut = spaceTime(partition().story, flagged(partition().violations), { arrowsMax: 200 }).body
    expect(all(cut, /class="st"[^>]*>([^<]*)</g)).toEqual([
      'clock of A 2 s behind',
      'cut off',
      'crashed',
      'cut off',
      'cut off',
    ])
    expect(cut.match(/class="broken"/g)).toHaveLength(3)
  })

  it('flags each violation where it happened', () => {
    expect(all(picture.body, /class="ft"[^>]*>([^<]*)</g)).toEqual([
      '✗ mutual exclusion violated, 10.0 s',
      '✗ stale write accepted',
    ])
  })

  it('marks the long waits that it draws short', () => {
    expect(picture.body.match(/class="cut"/g)).toHaveLength(4)
    expect(picture.kinds.has('break')).toBe(true)
  })

  it('begins where two clients saw the same free lock, not where the trouble showed', () => {
    const naive = naiveInterleaving()
    const drawn = spaceTime(naive.story, flagged(naive.violations), { arrowsMax: 200 })
    expect(drawn.window.fromUs).toBe(120)
    expect(all(drawn.body, /<text[^>]*>(GET k|nil)</g)).toEqual(expect.arrayContaining(['GET k', 'nil', 'GET k']))
  })

  it('takes a majority of the nodes for the truth of a quorum lock', () => {
    const { story: quorum } = partition()
    const drawn = spaceTime(quorum, flagged(partition().violations), { arrowsMax: 200 })
    const [first] = bars(drawn.body, 't o0')
    const [, middle] = quorum.lanes
      .filter(({ kind }) => kind === 'redis')
      .map(({ bars: held }) => held.find(({ kind }) => kind === 'truth')!.fromUs)
      .sort((a, b) => a - b)
    expect(first![0]).toBe(drawn.x(middle!))
  })

  it('leaves out the messages furthest from what happened, and counts them', () => {
    // 86 polls of a command and a reply, and four calls of each client.
    expect([picture.drawnMessageCount, picture.messageCount]).toEqual([196, 196])
    const few = spaceTime(story, flagged(violations), { arrowsMax: 20 })
    expect([few.drawnMessageCount, few.messageCount]).toEqual([20, 196])
    // The writes that make the story are among the twenty.
    expect(all(few.body, />(write 1)</g)).toHaveLength(2)
  })

  it('tells a session by its operations and what Redis had', () => {
    const session = lostUpdate()
    const drawn = spaceTime(session.story, flagged(session.violations), { arrowsMax: 200 })
    expect(all(drawn.body.split('<g class="mt">')[1]!.split('</g>')[0]!, /<text[^>]*>([^<]*)</g)).toEqual([
      'login',
      'load',
      'add',
      'load',
      'add',
    ])
    expect(drawn.kinds.has('state')).toBe(true)
    expect(drawn.kinds.has('belief')).toBe(false)
  })

  it('shows the surroundings of the violation in a world of thousands of instants', () => {
    const bar = (index: number) => ({
      kind: 'belief' as const,
      fromUs: index * 10_000,
      untilUs: index * 10_000 + 6_000,
      label: 'A believes (released)',
      owner: 'A',
    })
    const long: Story = {
      endUs: 50_000_000,
      key: 'k',
      lanes: [{ name: 'A', kind: 'client', bars: Array.from({ length: 5_000 }, (_, index) => bar(index)), marks: [] }],
      messages: [],
      thrown: [],
      overlaps: [],
      records: [],
      ndjson: '',
    }
    const violation = { ...violations[0]!, atUs: 30_001_000, untilUs: 30_002_000, processes: ['A'] }
    const { window, body } = spaceTime(long, flagged([violation]), { arrowsMax: 200 })
    expect(window).toMatchObject({ isCutBefore: true, isCutAfter: true })
    expect(window.untilUs - window.fromUs).toBeLessThan(200_000)
    expect(window.fromUs < violation.atUs && window.untilUs > violation.untilUs).toBe(true)
    expect(bars(body, 'b o0').length).toBeLessThan(20)
  })

  it('draws a world in which nothing happened', () => {
    const nothing: Story = {
      endUs: 0,
      key: 'k',
      lanes: [],
      messages: [],
      overlaps: [],
      thrown: [],
      records: [],
      ndjson: '',
    }
    expect(spaceTime(nothing, [], { arrowsMax: 200 }).names).toEqual([])
  })
})

describe('messages that are as near to an instant as others', () => {
  // A client that polls has an instant of its own at each message: without the focus the first polls would be drawn.
  const polls = Array.from({ length: 40 }, (_, index) => ({
    from: 'B',
    to: 'redis-1',
    sentUs: index * 1000,
    arrivedUs: index * 1000,
    label: `poll ${index}`,
    lost: false,
  }))
  const { story } = gcPause()
  const window = { fromUs: 0, untilUs: 40_000, isCutBefore: false, isCutAfter: false, fold: null }
  const landmarks = polls.map(({ sentUs }) => sentUs)
  const drawn = (focus: Focus | null) =>
    chooseMessages({ ...story, messages: polls }, window, {
      indexOf: new Map(polls.map((poll, index) => [poll, index])),
      telling: { guilty: null, telling: new Set() },
      landmarks,
      focus,
      arrowsMax: 3,
    }).chosen.map(({ message }) => message.label)

  it('are drawn when they are the nearest to what happened', () => {
    expect(drawn({ atUs: 30_000, untilUs: 31_000, processes: ['A', 'B'] })).toEqual(['poll 29', 'poll 30', 'poll 31'])
    expect(drawn(null)).toEqual(['poll 0', 'poll 1', 'poll 2'])
  })
})

describe('labels in a picture', () => {
  it('cut a token that nobody would read to its end, and keep it in the tip', () => {
    const token = 'd41ab20745e8232dd3035d334662c9b3'
    const { story, violations } = gcPause()
    const lanes = story.lanes.map((lane) => ({
      ...lane,
      bars: lane.bars.map((bar) => (bar.kind === 'truth' ? { ...bar, label: `${token} (expired)` } : bar)),
    }))
    const { body } = spaceTime({ ...story, lanes }, flagged(violations), { arrowsMax: 200 })
    expect(body).toContain(': d41ab20745e8232d… (expired)</text>')
    expect(body).not.toContain(`${token} (expired)</text>`)
    expect(body).toContain(`${token} (expired), `)
  })
})
