/**
 * Copies of values, for COPY: nothing is shared with the original.
 */
import type { StreamGroup, StreamValue } from './stream.ts'
import type { Value } from './value.ts'

export function copyOf(value: Value): Value {
  switch (value.type) {
    case 'string':
      return { ...value }
    case 'hash':
      return value.deadlines === undefined
        ? { ...value, fields: new Map(value.fields) }
        : { ...value, fields: new Map(value.fields), deadlines: new Map(value.deadlines) }
    case 'set':
      return { ...value, members: new Set(value.members) }
    case 'list':
      return { type: 'list', items: [...value.items] }
    case 'zset':
      return { ...value, scores: new Map(value.scores), order: value.order.map((element) => ({ ...element })) }
    case 'stream':
      return copyOfStream(value)
  }
}

function copyOfStream(stream: StreamValue): StreamValue {
  const groups = new Map<string, StreamGroup>()
  for (const [name, group] of stream.groups) groups.set(name, copyOfGroup(group))
  const nodes = stream.nodes.map((node) => ({ ...node, entries: [...node.entries] }))
  return { ...stream, nodes, groups }
}

function copyOfGroup(group: StreamGroup): StreamGroup {
  const copy: StreamGroup = { ...group, pending: new Map(), consumers: new Map() }
  for (const [name, consumer] of group.consumers) copy.consumers.set(name, { ...consumer, pending: new Map() })
  for (const [id, delivery] of group.pending) {
    const consumer = copy.consumers.get(delivery.consumer.name)!
    const copied = { ...delivery, consumer }
    copy.pending.set(id, copied)
    consumer.pending.set(id, copied)
  }
  return copy
}
