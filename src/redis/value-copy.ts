/**
 * Copies of values, for COPY: nothing is shared with the original.
 */
import type { Value } from './value.ts'

export function copyOf(value: Value): Value {
  switch (value.type) {
    case 'string':
      return { type: 'string', text: value.text }
    case 'hash':
      return { type: 'hash', fields: new Map(value.fields) }
    case 'set':
      return { type: 'set', members: new Set(value.members) }
    case 'list':
      return { type: 'list', items: [...value.items] }
    case 'zset':
      return { type: 'zset', scores: new Map(value.scores), order: value.order.map((element) => ({ ...element })) }
  }
}
