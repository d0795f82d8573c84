/**
 * What one connection sends, on its way to the client that opened it: as RESP bytes or as replies.
 *
 * Invariants
 * - Bytes of one `receive` leave in one write, as Redis writes a pipeline's replies.
 * - While EXEC runs its commands nothing leaves; their replies become the items of its own.
 */
import type { ConnectionSink } from './memory-redis.ts'
import type { Reply } from './reply.ts'
import { asSeenThrough, encodeReply } from './resp/encode-reply.ts'

export class ReplyOutput {
  /** Replies of the commands inside EXEC; null: no EXEC runs. */
  collected: Reply[] | null = null
  /** Bytes wait for `flush`. */
  isCorked = false
  /** Bytes not yet handed out. */
  bytes = ''
  /** For which protocol the first of the collected replies were made, when HELLO changed it in between. */
  #protocols: (2 | 3)[] = []
  readonly #sink: ConnectionSink
  readonly #onWrite: ((byteCount: number) => void) | null

  /** `onWrite` is told of each write; null: nothing counts them. */
  constructor(sink: ConnectionSink, onWrite: ((byteCount: number) => void) | null) {
    this.#sink = sink
    this.#onWrite = onWrite
  }

  /** Sends a reply, or keeps it for EXEC. */
  add(reply: Reply, resp: 2 | 3): void {
    if (this.collected !== null) {
      this.collected.push(reply)
      return
    }
    const { onReply } = this.#sink
    if (onReply !== undefined) {
      onReply(typeof reply === 'object' && reply !== null ? asSeenThrough(reply, resp) : reply)
      return
    }
    this.#write(encodeReply(reply, resp))
  }

  /** HELLO inside EXEC: what was collected so far stays in the protocol it was made for. */
  changeProtocol(before: 2 | 3): void {
    if (this.collected === null) return
    for (let count = this.#protocols.length; count < this.collected.length; count++) this.#protocols.push(before)
  }

  /** The reply of EXEC. */
  addTransaction(replies: readonly Reply[], resp: 2 | 3): void {
    const protocols = this.#protocols
    if (protocols.length === 0) {
      this.add(replies, resp)
      return
    }
    this.#protocols = []
    const { onReply } = this.#sink
    if (onReply !== undefined) onReply(replies.map((reply, index) => asSeenThrough(reply, protocols[index] ?? resp)))
    else
      this.#write(
        `*${replies.length}\r\n${replies.map((reply, i) => encodeReply(reply, protocols[i] ?? resp)).join('')}`,
      )
  }

  /** Bytes that are no reply: the stream of a primary. */
  addRaw(bytes: string): void {
    this.#write(bytes)
  }

  #write(bytes: string): void {
    this.bytes += bytes
    if (!this.isCorked) this.flush()
  }

  /** Drops what was not yet handed out. */
  forget(): void {
    this.bytes = ''
  }

  flush(): void {
    const { bytes } = this
    this.bytes = ''
    if (bytes === '') return
    this.#onWrite?.(bytes.length)
    this.#sink.onBytes?.(bytes)
  }

  /** The connection is closed; nothing is sent any more. */
  end(): void {
    this.flush()
    this.#sink.onClose?.()
  }
}
