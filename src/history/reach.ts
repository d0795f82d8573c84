/**
 * Whether a client and a Redis node could reach each other, by what the storm did. Only faults on record count; a lock that
 * cuts its own connections has no excuse.
 */
import { type Effect, touchedBy } from '../fault/effect.ts'
import type { EffectSpan, Span } from './fault-span.ts'
import type { History } from './history.ts'

/** A client and a node, from one moment to another. */
interface Way extends Span {
  readonly client: string
  readonly node: string
}

/** When a client could not reach a node, or the node could not reach it, in the order in which it began. */
export const outages = (history: History, client: string, node: string): Span[] =>
  history.faultEffects
    .filter(({ effect }) => isOutage(effect, client, node))
    .map((span) => withReconnecting(history, span))

function isOutage(effect: Effect, client: string, node: string): boolean {
  switch (effect.kind) {
    case 'cuts':
      return isBetween(effect, client, node)
    case 'stops':
    case 'ends':
    case 'refuses':
    case 'lets-wait':
      return effect.process === client || effect.process === node
    // A driver that connects meanwhile is refused, too, and waits before it asks again.
    case 'answers-error':
      return effect.process === node && effect.commands === 'all'
    default:
      return false
  }
}

const isBetween = ({ from, to }: Effect & { kind: 'cuts' }, one: string, other: string): boolean =>
  (from.includes(one) && to.includes(other)) || (from.includes(other) && to.includes(one))

/** With the time that a client's driver may take to connect again. */
const withReconnecting = (history: History, { effect, fromUs, untilUs }: EffectSpan): Span => ({
  fromUs,
  untilUs: untilUs + reconnectUs(history, effect),
})

function reconnectUs({ rules }: History, effect: Effect): number {
  switch (effect.kind) {
    case 'ends':
    case 'refuses':
      return rules.reconnectUs
    case 'answers-error':
      return effect.commands === 'all' ? rules.reconnectUs : 0
    // The server is there: the first attempt succeeds.
    case 'resets':
    case 'loses-message':
      return rules.firstReconnectUs
    default:
      return 0
  }
}

/** When a message of a client, or one to it, was held up; on which of its connections is not on record. */
export const heldMessages = (history: History, client: string): readonly Span[] =>
  history.faultEffects.filter(({ effect }) => effect.kind === 'delays-message' && effect.process === client)

/** When a node refused commands with an error of its own. */
export const refusals = (history: History, node: string): readonly Span[] =>
  history.faultEffects.filter(({ effect }) => effect.kind === 'answers-error' && effect.process === node)

/** A client that would reach a node. */
interface Attempt {
  readonly client: string
  readonly node: string
  readonly atUs: number
  /** For how long it must be reachable. */
  readonly forUs: number
  /** It was connected at `atUs`, because a command of it arrived: what was over by then needs no new connection. */
  readonly wasConnected?: boolean
}

/** The first moment from `atUs` on at which a client can reach a node, and change what it has, for longer than `forUs`. */
export function reachableUs(history: History, { client, node, atUs, forUs, wasConnected = false }: Attempt): number {
  let us = atUs
  for (const span of history.faultEffects) {
    const { effect } = span
    const isRefusal = effect.kind === 'answers-error' && effect.process === node
    const isBroken = isReset(effect, client, node) || isLostReply(effect, client)
    if (!isOutage(effect, client, node) && !isBroken && !isRefusal && !isLateRequest(effect, client)) continue
    if (wasConnected && span.untilUs <= atUs) continue
    const { fromUs, untilUs } = withReconnecting(history, span)
    if (fromUs <= us + forUs && untilUs > us) us = untilUs
  }
  return us
}

/** It holds up what comes after it on its connection, too; which connection that is, is not on record. */
const isLateRequest = (effect: Effect, client: string): boolean =>
  effect.kind === 'delays-message' && effect.process === client && effect.direction === 'request'

/** Whether a connection between the two was reset: what was under way on it may be lost. */
export const wasReset = (history: History, { client, node, fromUs, untilUs }: Way): boolean =>
  history.faultEffects.some(
    (span) => span.fromUs >= fromUs && span.fromUs <= untilUs && isReset(span.effect, client, node),
  )

const isReset = (effect: Effect, client: string, node: string): boolean =>
  effect.kind === 'resets' &&
  ((effect.process === client && (effect.to === null || effect.to === node)) ||
    (effect.process === node && (effect.to === null || effect.to === client)))

/** Whether a reply to the client may have been lost, with its connection and what else was under way on it. */
export const mayHaveMissedReply = (history: History, way: Way): boolean =>
  wasReset(history, way) ||
  history.faultEffects.some(
    ({ effect, fromUs }) => isLostReply(effect, way.client) && fromUs >= way.fromUs && fromUs <= way.untilUs,
  )

/** The reply is lost with its connection; which connection that is, is not on record. */
const isLostReply = (effect: Effect, client: string): boolean =>
  effect.kind === 'loses-message' && effect.process === client

/** When what the client sent to the node was not read at once, but later, by the network's or by the node's doing. */
export const heldRequests = (history: History, client: string, node: string): readonly Span[] =>
  history.faultEffects.filter(({ effect }) => holdsRequests(effect, client, node))

function holdsRequests(effect: Effect, client: string, node: string): boolean {
  switch (effect.kind) {
    case 'cuts':
      return touchedBy(effect).includes(client)
    case 'delays-message':
      return isLateRequest(effect, client)
    case 'stops':
    case 'lets-wait':
      return effect.process === node
    case 'ends':
      return effect.isSilent && effect.process === node
    default:
      return false
  }
}
