import { expect, it } from 'vitest'
import { TextRow } from '../../src/picture/text-row.ts'
import { textWidth } from '../../src/text/width.ts'

it.each([0, 1, 2, 3, 4, 5])(
  'keeps its width when a character is written over half of a wide one: column %i',
  (column) => {
    const row = new TextRow(6)
    row.put(0, '停顿中', null)
    row.put(column, '▪', null)
    const text = row.toText()
    expect(textWidth(text)).toBe(6)
    expect(textWidth(text.slice(0, text.indexOf('▪')))).toBe(column)
  },
)
