/**
 * What every page of a report has: the head with its policy, the brand, the patterns, the one script, the footer.
 *
 * Invariants
 * - Nothing is fetched: no font, no script, no image, no address but links inside the page, to the files beside it, and to the sources of a
 *   lesson. A content security policy says so to the browser too.
 * - The only script that may run is ours, named by its hash.
 */
import { stringify } from 'yaml'
import { escapeHtml } from '../../text/escape.ts'
import { PATTERNS } from './figure.ts'
import { SCRIPT, SCRIPT_HASH } from './script.ts'
import { STYLE } from './style.ts'

/** A name with a value; names are ours, values are escaped where they are written. */
export type Fact = readonly [name: string, value: string]

/** The parts of a page that differ. Title, engine and facts are text, all others are markup. */
export interface HtmlPage {
  readonly title: string
  /** The language of its words, as BCP 47 names it; missing: English. */
  readonly language?: string
  readonly engine: string
  /** Lines between the title and the facts. */
  readonly overview: readonly string[]
  readonly facts: readonly Fact[]
  readonly main: string
  /** What gives the same page again, and where the same can be read: see `sameReport`. */
  readonly footer: string
}

const POLICY = `default-src 'none'; style-src 'unsafe-inline'; script-src '${SCRIPT_HASH}'; base-uri 'none'; form-action 'none'`

const LOGO =
  '<svg viewBox="0 0 24 24" aria-hidden="true"><rect x="4" y="10" width="16" height="11" rx="2.5" fill="none" stroke="currentColor" stroke-width="2"/><path d="M8 10V7a4 4 0 0 1 8 0v3" fill="none" stroke="currentColor" stroke-width="2"/><path d="M13 11.5l-3.2 4.2h2.6l-1 3.6 3.4-4.4h-2.6z" fill="var(--violated)"/></svg>'

/** The line above the title. */
const BRAND = `<p class="brand">${LOGO}lockstorm</p>`

/** The text of a page. */
export function htmlPage({ title, language = 'en', engine, overview, facts, main, footer }: HtmlPage): string {
  return `<!doctype html>
<html lang="${language}">
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
<header class="top">
${[BRAND, `<h1>${escapeHtml(title)}</h1>`, ...overview, factList(facts)].join('\n')}
</header>
<main id="main">
${main}
</main>
<footer class="bottom"><p>Made by lockstorm, engine ${escapeHtml(engine)}. All times are virtual: the simulation did not wait for them. ${footer}</p></footer>
</div>
<script>${SCRIPT}</script>
</body>
</html>
`
}

/** The footer of a page that lies beside its report; `same` is how it is made again: `The same hunt gives`. */
export const sameReport = (same: string): string =>
  `${same} the same page, byte for byte. <code>report.json</code> beside this file holds the same for programs.`

function factList(facts: readonly Fact[]): string {
  const items = facts.map(([name, value]) => `<div><dt>${name}</dt><dd>${escapeHtml(value)}</dd></div>`)
  return `<dl class="facts">${items.join('')}</dl>`
}

/** A text to be copied, with the button that does it; `what` is said to those who cannot see it. */
export const copyHtml = (text: string, what: string): string =>
  `<div class="replay"><code>${escapeHtml(text)}</code><button type="button" hidden>Copy<span class="vh"> ${what}</span></button></div>`

/** The storm or the settings of a run, as scenario files write them. */
export const yamlHtml = (value: unknown): string =>
  `<pre class="yaml" tabindex="0">${stringify(value).trimEnd().split('\n').map(escapeHtml).join('\n')}</pre>`
