/**
 * The open story, whole: the sentence, the picture, the cause, the cure, the events to step through, how to see it again.
 */
import { useMemo } from 'preact/hooks'
import { eventAt } from '../../../picture/story-events.ts'
import { sentenceCase } from '../../../text/sentence-case.ts'
import { symbolOf } from '../../../text/status-word.ts'
import { thrownText } from '../../../words/thrown-text.ts'
import type { PageStory, PageText } from '../page-data.ts'
import { Copy } from './copy.tsx'
import { Diff } from './diff.tsx'
import { onInstant, Picture } from './picture.tsx'
import {
  data,
  focus,
  goTo,
  isCompared,
  isWhole,
  language,
  listed,
  open,
  openStory,
  tell,
  textIn,
  told,
  words,
  world,
  worldOf,
} from './state.ts'
import { EventList, MomentPanel, StepBar } from './stepper.tsx'
import { Told } from './told.tsx'

/** One array: a picture is drawn anew when it is given another. */
const NONE: readonly [] = []

export interface StoryViewProps {
  readonly story: PageStory
  /** Whether its sentence is the heading of the page. */
  readonly isHeading: boolean
}

export function StoryView({ story, isHeading }: StoryViewProps) {
  const say = words.value
  const Sentence = isHeading ? 'h1' : 'h2'
  const { subject, place, violations, cured } = story
  const [worst] = violations
  const shown = focus.value
  const flagged = useMemo(() => (shown === null ? [] : [{ ...shown, heading: textIn(shown.heading) }]), [shown, say])
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
          {data.value.kind === 'hunt' ? null : (
            <>
              {' '}
              {say.inPlace} <bdi>{textIn(place)}</bdi>
            </>
          )}
        </span>
        <StoryStepper />
      </p>
      {worst === undefined ? null : (
        <Sentence id="sentence" class="sentence">
          <span class="w violated">✗ {textIn(worst.heading)}:</span> <Told text={worst.sentence} />
        </Sentence>
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
            title={say.pictureOf(subject, textIn(place))}
            sentence={worst === undefined ? '' : textIn(worst.sentence)}
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
                title={say.pictureOf(cured.subject, textIn(place))}
                sentence=""
                isMain={false}
                beside={shown}
              />
            </>
          )}
          <StepBar world={drawn} />
        </>
      )}
      {/* A lesson has sections of its own for them. */}
      {worst === undefined || data.value.question !== null ? null : (
        <div class="columns reasons">
          <section>
            <h2>{say.why}</h2>
            <p>
              <Told text={worst.why} />
            </p>
            {worst.needs === null ? null : (
              <p>
                <Told text={worst.needs} />
              </p>
            )}
            <Storm story={story} />
          </section>
          <section>
            <h2>{say.cure}</h2>
            <Cure story={story} />
          </section>
        </div>
      )}
      {isWhole.value ? <Below story={story} /> : null}
    </article>
  )
}

/** What is below the first screen: the moment, the events, what was thrown, what else is violated, how to see it again. */
function Below({ story }: { readonly story: PageStory }) {
  const say = words.value
  const drawn = world.value
  const [worst, ...others] = story.violations
  return (
    <>
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
              <li key={thrownText(each)}>{thrownText(each, language.value)}</li>
            ))}
          </ul>
        </section>
      )}
      {others.length === 0 ? null : (
        <section class="also">
          <h2>{say.also}</h2>
          <ul>
            {others.map(({ property, heading, kind, sentence, why, isShown }, index) => (
              <li key={`${property} ${sentence.en}`}>
                <b class="w violated">✗ {textIn(heading)}</b> ({say.verdicts[kind]}): <Told text={sentence} />
                {why.en === worst?.why.en ? null : (
                  <>
                    {' '}
                    – <Told text={why} />
                  </>
                )}{' '}
                {isShown ? (
                  <button
                    type="button"
                    aria-pressed={told.value === index + 1}
                    onClick={() => tell(told.value === index + 1 ? 0 : index + 1)}
                  >
                    {say.draw}
                    <span class="vh"> {textIn(heading)}</span>
                  </button>
                ) : (
                  <span class="soft">– {say.elsewhere}</span>
                )}
              </li>
            ))}
          </ul>
        </section>
      )}
      {story.replay === '' ? null : (
        <section class="again">
          <h2>{say.again}</h2>
          <Copy text={story.replay} what={say.again} />
          {story.files.length === 0 ? null : (
            <p class="soft">
              {say.files}:{' '}
              {story.files.map((file, index) => (
                <span key={file}>
                  {index === 0 ? '' : ' · '}
                  <a href={file}>{file}</a>
                </span>
              ))}
            </p>
          )}
        </section>
      )}
    </>
  )
}

