/**
 * What one connection sends, on its way to whoever opened it: as RESP bytes or as replies.
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
  readonly #sink: ConnectionSink

  constructor(sink: ConnectionSink) {
    this.#sink = sink
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
    this.bytes += encodeReply(reply, resp)
    if (!this.isCorked) this.flush()
  }

  flush(): void {
    const { bytes } = this
    this.bytes = ''
    if (bytes !== '') this.#sink.onBytes?.(bytes)
  }

  /** The connection is closed; nothing is sent any more. */
  end(): void {
    this.flush()
    this.#sink.onClose?.()
  }
}
