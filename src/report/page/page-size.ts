/** How large a page may be: one that is too large does not open at once. */

export interface HtmlLimits {
  /** A larger page begins with a warning. */
  readonly warnBytes: number
  readonly maxBytes: number
}

export const HTML_LIMITS: HtmlLimits = { warnBytes: 3_000_000, maxBytes: 10_000_000 }

const utf8 = new TextEncoder()

/** How large a page is, in bytes. */
export const sizeOfHtml = (text: string): number => utf8.encode(text).length

/** A large page begins with a remark that says why it opens slowly. */
export function withSizeWarning(text: string, warnBytes: number, advice: string): string {
  const sizeBytes = sizeOfHtml(text)
  if (sizeBytes <= warnBytes) return text
  const remark = `<!-- lockstorm: this report is ${(sizeBytes / 1_000_000).toFixed(1)} MB; ${advice} -->`
  return text.replace('<html ', `${remark}\n<html `)
}
