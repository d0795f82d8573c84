/**
 * A space-time diagram that follows the cursor: a line at the event that is looked at, which is marked with its lane; a click
 * goes to the nearest event.
 *
 * The picture shows what led to the violation. When the cursor leaves it, another stretch of the same world is drawn.
 */
import { effect, useSignal } from '@preact/signals'
import { useEffect, useLayoutEffect, useMemo, useRef } from 'preact/hooks'
import { type Flagged, type SpaceTime, spaceTime } from '../../../picture/space-time.ts'
import { countText, durationText, instantText } from '../../../text/time.ts'
import type { PageViolation } from '../page-data.ts'
import { Drawing, LaneNames, Legend } from './space-time-svg.tsx'
import { cursor, cursorUs, goTo, hovered, language, type World, words } from './state.ts'

/** Messages in one picture: more could not be told apart. */
const ARROWS_MAX = 80
/** Instants around the violation. */
const LANDMARKS_MAX = 10
/** Room for the names of the lanes and the edges, px. */
const BESIDE_PLOT = 116
/** Narrower than this, the picture scrolls. */
const PLOT_MIN = 640
/** How wide the picture is where the page is as wide as it may be, px: what is drawn before its own width is known. */
const WIDTH_FIRST = 1_200

/** The widths for which pictures are drawn. */
const stepped = (px: number): number => Math.floor(px / 20) * 20

export interface PictureProps {
  readonly world: World
  readonly violations: readonly Flagged[]
  readonly title: string
  readonly sentence: string
  /** Whether the cursor counts the events of this world; of another one it only gives the instant. */
  readonly isMain: boolean
  /** Of the cured run: what is violated in the other one. */
  readonly beside?: PageViolation | null
}

export function Picture({ world, violations, title, sentence, isMain, beside = null }: PictureProps) {
  const box = useRef<HTMLDivElement>(null)
  const width = useSignal(WIDTH_FIRST)
  /** The instant around which another stretch is drawn; null: the one of the violation. */
  const aroundUs = useSignal<number | null>(null)
  useEffect(() => {
    const observer = new ResizeObserver(([entry]) => {
      width.value = stepped(entry?.contentRect.width ?? 0)
    })
    observer.observe(box.current!)
    return () => observer.disconnect()
  }, [])
  const plotMin = Math.max(PLOT_MIN, width.value - BESIDE_PLOT)
  const options = {
    arrowsMax: ARROWS_MAX,
    landmarksMax: LANDMARKS_MAX,
    plotMin,
    language: language.value,
    ...(beside === null ? {} : { beside }),
  }
  const main = useMemo(
    () => spaceTime(world.story, violations, options),
    [world, violations, plotMin, beside, language.value],
  )
  const drawn = useMemo(
    () =>
      aroundUs.value === null ? main : spaceTime(world.story, violations, { ...options, aroundUs: aroundUs.value }),
    [main, aroundUs.value],
  )
  useLayoutEffect(() => {
    const svg = box.current!.querySelector('svg')!
    return effect(() => {
      const x = main.x(cursorUs.value)
      if (x !== null) aroundUs.value = null
      else if (drawn === main || drawn.x(cursorUs.value) === null) aroundUs.value = cursorUs.value
      placeCursor(svg, box.current!, drawn, cursorUs.value, width.peek())
      if (isMain) mark(svg, world, hovered.value ?? cursor.value)
    })
  }, [drawn])
  const pick = (event: MouseEvent): void => {
    const target = event.target as Element
    const index = isMain ? eventUnder(target, world) : null
    if (index !== null) {
      goTo(index)
      return
    }
    const svg = target.closest('svg')
    if (svg === null) return
    goToInstant(drawn.us(event.clientX - svg.getBoundingClientRect().left))
  }
  const hover = (event: MouseEvent): void => {
    if (isMain) hovered.value = eventUnder(event.target as Element, world)
  }
  const say = words.value
  return (
    <figure>
      <div
        ref={box}
        class="scroll"
        tabIndex={0}
        role="group"
        aria-label={say.picture}
        onClick={pick}
        onMouseOver={hover}
        onMouseLeave={() => {
          hovered.value = null
        }}
      >
        <LaneNames drawn={drawn} />
        <Drawing drawn={drawn} label={`${title}. ${sentence}. ${say.sameInWords}`} />
      </div>
      <figcaption>
        <Legend drawn={drawn} language={language.value} />
        <p>{caption(drawn, world)}</p>
      </figcaption>
    </figure>
  )
}

/** The first event of the message that is drawn there; null: there is none. */
function eventUnder(target: Element, { events }: World): number | null {
  const message = target.closest('[data-m]')?.getAttribute('data-m') ?? null
  if (message === null) return null
  const index = events.findIndex((each) => each.kind !== 'record' && each.message === Number(message))
  return index < 0 ? null : index
}

/** The cured run has events of its own: the cursor of the main one goes to the same instant. */
let goToInstant: (us: number) => void = () => undefined
/** Says how to go to an instant of the main world. */
export const onInstant = (go: (us: number) => void): void => {
  goToInstant = go
}

function placeCursor(svg: SVGSVGElement, box: HTMLElement, drawn: SpaceTime, us: number, width: number): void {
  const line = svg.querySelector('.cur')
  const x = drawn.x(us)
  if (line === null) return
  line.classList.toggle('on', x !== null)
  if (x === null) return
  line.setAttribute('transform', `translate(${x} 0)`)
  // A picture that has room needs none of this, and to ask a box for its place takes as long as to paint the page.
  if (drawn.width <= width) return
  if (x < box.scrollLeft + 110 || x > box.scrollLeft + box.clientWidth - 40) box.scrollLeft = x - box.clientWidth / 2
}

/** Marks the message and the lane of an event. */
function mark(svg: SVGSVGElement, { story, events }: World, index: number): void {
  for (const marked of svg.querySelectorAll('.on:not(.cur)')) marked.classList.remove('on')
  const event = events[index]
  if (event === undefined) return
  const lanes = [...svg.querySelectorAll('[data-lane]')]
  const markLane = (name: string): void => {
    lanes.find((lane) => lane.getAttribute('data-lane') === name)?.classList.add('on')
  }
  if (event.kind === 'record') {
    markLane(event.record.process)
    return
  }
  for (const shape of svg.querySelectorAll(`[data-m="${event.message}"]`)) shape.classList.add('on')
  markLane(story.messages[event.message]!.to)
}

function caption({ window, messageCount, drawnMessageCount }: SpaceTime, { story }: World): string {
  const say = words.value
  const lengthUs = Math.max(1, window.untilUs - window.fromUs)
  const isCut = window.isCutBefore || window.isCutAfter
  const parts = [
    isCut
      ? say.window(
          instantText(window.fromUs, lengthUs),
          instantText(window.untilUs, lengthUs),
          durationText(story.endUs),
        )
      : say.whole(durationText(story.endUs)),
  ]
  if (story.messages.some(({ label }) => label.includes(story.key))) parts.push(say.keyIs(story.key))
  if (drawnMessageCount < messageCount) parts.push(say.drawn(countText(drawnMessageCount), countText(messageCount)))
  return parts.join(' ')
}
