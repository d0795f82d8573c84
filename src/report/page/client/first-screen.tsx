/** The first screen of a page as markup, made with the page, so that a browser paints it before the script has begun. */
import { renderToString } from 'preact-render-to-string'
import { App } from './app.tsx'
import { readStart } from './state.ts'

/**
 * What the script begins with, drawn.
 * @param lines what `packPage` made
 */
export function firstScreen(lines: readonly string[]): string {
  readStart(lines)
  return renderToString(<App />)
}
