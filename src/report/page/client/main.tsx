/**
 * The page of a report: the worst story first, everything else to be opened. Reads its data from the file it is in, and fetches
 * nothing.
 */
import { render } from 'preact'
import { useEffect } from 'preact/hooks'
import { symbolOf } from '../../../text/status-word.ts'
import { countText } from '../../../text/time.ts'
import { Patterns } from './patterns.tsx'
import { Results, show } from './results.tsx'
import { Sections } from './sections.tsx'
import { cursor, data, goTo, language, listed, open, openAnchor, story, words } from './state.ts'
import { StoryView } from './story-view.tsx'

function App() {
  const say = words.value
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
          <LanguageSwitch />
        </header>
        <main id="main" tabIndex={-1}>
          {story.value === null ? <p class="lead">{data.lead}</p> : <StoryView story={story.value} />}
          {data.stories.length > 0 || data.tables.length > 0 ? <Results /> : null}
          <Sections sections={data.sections} />
        </main>
        <footer class="bottom">
          <dl class="facts">
            {data.facts.map(([name, value]) => (
              <div key={name}>
                <dt>{name}</dt>
                <dd>{value}</dd>
              </div>
            ))}
          </dl>
          <p class="keys">{say.keysHelp}</p>
          <p>{say.madeBy(data.engine)}</p>
        </footer>
      </div>
    </>
  )
}

/** The verdict on everything: the heading of a page without stories. */
const Title = () => (story.value === null ? <h1 class="verdict">{data.title}</h1> : <p class="verdict">{data.title}</p>)

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

openAnchor(location.hash)
addEventListener('keydown', onKey)
addEventListener('hashchange', () => openAnchor(location.hash))
render(<App />, document.getElementById('page')!)
