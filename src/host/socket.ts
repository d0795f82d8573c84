/**
 * A simulated `net.Socket`: what a real driver gets from `net.connect` inside a world.
 *
 * Models          connect, write, end, destroy, idle timeouts, `data`/`end`/`error`/`close` in Node's order, error
 *                 codes and texts of the kernel, `data` as Buffers.
 * Does not model  back pressure (`write` always returns true), `allowHalfOpen`, `pause`, `pipe`.
 *
 * Source: https://nodejs.org/docs/latest-v20.x/api/net.html#class-netsocket
 */
import { EventEmitter } from 'node:events'
import type { Endpoint, EndpointHandler, Message } from '../net/connection.ts'
import type { Network } from '../net/network.ts'
import type { SimProcess, SimTimer } from '../sim/process.ts'

const ASCII = /^[\x00-\x7f]*$/

type Done = (error?: Error | null) => void

export class VirtualSocket extends EventEmitter implements EndpointHandler {
  connecting = true
  destroyed = false
  readable = true
  writable = true
  readonly remoteAddress: string
  readonly remotePort: number
  readonly remoteFamily = 'IPv4'
  readonly localAddress = '127.0.0.1'
  readonly localPort = 49152
  readonly writableNeedDrain = false
  readonly writableLength = 0
  readonly encrypted: boolean
  readonly authorized = true
  readonly _writableState = { ended: false }
  bytesRead = 0
  bytesWritten = 0
  timeout = 0
  readonly #process: SimProcess
  #endpoint: Endpoint
  #corkCount = 0
  /** Written before the connection was there, or while corked. */
  #unsent: { readonly bytes: string; readonly done: Done | undefined }[] = []
  #idleTimer: SimTimer | null = null
  #encoding: BufferEncoding | null = null
  #isEnding = false
  #isEndedByPeer = false
  #hasFinished = false

  constructor(process: SimProcess, network: Network, host: string, port: number, isTls: boolean) {
    super()
    this.#process = process
    this.remoteAddress = host
    this.remotePort = port
    this.encrypted = isTls
    this.#endpoint = network.connect(process, { host, port }, 'bytes', this)
  }

  // What the network tells.

