/**
 * Who could reach whom, and who could run: the questions about faults that checks ask, answered from the effects of the
 * faults that struck. Only faults on record count; a lock that cuts its own connections has no excuse.
 */
import type { Effect } from '../fault/effect.ts'
import { does, endOfUs, type FaultSpan } from './fault-span.ts'
import type { History } from './history.ts'

/** A stretch in which a client could not reach a node, or the other way round. */
export interface Outage {
  readonly fromUs: number
  readonly untilUs: number
}

/** ioredis waits up to 2 s before it tries again to connect. */
const RECONNECT_US = 2_000_000

/** The outages between a client and a node, in the order in which they began. */
export const outages = (history: History, client: string, node: string): Outage[] =>
  history.faults.filter((span) => isBetween(span, client, node)).map((span) => outage(history, span))

/** Whether a fault cuts the way between the two machines, or stops one of them. */
const isBetween = (span: FaultSpan, client: string, node: string): boolean =>
  does(span, (effect) => {
    switch (effect.kind) {
      case 'cuts':
        return (effect.from === client && effect.to === node) || (effect.from === node && effect.to === client)
      case 'stops':
      case 'ends':
      case 'refuses':
        return effect.process === client || effect.process === node
      case 'holds-commands':
        return effect.node === node
      default:
        return false
    }
  })

/** Whether connections must be opened anew when it is over. */
const breaksConnections = ({ kind }: Effect): boolean => kind === 'ends' || kind === 'refuses'

const outage = (history: History, span: FaultSpan): Outage => ({
  fromUs: span.fromUs,
  untilUs: endOfUs(span, history.healedUs) + (does(span, breaksConnections) ? RECONNECT_US : 0),
})

/** The stretches in which a message of a client, or one to it, was held up; the trace does not tell on which connection. */
export const delays = (history: History, client: string): Outage[] =>
  history.faults
    .filter((span) => does(span, (effect) => effect.kind === 'delays' && effect.client === client))
    .map((span) => outage(history, span))

/** Whether a request of this client is late; which of its connections that holds up is not on record. */
const delaysRequest = (span: FaultSpan, client: string): boolean =>
  does(span, (effect) => effect.kind === 'delays' && effect.direction === 'request' && effect.client === client)

/** The first moment from `atUs` on at which a client can reach a node, and change what it has, for longer than `forUs`. */
export function reachableUs(
  history: History,
  { client, node, atUs, forUs }: { client: string; node: string; atUs: number; forUs: number },
): number {
  let us = atUs
  for (const span of history.faults) {
    const isRefusal = does(span, (effect) => effect.kind === 'answers-error' && effect.node === node)
    if (!isBetween(span, client, node) && !isRefusal && !delaysRequest(span, client)) continue
    const { fromUs, untilUs } = outage(history, span)
    if (fromUs <= us + forUs && untilUs > us) us = untilUs
  }
  return us
}

/** Whether what a client sent to a node between two moments may have been lost with a connection that was reset. */
export const mayBeLost = (
  history: History,
  { client, node, fromUs, untilUs }: { client: string; node: string; fromUs: number; untilUs: number },
): boolean =>
  history.faults.some(
    (span) =>
      span.fromUs >= fromUs &&
      span.fromUs <= untilUs &&
      does(
        span,
        (effect) =>
          effect.kind === 'resets' &&
          [effect.process, effect.to ?? client].every((name) => name === client || name === node),
      ),
  )

/** Whether a connection of this client was cut between two moments, so that a reply may have been lost. */
export const wasConnectionCut = (history: History, client: string, fromUs: number, untilUs: number): boolean =>
  connectionCuts(history, client).some((span) => span.fromUs >= fromUs && span.fromUs <= untilUs)

/** The faults that cut connections of this client and nothing else. */
const connectionCuts = (history: History, client: string): readonly FaultSpan[] =>
  history.faults.filter((span) =>
    does(
      span,
      (effect) =>
        (effect.kind === 'loses-reply' && effect.client === client) ||
        (effect.kind === 'resets' && (effect.process === client || effect.to === client)),
    ),
  )

/**
 * Whether commands of a client to a node were, or may have been, held up at some time of a stretch: by the network, or by a
 * server that does not read. What is held up is executed later, when its client may long have been told something else.
 */
export const wereCommandsHeld = (
  history: History,
  { client, node, isSuch }: { client: string; node: string; isSuch: (span: FaultSpan) => boolean },
): boolean => history.faults.some((span) => holdsCommands(span, client, node) && isSuch(span))

const holdsCommands = (span: FaultSpan, client: string, node: string): boolean =>
  does(span, (effect) => {
    switch (effect.kind) {
      case 'cuts':
        return effect.from === client || effect.to === client
      case 'delays':
        return effect.direction === 'request' && effect.client === client
      case 'stops':
        return effect.process === node
      case 'ends':
        return effect.isSilent && effect.process === node
      case 'holds-commands':
        return effect.node === node
      default:
        return false
    }
  })

/** How long a client was paused between two moments, µs. */
export function pausedUs(history: History, client: string, fromUs: number, untilUs: number): number {
  let paused = 0
  let from = fromUs
  for (const span of history.faults) {
    if (!does(span, (effect) => effect.kind === 'stops' && effect.process === client)) continue
    const endUs = Math.min(untilUs, endOfUs(span, Number.POSITIVE_INFINITY))
    const beginUs = Math.max(from, span.fromUs)
    if (endUs <= beginUs) continue
    paused += endUs - beginUs
    // Pauses follow each other: what two of them cover is counted once.
    from = endUs
  }
  return paused
}

/** Whether a fault stopped this client, or ended its life, in a stretch. */
export const wasHeldUp = (history: History, client: string, fromUs: number, untilUs: number): boolean =>
  history.faults.some(
    (span) =>
      span.fromUs < untilUs &&
      span.fromUs + (span.durationUs ?? 0) > fromUs &&
      does(span, (effect) => (effect.kind === 'stops' || effect.kind === 'ends') && effect.process === client),
  )

/** Whether the rate of this client's clocks was wrong, or may have been: then they did not show how long a lease lasted. */
export const hadWrongRate = (history: History, client: string): boolean =>
  history.faults.some((span) =>
    does(span, (effect) => effect.kind === 'moves-clock' && effect.clocks === 'both' && effect.process === client),
  )

/** Whether a fault stops nobody and cuts nobody off: it moves clocks, or slows work, and nothing else. */
export const isHarmless = (span: FaultSpan): boolean =>
  span.effects.every(({ kind }) => kind === 'moves-clock' || kind === 'slows-work')

/** What a client was doing, or what kept it, by what a fault did to it. */
export type Circumstance = 'paused' | 'working' | 'cut off' | 'message under way'

/** What a fault does to a client that holds a lock; null: nothing that keeps it. */
export function circumstanceOf(span: FaultSpan, client: string): Circumstance | null {
  for (const effect of span.effects) {
    if (effect.kind === 'stops' && effect.process === client) return 'paused'
    if (effect.kind === 'slows-work' && effect.client === client) return 'working'
    if (effect.kind === 'cuts' && (effect.from === client || effect.to === client)) return 'cut off'
    if (effect.kind === 'delays' && effect.client === client) return 'message under way'
  }
  return null
}
