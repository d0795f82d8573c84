/** Where the page begins: its style, its patterns, its parts. */
import { render } from 'preact'
import { Patterns } from '../../report/page/client/patterns.tsx'
import { STYLE } from '../../report/page/style.ts'
import { App } from './app.tsx'
import { start } from './state.ts'
import { STUDIO_STYLE } from './style.ts'

const style = document.createElement('style')
style.textContent = STYLE + STUDIO_STYLE
document.head.append(style)

render(
  <>
    <Patterns />
    <App />
  </>,
  document.getElementById('page') as HTMLElement,
)
void start()