function Tags({ story: { word, isExpected, facts } }: { readonly story: PageStory }) {
  const say = words.value
  return (
    <span class="tags">
      <span class={`tag ${word}`}>
        {symbolOf(word)} {say.verdicts[word]}
      </span>
      {data.value.kind === 'run' ? (
        <span class={isExpected ? 'tag' : 'tag unexpected'}>{isExpected ? say.expected : say.unexpected}</span>
      ) : null}
      {facts.map((fact) => (
        <span class="tag" key={textIn(fact)}>
          <Told text={fact} />
        </span>
      ))}
    </span>
  )
}

function StoryStepper() {
  const say = words.value
  const among = listed.value
  const at = among.indexOf(open.value)
  if (data.value.storyCount < 2) return null
  return (
    <span class="stories">
      <button type="button" disabled={at <= 0} title="p" onClick={() => openStory(among[at - 1]!)}>
        ‹<span class="vh"> {say.previousStory}</span>
      </button>
      <span>
        {at < 0
          ? '–'
          : at === 0 && data.value.kind !== 'pitfalls'
            ? say.worstOf(among.length)
            : say.story(at + 1, among.length)}
      </span>
      <button
        type="button"
        disabled={at < 0 || at >= among.length - 1}
        title="n"
        onClick={() => openStory(among[at + 1]!)}
      >
        ›<span class="vh"> {say.nextStory}</span>
      </button>
    </span>
  )
}

function Storm({ story: { storm, pitfalls, shrunk, told: made } }: { readonly story: PageStory }) {
  const say = words.value
  return (
    <>
      <h3>{say.storm}</h3>
      {storm.length === 0 ? (
        <p>{say.noStorm}</p>
      ) : (
        <ul class="storm">
          {storm.map(({ words: told, note }) => (
            <li key={textIn(told)}>
              <Told text={told} />
              {note === '' ? null : (
                <span class="soft">
                  {' '}
                  – <Told text={note} />
                </span>
              )}
            </li>
          ))}
        </ul>
      )}
      {made === '' ? null : (
        <p class="soft">
          <Told text={made} />
        </p>
      )}
      {shrunk === undefined || shrunk.steps.length === 0 ? null : (
        <details>
          <summary>{say.shrunk(shrunk.steps.length, shrunk.runs)}</summary>
          <ol class="shrunk">
            {shrunk.steps.map((step, index) => (
              <li key={`${index}`}>
                <Told text={step} />
              </li>
            ))}
          </ol>
        </details>
      )}
      <Pitfalls numbers={pitfalls} />
    </>
  )
}

/** What it is an example of: the pitfalls by name, and the lesson about each. */
function Pitfalls({ numbers }: { readonly numbers: readonly string[] }) {
  const say = words.value
  const known = numbers.flatMap((number) => {
    const pitfall = data.value.pitfalls[number]
    return pitfall === undefined ? [] : [{ number, ...pitfall }]
  })
  const [first] = known
  if (first === undefined) return null
  return (
    <>
      <h3>{say.pitfalls}</h3>
      <ul class="pitfalls">
        {known.map(({ number, name, mechanism }) => (
          <li key={number}>
            <b>
              {number} <Told text={name} />
            </b>
            <span class="soft">
              {' '}
              – <Told text={mechanism} />
            </span>
          </li>
        ))}
      </ul>
      <ul class="commands">
        <li>
          <code>{say.explain(first.number)}</code>
        </li>
        {known.map(({ number, lesson }) =>
          lesson === null ? null : (
            <li key={number}>
              <code>{say.learn(lesson.name)}</code>{' '}
              <span class="soft">
                {say.lesson}: {lesson.titles[language.value]}
              </span>
            </li>
          ),
        )}
      </ul>
    </>
  )
}

function Cure({ story: { advice, cures, cured, subject } }: { readonly story: PageStory }) {
  const say = words.value
  const best = cures.find(({ outcome }) => outcome === 'cured')
  const told = advice ?? best?.advice ?? null
  return (
    <>
      <p class="advice">{told === null ? say.noCure : <Told text={sentence(told)} />}</p>
      {best === undefined || best.code.length === 0 ? null : (
        <Diff lines={best.code} label={say.code(subject, best.name)} />
      )}
      {data.value.kind === 'hunt' || best === undefined ? null : (
        <p class="soft">
          <Told text={sentence(best.advice)} />
        </p>
      )}
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
      {data.value.kind === 'hunt' && cures.length > 0 ? (
        <ul class="cures">
          {cures.map(({ name, outcome, advice: change }) => (
            <li key={name}>
              <b class={`w ${CURE_LOOKS[outcome]}`}>
                {CURE_SYMBOLS[outcome]} {name}
              </b>{' '}
              {say[outcome]}{' '}
              <span class="soft">
                – <Told text={change} />
              </span>
            </li>
          ))}
        </ul>
      ) : null}
    </>
  )
}

const CURE_LOOKS = { cured: 'valid', changed: 'unknown', still: 'violated' } as const
const CURE_SYMBOLS = { cured: '✓', changed: '!', still: '✗' } as const

/** As a sentence of its own. */
const sentence = (text: PageText): PageText =>
  typeof text === 'string' ? sentenceCase(text) : { en: sentenceCase(text.en), zh: `${text.zh}。` }
