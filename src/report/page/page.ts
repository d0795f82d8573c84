/**
 * What every page of a report has: the head with its policy, the brand, the patterns, the one script, the footer.
 *
 * Invariants
 * - Nothing is fetched: no font, no script, no image, no address but links inside the page and to the files beside it.
 *   A content security policy says so to the browser too.
 * - The only script that may run is ours, named by its hash.
 */
import { escapeHtml } from '../../text/escape.ts'
import { PATTERNS } from './figure.ts'
import { SCRIPT, SCRIPT_HASH } from './script.ts'
import { STYLE } from './style.ts'

/** The parts of a page that differ; all but `title` and `engine` are markup. */
export interface HtmlPage {
  readonly title: string
  readonly engine: string
  readonly header: string
  readonly main: string
  /** Sentences behind "Made by lockstorm, engine 1." */
  readonly footer: string
}

const POLICY = `default-src 'none'; style-src 'unsafe-inline'; script-src '${SCRIPT_HASH}'; base-uri 'none'; form-action 'none'`

const LOGO =
  '<svg viewBox="0 0 24 24" aria-hidden="true"><rect x="4" y="10" width="16" height="11" rx="2.5" fill="none" stroke="currentColor" stroke-width="2"/><path d="M8 10V7a4 4 0 0 1 8 0v3" fill="none" stroke="currentColor" stroke-width="2"/><path d="M13 11.5l-3.2 4.2h2.6l-1 3.6 3.4-4.4h-2.6z" fill="var(--violated)"/></svg>'

/** The line above the title. */
export const BRAND = `<p class="brand">${LOGO}lockstorm</p>`

/** The text of a page. */
export function htmlPage({ title, engine, header, main, footer }: HtmlPage): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${POLICY}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<meta name="generator" content="lockstorm ${escapeHtml(engine)}">
<meta name="color-scheme" content="light dark">
<title>${escapeHtml(title)} · lockstorm</title>
<style>${STYLE}</style>
</head>
<body>
<a class="skip" href="#main">To the results</a>
${PATTERNS}
<div class="wrap">
${header}
<main id="main">
${main}
</main>
<footer class="bottom"><p>Made by lockstorm, engine ${escapeHtml(engine)}. ${footer}</p></footer>
</div>
<script>${SCRIPT}</script>
</body>
</html>
`
}

/** Names with values in a line; names are ours, values are escaped here. */
export function factList(facts: readonly (readonly [name: string, value: string])[]): string {
  const items = facts.map(([name, value]) => `<div><dt>${name}</dt><dd>${escapeHtml(value)}</dd></div>`)
  return `<dl class="facts">${items.join('')}</dl>`
}

/** A text to be copied, with the button that does it; `what` is said to those who cannot see it. */
export const copyHtml = (text: string, what: string): string =>
  `<div class="replay"><code>${escapeHtml(text)}</code><button type="button" hidden>Copy<span class="vh"> ${what}</span></button></div>`

const utf8 = new TextEncoder()

/** How large a page is, in bytes. */
export const sizeOfHtml = (text: string): number => utf8.encode(text).length

/**
 * The richest page that is no larger than wanted, else the plainest; found by halving, since more detail is always more
 * bytes.
 * @param pageAt the page with detail 0 (most) to `count` - 1 (least)
 */
export function richestPage(
  pageAt: (detail: number) => string,
  count: number,
  wantedBytes: number,
): { readonly text: string; readonly detail: number } {
  const pages = new Map<number, string>()
  const page = (index: number): string => {
    const known = pages.get(index) ?? pageAt(index)
    pages.set(index, known)
    return known
  }
  let [low, high] = [0, count - 1]
  if (sizeOfHtml(page(0)) <= wantedBytes) return { text: page(0), detail: 0 }
  while (low < high) {
    const middle = (low + high) >> 1
    if (sizeOfHtml(page(middle)) <= wantedBytes) high = middle
    else low = middle + 1
  }
  return { text: page(high), detail: high }
}

/** The page, with a remark for whoever wonders why it opens slowly. */
export const withSizeWarning = (text: string, advice: string): string =>
  text.replace(
    '<html ',
    `<!-- lockstorm: this report is ${(sizeOfHtml(text) / 1_000_000).toFixed(1)} MB; ${advice} -->\n<html `,
  )
