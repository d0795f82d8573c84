/**
 * Copies of values, for COPY: nothing is shared with the original.
 */
import type { Value } from './value.ts'

export function copyOf(value: Value): Value {
  switch (value.type) {
    case 'string':
      return { ...value }
    case 'hash':
      return { ...value, fields: new Map(value.fields) }
    case 'set':
      return { ...value, members: new Set(value.members) }
    case 'list':
      return { type: 'list', items: [...value.items] }
    case 'zset':
      return { ...value, scores: new Map(value.scores), order: value.order.map((element) => ({ ...element })) }
  }
}
