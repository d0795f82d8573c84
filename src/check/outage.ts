/**
 * Outages: when a client could not reach a node, by what the storm did. Only faults on record count; a lock that cuts its
 * own connections has no excuse.
 */
import type { FaultSpan, History } from '../history/history.ts'

/** A stretch in which a client could not reach a node, or the other way round. */
export interface Outage {
  readonly fromUs: number
  readonly untilUs: number
}

/** These cut the way between the two machines that they name; those stop one end of it. */
const CUTS_BETWEEN = new Set(['partition', 'black-hole'])
const STOPS_ONE = new Set(['pause', 'restart', 'crash', 'half-open', 'refuse', 'client-pause'])
/** With these a node answers, and refuses to change anything. */
const REFUSES = new Set(['loading', 'misconf', 'oom', 'read-only'])
const BREAKS_CONNECTIONS = new Set(['restart', 'crash', 'half-open', 'refuse'])

/** ioredis waits up to 2 s before it tries again to connect. */
const RECONNECT_US = 2_000_000

/** The outages between a client and a node, in the order in which they began. */
export const outages = (history: History, client: string, node: string): Outage[] =>
  history.faults.filter((fault) => isBetween(fault, client, node)).map((fault) => outage(history, fault))

const isBetween = ({ kind, processes }: FaultSpan, client: string, node: string): boolean =>
  CUTS_BETWEEN.has(kind)
    ? processes.includes(client) && processes.includes(node)
    : STOPS_ONE.has(kind) && (processes.includes(client) || processes.includes(node))

const outage = (history: History, fault: FaultSpan): Outage => ({
  fromUs: fault.fromUs,
  untilUs: endUs(history, fault) + (BREAKS_CONNECTIONS.has(fault.kind) ? RECONNECT_US : 0),
})

const HOLDS_A_MESSAGE = new Set(['delay-request', 'delay-reply'])

/** The stretches in which a message of a client, or one to it, was held up; nobody knows on which of its connections. */
export const delays = (history: History, client: string): Outage[] =>
  history.faults
    .filter(({ kind, processes }) => HOLDS_A_MESSAGE.has(kind) && processes.includes(client))
    .map((fault) => outage(history, fault))

/** The first moment from `atUs` on at which a client can reach a node, and change what it has, for longer than `forUs`. */
export function reachableUs(
  history: History,
  { client, node, atUs, forUs }: { client: string; node: string; atUs: number; forUs: number },
): number {
  let us = atUs
  for (const fault of history.faults) {
    const isRefusal = REFUSES.has(fault.kind) && fault.processes.includes(node)
    // A late request holds up what comes after it on its connection; which one that is, is not on record.
    const isLate = fault.kind === 'delay-request' && fault.processes.includes(client)
    if (!isBetween(fault, client, node) && !isRefusal && !isLate) continue
    const { fromUs, untilUs } = outage(history, fault)
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
    (fault) =>
      fault.kind === 'reset' &&
      fault.fromUs >= fromUs &&
      fault.fromUs <= untilUs &&
      fault.processes.every((name) => name === client || name === node),
  )

/** When a fault was over; what has no end of its own was mended when everything was. */
const endUs = (history: History, { kind, fromUs, durationUs }: FaultSpan): number =>
  durationUs === null || kind === 'crash' ? history.healedUs : fromUs + durationUs
