/**
 * A connection that is read and written synchronously: what lets a world, which is one synchronous call, talk to a
 * real server.
 *
 * How: Node opens the socket (connecting to a Unix domain socket completes inside the call), then the descriptor is
 * made blocking and used with `fs.readSync` and `fs.writeSync`; Node's own stream never reads it. Measured on the
 * 2-core machine, per SET over one connection: 20 to 95 µs this way, 200 to 300 µs with a worker thread that owns the
 * socket and `Atomics.wait`, because the reply crosses two threads. The same on Node 20, 22 and 24.
 *
 * Invariants
 * - A blocking read is only started when an answer is certain to come; `HangGuard` ends it when it does not.
 * - Bytes are latin-1 strings, one char a byte.
 */

import { Socket } from 'node:net'
import { asOurselves, realFs } from '../../host/door.ts'

/** What a Unix domain socket holds at most, by Linux's default. */
const CHUNK_BYTES = 208 * 1024
const chunk = Buffer.allocUnsafe(CHUNK_BYTES)

/** What the descriptor says when the peer is gone. */
const GONE = new Set(['EPIPE', 'ECONNRESET', 'ENOTCONN', 'EBADF', 'ECONNREFUSED'])

/** The part of Node's socket handle that is used here; there since Node 0.x, and checked when a socket is opened. */
interface Handle {
  readonly fd: number
  setBlocking(isBlocking: boolean): number
}

export class SyncSocket {
  readonly #socket: Socket
  readonly #handle: Handle | null
  #isBlocking = true
  #isClosed = false

  private constructor(socket: Socket) {
    this.#socket = socket
    this.#handle = (socket as unknown as { _handle: Handle | null })._handle
    if (this.#handle !== null) this.#handle.setBlocking(true)
  }

  /** Connects to a Unix domain socket; null when no server listens there. */
  static open(path: string): SyncSocket | null {
    const socket = asOurselves(() => {
      const real = new Socket()
      // What goes wrong is seen by the next read or write.
      real.on('error', () => {})
      real.pause()
      real.connect({ path })
      return real.unref()
    })
    const opened = new SyncSocket(socket)
    if (opened.#isConnected()) return opened
    opened.close()
    return null
  }

  #isConnected(): boolean {
    // Writing nothing to a socket that is not connected fails; to one that is, it sends nothing.
    return this.write('')
  }

  /** Sends all of it; false when the peer is gone. */
  write(bytes: string): boolean {
    if (this.#handle === null || this.#isClosed) return false
    this.#setBlocking(true)
    const buffer = bytes.length <= CHUNK_BYTES ? chunk : Buffer.allocUnsafe(bytes.length)
    const length = buffer.write(bytes, 0, 'latin1')
    try {
      let sent = 0
      do sent += realFs.writeSync(this.#handle.fd, buffer, sent, length - sent)
      while (sent < length)
      return true
    } catch (error) {
      if (GONE.has((error as NodeJS.ErrnoException).code ?? '')) return false
      throw error
    }
  }

  /** Waits for bytes; '' when the peer is gone. */
  read(): string {
    if (this.#handle === null || this.#isClosed) return ''
    this.#setBlocking(true)
    return this.#read(this.#handle.fd)
  }

  /** The bytes that have arrived, or the first of them; null when there are none, '' when the peer is gone. */
  readAvailable(max = CHUNK_BYTES): string | null {
    if (this.#handle === null || this.#isClosed) return ''
    this.#setBlocking(false)
    try {
      return this.#read(this.#handle.fd, max)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EAGAIN') return null
      throw error
    }
  }

  #read(fd: number, max = CHUNK_BYTES): string {
    try {
      return chunk.toString('latin1', 0, realFs.readSync(fd, chunk, 0, max, null))
    } catch (error) {
      if (GONE.has((error as NodeJS.ErrnoException).code ?? '')) return ''
      throw error
    }
  }

  #setBlocking(isBlocking: boolean): void {
    if (isBlocking === this.#isBlocking) return
    this.#isBlocking = isBlocking
    this.#handle!.setBlocking(isBlocking)
  }

  /** The peer sees the end at once. */
  close(): void {
    if (this.#isClosed) return
    this.#isClosed = true
    asOurselves(() => this.#socket.destroy())
  }
}
