/**
 * Members with their scores in a reply: flat in RESP2 (`[member, score, …]`), in pairs in RESP3, where a score is a double.
 *
 * Source: https://redis.io/docs/latest/commands/zrange/
 */
import { formatDouble } from '../double.ts'
import type { Reply } from '../reply.ts'
import type { Scored } from '../sorted-set.ts'

/** `[member, score, …]` or `[[member, score], …]`. */
export function withScores(items: readonly Scored[], resp: 2 | 3): readonly Reply[] {
  return resp === 2 ? inRow(items) : inPairs(items)
}

/** `[member, score, member, score, …]`. */
export function inRow(items: readonly Scored[]): readonly Reply[] {
  const reply: Reply[] = []
  for (const { member, score } of items) reply.push(member, { kind: 'double', text: formatDouble(score) })
  return reply
}

/** `[[member, score], …]`. */
export function inPairs(items: readonly Scored[]): readonly Reply[] {
  return items.map(({ member, score }) => [member, { kind: 'double', text: formatDouble(score) }])
}
