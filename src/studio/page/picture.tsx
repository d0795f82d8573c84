/**
 * The picture of the world that was run, with handles on what can be dragged: a message later, a pause longer, a clock away from the
 * right time.
 *
 * While something is dragged the picture stands still, so that the pointer stays where it is; the verdict follows it. The dashed
 * stretch beside a handle is the slack: sizes in which the same comes of it. When it is let go, the picture is drawn anew.
 */
import { signal } from '@preact/signals'
import { useLayoutEffect, useMemo, useRef } from 'preact/hooks'
import type { PlannedFault } from '../../fault/fault.ts'
import { type SpaceTime, spaceTime } from '../../picture/space-time.ts'
import { Drawing, LaneNames, Legend } from '../../report/page/client/space-time-svg.tsx'
import { durationText } from '../../text/time.ts'
import type { Plan } from '../../world/plan.ts'
import type { FaultLook, Look, Slack } from '../protocol.ts'
import { endTryOut, picked, plan, resized, setPlan, slacks, tryOut } from './state.ts'

const ARROWS_MAX = 90
/** Less is a click. */
const DRAG_PX_MIN = 4
/** A clock is dragged by one lease in so many px; so is what is dragged beyond the picture. */
const LEASE_PX = 70
const COARSE_US = 1_000
const FINE_US = 100

/** What is being dragged. */
interface Drag {
  readonly label: string
  readonly us: number
  /** Where the handle is now. */
  readonly x: number
  readonly y: number
}

export const drag = signal<Drag | null>(null)

/** Where the parts of the picture are, as they were drawn. */
interface Places {
  readonly lanes: ReadonlyMap<string, { readonly y: number; readonly height: number }>
  readonly arrows: ReadonlyMap<number, Arrow>
}

interface Arrow {
  readonly fromX: number
  readonly fromY: number
  readonly toX: number
  readonly toY: number
}

export function Picture({ seen }: { readonly seen: Look }) {
  const box = useRef<HTMLDivElement>(null)
  const drawn = useMemo(() => spaceTime(seen.story, seen.violations.slice(0, 1), { arrowsMax: ARROWS_MAX }), [seen])
  const places = useMemo(() => placesIn(drawn, seen), [drawn])
  useLayoutEffect(() => {
    const focus = seen.violations[0]
    const x = focus === undefined ? null : drawn.x(focus.atUs)
    if (x !== null && box.current !== null) box.current.scrollLeft = Math.max(0, x - box.current.clientWidth / 2)
  }, [drawn])
  return (
    <figure class="picture">
      <div ref={box} class="scroll" tabIndex={0} role="group" aria-label="Space-time diagram; scrolls sideways">
        <LaneNames drawn={drawn} />
        <div class="canvas" style={{ width: `${drawn.width}px`, height: `${drawn.height}px` }}>
          <Drawing drawn={drawn} label={`Space-time diagram. ${sentenceOf(seen)}`} />
          <Handles seen={seen} drawn={drawn} places={places} />
        </div>
      </div>
      <figcaption>
        <Legend drawn={drawn} language="en">
          {slacks.value.size === 0 ? null : (
            <li>
              <span class="slack-key" /> the slack: in this range nothing changes
            </li>
          )}
        </Legend>
      </figcaption>
    </figure>
  )
}

/** What happened, in a sentence. */
export function sentenceOf({ violations, word, reason }: Look): string {
  const [worst] = violations
  if (worst !== undefined) return worst.sentence
  return word === 'valid' ? 'nothing is violated in this world' : (reason ?? '')
}

/** The lanes and arrows by what they are. */
function placesIn({ lanes, arrows }: SpaceTime, { story }: Look): Places {
  return {
    lanes: new Map(lanes.map((lane) => [lane.name, lane])),
    arrows: new Map(arrows.map((arrow) => [story.messages.indexOf(arrow.message), arrow])),
  }
}

interface HandlesProps {
  readonly seen: Look
  readonly drawn: SpaceTime
  readonly places: Places
}

/** What can be dragged, over the picture. */
function Handles({ seen, drawn, places }: HandlesProps) {
  const held = drag.value
  return (
    <svg class="handles" width={drawn.width} height={drawn.height} aria-hidden="true">
      {[...places.arrows].map(([index, arrow]) => (
        <MessageHandle key={`m${index}`} seen={seen} drawn={drawn} index={index} arrow={arrow} />
      ))}
      {seen.faults.map((fault, index) =>
        fault.does === 'stops' ? (
          <PauseHandle key={`f${index}`} seen={seen} drawn={drawn} places={places} fault={fault} index={index} />
        ) : null,
      )}
      {seen.clocks.map((name) => (
        <ClockHandle key={`c${name}`} seen={seen} places={places} name={name} />
      ))}
      {held === null ? null : (
        <g class="ghost">
          <path d={`M${held.x} 24V${drawn.height - 4}`} />
          <text x={Math.min(held.x + 8, drawn.width - 110)} y={held.y - 8}>
            {held.label}
          </text>
        </g>
      )}
    </svg>
  )
}

