/**
 * A Redis node's end of one client's connection: what is executed together is answered in one message.
 */
import type { Endpoint, EndpointHandler, Message } from '../net/connection.ts'
import type { Reply } from '../redis/reply.ts'
import type { SimProcess } from '../sim/process.ts'
import type { RedisNode } from './redis-node.ts'
import type { ServerConnection } from './server.ts'

export class NodeConnection implements EndpointHandler {
  readonly #node: RedisNode
  readonly #endpoint: Endpoint
  readonly #connection: ServerConnection
  readonly #client: SimProcess
  #bytes = ''
  #replies: Reply[] | null = null
  #isExecuting = false
  #isClosing = false

  constructor(node: RedisNode, endpoint: Endpoint) {
    this.#node = node
    this.#endpoint = endpoint
    this.#client = endpoint.peer.process
    this.#connection = node.server.connect(
      endpoint.mode === 'bytes'
        ? { onBytes: (more) => this.#addBytes(more), onClose: () => this.#close() }
        : { onReply: (reply) => this.#addReply(reply), onClose: () => this.#close() },
    )
  }

  onMessage(message: Message): void {
    const { process } = this.#node
    if (!this.#node.beforeMessage(this.#client)) return
    // Paused just before executing: the message is read after the pause.
    if (process.isPaused) process.world.defer(process, () => this.#node.execute(this, message))
    else this.#node.execute(this, message)
  }

  onClose(): void {
    this.#node.forget(this)
    this.#connection.close()
  }

  execute(message: Message): void {
    this.#isExecuting = true
    try {
      if (typeof message === 'string') this.#connection.receive(message)
      else this.#connection.execute(message as readonly string[])
      // Before the answer leaves: a fault may strike there, and what was done was done before it.
      this.#node.keys.observe(this.#client.name)
    } finally {
      this.#isExecuting = false
    }
    this.#flush()
    if (this.#isClosing) this.#endpoint.close()
  }

  #addBytes(more: string): void {
    this.#bytes += more
    this.#flush()
  }

  #addReply(reply: Reply): void {
    if (this.#replies === null) this.#replies = [reply]
    else this.#replies.push(reply)
    this.#flush()
  }

  #flush(): void {
    if (this.#isExecuting) return
    if (this.#bytes !== '') {
      const message = this.#bytes
      this.#bytes = ''
      this.#endpoint.send(message)
    } else if (this.#replies !== null) {
      const message = this.#replies
      this.#replies = null
      this.#endpoint.send(message)
    }
  }

  #close(): void {
    // After a command that ends the connection its reply goes first.
    this.#isClosing = true
    this.#flush()
    if (!this.#isExecuting) this.#endpoint.close()
  }
}
