/**
 * How much a page embeds of each world: as much as keeps the page small enough to open at once.
 */

/** How much is embedded of a world. */
export interface Detail {
  readonly arrowsMax: number
  readonly recordsMax: number
}

/** From most to least. */
export const DETAILS: readonly Detail[] = [
  { arrowsMax: 200, recordsMax: 120 },
  { arrowsMax: 140, recordsMax: 80 },
  { arrowsMax: 100, recordsMax: 50 },
  { arrowsMax: 70, recordsMax: 32 },
  { arrowsMax: 50, recordsMax: 22 },
  { arrowsMax: 36, recordsMax: 14 },
  { arrowsMax: 24, recordsMax: 8 },
]

export interface HtmlLimits {
  /** Details are reduced until the page is no larger than this, where that is possible. */
  readonly wantedBytes: number
  /** A larger page begins with a warning. */
  readonly warnBytes: number
  readonly maxBytes: number
}

export const HTML_LIMITS: HtmlLimits = { wantedBytes: 1_000_000, warnBytes: 3_000_000, maxBytes: 10_000_000 }

const utf8 = new TextEncoder()

/** How large a page is, in bytes. */
export const sizeOfHtml = (text: string): number => utf8.encode(text).length

/**
 * The richest page that is no larger than wanted, else the plainest; found by halving, since more detail is always more
 * bytes.
 */
export function richestPage(
  pageWith: (detail: Detail) => string,
  wantedBytes: number,
): { readonly text: string; readonly detail: Detail } {
  const pages = new Map<number, string>()
  const page = (index: number): string => {
    const known = pages.get(index) ?? pageWith(DETAILS[index]!)
    pages.set(index, known)
    return known
  }
  let [low, high] = [0, DETAILS.length - 1]
  if (sizeOfHtml(page(0)) <= wantedBytes) return { text: page(0), detail: DETAILS[0]! }
  while (low < high) {
    const middle = (low + high) >> 1
    if (sizeOfHtml(page(middle)) <= wantedBytes) high = middle
    else low = middle + 1
  }
  return { text: page(high), detail: DETAILS[high]! }
}

/** A large page begins with a remark that says why it opens slowly. */
export function withSizeWarning(text: string, warnBytes: number, advice: string): string {
  const sizeBytes = sizeOfHtml(text)
  if (sizeBytes <= warnBytes) return text
  const remark = `<!-- lockstorm: this report is ${(sizeBytes / 1_000_000).toFixed(1)} MB; ${advice} -->`
  return text.replace('<html ', `${remark}\n<html `)
}
