/** What a page shows: the worst story first, everything else to be opened. */
import { useEffect } from 'preact/hooks'
import { symbolOf } from '../../../text/status-word.ts'
import { countText } from '../../../text/time.ts'
import { Marked, Sections } from './parts.tsx'
import { Patterns } from './patterns.tsx'
import { Question } from './question.tsx'
import { Results } from './results.tsx'
import { data, guess, isWhole, language, story, termIn, textIn, words } from './state.ts'
import { StoryView } from './story-view.tsx'

export function App() {
  const say = words.value
  const isTold = data.value.question === null || guess.value !== null
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
          {data.value.language === null ? <LanguageSwitch /> : null}
        </header>
        <main id="main" tabIndex={-1}>
          {leads() && data.value.lead !== '' ? (
            <p class="lead">
              <Marked text={data.value.lead} />
            </p>
          ) : null}
          {data.value.question === null ? null : <Question question={data.value.question} />}
          {isTold ? <Told /> : null}
        </main>
        <footer class="bottom">
          {data.value.facts.length === 0 ? null : (
            <dl class="facts">
              {data.value.facts.map(([name, value]) => (
                <div key={termIn(name)}>
                  <dt>{termIn(name)}</dt>
                  <dd>{termIn(value)}</dd>
                </div>
              ))}
            </dl>
          )}
          {data.value.stories.length === 0 ? null : <p class="keys">{say.keysHelp}</p>}
          <p>
            {say.madeBy(data.value.engine)} <Marked text={data.value.footer} />
          </p>
        </footer>
      </div>
    </>
  )
}

/** Pages that are about something else than their worst story say first what they are. */
const leads = (): boolean => data.value.stories.length === 0 || !['run', 'hunt', 'replay'].includes(data.value.kind)

/** The verdict on everything: the heading, unless the sentence of a story is. */
const Title = () => {
  const { title: verdict } = data.value
  const title = typeof verdict === 'string' ? <Marked text={verdict} /> : textIn(verdict)
  return leads() ? <h1 class="verdict">{title}</h1> : <p class="verdict">{title}</p>
}

/** The worst story at once; what is below the first screen follows when that is painted. */
const Told = () => (
  <>
    {story.value === null ? null : <StoryView story={story.value} isHeading={!leads()} />}
    {isWhole.value ? (
      <>
        {data.value.stories.length > 1 || data.value.tables.length > 0 ? <Results /> : null}
        <Sections sections={data.value.sections} />
      </>
    ) : null}
  </>
)

const Links = () =>
  data.value.links.length === 0 ? null : (
    <nav class="links" aria-label="lockstorm">
      {data.value.links.map(({ title, address }) => (
        <a key={address} href={address}>
          {termIn(title)}
        </a>
      ))}
    </nav>
  )

const Counts = () => (
  <ul class="counts">
    {data.value.counts.map(([word, count]) => (
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
