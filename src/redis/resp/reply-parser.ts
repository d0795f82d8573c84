/**
 * RESP bytes of a server as replies, cut anywhere: the other end of `encode-reply.ts`.
 *
 * Attributes (`|`) are read and dropped, blob errors become errors. Bytes that are no RESP throw, because only a broken
 * server (or a bug of ours) sends them.
 *
 * Source: https://redis.io/docs/latest/develop/reference/protocol-spec/
 */
import { NULL_ARRAY, OK, type Reply } from '../reply.ts'

/** The bytes are no RESP. */
export class BrokenReplyError extends Error {
  override readonly name = 'BrokenReplyError'
}

/** Why a reply could not be read yet; thrown and caught inside this file only. */
const INCOMPLETE = Symbol('incomplete')

export class ReplyParser {
  #buffer = ''
  #offset = 0

  /** Adds bytes (latin-1). */
  push(bytes: string): void {
    this.#buffer = this.#offset === this.#buffer.length ? bytes : this.#buffer.slice(this.#offset) + bytes
    this.#offset = 0
  }

  /** The next whole reply with the bytes it came in, or null when more are needed. */
  next(): { readonly reply: Reply; readonly bytes: string } | null {
    const start = this.#offset
    if (start === this.#buffer.length) return null
    try {
      const reply = this.#read()
      return { reply, bytes: this.#buffer.slice(start, this.#offset) }
    } catch (reason) {
      if (reason !== INCOMPLETE) throw reason
      this.#offset = start
      return null
    }
  }

  #read(): Reply {
    const mark = this.#buffer[this.#offset]
    const line = this.#readLine()
    switch (mark) {
      case '+':
        return line === 'OK' ? OK : { kind: 'status', text: line }
      case '-':
        return { kind: 'error', text: line }
      case ':':
        return toInteger(line)
      case '$':
        return line === '-1' ? null : this.#readBulk(toLength(line))
      case '*':
        return line === '-1' ? NULL_ARRAY : this.#readItems(toLength(line))
      case '_':
        return null
      case '#':
        return { kind: 'boolean', value: line === 't' }
      case ',':
        return { kind: 'double', text: line }
      case '(':
        return { kind: 'bigNumber', text: line }
      case '!':
        return { kind: 'error', text: this.#readBulk(toLength(line)) }
      case '=': {
        const text = this.#readBulk(toLength(line))
        return { kind: 'verbatim', format: text.slice(0, 3), text: text.slice(4) }
      }
      case '%':
        return { kind: 'map', entries: this.#readEntries(toLength(line)) }
      case '~':
        return { kind: 'set', items: this.#readItems(toLength(line)) }
      case '>':
        return { kind: 'push', items: this.#readItems(toLength(line)) }
      case '|':
        this.#readEntries(toLength(line))
        return this.#read()
      default:
        throw new BrokenReplyError(`no RESP type begins with ${JSON.stringify(mark)}`)
    }
  }

  /** The line at the offset without its first char. */
  #readLine(): string {
    const end = this.#buffer.indexOf('\r\n', this.#offset)
    if (end === -1) throw INCOMPLETE
    const line = this.#buffer.slice(this.#offset + 1, end)
    this.#offset = end + 2
    return line
  }

  #readBulk(length: number): string {
    const end = this.#offset + length
    if (this.#buffer.length < end + 2) throw INCOMPLETE
    const text = this.#buffer.slice(this.#offset, end)
    this.#offset = end + 2
    return text
  }

  #readItems(count: number): Reply[] {
    const items: Reply[] = []
    for (let index = 0; index < count; index++) items.push(this.#read())
    return items
  }

  #readEntries(count: number): [Reply, Reply][] {
    const entries: [Reply, Reply][] = []
    for (let index = 0; index < count; index++) entries.push([this.#read(), this.#read()])
    return entries
  }
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
