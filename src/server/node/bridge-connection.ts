/**
 * One client's real connection: which of its commands the server still owes an answer.
 *
 * On a server that others use too a `KeyPrefix` stands between the client's commands and those that are sent.
 *
 * Replies are counted against the commands that were sent, in order. While the oldest unanswered command answers at
 * once, more bytes are certain to come and may be waited for; otherwise only what has arrived is taken.
 */

import { OK, type Reply } from '../../redis/reply.ts'
import { encodeReply } from '../../redis/resp/encode-reply.ts'
import { encodeRequest } from '../../redis/resp/encode-request.ts'
import { ReplyParser } from '../../redis/resp/reply-parser.ts'
import { RequestParser } from '../../redis/resp/request-parser.ts'
import type { ServerSink } from '../server.ts'
import { type Answering, answeringOf } from './answering.ts'
import type { KeyPrefix } from './key-prefix.ts'
import { Subscriptions } from './subscriptions.ts'
import type { SyncSocket } from './sync-socket.ts'

/** Commands on their way: what is sent, and how it will be answered. */
export interface Outgoing {
  readonly bytes: string
  readonly answering: readonly Answering[]
}

export class BridgeConnection {
  readonly #socket: SyncSocket
  readonly #sink: ServerSink
  readonly #prefix: KeyPrefix | null
  /** What replies become, in the order of `#unanswered`. */
  #restores: ((reply: Reply) => Reply)[] = []
  readonly #requests = new RequestParser()
  readonly #replies = new ReplyParser()
  readonly #subscriptions = new Subscriptions()
  #unanswered: Answering[] = []
  /** Confirmations that the oldest command, a subscription, has still to give. */
  #confirmations = 0
  /** EXEC will subscribe. */
  #hasQueuedSubscription = false
  /** When the command that is being executed gives up waiting (ms, the server's clock); null: never, or it does not wait. */
  deadlineMs: number | null = null
  /** Something may come unasked. */
  #isListening = false
  /** Replies can no longer be counted. */
  #isLoose = false
  /** Not RESP any more. */
  #isStream = false
  /** Bytes that are part of a reply which is not complete. */
  #partialLength = 0
  /** The server has closed it, or the client has. */
  isEnded = false
  /** The server has obeyed a CLIENT PAUSE of this connection. */
  onPause: ((ms: number) => void) | null = null
  #bytes = ''
  #arrived: Reply[] = []

  constructor(socket: SyncSocket, sink: ServerSink, prefix: KeyPrefix | null) {
    this.#socket = socket
    this.#sink = sink
    this.#prefix = prefix
  }

