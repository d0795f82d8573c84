/**
 * Bytes of a client as commands: RESP arrays and inline commands, cut anywhere.
 *
 * Errors are Redis's own, including its limits: nothing is ever allocated because of a length that was only claimed.
 *
 * Source: networking.c (`processInlineBuffer`, `processMultibulkBuffer`) of Redis 7.0.
 */
import { parseInteger } from '../arguments.ts'
import { splitInline } from './inline-command.ts'

const LINE_BYTES_MAX = 64 * 1024
const BULK_BYTES_MAX = 512 * 1024 * 1024
const ARGUMENT_COUNT_MAX = 2 ** 31 - 1
/** Before AUTH a client may not make the server collect much. */
const UNAUTHENTICATED_COUNT_MAX = 10
const UNAUTHENTICATED_BYTES_MAX = 16384

/** One command (empty for an empty line or array, which Redis ignores), or what broke the protocol (the connection must close). */
export type Request = readonly string[] | { readonly protocolError: string }

export class RequestParser {
  #buffer = ''
  #offset = 0
  /** Bytes that were used and are no longer in the buffer. */
  #dropped = 0
  #args: string[] = []
  /** Arguments still missing of the array that is being read; 0: between commands. */
  #missing = 0
  /** Length of the bulk string whose bytes come next; -1: its header comes next. */
  #bulkLength = -1

  /** Adds bytes (latin-1). */
  push(bytes: string): void {
    const rest = this.#offset === 0 ? this.#buffer : this.#buffer.slice(this.#offset)
    this.#buffer = rest === '' ? bytes : rest + bytes
    this.#dropped += this.#offset
    this.#offset = 0
  }

  /** Whether nothing was received beyond whole commands. */
  get isIdle(): boolean {
    return this.#offset === this.#buffer.length && this.#missing === 0
  }

  /** Bytes received and not yet used, as CLIENT LIST's `qbuf`. */
  get bufferedBytes(): number {
    return this.#buffer.length - this.#offset
  }

  /** All bytes of what `next` has given, once it has given it. */
  get usedBytes(): number {
    return this.#dropped + this.#offset
  }

  /** The next whole command, or null when more bytes are needed. */
  next(isAuthenticated = true): Request | null {
    if (this.#missing === 0) {
      if (this.#offset === this.#buffer.length) return null
      if (this.#buffer.charCodeAt(this.#offset) !== ASTERISK) return this.#nextInline()
      const header = this.#readLength()
      if (header === INCOMPLETE) return this.#tooLong('too big mbulk count string')
      if (header === null || header > ARGUMENT_COUNT_MAX) return broken('invalid multibulk length')
      if (header > UNAUTHENTICATED_COUNT_MAX && !isAuthenticated) return broken('unauthenticated multibulk length')
      if (header <= 0) return []
      this.#missing = header
      this.#args = []
    }
    return this.#nextArguments(isAuthenticated)
  }

  #nextArguments(isAuthenticated: boolean): Request | null {
    while (this.#missing > 0) {
      if (this.#bulkLength === -1) {
        const mark = this.#buffer.charCodeAt(this.#offset)
        const start = this.#offset
        const length = this.#readLength()
        if (length === INCOMPLETE) return this.#tooLong('too big bulk count string')
        if (mark !== DOLLAR) return broken(`expected '$', got '${this.#buffer[start]}'`)
        if (length === null || length < 0 || length > BULK_BYTES_MAX) return broken('invalid bulk length')
        if (length > UNAUTHENTICATED_BYTES_MAX && !isAuthenticated) return broken('unauthenticated bulk length')
        this.#bulkLength = length
      }
      const end = this.#offset + this.#bulkLength
      if (this.#buffer.length < end + 2) return null
      this.#args.push(this.#buffer.slice(this.#offset, end))
      this.#offset = end + 2
      this.#bulkLength = -1
      this.#missing--
    }
    return this.#args
  }

  /** The number in the line at the offset, without its first char; null when it is none. Moves on only when the line is whole. */
  #readLength(): number | null | typeof INCOMPLETE {
    const end = this.#buffer.indexOf('\r', this.#offset)
    if (end === -1 || end + 2 > this.#buffer.length) return INCOMPLETE
    const line = this.#buffer.slice(this.#offset + 1, end)
    // Redis looks for the line's end with strchr, which a zero byte stops.
    if (line.includes('\0') || this.#buffer.charCodeAt(this.#offset) === 0) return INCOMPLETE
    this.#offset = end + 2
    return parseInteger(line)
  }

  #nextInline(): Request | null {
    const end = this.#buffer.indexOf('\n', this.#offset)
    const zero = this.#buffer.indexOf('\0', this.#offset)
    if (end === -1 || (zero !== -1 && zero < end)) return this.#tooLong('too big inline request')
    const lineEnd = end > this.#offset && this.#buffer.charCodeAt(end - 1) === CARRIAGE_RETURN ? end - 1 : end
    const args = splitInline(this.#buffer.slice(this.#offset, lineEnd))
    if (args === null) return broken('unbalanced quotes in request')
    this.#offset = end + 1
    return args
  }

  #tooLong(message: string): Request | null {
    return this.#buffer.length - this.#offset > LINE_BYTES_MAX ? broken(message) : null
  }
}

const ASTERISK = 42
const DOLLAR = 36
const CARRIAGE_RETURN = 13
const INCOMPLETE = 'incomplete'

const broken = (protocolError: string): Request => ({ protocolError })
