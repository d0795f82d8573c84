/**
 * Verdicts on a page: the coloured word, and the bar that shows how many there are of each.
 */
import { type StatusWord, symbolOf } from '../../text/status-word.ts'
import { countText } from '../../text/time.ts'

/** The word with its symbol, coloured by the class of its name; a line never ends between the two. */
export const wordHtml = (word: StatusWord): string => `<span class="w ${word}">${symbolOf(word)}&nbsp;${word}</span>`

/** How many there are of a status. */
export interface StatusCount {
  readonly count: number
  /** The class that gives it its colour. */
  readonly look: StatusWord
  /** Markup. */
  readonly word: string
}

/** A bar in which each status has its share, and the counts below it; `label` is said to those who cannot see the bar. */
export function statusBar(counts: readonly StatusCount[], label: string): string {
  const shares = counts.map(({ look, count }) => `<span class="${look}" style="flex:${count}"></span>`)
  const items = counts.map(({ word, count }) => `<li><b>${countText(count)}</b> ${word}</li>`)
  return `<div class="bar" aria-hidden="true">${shares.join('')}</div>
<ul class="totals" aria-label="${label}">${items.join('')}</ul>`
}
