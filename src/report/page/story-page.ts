/**
 * The file of an interactive page: its first screen as markup, its data as packed text, the style sheet, and the one script, which the
 * build bundles from `client/`.
 *
 * Invariants
 * - Nothing is fetched: no font, no script, no image. A content security policy says so to the browser too.
 * - The only script that may run is ours, named by its hash. Data is base64: nothing in it can end its element.
 */
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { assert } from '../../sim/assert.ts'
import { escapeHtml } from '../../text/escape.ts'
import type { DrawnStory } from '../../world/story-data.ts'
import { type PackedStory, packPage, packStory } from './packed.ts'
import type { PageData, PageStory } from './page-data.ts'
import { HTML_LIMITS, type HtmlLimits, sizeOfHtml, withSizeWarning } from './page-size.ts'
import { STYLE } from './style.ts'

export interface StoryPage {
  readonly data: PageData
  /** What stories draw, by the numbers that they give. */
  readonly worlds: readonly DrawnStory[]
}

/** Where the build puts the script, and what draws the first screen, seen from here in `src` as in `dist`. */
const SCRIPT_FILE = new URL('../../../dist/report/page/client/main.js', import.meta.url)
const FIRST_SCREEN_FILE = '../../../dist/report/page/client/first-screen.cjs'

const loadFirstScreen = (): { readonly firstScreen: (lines: readonly string[]) => string } =>
  createRequire(import.meta.url)(FIRST_SCREEN_FILE)

let bundled: { readonly script: string; readonly hash: string } | undefined

/** The script of the page; read once. */
export function pageScript(): { readonly script: string; readonly hash: string } {
  if (bundled === undefined) {
    const script = readFileSync(SCRIPT_FILE, 'utf8')
    assert(!/<\/script|<!--/i.test(script), 'nothing in the script of the page ends its element')
    bundled = { script, hash: `sha256-${createHash('sha256').update(script).digest('base64')}` }
  }
  return bundled
}

/** The text of the file. Worlds are left out, those of the mildest stories first, until it is no larger than it may be. */
export function storyPage({ data, worlds }: StoryPage, limits: HtmlLimits = HTML_LIMITS): string {
  const packedWorlds = withAllPhrases(worlds).map(packStory)
  let kept = worlds.length
  let text = pageText(data, packedWorlds)
  while (sizeOfHtml(text) > limits.maxBytes && kept > 0) {
    kept >>= 1
    const stories = data.stories.map((story) => withoutWorldsFrom(story, kept))
    text = pageText({ ...data, stories }, packedWorlds.slice(0, kept))
  }
  return withSizeWarning(text, limits.warnBytes, 'a report of fewer stories opens faster')
}

/** The first world knows the phrases of all: the others are deflated with it as a dictionary, so each is told once. */
function withAllPhrases(worlds: readonly DrawnStory[]): readonly DrawnStory[] {
  const [first, ...others] = worlds
  const phrases = new Map(worlds.flatMap(({ phrases: own = [] }) => own.map((phrase) => [phrase.en, phrase])))
  return first === undefined || phrases.size === 0 ? worlds : [{ ...first, phrases: [...phrases.values()] }, ...others]
}

const withoutWorldsFrom = (story: PageStory, kept: number): PageStory => ({
  ...story,
  world: story.world !== null && story.world < kept ? story.world : null,
  cured: story.cured !== null && story.cured.world < kept ? story.cured : null,
})

function pageText(data: PageData, worlds: readonly PackedStory[]): string {
  const { script, hash } = pageScript()
  const packed = packPage(data, worlds)
  const policy = `default-src 'none'; style-src 'unsafe-inline'; script-src '${hash}'; base-uri 'none'; form-action 'none'`
  return `<!doctype html>
<html lang="${data.language === 'zh' ? 'zh-Hans' : 'en'}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<meta name="generator" content="lockstorm ${escapeHtml(data.engine)}">
<meta name="color-scheme" content="light dark">
<title>${escapeHtml(typeof data.title === 'string' ? data.title : data.title.en)} · lockstorm</title>
<style>${STYLE}</style>
</head>
<body>
<div id="page" aria-busy="true">${loadFirstScreen().firstScreen(packed)}</div>
<noscript><p>What is below the first story, and stepping through it, is the work of the page's own script, which is switched off here.</p></noscript>
<script>${script}</script>
<script type="text/plain" id="data">${packed.join('\n')}</script>
</body>
</html>
`
}
