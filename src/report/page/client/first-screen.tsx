/** The first screen of a page as markup, made with the page, so that a browser paints it before the script has begun. */
import { renderToString } from 'preact-render-to-string'
import { visibleLines } from '../../../text/escape.ts'
import { App } from './app.tsx'
import { readStart } from './state.ts'

/**
 * What the script begins with, drawn.
 * @param lines what `packPage` made
 */
export function firstScreen(lines: readonly string[]): string {
  readStart(lines)
  const markup = renderToString(<App />).replace(TAG_OR_END, (text) =>
    text === '>' ? '&gt;' : `${text.slice(0, -1).replaceAll('>', '&gt;')}>`,
  )
  // Code may be indented by tabs.
  return markup.split('\t').map(visibleLines).join('\t')
}

/** A tag, or the sign that ends one where none is: in names it is escaped, too, for readers of markup that are simpler than browsers. */
const TAG_OR_END = /<[^">]*(?:"[^"]*"[^">]*)*>|>/g
