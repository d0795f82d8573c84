/**
 * Markdown that ends before GitHub drops it: a step summary of more than 1 MiB is not shown at all.
 *
 * Invariants
 * - At most `bytesMax` bytes of UTF-8, where head and tail leave room for a line. What is cut is said.
 */

/** GitHub's limit is 1 MiB a step. */
export const MARKDOWN_BYTES_MAX = 900_000

/** A text whose middle may be cut. */
export interface CutMarkdown<Item> {
  readonly head: string
  readonly items: readonly Item[]
  blockOf(item: Item): string
  /** A number of items, in words: `3 more findings`. */
  leftText(count: number): string
  /** What comes last, whatever is cut. */
  readonly tail?: string
}

/** Adds items while they fit, with a line about those that do not. */
export function markdownWithin<Item>(
  bytesMax: number,
  { head, items, blockOf, leftText, tail }: CutMarkdown<Item>,
): string {
  const utf8 = new TextEncoder()
  const sizeOf = (text: string): number => utf8.encode(text).length
  const cutLine = (left: number): string =>
    `**Cut at ${Math.round(bytesMax / 1000)} kB:** ${leftText(left)} in \`report.json\` and \`index.html\`.`
  const end = tail === undefined ? '\n' : `\n\n${tail}\n`
  let text = head
  let sizeBytes = sizeOf(head)
  const reserve = sizeOf(cutLine(items.length)) + 2 + sizeOf(end)
  for (const [index, item] of items.entries()) {
    const block = `\n\n${blockOf(item)}`
    const blockBytes = sizeOf(block)
    const isLast = index === items.length - 1
    if (sizeBytes + blockBytes + (isLast ? sizeOf(end) : reserve) > bytesMax)
      return `${text}\n\n${cutLine(items.length - index)}${end}`
    text += block
    sizeBytes += blockBytes
  }
  return `${text}${end}`
}