  onOpen(): void {
    if (this.destroyed) return
    this.connecting = false
    this.#touch()
    this.emit('connect')
    // What the listeners of `connect` write comes after what was written before.
    for (const { bytes, done } of this.#corkCount > 0 ? [] : this.#unsent.splice(0)) {
      this.#endpoint.send(bytes)
      done?.()
    }
    if (this.destroyed) return
    if (this.#isEnding) this.#finish()
    this.emit('ready')
    if (this.encrypted) this.emit('secureConnect')
  }

  onMessage(message: Message): void {
    if (this.destroyed) return
    this.#touch()
    const bytes = Buffer.from(message as string, 'latin1')
    this.bytesRead += bytes.length
    this.emit('data', this.#encoding === null ? bytes : bytes.toString(this.#encoding))
  }

  onClose(code: string | null): void {
    if (this.destroyed) return
    if (code !== null) {
      this.destroy(this.#kernelError(code))
      return
    }
    this.readable = false
    this.#isEndedByPeer = true
    this.emit('end')
    this.end()
    this.#destroyWhenDone()
  }

  /** Both directions have ended. */
  #destroyWhenDone(): void {
    if (this.#isEndedByPeer && this.#hasFinished) this.destroy()
  }

  // What the driver calls.

  write(chunk: string | Uint8Array, encoding?: BufferEncoding | Done, done?: Done): boolean {
    const callback = typeof encoding === 'function' ? encoding : done
    if (this.destroyed || this.#isEnding) {
      const [code, message] = this.#isEndedByPeer
        ? ['EPIPE', 'This socket has been ended by the other party']
        : this.#isEnding
          ? ['ERR_STREAM_WRITE_AFTER_END', 'write after end']
          : ['ERR_STREAM_DESTROYED', 'Cannot call write after a stream was destroyed']
      const error = Object.assign(new Error(message), { code })
      process.nextTick(() => {
        callback?.(error)
        if (!this.destroyed) this.destroy(error)
      })
      return false
    }
    const bytes =
      typeof chunk !== 'string'
        ? Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength).toString('latin1')
        : typeof encoding !== 'string' && ASCII.test(chunk)
          ? chunk
          : Buffer.from(chunk, typeof encoding === 'string' ? encoding : 'utf8').toString('latin1')
    this.bytesWritten += bytes.length
    this.#touch()
    if (this.connecting || this.#corkCount > 0 || this.#unsent.length > 0) this.#unsent.push({ bytes, done: callback })
    else {
      this.#endpoint.send(bytes)
      if (callback !== undefined) process.nextTick(callback)
    }
    return true
  }

  end(chunk?: string | Uint8Array | Done, encoding?: BufferEncoding | Done, done?: Done): this {
    if (typeof chunk === 'string' || chunk instanceof Uint8Array) this.write(chunk, encoding as BufferEncoding)
    const callback = [chunk, encoding, done].find((argument) => typeof argument === 'function') as Done | undefined
    if (callback !== undefined) this.prependOnceListener('finish', callback)
    if (this.#isEnding || this.destroyed) return this
    if (this.#corkCount > 0) {
      this.#corkCount = 1
      this.uncork()
    }
    this.#isEnding = true
    this.writable = false
    this._writableState.ended = true
    if (!this.connecting) this.#finish()
    return this
  }

  /** The peer sees the end after what was written; what it still sends is read until its own end. */
  #finish(): void {
    this.#endpoint.finish()
    // The kernel's answer comes in a later phase of the event loop.
    this.#process.setImmediate(() => {
      if (this.destroyed) return
      this.#hasFinished = true
      this.emit('finish')
      this.#destroyWhenDone()
    })
  }

  destroy(error?: Error): this {
    if (this.destroyed) return this
    this.destroyed = true
    this.readable = false
    this.writable = false
    this.connecting = false
    this.#idleTimer?.cancel()
    this.#endpoint.close()
    const unsent = this.#unsent.splice(0)
    if (error) process.nextTick(() => this.emit('error', error))
    // Node's event loop has a phase of its own for this, after the immediates.
    this.#process.setImmediate(() => {
      this.emit('close', Boolean(error))
      for (const { done } of unsent) {
        const message = 'Socket closed before the connection was established'
        done?.(Object.assign(new Error(message), { code: 'ERR_SOCKET_CLOSED_BEFORE_CONNECTION' }))
      }
    })
    return this
  }

  destroySoon(): void {
    this.end()
  }

  resetAndDestroy(): this {
    return this.destroy()
  }

  /** Emits `timeout` when nothing was read or written for a while; 0 turns it off. */
  setTimeout(timeoutMs: number, callback?: () => void): this {
    this.timeout = timeoutMs
    if (callback !== undefined) {
      if (timeoutMs === 0) this.removeListener('timeout', callback)
      else this.once('timeout', callback)
    }
    this.#touch()
    return this
  }

  setNoDelay(): this {
    return this
  }

  setKeepAlive(): this {
    return this
  }

  setEncoding(encoding: BufferEncoding): this {
    this.#encoding = encoding
    return this
  }

  ref(): this {
    return this
  }

  unref(): this {
    return this
  }

  pause(): this {
    return this
  }

  resume(): this {
    return this
  }

  /** From now on what is written waits, to be sent in one piece: one packet, where single writes may be several. */
  cork(): void {
    this.#corkCount += 1
  }

  uncork(): void {
    if (this.#corkCount === 0) return
    this.#corkCount -= 1
    if (this.#corkCount > 0 || this.connecting || this.destroyed) return
    const unsent = this.#unsent.splice(0)
    if (unsent.length === 0) return
    this.#endpoint.send(unsent.map(({ bytes }) => bytes).join(''))
    for (const { done } of unsent) if (done !== undefined) process.nextTick(done)
  }

  address(): { address: string; family: string; port: number } {
    return { address: this.localAddress, family: this.remoteFamily, port: this.localPort }
  }

  get readyState(): string {
    if (this.connecting) return 'opening'
    if (this.readable) return this.writable ? 'open' : 'readOnly'
    return this.writable ? 'writeOnly' : 'closed'
  }

  #touch(): void {
    this.#idleTimer?.cancel()
    this.#idleTimer = null
    if (this.timeout > 0 && !this.destroyed) {
      this.#idleTimer = this.#process.setTimer(this.timeout * 1000, () => this.emit('timeout'))
    }
  }

  #kernelError(code: string): Error {
    const { remoteAddress: address, remotePort: port } = this
    if (code === 'ENOTFOUND') {
      return Object.assign(new Error(`getaddrinfo ENOTFOUND ${address}`), {
        code,
        errno: -3008,
        syscall: 'getaddrinfo',
        hostname: address,
      })
    }
    if (code === 'ECONNREFUSED') {
      return Object.assign(new Error(`connect ECONNREFUSED ${address}:${port}`), {
        code,
        errno: -111,
        syscall: 'connect',
        address,
        port,
      })
    }
    return Object.assign(new Error(`read ${code}`), { code, errno: -104, syscall: 'read' })
  }
}
