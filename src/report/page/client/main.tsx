/**
 * The page of a report: the worst story first, everything else to be opened. Reads its data from the file it is in, and fetches
 * nothing.
 */
import { effect } from '@preact/signals'
import { render } from 'preact'
import { useEffect } from 'preact/hooks'
import { symbolOf } from '../../../text/status-word.ts'
import { countText } from '../../../text/time.ts'
import { Marked, Sections } from './parts.tsx'
import { Patterns } from './patterns.tsx'
import { Question } from './question.tsx'
import { Results, show } from './results.tsx'
import {
  cursor,
  data,
  goTo,
  guess,
  isWhole,
  language,
  listed,
  open,
  openAnchor,
  readWhole,
  story,
  words,
} from './state.ts'
import { StoryView } from './story-view.tsx'

function App() {
  const say = words.value
  const isTold = data.question === null || guess.value !== null
  useEffect(() => {
    document.documentElement.lang = language.value === 'zh' ? 'zh-Hans' : 'en'
  }, [language.value])
  return (
    <>
      <a class="skip" href="#main">
        {say.skip}
      </a>
      <Patterns />
      <div class="wrap">
        <header class="head">
          <p class="brand">
            <Logo />
            lockstorm
          </p>
          <Title />
          <Counts />
          <Links />
          {data.language === null ? <LanguageSwitch /> : null}
        </header>
        <main id="main" tabIndex={-1}>
          {leads && data.lead !== '' ? (
            <p class="lead">
              <Marked text={data.lead} />
            </p>
          ) : null}
          {data.question === null ? null : <Question question={data.question} />}
          {isTold ? <Told /> : null}
        </main>
        <footer class="bottom">
          {data.facts.length === 0 ? null : (
            <dl class="facts">
              {data.facts.map(([name, value]) => (
                <div key={name}>
                  <dt>{say.term(name)}</dt>
                  <dd>{say.term(value)}</dd>
                </div>
              ))}
            </dl>
          )}
          {data.stories.length === 0 ? null : <p class="keys">{say.keysHelp}</p>}
          <p>
            {say.madeBy(data.engine)} <Marked text={data.footer} />
          </p>
        </footer>
      </div>
    </>
  )
}

/** Pages that are about something else than their worst story say first what they are. */
const leads = data.stories.length === 0 || !['run', 'hunt', 'replay'].includes(data.kind)

/** The verdict on everything: the heading, unless the sentence of a story is. */
const Title = () => {
  const known = words.value.term(data.title)
  const title = known === data.title ? <Marked text={known} /> : known
  return leads ? <h1 class="verdict">{title}</h1> : <p class="verdict">{title}</p>
}

/** The worst story at once; what is below the first screen follows when that is painted. */
const Told = () => (
  <>
    {story.value === null ? null : <StoryView story={story.value} isHeading={!leads} />}
    {isWhole.value ? (
      <>
        {data.stories.length > 1 || data.tables.length > 0 ? <Results /> : null}
        <Sections sections={data.sections} />
      </>
    ) : null}
  </>
)

const Links = () =>
  data.links.length === 0 ? null : (
    <nav class="links" aria-label="lockstorm">
      {data.links.map(({ title, address }) => (
        <a key={address} href={address}>
          {title}
        </a>
      ))}
    </nav>
  )

const Counts = () => (
  <ul class="counts">
    {data.counts.map(([word, count]) => (
      <li key={word} class={`w ${word}`}>
        {symbolOf(word)}&nbsp;<b>{countText(count)}</b> {words.value.verdicts[word]}
      </li>
    ))}
  </ul>
)

const LanguageSwitch = () => (
  <button
    type="button"
    class="lang"
    lang={language.value === 'en' ? 'zh-Hans' : 'en'}
    onClick={() => {
      language.value = language.value === 'en' ? 'zh' : 'en'
    }}
  >
    {language.value === 'en' ? '中文' : 'English'}
  </button>
)

const Logo = () => (
  <svg viewBox="0 0 24 24" aria-hidden="true">
    <rect x="4" y="10" width="16" height="11" rx="2.5" fill="none" stroke="currentColor" stroke-width="2" />
    <path d="M8 10V7a4 4 0 0 1 8 0v3" fill="none" stroke="currentColor" stroke-width="2" />
    <path d="M13 11.5l-3.2 4.2h2.6l-1 3.6 3.4-4.4h-2.6z" fill="var(--violated)" />
  </svg>
)

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
const PAINT_MAX = 400

/** Goes on when the first screen is seen. */
function readAfterPaint(): void {
  const seen = new PerformanceObserver(() => {
    seen.disconnect()
    readWhole()
  })
  seen.observe({ type: 'paint', buffered: true })
  setTimeout(readWhole, PAINT_MAX)
}

openAnchor(location.hash)
addEventListener('keydown', onKey)
// The address itself may have been brought up to date since.
addEventListener('hashchange', ({ newURL }) => openAnchor(new URL(newURL).hash))
const root = document.getElementById('page')!
effect(() => root.setAttribute('aria-busy', String(!isWhole.value)))
render(<App />, root)
readAfterPaint()
