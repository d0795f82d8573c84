/**
 * What a real connection is subscribed to, read from the confirmations that the server sends.
 *
 * Source: https://redis.io/docs/latest/develop/interact/pubsub/
 */
import type { Reply } from '../../redis/reply.ts'

const MESSAGES = new Set(['message', 'pmessage', 'smessage'])

/** The verbs that confirm, and whose list they change. */
const ADDING = new Map([
  ['subscribe', 'channels'],
  ['psubscribe', 'patterns'],
  ['ssubscribe', 'shards'],
])
const REMOVING = new Map([
  ['unsubscribe', 'channels'],
  ['punsubscribe', 'patterns'],
  ['sunsubscribe', 'shards'],
])

export class Subscriptions {
  readonly #names = new Map<string, Set<string>>()

  get isAny(): boolean {
    for (const names of this.#names.values()) if (names.size > 0) return true
    return false
  }

  /** How many confirmations an unsubscribing verb without channels gives. */
  confirmationsFor(verb: string): number {
    return Math.max(1, this.#names.get(REMOVING.get(verb) ?? '')?.size ?? 0)
  }

  /** What a reply is to a connection that is subscribed or about to be; a confirmation is taken note of. */
  read(reply: Reply): 'message' | 'confirmation' | 'other' {
    if (typeof reply === 'object' && reply !== null && 'kind' in reply && reply.kind === 'status') {
      if (reply.text === 'RESET') this.#names.clear()
      return 'other'
    }
    const [verb, name] = itemsOf(reply)
    if (typeof verb !== 'string') return 'other'
    if (MESSAGES.has(verb)) return 'message'
    const adding = ADDING.get(verb)
    const list = adding ?? REMOVING.get(verb)
    if (list === undefined) return 'other'
    const names = this.#names.get(list) ?? new Set()
    this.#names.set(list, names)
    if (adding === undefined) names.delete(String(name))
    else names.add(String(name))
    return 'confirmation'
  }
}

/** The items of an array (RESP2) or a push (RESP3). */
function itemsOf(reply: Reply): readonly Reply[] {
  if (typeof reply !== 'object' || reply === null) return []
  if (!('kind' in reply)) return reply
  return reply.kind === 'push' ? reply.items : []
}
