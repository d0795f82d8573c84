/**
 * The timeline, whatever is told: odd names, 1 to 50 clients, 40 to 200 columns. No line is wider than asked, no words run into each
 * other, what the violation names is there, and so is every fault.
 */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { timeline } from '../../src/picture/timeline.ts'
import { visible } from '../../src/text/escape.ts'
import { LANGUAGES } from '../../src/text/language.ts'
import { textWidth } from '../../src/text/width.ts'
import { Telling } from './telling.ts'

const oddName = fc.oneof(
  fc.string({ minLength: 1, maxLength: 12, unit: 'grapheme' }),
  fc.constantFrom(
    '锁',
    '<script>',
    'a\nb',
    '\u001b[2J',
    '👩‍🚀',
    'a-very-long-name-of-a-client-in-a-far-away-region',
    ' ',
  ),
)

const told = fc.record({
  names: fc.uniqueArray(oddName, { minLength: 1, maxLength: 50 }),
  width: fc.integer({ min: 40, max: 200 }),
  steps: fc.array(fc.integer({ min: 1, max: 50_000 }), { minLength: 50, maxLength: 50 }),
  pausedUs: fc.integer({ min: 1, max: 10_000_000 }),
})

function story({
  names,
  steps,
  pausedUs,
}: {
  readonly names: readonly string[]
  readonly steps: readonly number[]
  readonly pausedUs: number
}) {
  const clients = names.filter((name) => !['redis-1', 'faults', 'world'].includes(name))
  const lanes: Readonly<Record<string, 'client' | 'redis' | 'faults'>> = Object.fromEntries([
    ...clients.map((name) => [name, 'client'] as const),
    ['redis-1', 'redis'] as const,
    ['faults', 'faults'] as const,
  ])
  const telling = new Telling(60_000_000, lanes)
  let atUs = 1_000
  for (const [index, client] of clients.entries()) {
    atUs += steps[index]!
    const asked = telling.call(client, 'redis-1', atUs, 'GET orders/42', 'nil')
    const set = telling.call(client, 'redis-1', asked.backUs, `SET orders/42 ${client} PX 1000`, 'OK')
    telling.operation(client, 'acquire', atUs, set.backUs)
    telling.hold(client, set.backUs, set.backUs + 100_000)
    telling.grant(
      'redis-1',
      client,
      client,
      set.atUs,
      set.atUs + 90_000,
      'deleted',
      clients[(index + 1) % clients.length],
    )
  }
  const first = clients[0] ?? 'A'
  telling.fault('pause', [first], atUs, atUs + pausedUs, `pause ${first}`)
  return { story: telling.story(), focus: { atUs, untilUs: atUs + 5_000, processes: clients.slice(0, 2) } }
}

describe('a timeline of anything', () => {
  it('keeps to its width, and shows whom the violation names, the fault, and the message that did it', () => {
    fc.assert(
      fc.property(told, (given) => {
        const { story: drawn, focus } = story(given)
        for (const language of LANGUAGES) {
          const lines = timeline(drawn, focus, { width: given.width, language })
          expect(lines.filter((line) => textWidth(line) > given.width)).toEqual([])
          // A line is one line on any terminal: what would act on it is made visible.
          expect(lines.filter((line) => line !== visible(line))).toEqual([])
          expect(lines.some((line) => /·|▪|pause|停顿/.test(line))).toBe(true)
          expect(lines.some((line) => /^ {2}✗/.test(line))).toBe(true)
        }
      }),
      { numRuns: 40 },
    )
  })

  it('runs no words into each other: between two labels of a row there is a space', () => {
    fc.assert(
      fc.property(told, (given) => {
        const { story: drawn, focus } = story({ ...given, names: given.names.map((_, index) => `c${index}`) })
        for (const line of timeline(drawn, focus, { width: given.width })) {
          expect(line).not.toMatch(/(nil|OK|OK ×\d+)(?=[A-Za-z▸✗])/)
        }
      }),
      { numRuns: 25 },
    )
  })
})
