/**
 * A table that scrolls by itself where a screen is narrower than it.
 */

export interface HtmlTable {
  /** What is said of it to those who cannot see it. */
  readonly label: string
  /** Besides `others`. */
  readonly classes: readonly string[]
  readonly heads: readonly string[]
  /** `<tr>` elements. */
  readonly rows: readonly string[]
}

/** The table in its scrolling box. */
export const scrollingTable = ({ label, classes, heads, rows }: HtmlTable): string =>
  `<div class="scroll" tabindex="0" role="group" aria-label="${label}"><table class="${['others', ...classes].join(' ')}"><thead><tr>${heads.map((head) => `<th scope="col">${head}</th>`).join('')}</tr></thead><tbody>
${rows.join('\n')}
</tbody></table></div>`