const isAt = (one: PlannedFault['at'], other: PlannedFault['at']): boolean =>
  JSON.stringify(one) === JSON.stringify(other)

interface MessageProps {
  readonly seen: Look
  readonly drawn: SpaceTime
  readonly index: number
  readonly arrow: Arrow
}

/** An arrow: dragged, its message is late; clicked, it says what else can happen to it. */
function MessageHandle({ seen, drawn, index, arrow }: MessageProps) {
  const message = seen.messages[index] ?? null
  const drawnMessage = seen.story.messages[index]
  if (message === null || drawnMessage === undefined) return null
  const kind = message.direction === 'request' ? 'delay-request' : 'delay-reply'
  const known = seen.faults.findIndex(({ fault }) => fault.kind === kind && isAt(fault.at, message.at))
  const offered = message.faults.find(({ fault }) => fault.kind === kind)?.fault
  const size = seen.faults[known]?.size ?? null
  const startUs = size?.us ?? 0
  const baseUs = drawnMessage.arrivedUs - startUs
  const begin = (event: PointerEvent): void => {
    const { fromX, fromY, toX, toY } = arrow
    begins(event, {
      onClick: () => {
        picked.value = picked.value === index ? null : index
      },
      onMove: (byPx) => {
        const us = rounded(Math.max(0, instantAt(drawn, toX + byPx, seen.plan) - baseUs))
        const next = delayed(us)
        if (next === null) return null
        const x = Math.max(fromX, placeOf(drawn, baseUs + us))
        return { us, next, label: `${durationText(us)} late`, x, y: Math.max(fromY, toY) }
      },
    })
  }
  const delayed = (us: number): Plan | null => {
    const planned = plan.value
    if (planned === null) return null
    if (size !== null) return resized(planned, known, size.key, us)
    if (offered === undefined) return null
    return us === 0
      ? planned
      : { ...planned, faults: [...planned.faults, { ...offered, settings: { ...offered.settings, for: us } }] }
  }
  const slack = slacks.value.get(known)
  return (
    <g class={`handle message${known >= 0 ? ' late' : ''}${picked.value === index ? ' picked' : ''}`}>
      {slack === undefined ? null : (
        <SlackBand slack={slack} drawn={drawn} baseUs={baseUs} y={Math.max(arrow.fromY, arrow.toY) + 6} />
      )}
      <path class="reach" d={`M${arrow.fromX} ${arrow.fromY}L${arrow.toX} ${arrow.toY}`} onPointerDown={begin}>
        <title>{`${drawnMessage.label}: drag it later, or click to see what else can happen to it`}</title>
      </path>
      <circle class="grip" cx={arrow.toX} cy={arrow.toY} r={known >= 0 ? 6 : 4} onPointerDown={begin} />
    </g>
  )
}

interface PauseProps {
  readonly seen: Look
  readonly drawn: SpaceTime
  readonly places: Places
  readonly fault: FaultLook
  readonly index: number
}

/** The end of a pause. */
function PauseHandle({ seen, drawn, places, fault, index }: PauseProps) {
  const { struckUs, size, processes } = fault
  const lane = places.lanes.get(processes[0] ?? '')
  if (struckUs === null || size === null || lane === undefined) return null
  const x = placeOf(drawn, struckUs + size.us)
  const begin = (event: PointerEvent): void =>
    begins(event, {
      onMove: (byPx) => {
        const planned = plan.value
        if (planned === null) return null
        const us = rounded(Math.max(FINE_US, instantAt(drawn, x + byPx, seen.plan) - struckUs))
        const at = placeOf(drawn, struckUs + us)
        return {
          us,
          next: resized(planned, index, size.key, us),
          label: `paused ${durationText(us)}`,
          x: at,
          y: lane.y,
        }
      },
    })
  const slack = slacks.value.get(index)
  return (
    <g class="handle pause-end">
      {slack === undefined ? null : (
        <SlackBand slack={slack} drawn={drawn} baseUs={struckUs} y={lane.y + lane.height + 5} />
      )}
      <rect
        class="grip"
        x={x - 4}
        y={lane.y + 2}
        width="8"
        height={Math.max(12, lane.height - 4)}
        rx="4"
        onPointerDown={begin}
      >
        <title>{`${fault.words}: drag its end`}</title>
      </rect>
    </g>
  )
}

