/**
 * Replies as RESP bytes (latin-1 strings), for protocol versions 2 and 3.
 *
 * RESP2 knows strings, errors, integers and arrays; whatever RESP3 added is flattened as Redis does it.
 *
 * Source: https://redis.io/docs/latest/develop/reference/protocol-spec/
 */
import type { Reply } from '../reply.ts'

/** The bytes of one reply. */
export function encodeReply(reply: Reply, resp: 2 | 3): string {
  if (typeof reply === 'string') return `$${reply.length}\r\n${reply}\r\n`
  if (typeof reply === 'number' || typeof reply === 'bigint') return `:${reply}\r\n`
  if (reply === null) return resp === 2 ? '$-1\r\n' : '_\r\n'
  if (!('kind' in reply)) return encodeItems('*', reply, resp)
  switch (reply.kind) {
    case 'status':
      return `+${reply.text}\r\n`
    case 'error':
      return `-${reply.text}\r\n`
    case 'nullArray':
      return resp === 2 ? '*-1\r\n' : '_\r\n'
    case 'map':
      return resp === 2 ? encodeEntries('*', 2, reply.entries, resp) : encodeEntries('%', 1, reply.entries, resp)
    case 'attributed':
      return (resp === 2 ? '' : encodeEntries('|', 1, reply.attributes, resp)) + encodeReply(reply.reply, resp)
    case 'set':
      return encodeItems(resp === 2 ? '*' : '~', reply.items, resp)
    case 'push':
      return encodeItems(resp === 2 ? '*' : '>', reply.items, resp)
    case 'double':
      return resp === 2 ? `$${reply.text.length}\r\n${reply.text}\r\n` : `,${reply.text}\r\n`
    case 'boolean':
      return resp === 2 ? `:${reply.value ? 1 : 0}\r\n` : `#${reply.value ? 't' : 'f'}\r\n`
    case 'bigNumber':
      return resp === 2 ? `$${reply.text.length}\r\n${reply.text}\r\n` : `(${reply.text}\r\n`
    case 'verbatim':
      return resp === 2
        ? `$${reply.text.length}\r\n${reply.text}\r\n`
        : `=${reply.text.length + 4}\r\n${reply.format}:${reply.text}\r\n`
  }
}

function encodeItems(mark: string, items: readonly Reply[], resp: 2 | 3): string {
  let bytes = `${mark}${items.length}\r\n`
  for (const item of items) bytes += encodeReply(item, resp)
  return bytes
}

function encodeEntries(mark: string, each: 1 | 2, entries: readonly (readonly [Reply, Reply])[], resp: 2 | 3): string {
  let bytes = `${mark}${entries.length * each}\r\n`
  for (const [key, value] of entries) bytes += encodeReply(key, resp) + encodeReply(value, resp)
  return bytes
}

/** What a client that speaks `resp` would make of the reply's bytes: the same flattening without the detour over bytes. */
export function asSeenThrough(reply: Reply, resp: 2 | 3): Reply {
  if (typeof reply !== 'object' || reply === null) return reply
  if (!('kind' in reply)) return reply.some(isRich) ? reply.map((item) => asSeenThrough(item, resp)) : reply
  return resp === 2 ? seenThroughResp2(reply) : seenThroughResp3(reply)
}

type RichReply = Extract<Reply, { readonly kind: string }>

function seenThroughResp2(reply: RichReply): Reply {
  switch (reply.kind) {
    case 'map':
      return reply.entries.flatMap(([key, value]) => [asSeenThrough(key, 2), asSeenThrough(value, 2)])
    case 'set':
    case 'push':
      return reply.items.map((item) => asSeenThrough(item, 2))
    case 'boolean':
      return reply.value ? 1 : 0
    case 'double':
    case 'bigNumber':
    case 'verbatim':
      return reply.text
    case 'attributed':
      return asSeenThrough(reply.reply, 2)
    case 'status':
    case 'error':
    case 'nullArray':
      return reply
  }
}

function seenThroughResp3(reply: RichReply): Reply {
  switch (reply.kind) {
    case 'nullArray':
      return null
    case 'map':
      return {
        kind: 'map',
        entries: reply.entries.map(([key, value]) => [asSeenThrough(key, 3), asSeenThrough(value, 3)] as const),
      }
    case 'set':
    case 'push':
      return { kind: reply.kind, items: reply.items.map((item) => asSeenThrough(item, 3)) }
    case 'attributed':
      // No client hands them out.
      return asSeenThrough(reply.reply, 3)
    default:
      return reply
  }
}

const isRich = (item: Reply): boolean => typeof item === 'object' && item !== null
