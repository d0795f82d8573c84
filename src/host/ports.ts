/**
 * `MessageChannel` of a simulated process: what one port is given, the other hands out in a later turn.
 *
 * Models          `postMessage` with structured cloning, `on('message')`, `onmessage`, `addEventListener`, `close`.
 * Does not model  ports that are themselves sent, and `receiveMessageOnPort`.
 */
import { EventEmitter } from 'node:events'
import threads from 'node:worker_threads'
import type { SimProcess } from '../sim/process.ts'
import { dispatch } from './dispatch.ts'

/** Makes message channels stay inside their process. */
export function installPorts(): void {
  const make = (process: SimProcess): VirtualChannel => new VirtualChannel(process)
  dispatch(threads, 'MessageChannel', make)
  dispatch(globalThis, 'MessageChannel', make)
}

class VirtualChannel {
  readonly port1: VirtualPort
  readonly port2: VirtualPort

  constructor(process: SimProcess) {
    this.port1 = new VirtualPort(process)
    this.port2 = new VirtualPort(process)
    this.port1.peer = this.port2
    this.port2.peer = this.port1
  }
}

type Listener = (event: { readonly type: 'message'; readonly data: unknown; readonly target: unknown }) => void

class VirtualPort {
  readonly #process: SimProcess
  readonly #events = new EventEmitter()
  readonly #heard = new Map<unknown, (message: unknown) => void>()
  peer: VirtualPort | null = null
  #waiting: unknown[] = []
  #isStarted = false
  #onmessage: Listener | null = null

  constructor(process: SimProcess) {
    this.#process = process
  }

  get onmessage(): Listener | null {
    return this.#onmessage
  }

  set onmessage(listener: Listener | null) {
    this.#onmessage = listener
    this.start()
  }

  postMessage(message: unknown, transfer?: never): void {
    const { peer } = this
    if (peer === null) return
    const copy = structuredClone(message, { transfer: transfer ?? [] })
    this.#process.setImmediate(() => peer.#receive(copy))
  }

  #receive(message: unknown): void {
    if (!this.#isStarted) {
      this.#waiting.push(message)
      return
    }
    this.#onmessage?.({ type: 'message', data: message, target: this })
    this.#events.emit('message', message)
  }

  start(): void {
    this.#isStarted = true
    for (const message of this.#waiting.splice(0)) this.#process.setImmediate(() => this.#receive(message))
  }

  close(): void {
    for (const port of [this, this.peer]) {
      if (port === null) continue
      port.peer = null
      this.#process.setImmediate(() => port.#events.emit('close'))
    }
  }

  on(event: string, listener: (...args: unknown[]) => void): this {
    this.#events.on(event, listener)
    if (event === 'message') this.start()
    return this
  }

  once(event: string, listener: (...args: unknown[]) => void): this {
    this.#events.once(event, listener)
    if (event === 'message') this.start()
    return this
  }

  off(event: string, listener: (...args: unknown[]) => void): this {
    this.#events.off(event, listener)
    return this
  }

  addEventListener(event: string, listener: Listener): void {
    const hear = (data: unknown): void => listener({ type: 'message', data, target: this })
    this.#heard.set(listener, hear)
    this.#events.on(event, hear)
  }

  removeEventListener(event: string, listener: Listener): void {
    const hear = this.#heard.get(listener)
    if (hear !== undefined) this.#events.off(event, hear)
  }

  ref(): void {}

  unref(): void {}
}
