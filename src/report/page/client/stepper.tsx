/**
 * Stepping through the events of the open story: the bar, what the world is like at the cursor, and the list of events.
 *
 * Of the list only the rows that can be seen are in the page, however long the story is.
 */
import { useSignal } from '@preact/signals'
import { useEffect, useRef } from 'preact/hooks'
import { momentAt } from '../../../picture/moment.ts'
import { durationText, instantText, secondsText } from '../../../text/time.ts'
import { eventWords } from './event-words.ts'
import { cursor, goTo, hovered, language, violationEvent, type World, words } from './state.ts'

export function StepBar({ world }: { readonly world: World }) {
  const say = words.value
  const last = world.events.length - 1
  const index = cursor.value
  const at = world.events[index]
  const spoken = at === undefined ? null : eventWords(at, world.story, language.value)
  return (
    <div class="steps" role="group" aria-label={say.step}>
      <div class="buttons">
        <button type="button" aria-label={say.first} title={say.first} onClick={() => goTo(0)} disabled={index === 0}>
          |‹
        </button>
        <button
          type="button"
          aria-label={say.previous}
          title={`${say.previous} (k)`}
          onClick={() => goTo(index - 1)}
          disabled={index === 0}
        >
          ‹
        </button>
        <button
          type="button"
          aria-label={say.next}
          title={`${say.next} (j)`}
          onClick={() => goTo(index + 1)}
          disabled={index === last}
        >
          ›
        </button>
        <button
          type="button"
          aria-label={say.last}
          title={say.last}
          onClick={() => goTo(last)}
          disabled={index === last}
        >
          ›|
        </button>
        <button type="button" class="to-violation" onClick={() => goTo(violationEvent.value)}>
          <span aria-hidden="true">✗ </span>
          {say.toViolation}
        </button>
      </div>
      <input
        type="range"
        min={0}
        max={last}
        value={index}
        aria-label={say.scrub}
        aria-valuetext={spoken === null ? '' : `${say.eventOf(index + 1, last + 1)}: ${spoken.who} ${spoken.what}`}
        style={{ '--at': `${last === 0 ? 0 : (violationEvent.value / last) * 100}%` }}
        onInput={(event) => goTo(Number(event.currentTarget.value))}
      />
      <p class="where" aria-live="polite">
        <b>{instantText(at?.atUs ?? 0, 1)}</b> · {say.eventOf(index + 1, last + 1)}
        {spoken === null ? '' : ` · ${spoken.who} ${spoken.what}`}
      </p>
    </div>
  )
}

export function MomentPanel({ world }: { readonly world: World }) {
  const say = words.value
  const { believers, keys, processes } = momentAt(world.story, world.events, cursor.value)
  const isShared = believers.length > 1
  const isService = world.story.lanes.some(({ kind }) => kind === 'keeper')
  return (
    <section class="moment" aria-labelledby="moment">
      <h3 id="moment">{say.now}</h3>
      <dl>
        <dt>{say.believes}</dt>
        <dd class={isShared ? 'w violated' : ''}>
          {believers.length === 0 ? say.nobody : say.believers(believers)}
          {isShared ? ` ✗` : ''}
        </dd>
        <dt>{isService ? say.serviceKeys : say.keys}</dt>
        <dd>
          {keys.length === 0
            ? say.noKeys
            : keys.map((state) => (
                <div key={`${state.node} ${state.key}`}>
                  <code>{say.keyLine(state)}</code> <span class="soft">{timeLeft(state.ttlUs)}</span>
                </div>
              ))}
        </dd>
        <dt>{say.machines}</dt>
        <dd>
          <ul class="machines">
            {processes.map(({ name, state, aheadUs, wallUs }) => (
              <li key={name} class={state === 'running' ? '' : 'stopped'}>
                <b>{name}</b> {say.states[state]}{' '}
                <span class="soft" title={`${secondsText(wallUs)} s`}>
                  {clockText(aheadUs)}
                </span>
              </li>
            ))}
          </ul>
        </dd>
      </dl>
    </section>
  )
}

function timeLeft(ttlUs: number | null): string {
  const say = words.value
  if (ttlUs === null) return say.noExpiry
  return ttlUs < 0 ? say.overdue : say.left(durationText(ttlUs))
}

function clockText(aheadUs: number): string {
  const say = words.value
  if (aheadUs === 0) return ''
  return aheadUs > 0 ? say.ahead(durationText(aheadUs)) : say.behind(durationText(-aheadUs))
}

/** Height of a row, px; the style sheet has the same. */
const ROW = 26
const ROWS_BESIDE = 4

export function EventList({ world }: { readonly world: World }) {
  const say = words.value
  const box = useRef<HTMLDivElement>(null)
  const height = 320
  const { events, story } = world
  const index = cursor.value
  // The rows around the event at once, before the box is scrolled to it.
  const top = useSignal((index + 1) * ROW > height ? index * ROW - height / 2 : 0)
  useEffect(() => {
    const { scrollTop, clientHeight } = box.current!
    if (index * ROW < scrollTop || (index + 1) * ROW > scrollTop + clientHeight) {
      box.current!.scrollTop = Math.max(0, index * ROW - clientHeight / 2)
    }
  }, [index, world])
  const from = Math.max(0, Math.floor(top.value / ROW) - ROWS_BESIDE)
  const until = Math.min(events.length, Math.ceil((top.value + height) / ROW) + ROWS_BESIDE)
  return (
    <section class="events" aria-labelledby="events">
      <h3 id="events">{say.events}</h3>
      <div
        ref={box}
        class="rows"
        tabIndex={0}
        role="listbox"
        aria-labelledby="events"
        aria-activedescendant={index >= from && index < until ? `e${index}` : undefined}
        onScroll={(event) => {
          top.value = event.currentTarget.scrollTop
        }}
        onMouseLeave={() => {
          hovered.value = null
        }}
        onKeyDown={(event) => {
          if (event.key !== 'ArrowDown' && event.key !== 'ArrowUp') return
          event.preventDefault()
          goTo(index + (event.key === 'ArrowDown' ? 1 : -1))
        }}
      >
        <div style={{ height: `${events.length * ROW}px` }} role="presentation">
          {events.slice(from, until).map((event, offset) => {
            const number = from + offset
            const { who, what } = eventWords(event, story, language.value)
            const looks = [
              number === index ? 'on' : '',
              number === hovered.value ? 'hover' : '',
              event.kind === 'record' ? event.record.type : 'message',
            ]
            return (
              <div
                key={number}
                id={`e${number}`}
                class={`row ${looks.join(' ')}`}
                role="option"
                aria-selected={number === index}
                aria-posinset={number + 1}
                aria-setsize={events.length}
                style={{ top: `${number * ROW}px` }}
                onClick={() => goTo(number)}
                onMouseEnter={() => {
                  hovered.value = number
                }}
              >
                <span class="time">{secondsText(event.atUs)}</span>
                <span class={`who ${ownerClass(world, who)}`}>{who}</span>
                <span class="what" title={what}>
                  {what}
                </span>
              </div>
            )
          })}
        </div>
      </div>
    </section>
  )
}

/** The class that gives a client its colour, as in the picture. */
function ownerClass({ story }: World, name: string): string {
  const index = story.lanes.filter(({ kind }) => kind === 'client').findIndex((lane) => lane.name === name)
  return index < 0 ? 'ox' : `o${index % 6}`
}
