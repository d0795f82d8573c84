/**
 * The open story, whole: the sentence, the picture, the cause, the cure, the events to step through, how to see it again.
 */
import { useMemo } from 'preact/hooks'
import { eventAt } from '../../../picture/story-events.ts'
import { symbolOf } from '../../../text/status-word.ts'
import { thrownText } from '../../../words/thrown-text.ts'
import type { PageCure, PageStory } from '../page-data.ts'
import { Copy } from './copy.tsx'
import { onInstant, Picture } from './picture.tsx'
import { data, focus, goTo, isCompared, listed, open, openStory, tell, told, words, world, worldOf } from './state.ts'
import { EventList, MomentPanel, StepBar } from './stepper.tsx'

/** One array: a picture is drawn anew when it is given another. */
const NONE: readonly [] = []

export function StoryView({ story }: { readonly story: PageStory }) {
  const say = words.value
  const { subject, place, violations, cured } = story
  const [worst, ...others] = violations
  const shown = focus.value
  const flagged = useMemo(() => (shown === null ? [] : [shown]), [shown])
  const drawn = world.value
  if (drawn !== null) onInstant((us) => goTo(eventAt(drawn.events, us)))
  return (
    <article class="story card" id="story" tabIndex={-1} aria-labelledby="sentence">
      <p class="kicker">
        <Tags story={story} />
        <span>
          <b>
            <bdi>{subject}</bdi>
          </b>
          {data.kind === 'hunt' ? null : (
            <>
              {' '}
              {say.inPlace} <bdi>{place}</bdi>
            </>
          )}
        </span>
        <StoryStepper />
      </p>
      {worst === undefined ? null : (
        <h1 id="sentence">
          <span class="w violated">✗ {worst.heading}:</span> {worst.sentence}
        </h1>
      )}
      {drawn === null ? (
        <p class="soft">{say.noPicture}</p>
      ) : (
        <>
          {shown === null ? <p class="soft">{say.elsewhereAll}</p> : null}
          <Picture
            key={story.id}
            world={drawn}
            violations={flagged}
            title={say.pictureOf(subject, place)}
            sentence={worst?.sentence ?? ''}
            isMain
          />
          {cured === null || !isCompared.value ? null : (
            <>
              <h2 class="beside">
                <span class="w valid">✓</span> <bdi>{cured.subject}</bdi> {say.passes}
              </h2>
              <Picture
                key={`${story.id} cured`}
                world={worldOf(cured.world)}
                violations={NONE}
                title={say.pictureOf(cured.subject, place)}
                sentence=""
                isMain={false}
              />
            </>
          )}
          <StepBar world={drawn} />
        </>
      )}
      <div class="columns reasons">
        <section>
          <h2>{say.why}</h2>
          <p>{worst?.why}</p>
          {worst?.needs == null ? null : <p>{worst.needs}</p>}
          <Storm story={story} />
        </section>
        <section>
          <h2>{say.cure}</h2>
          <Cure story={story} />
        </section>
      </div>
      {drawn === null ? null : (
        <div class="columns inspect">
          <MomentPanel world={drawn} />
          <EventList key={story.id} world={drawn} />
        </div>
      )}
      {drawn === null || drawn.story.thrown.length === 0 ? null : (
        <section>
          <h2>{say.threw}</h2>
          <ul class="thrown">
            {drawn.story.thrown.map((each) => (
              <li key={thrownText(each)}>{thrownText(each)}</li>
            ))}
          </ul>
        </section>
      )}
      {others.length === 0 ? null : (
        <section class="also">
          <h2>{say.also}</h2>
          <ul>
            {others.map(({ property, heading, kind, sentence, why, isShown }, index) => (
              <li key={`${property} ${sentence}`}>
                <b class="w violated">✗ {heading}</b> ({say.verdicts[kind]}): {sentence}
                {why === worst?.why ? '' : ` – ${why}`}{' '}
                {isShown ? (
                  <button
                    type="button"
                    aria-pressed={told.value === index + 1}
                    onClick={() => tell(told.value === index + 1 ? 0 : index + 1)}
                  >
                    {say.draw}
                    <span class="vh"> {heading}</span>
                  </button>
                ) : (
                  <span class="soft">– {say.elsewhere}</span>
                )}
              </li>
            ))}
          </ul>
        </section>
      )}
      <section class="again">
        <h2>{say.again}</h2>
        <Copy text={story.replay} what={say.again} />
        {story.files.length === 0 ? null : (
          <p class="soft">
            {say.files}:{' '}
            {story.files.map((file) => (
              <a key={file} href={file}>
                {file}
              </a>
            ))}
          </p>
        )}
      </section>
    </article>
  )
}

