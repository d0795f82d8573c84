/**
 * One connection of a Sentinel to another server: requests that are written together, and their answers in order.
 *
 * Source: hiredis's asynchronous context, as far as sentinel.c of Redis 7.0 uses it
 */
import type { Dial, PeerSocket } from '../replication/primary-link.ts'
import type { Reply } from '../reply.ts'
import { encodeRequest } from '../resp/encode-request.ts'
import { BrokenReplyError, ReplyParser } from '../resp/reply-parser.ts'

type Answered = (reply: Reply) => void

export class Wire {
  /** Called once, when it is closed or could not be opened; not after `close`. */
  onLost: () => void = () => {}
  /** Hears every answer that no request waits for; of a subscriber all of them. */
  onPush: Answered = () => {}
  readonly #socket: PeerSocket
  readonly #parser = new ReplyParser()
  readonly #waiting: Answered[] = []
  #unsent = ''
  #isOpen = false
  #isClosed = false

  constructor(dial: Dial, host: string, port: number) {
    this.#socket = dial(host, port, {
      onOpen: () => {
        this.#isOpen = true
        this.flush()
      },
      onBytes: (bytes) => this.#receive(bytes),
      onClose: () => this.#lose(),
    })
  }

  /** Adds a request to what is sent with the next `flush`; without `onReply` its answer goes to `onPush`. */
  send(args: readonly string[], onReply?: Answered): void {
    this.#unsent += encodeRequest(args)
    if (onReply !== undefined) this.#waiting.push(onReply)
  }

  /** Sends what was added, in one piece. */
  flush(): void {
    if (!this.#isOpen || this.#isClosed || this.#unsent === '') return
    const bytes = this.#unsent
    this.#unsent = ''
    this.#socket.send(bytes)
  }

  close(): void {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#socket.close()
  }

  #receive(bytes: string): void {
    this.#parser.push(bytes)
    for (;;) {
      // An answer may have led to its end.
      const next = this.#isClosed ? null : this.#nextReply()
      if (next === null) return
      const answered = this.#waiting.shift() ?? this.onPush
      answered(next.reply)
    }
  }

  /** Whatever is no Redis is left, and counts as lost. */
  #nextReply(): ReturnType<ReplyParser['next']> {
    try {
      return this.#parser.next()
    } catch (error) {
      if (!(error instanceof BrokenReplyError)) throw error
      this.#socket.close()
      this.#lose()
      return null
    }
  }

  #lose(): void {
    if (this.#isClosed) return
    this.#isClosed = true
    this.onLost()
  }
}
