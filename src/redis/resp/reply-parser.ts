/**
 * RESP bytes of a server as replies, cut anywhere: the other end of `encode-reply.ts`.
 *
 * Attributes (`|`) are read and dropped, blob errors become errors. Bytes that are no RESP throw, because only a broken
 * server (or a bug of ours) sends them.
 *
 * Invariants
 * - Time is linear in the bytes, however they are cut (but for a line, which is never long): what was read once is not
 *   read again, and chunks are joined only when the part that waits for them is whole.
 *
 * Source: https://redis.io/docs/latest/develop/reference/protocol-spec/
 */
import { NULL_ARRAY, OK, type Reply } from '../reply.ts'

/** The bytes are no RESP. */
export class BrokenReplyError extends Error {
  override readonly name = 'BrokenReplyError'
}

/** A reply of several parts, some of which have been read. */
interface Open {
  readonly mark: string
  readonly items: Reply[]
  /** Parts that are still to come. */
  missing: number
}

/** Instead of a reply: more bytes are needed; or one of several parts has begun. */
const INCOMPLETE = Symbol('incomplete')
const OPENED = Symbol('opened')

export class ReplyParser {
  /** What has arrived and was joined; from `#offset` on it is not read yet. */
  #buffer = ''
  #offset = 0
  /** Where in the buffer the bytes of the present reply begin; those before are in `#before`. */
  #start = 0
  #before = ''
  /** What has arrived since. Joined only when it is enough, so that each byte is copied once and not once a chunk. */
  #chunks: string[] = []
  #chunksLength = 0
  /** At least this many more chars before the next part is whole. */
  #needed = 0
  /** From the outside to the inside. */
  readonly #open: Open[] = []

  /** Adds bytes (latin-1). */
  push(bytes: string): void {
    if (bytes === '') return
    this.#chunks.push(bytes)
    this.#chunksLength += bytes.length
  }

  /** The next whole reply with the bytes it came in, or null when more are needed. */
  next(): { readonly reply: Reply; readonly bytes: string } | null {
    if (this.#chunksLength < this.#needed) return null
    if (this.#chunksLength > 0) this.#join()
    while (this.#offset < this.#buffer.length) {
      const part = this.#readPart()
      if (part === INCOMPLETE) return null
      if (part === OPENED) continue
      const reply = this.#close(part)
      if (reply === OPENED) continue
      const bytes = this.#before + this.#buffer.slice(this.#start, this.#offset)
      this.#before = ''
      this.#start = this.#offset
      return { reply, bytes }
    }
    return null
  }

  #join(): void {
    this.#before += this.#buffer.slice(this.#start, this.#offset)
    this.#buffer = this.#buffer.slice(this.#offset) + this.#chunks.join('')
    this.#offset = 0
    this.#start = 0
    this.#chunks = []
    this.#chunksLength = 0
    this.#needed = 0
  }

  /** One part: a reply of its own, or the beginning of one that has parts. */
  #readPart(): Reply | typeof INCOMPLETE | typeof OPENED {
    const lineEnd = this.#buffer.indexOf('\r\n', this.#offset)
    if (lineEnd === -1) {
      this.#needed = 1
      return INCOMPLETE
    }
    const mark = this.#buffer[this.#offset] as string
    const line = this.#buffer.slice(this.#offset + 1, lineEnd)
    const end = lineEnd + 2
    switch (mark) {
      case '+':
        this.#offset = end
        return line === 'OK' ? OK : { kind: 'status', text: line }
      case '-':
        this.#offset = end
        return { kind: 'error', text: line }
      case ':':
        this.#offset = end
        return toInteger(line)
      case '_':
        this.#offset = end
        return null
      case '#':
        this.#offset = end
        return { kind: 'boolean', value: line === 't' }
      case ',':
        this.#offset = end
        return { kind: 'double', text: line }
      case '(':
        this.#offset = end
        return { kind: 'bigNumber', text: line }
      case '$':
      case '!':
      case '=':
        return this.#readBulk(mark, line, end)
      case '*':
      case '~':
      case '>':
      case '%':
      case '|':
        this.#offset = end
        return this.#readCount(mark, line)
      default:
        throw new BrokenReplyError(`no RESP type begins with ${JSON.stringify(mark)}`)
    }
  }

  /** A text whose length is known; its line is read again when it was not whole. */
  #readBulk(mark: string, line: string, from: number): Reply | typeof INCOMPLETE {
    if (mark === '$' && line === '-1') {
      this.#offset = from
      return null
    }
    const end = from + toLength(line)
    if (this.#buffer.length < end + 2) {
      this.#needed = end + 2 - this.#buffer.length
      return INCOMPLETE
    }
    const text = this.#buffer.slice(from, end)
    this.#offset = end + 2
    if (mark === '$') return text
    if (mark === '!') return { kind: 'error', text }
    return { kind: 'verbatim', format: text.slice(0, 3), text: text.slice(4) }
  }

  #readCount(mark: string, line: string): Reply | typeof OPENED {
    if (mark === '*' && line === '-1') return NULL_ARRAY
    const count = toLength(line)
    const missing = mark === '%' || mark === '|' ? count * 2 : count
    if (missing > 0) this.#open.push({ mark, items: [], missing })
    else if (mark !== '|') return whole(mark, [])
    return OPENED
  }

  /** Adds a part to what it belongs to; answers the reply when that is whole now, else OPENED. */
  #close(part: Reply): Reply | typeof OPENED {
    let reply = part
    for (let open = this.#open.at(-1); open !== undefined; open = this.#open.at(-1)) {
      open.items.push(reply)
      open.missing -= 1
      if (open.missing > 0) return OPENED
      this.#open.pop()
      // An attribute is about the reply that follows, and is dropped.
      if (open.mark === '|') return OPENED
      reply = whole(open.mark, open.items)
    }
    return reply
  }
}

/** A reply out of all its parts. */
function whole(mark: string, items: Reply[]): Reply {
  if (mark === '~') return { kind: 'set', items }
  if (mark === '>') return { kind: 'push', items }
  if (mark !== '%') return items
  const entries: [Reply, Reply][] = []
  for (let index = 0; index < items.length; index += 2) entries.push([items[index] as Reply, items[index + 1] as Reply])
  return { kind: 'map', entries }
}

function toLength(line: string): number {
  if (!/^[0-9]+$/.test(line)) throw new BrokenReplyError(`${JSON.stringify(line)} is no length`)
  return Number(line)
}

/** A number where it is exact, a bigint beyond. */
function toInteger(line: string): number | bigint {
  if (!/^[+-]?[0-9]+$/.test(line)) throw new BrokenReplyError(`${JSON.stringify(line)} is no integer`)
  const value = Number(line)
  return Number.isSafeInteger(value) ? value : BigInt(line)
}
