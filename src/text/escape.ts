/**
 * Text from users' code (names of locks, keys, values, error messages) made safe for each place it is shown in.
 *
 * Invariants
 * - Nothing that comes out can end the element, attribute, code span or line it was put into.
 * - Control characters, bidirectional overrides and lone surrogates become visible signs: a lock named `\x1b[2J`
 *   clears no screen, and no name is shown in another order than it is written in.
 *
 * Source: https://www.w3.org/TR/xml/#charsets (what XML 1.0 can hold at all),
 *         https://github.github.com/gfm/#backslash-escapes
 */
import { visible, visibleLines } from '../sim/visible.ts'

export { visible, visibleLines }

const HTML: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' }

/** For HTML, SVG and XML: element content, and attributes in quotes. */
export function escapeHtml(text: string): string {
  return visible(text).replace(/[&<>"']/g, (char) => HTML[char] as string)
}

/** For the content of an XML element; keeps line ends. */
export function escapeXmlLines(text: string): string {
  return visibleLines(text).replace(/[&<>"']/g, (char) => HTML[char] as string)
}

/** For Markdown in running text and in table cells; a text that looks like a heading, list or quote begins none. */
export function escapeMarkdown(text: string): string {
  return visible(text)
    .replace(/[\\`*_[\]|~]/g, '\\$&')
    .replace(/[&<>]/g, (char) => HTML[char] as string)
    .replace(/^(\s*)([#+\-=])/, '$1\\$2')
    .replace(/^(\s*\d+)([.)])/, '$1\\$2')
}

/** Markdown code in a line; `|` would end a table's cell even there. */
export function markdownCode(text: string): string {
  const shown = visible(text).replaceAll('|', '\\|')
  const fence = '`'.repeat(longestRun(shown) + 1)
  const pad = /^[` ]|[` ]$/.test(shown) || shown === '' ? ' ' : ''
  return `${fence}${pad}${shown}${pad}${fence}`
}

/** A Markdown code block that nothing inside it can end. */
export function markdownBlock(text: string, language = 'text'): string {
  const fence = '`'.repeat(Math.max(3, longestRun(text) + 1))
  return `${fence}${language}\n${text}\n${fence}`
}

function longestRun(text: string): number {
  let longest = 0
  for (const run of text.match(/`+/g) ?? []) longest = Math.max(longest, run.length)
  return longest
}