function Tags({ story: { word, isExpected, facts } }: { readonly story: PageStory }) {
  const say = words.value
  return (
    <span class="tags">
      <span class={`tag ${word}`}>
        {symbolOf(word)} {say.verdicts[word]}
      </span>
      {data.kind === 'run' ? (
        <span class={isExpected ? 'tag' : 'tag unexpected'}>{isExpected ? say.expected : say.unexpected}</span>
      ) : null}
      {facts.map((fact) => (
        <span class="tag" key={fact}>
          {fact}
        </span>
      ))}
    </span>
  )
}

function StoryStepper() {
  const say = words.value
  const among = listed.value
  const at = among.indexOf(open.value)
  return (
    <span class="stories">
      <button type="button" disabled={at <= 0} title="p" onClick={() => openStory(among[at - 1]!)}>
        ‹<span class="vh"> {say.previous}</span>
      </button>
      <span>{at < 0 ? '–' : at === 0 ? say.worstOf(among.length) : say.story(at + 1, among.length)}</span>
      <button
        type="button"
        disabled={at < 0 || at >= among.length - 1}
        title="n"
        onClick={() => openStory(among[at + 1]!)}
      >
        ›<span class="vh"> {say.next}</span>
      </button>
    </span>
  )
}

function Storm({ story: { storm, pitfalls, told: made } }: { readonly story: PageStory }) {
  const say = words.value
  return (
    <>
      <h3>{say.storm}</h3>
      {storm.length === 0 ? (
        <p>{say.noStorm}</p>
      ) : (
        <ul class="storm">
          {storm.map(({ words: told, note }) => (
            <li key={told}>
              {told}
              {note === '' ? null : <span class="soft"> – {note}</span>}
            </li>
          ))}
        </ul>
      )}
      {made === '' ? null : <p class="soft">{made}</p>}
      {pitfalls.length === 0 ? null : (
        <p class="soft">
          {say.pitfalls}:{' '}
          {pitfalls.map((number, index) => {
            const known = data.pitfalls[number]
            return (
              <span key={number} title={known?.mechanism ?? ''}>
                {index > 0 ? ', ' : ''}
                <b>{number}</b>
                {known === undefined ? '' : ` ${known.name}`}
              </span>
            )
          })}
          {' · '}
          <code>{say.explain(pitfalls[0]!)}</code>
        </p>
      )}
    </>
  )
}

function Cure({ story: { advice, cures, cured, subject } }: { readonly story: PageStory }) {
  const say = words.value
  const best = cures.find(({ outcome }) => outcome === 'cured')
  return (
    <>
      <p class="advice">{advice === null ? (best?.advice ?? say.noCure) : sentence(advice)}</p>
      {best === undefined || best.code.length === 0 ? null : <Diff cure={best} before={subject} />}
      {data.kind === 'hunt' || best === undefined ? null : <p class="soft">{best.advice}.</p>}
      {cured === null ? null : (
        <button
          type="button"
          class="compare"
          aria-pressed={isCompared.value}
          onClick={() => {
            isCompared.value = !isCompared.value
          }}
        >
          {isCompared.value ? say.brokenAlone : say.compare(cured.subject)}
        </button>
      )}
      {data.kind === 'hunt' && cures.length > 0 ? (
        <ul class="cures">
          {cures.map(({ name, outcome, advice: told }) => (
            <li key={name}>
              <b class={`w ${CURE_LOOKS[outcome]}`}>
                {CURE_SYMBOLS[outcome]} {name}
              </b>{' '}
              {say[outcome]} <span class="soft">– {told}</span>
            </li>
          ))}
        </ul>
      ) : null}
    </>
  )
}

const CURE_LOOKS = { cured: 'valid', changed: 'unknown', still: 'violated' } as const
const CURE_SYMBOLS = { cured: '✓', changed: '!', still: '✗' } as const

const sentence = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}.`

function Diff({ cure: { name, code }, before }: { readonly cure: PageCure; readonly before: string }) {
  return (
    <pre class="diff" tabIndex={0} role="group" aria-label={words.value.code(before, name)}>
      {code.map(({ sign, line }, index) => (
        <span key={`${index} ${line}`} class={sign === '-' ? 'goes' : sign === '+' ? 'comes' : ''}>
          {`${sign} ${line}\n`}
        </span>
      ))}
    </pre>
  )
}