/** Beside the name of a machine: its wall clock. */
function ClockHandle({ seen, places, name }: { readonly seen: Look; readonly places: Places; readonly name: string }) {
  const lane = places.lanes.get(name)
  if (lane === undefined) return null
  const index = seen.faults.findIndex(
    ({ does, processes, fault }) => does === 'moves-clock' && processes[0] === name && fault.kind === 'clock-offset',
  )
  const us = seen.faults[index]?.size?.us ?? 0
  const [x, y] = [80, lane.y + 14]
  const begin = (event: PointerEvent): void =>
    begins(event, {
      onMove: (byPx) => {
        const planned = plan.value
        if (planned === null) return null
        const byUs = rounded(us + (byPx / LEASE_PX) * planned.ttlMs * 1_000)
        const fault = {
          kind: 'clock-offset',
          settings: { process: name, by: byUs },
          at: { kind: 'time', atUs: 0 },
        } as const
        const isThere = index >= 0
        const next = isThere
          ? resized(planned, index, 'by', byUs)
          : byUs === 0
            ? planned
            : { ...planned, faults: [...planned.faults, fault] }
        return { us: byUs, next, label: `${name}'s clock ${clockText(byUs)}`, x: x + byPx, y }
      },
    })
  // Whole turns would look as if nothing had happened: a lease is a third of one.
  const turn = (us / (seen.plan.ttlMs * 1_000)) * 120
  return (
    <g class={`handle clock${us === 0 ? '' : ' wrong'}`} onPointerDown={begin}>
      <title>{`${name}'s wall clock, ${clockText(us)}: drag it to the right to set it ahead, to the left behind`}</title>
      <circle class="grip" cx={x} cy={y} r="8" />
      <path class="hands" d={`M${x} ${y}v-5`} transform={`rotate(${turn} ${x} ${y})`} />
      <path class="hands" d={`M${x} ${y}h3`} />
    </g>
  )
}

const clockText = (us: number): string =>
  us === 0 ? 'right' : `${durationText(Math.abs(us))} ${us < 0 ? 'behind' : 'ahead'}`

interface SlackProps {
  readonly slack: Slack
  readonly drawn: SpaceTime
  /** The instant at which something of no size would be over. */
  readonly baseUs: number
  readonly y: number
}

/** The range in which nothing changes, as far as the picture reaches. */
function SlackBand({ slack: { fromUs, untilUs, below, above }, drawn, baseUs, y }: SlackProps) {
  const from = placeOf(drawn, baseUs + fromUs)
  const until = placeOf(drawn, baseUs + untilUs)
  const isOpen = untilUs + baseUs > drawn.window.untilUs
  return (
    <g class="slack">
      <path d={`M${from} ${y}H${Math.max(until, from + 2)}`} />
      {below === null ? null : <path class="turn" d={`M${from} ${y - 5}v10`} />}
      {above === null || isOpen ? null : <path class="turn" d={`M${until} ${y - 5}v10`} />}
    </g>
  )
}

/** The place of an instant, at the nearer edge where it is outside the picture. */
function placeOf(drawn: SpaceTime, us: number): number {
  const { fromUs, untilUs } = drawn.window
  return drawn.x(Math.min(untilUs, Math.max(fromUs, us))) ?? 0
}

/** The instant at a place; beyond the picture a lease is so many px. */
function instantAt(drawn: SpaceTime, x: number, { ttlMs }: Plan): number {
  const right = placeOf(drawn, drawn.window.untilUs)
  return drawn.us(Math.min(x, right)) + (Math.max(0, x - right) / LEASE_PX) * ttlMs * 1_000
}

/** Whole milliseconds; of a few, tenths. */
function rounded(us: number): number {
  const stepUs = Math.abs(us) < 10 * COARSE_US ? FINE_US : COARSE_US
  return Math.round(us / stepUs) * stepUs
}

interface Dragging {
  readonly onClick?: () => void
  /** What comes of a move by so many px; null: nothing. */
  onMove(byPx: number): (Drag & { readonly next: Plan }) | null
}

/** Follows a pointer until it is let go; Escape lets everything be as it was. */
function begins(event: PointerEvent, { onClick, onMove }: Dragging): void {
  if (event.button !== 0) return
  event.preventDefault()
  const startX = event.clientX
  let moved: ReturnType<Dragging['onMove']> = null
  const move = ({ clientX }: PointerEvent): void => {
    if (moved === null && Math.abs(clientX - startX) < DRAG_PX_MIN) return
    const next = onMove(clientX - startX)
    if (next === null) return
    moved = next
    drag.value = next
    void tryOut(next.next)
  }
  const stop = (): void => {
    removeEventListener('pointermove', move)
    removeEventListener('pointerup', drop)
    removeEventListener('pointercancel', stop)
    removeEventListener('keydown', giveUp)
    drag.value = null
    endTryOut()
  }
  const drop = (): void => {
    stop()
    if (moved !== null) setPlan(moved.next)
    else onClick?.()
  }
  const giveUp = ({ key }: KeyboardEvent): void => {
    if (key === 'Escape') stop()
  }
  addEventListener('pointermove', move)
  addEventListener('pointerup', drop)
  addEventListener('pointercancel', stop)
  addEventListener('keydown', giveUp)
}
