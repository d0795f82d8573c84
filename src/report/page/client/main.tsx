/**
 * The script of a page, which was drawn when it was made: what is there is painted before it begins, and it then goes on with it. Reads
 * its data from the file it is in, and fetches nothing.
 */
import { effect } from '@preact/signals'
import { hydrate } from 'preact'
import { App } from './app.tsx'
import { show } from './results.tsx'
import { cursor, data, goTo, isWhole, language, listed, open, openAnchor, readStart, readWhole } from './state.ts'

function onKey(event: KeyboardEvent): void {
  if (event.ctrlKey || event.metaKey || event.altKey) return
  if ((event.target as Element).closest('input:not([type=range]), textarea, select') !== null) return
  if (event.key === 'j') goTo(cursor.value + 1)
  else if (event.key === 'k') goTo(cursor.value - 1)
  else if (event.key === 'n' || event.key === 'p') {
    const at = listed.value.indexOf(open.value)
    const next = listed.value[at + (event.key === 'n' ? 1 : -1)]
    if (next !== undefined) show(null, next)
  }
}

/** How long a browser may take to say that it has painted, ms: one that prints, or shows another page, never does. */
const PAINT_MAX = 1_000

/** Once the first screen is seen. */
const painted = (): Promise<void> =>
  new Promise((resolve) => {
    const seen = new PerformanceObserver(() => {
      seen.disconnect()
      resolve()
    })
    seen.observe({ type: 'paint', buffered: true })
    setTimeout(resolve, PAINT_MAX)
  })

/** Once the file is read to its end, where the data is. */
const read = (): Promise<void> =>
  new Promise((resolve) => {
    if (document.readyState === 'loading') addEventListener('DOMContentLoaded', () => resolve())
    else resolve()
  })

async function begin(): Promise<void> {
  await Promise.all([painted(), read()])
  readStart((document.getElementById('data')?.textContent ?? '').split('\n'))
  const root = document.getElementById('page')!
  // As it was drawn by its maker, before anything is as this reader wants it.
  hydrate(<App />, root)
  if (data.value.language === null && navigator.language.startsWith('zh')) language.value = 'zh'
  openAnchor(location.hash)
  addEventListener('keydown', onKey)
  // The address itself may have been brought up to date since.
  addEventListener('hashchange', ({ newURL }) => openAnchor(new URL(newURL).hash))
  effect(() => root.setAttribute('aria-busy', String(!isWhole.value)))
  setTimeout(readWhole)
}

void begin()
