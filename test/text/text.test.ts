/** The small parts that all texts are made of: times, widths, escaping, commands. */
import { describe, expect, it } from 'vitest'
import { UsageError } from '../../src/sim/usage-error.ts'
import { escapeHtml, escapeXmlLines, visible } from '../../src/text/escape.ts'
import { replayCommand } from '../../src/text/replay-command.ts'
import { counted, countText, durationText, instantText } from '../../src/text/time.ts'
import { fit, padded, textWidth, wrap } from '../../src/text/width.ts'

describe('times', () => {
  it('are rounded to what the eye needs', () => {
    const lengths = [0, 1, 350, 999, 1_000, 1_234, 99_949, 99_950, 250_000, 999_499, 999_500, 2_100_000, 40_000_000]
    expect(lengths.map(durationText)).toEqual([
      '0 µs',
      '1 µs',
      '350 µs',
      '999 µs',
      '1.0 ms',
      '1.2 ms',
      '99.9 ms',
      '100 ms',
      '250 ms',
      '999 ms',
      '1.0 s',
      '2.1 s',
      '40.0 s',
    ])
    expect([100_000_000, 599_400_000, 600_000_000, -1_500].map(durationText)).toEqual([
      '100 s',
      '599 s',
      '10.0 min',
      '-1.5 ms',
    ])
  })

  it('have the digits that tell an instant from its neighbour', () => {
    expect(instantText(30_001_204, 10_000_000)).toBe('30.0 s')
    expect(instantText(30_001_204, 2_000)).toBe('30.001 s')
    expect(instantText(30_001_204, 1)).toBe('30.001204 s')
    expect(instantText(1_204, 5)).toBe('1.204 ms')
    expect(instantText(0, 1)).toBe('0 s')
  })

  it('are counted with commas, one thing in the singular', () => {
    expect([0, 999, 1_000, 12_400, 181_304_000].map(countText)).toEqual(['0', '999', '1,000', '12,400', '181,304,000'])
    expect([counted(1, 'world'), counted(2, 'world'), counted(1_000, 'cell')]).toEqual([
      '1 world',
      '2 worlds',
      '1,000 cells',
    ])
  })
})

describe('columns', () => {
  it('count wide characters twice and marks not at all', () => {
    expect(['abc', '看门狗', 'é', 'e\u0301', '🔒', '─✗'].map(textWidth)).toEqual([3, 6, 1, 1, 2, 2])
  })

  it('cut and fill by columns', () => {
    expect([fit('看门狗锁', 5), fit('abcdef', 4), fit('abc', 3), fit('abc', 0)]).toEqual(['看门…', 'abc…', 'abc', ''])
    expect(padded('看', 4)).toBe('看  ')
  })

  it('wrap at spaces, and break a word only when it is longer than the line', () => {
    expect(wrap('one two three', 7)).toEqual(['one two', 'three'])
    expect(wrap('abcdefghij kl', 4)).toEqual(['abcd', 'efgh', 'ij', 'kl'])
    expect(wrap('', 10)).toEqual([])
    // No line begins with a mark that ends something.
    expect(wrap('先看一看，再占用。', 8)).toEqual(['先看一', '看，再占', '用。'])
  })
})

describe('escaping', () => {
  it('makes names in messages about mistakes visible, and keeps their lines', () => {
    const { message, problem } = new UsageError('--only', 'unknown lock "\u202e\u001b[2J"', 'lockstorm list subjects')
    expect(message).toBe('--only: unknown lock "\ufffd\u241b[2J"\n  fix: lockstorm list subjects')
    expect(problem).toBe('unknown lock "\u202e\u001b[2J"')
  })

  it('makes what cannot be seen visible', () => {
    expect(visible('a\u001b[2J\n\t\u007f')).toBe('a␛[2J␊␉␡')
    // An override would show the rest of the line backwards; a lone surrogate is no character at all.
    expect(visible('a\u202eb\ud800c\u2028\ufeff')).toBe('a�b�c��')
    expect(visible('🔒 看')).toBe('🔒 看')
  })

  it('leaves no way out of an element or an attribute', () => {
    expect(escapeHtml(`<a b="c" d='e'>&`)).toBe('&lt;a b=&quot;c&quot; d=&#39;e&#39;&gt;&amp;')
  })

  it('keeps the lines of XML content, and nothing that XML 1.0 cannot hold', () => {
    expect(escapeXmlLines('a\r\nb\u0000\u0008\ufffe]]>')).toBe('a\nb␀␈�]]&gt;')
  })
})

describe('the replay command', () => {
  it('can be pasted as it is', () => {
    expect(replayCommand('L1.3kQz9vX0b7')).toBe('npx lockstorm replay L1.3kQz9vX0b7')
    expect(replayCommand(`L1.'; rm -rf ~`)).toBe(`npx lockstorm replay 'L1.'\\''; rm -rf ~'`)
  })
})