  /** The commands in these bytes. */
  parse(bytes: string): Outgoing {
    if (this.#isStream) return { bytes, answering: [] }
    const answering: Answering[] = []
    let translated = ''
    this.#requests.push(bytes)
    for (let request = this.#requests.next(); request !== null; request = this.#requests.next()) {
      if ('protocolError' in request) {
        // The server answers with an error and closes; whatever follows is not read.
        this.#isStream = true
        answering.push({ kind: 'streams' })
        return { bytes, answering }
      }
      if (request.length === 0) continue
      const args = this.#prefix === null ? request : this.#translate(this.#prefix, request)
      answering.push(answeringOf(args))
      if (this.#prefix !== null) translated += encodeRequest(args)
    }
    return { bytes: this.#prefix === null ? bytes : translated, answering }
  }

  /** One command. */
  encode(args: readonly string[]): Outgoing {
    const sent = this.#prefix === null ? args : this.#translate(this.#prefix, args)
    return { bytes: encodeRequest(sent), answering: [answeringOf(sent)] }
  }

  #translate(prefix: KeyPrefix, args: readonly string[]): readonly string[] {
    const translation = prefix.translate(args)
    this.#restores.push(translation.restore)
    return translation.args
  }

  /** Sends commands. */
  send({ bytes, answering }: Outgoing, nowMs: number): void {
    for (const answer of answering) {
      if (answer.kind === 'streams') this.#isStream = true
      if (answer.kind === 'listens') this.#isListening = true
      if (answer.kind === 'loosens') this.#loosen()
      if (this.#isLoose) {
        if (answer.kind === 'waits') this.#begin(answer, nowMs)
      } else {
        this.#unanswered.push(answer)
        if (this.#unanswered.length === 1) this.#begin(answer, nowMs)
      }
    }
    this.#socket.write(bytes)
  }

  #loosen(): void {
    this.#isLoose = true
    this.#unanswered = []
  }

  /** A command starts. */
  #begin(answer: Answering | undefined, nowMs: number): void {
    this.deadlineMs = answer?.kind === 'waits' && answer.timeoutMs !== null ? nowMs + answer.timeoutMs : null
    if (answer?.kind === 'subscribes') {
      this.#confirmations = answer.count > 0 ? answer.count : this.#subscriptions.confirmationsFor(answer.verb)
    }
  }

  /** The server has had its chance to answer whatever was due before `nowMs`; the next is at `againMs`. */
  passDeadline(nowMs: number, againMs: number | null): void {
    if (this.deadlineMs !== null && this.deadlineMs < nowMs) this.deadlineMs = this.#isLoose ? null : againMs
  }

  /** The server may send something at any time. */
  get isOpenEnded(): boolean {
    if (this.#isListening || this.#isLoose || this.#isStream || this.#subscriptions.isAny) return true
    return this.#unanswered[0]?.kind === 'waits'
  }

  /** The server owes bytes that are certain to come now. */
  get isOwed(): boolean {
    if (this.isEnded || this.#isStream) return false
    if (this.#partialLength > 0) return true
    return !this.#isLoose && this.#unanswered.length > 0 && this.#unanswered[0]!.kind !== 'waits'
  }

  /** A part of a reply has come, so the rest is on its way. */
  get isInPart(): boolean {
    return !this.isEnded && !this.#isStream && this.#partialLength > 0
  }

  /** Waits for bytes. */
  wait(nowMs: number): void {
    this.#take(this.#socket.read(), nowMs)
  }

  /** Takes what has arrived. */
  collect(nowMs: number): void {
    while (!this.isEnded) {
      const bytes = this.#socket.readAvailable()
      if (bytes === null) return
      this.#take(bytes, nowMs)
    }
  }

  #take(bytes: string, nowMs: number): void {
    if (bytes === '') {
      this.isEnded = true
      return
    }
    if (this.#isStream) {
      this.#bytes += bytes
      return
    }
    this.#replies.push(bytes)
    this.#partialLength += bytes.length
    for (let next = this.#replies.next(); next !== null; next = this.#replies.next()) {
      this.#partialLength -= next.bytes.length
      const reply = this.#isLoose ? next.reply : this.#count(next.reply, nowMs)
      if (this.#sink.onBytes === undefined) this.#arrived.push(reply)
      else this.#bytes += reply === next.reply ? next.bytes : encodeReply(reply, this.#prefix?.resp ?? 2)
    }
  }

  /** Takes a reply off what is owed; returns what the client gets. */
  #count(reply: Reply, nowMs: number): Reply {
    const oldest = this.#unanswered[0]
    if (oldest?.kind === 'subscribes' || this.#subscriptions.isAny) {
      const item = this.#subscriptions.read(reply)
      if (item === 'message') return this.#prefix?.restorePush(reply) ?? reply
      if (item === 'confirmation') {
        this.#confirmations -= 1
        if (this.#confirmations <= 0) this.#answered(nowMs)
        return this.#prefix?.restorePush(reply) ?? reply
      }
      if (oldest?.kind === 'subscribes' && isStatus(reply, 'QUEUED')) {
        // One confirmation stands for the command's reply in that of EXEC; more would break the array's length.
        if (oldest.count !== 1) {
          this.#loosen()
          return reply
        }
        this.#hasQueuedSubscription = true
      }
    }
    if (this.#hasQueuedSubscription && Array.isArray(reply)) {
      this.#hasQueuedSubscription = false
      for (const item of reply) this.#subscriptions.read(item)
    }
    // After QUIT's reply the end of the connection is still owed.
    if (isPush(reply) || oldest?.kind === 'ends') return reply
    if (oldest?.kind === 'pauses' && reply === OK) this.onPause?.(oldest.ms)
    const restore = this.#answered(nowMs)
    return restore === undefined ? reply : restore(reply)
  }

  /** The oldest command has its answer. */
  #answered(nowMs: number): ((reply: Reply) => Reply) | undefined {
    this.#unanswered.shift()
    this.#begin(this.#unanswered[0], nowMs)
    return this.#restores.shift()
  }

  /** Hands out what has arrived; false when the server has closed the connection. */
  deliver(): boolean {
    if (this.#bytes !== '') {
      const bytes = this.#bytes
      this.#bytes = ''
      this.#sink.onBytes?.(bytes)
    }
    if (this.#arrived.length > 0) {
      const replies = this.#arrived
      this.#arrived = []
      for (const reply of replies) this.#sink.onReply?.(reply)
    }
    if (!this.isEnded) return true
    this.#socket.close()
    this.#sink.onClose?.()
    return false
  }

  /** The server is gone. */
  cut(): void {
    this.isEnded = true
    this.deliver()
  }

  /** The client is gone. */
  close(): void {
    this.isEnded = true
    this.#socket.close()
  }
}

const isPush = (reply: Reply): boolean =>
  typeof reply === 'object' && reply !== null && 'kind' in reply && reply.kind === 'push'

const isStatus = (reply: Reply, text: string): boolean =>
  typeof reply === 'object' && reply !== null && 'kind' in reply && reply.kind === 'status' && reply.text === text
