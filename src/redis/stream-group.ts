/**
 * Consumer groups of a stream: who read up to where, and what is delivered and not yet acknowledged.
 *
 * Models  the count of entries a group has read and how far it is behind (`lag`), also where deleted entries make them
 *         unknown.
 *
 * Source: t_stream.c (`streamReplyWithRange`, `streamEstimateDistanceFromFirstEverEntry`) of Redis 7.0;
 * https://redis.io/docs/latest/develop/data-types/streams/#consumer-groups
 */
import type { Keyspace } from './keyspace.ts'
import {
  type Delivery,
  firstIdOf,
  type StreamConsumer,
  type StreamEntry,
  type StreamGroup,
  type StreamValue,
} from './stream.ts'
import { ID_MIN } from './stream-id.ts'

/** A new group that has read up to `lastId`. */
export const newGroup = (lastId: bigint, entriesRead: bigint | null): StreamGroup => ({
  lastId,
  entriesRead,
  pending: new Map(),
  consumers: new Map(),
})

/** The consumer of that name, seen now, made when there is none. */
export function seenConsumer(keys: Keyspace, key: string, group: StreamGroup, name: string): StreamConsumer {
  const known = group.consumers.get(name)
  if (known === undefined) return createConsumer(keys, key, group, name)
  known.seenMs = keys.nowMs
  return known
}

/** A new consumer. */
export function createConsumer(keys: Keyspace, key: string, group: StreamGroup, name: string): StreamConsumer {
  const consumer = { name, seenMs: keys.nowMs, pending: new Map() }
  group.consumers.set(name, consumer)
  keys.wrote('xgroup-createconsumer', key)
  return consumer
}

/** A consumer gets entries that the group has not read yet. */
export function deliver(
  {
    stream,
    group,
    consumer,
  }: { readonly stream: StreamValue; readonly group: StreamGroup; readonly consumer: StreamConsumer },
  entries: readonly StreamEntry[],
  { nowMs, isPending }: { readonly nowMs: number; readonly isPending: boolean },
): void {
  for (const { id } of entries) {
    if (id > group.lastId) advance(stream, group, id)
    if (isPending) hand(group, id, { consumer, timeMs: nowMs, count: 1n })
  }
}

function advance(stream: StreamValue, group: StreamGroup, id: bigint): void {
  if (group.entriesRead !== null && !hasTombstones(stream, id)) group.entriesRead++
  else if (stream.entriesAdded > 0n) group.entriesRead = entriesUpTo(stream, id)
  group.lastId = id
}

/** Makes an entry pending with a consumer; another one that had it loses it. */
export function hand(group: StreamGroup, id: bigint, delivery: Delivery): void {
  group.pending.get(id)?.consumer.pending.delete(id)
  group.pending.set(id, delivery)
  delivery.consumer.pending.set(id, delivery)
}

/** The entry is acknowledged, or gone; false: it was not pending. */
export function release(group: StreamGroup, id: bigint): boolean {
  const delivery = group.pending.get(id)
  if (delivery === undefined) return false
  group.pending.delete(id)
  delivery.consumer.pending.delete(id)
  return true
}

/** XGROUP DELCONSUMER: what was pending with it is pending no more. */
export function removeConsumer(group: StreamGroup, consumer: StreamConsumer): void {
  for (const id of consumer.pending.keys()) group.pending.delete(id)
  group.consumers.delete(consumer.name)
}

/** Pending ids in ascending order, from `start` on. */
export function pendingFrom(pending: ReadonlyMap<bigint, Delivery>, start: bigint): readonly bigint[] {
  const ids: bigint[] = []
  for (const id of pending.keys()) if (id >= start) ids.push(id)
  return ids.sort((a, b) => (a < b ? -1 : 1))
}

/** Names in the order of their bytes, in which Redis lists groups and consumers. */
export const namesInOrder = (names: Iterable<string>): readonly string[] => [...names].sort()

/** Entries that the group has yet to read; null: deleted entries make it unknown. */
export function lagOf(stream: StreamValue, group: StreamGroup): bigint | null {
  if (stream.entriesAdded === 0n) return 0n
  const read =
    group.entriesRead !== null && !hasTombstones(stream, group.lastId)
      ? group.entriesRead
      : entriesUpTo(stream, group.lastId)
  return read === null ? null : stream.entriesAdded - read
}

/** Whether an entry from `start` on may have been deleted. */
function hasTombstones(stream: StreamValue, start: bigint): boolean {
  const { length, maxDeletedId } = stream
  if (length === 0 || maxDeletedId === ID_MIN || firstIdOf(stream) > maxDeletedId) return false
  return start <= maxDeletedId
}

/** How many entries up to this id were ever added; null: that is unknown. */
function entriesUpTo(stream: StreamValue, id: bigint): bigint | null {
  const { entriesAdded, length, lastId, maxDeletedId } = stream
  if (entriesAdded === 0n) return 0n
  if ((length === 0 && id <= lastId) || id === lastId) return entriesAdded
  if (id > lastId) return null
  const firstId = firstIdOf(stream)
  if (maxDeletedId !== ID_MIN && maxDeletedId >= firstId) return null
  if (id < firstId) return entriesAdded - BigInt(length)
  return id === firstId ? entriesAdded - BigInt(length) + 1n : null
}
