/** A client that speaks RESP2 over a socket of this machine, and says what it was told as plain data. */
import { connect, type Socket } from 'node:net'
import type { Reply } from '../../../src/redis/reply.ts'
import { encodeRequest } from '../../../src/redis/resp/encode-request.ts'
import { ReplyParser } from '../../../src/redis/resp/reply-parser.ts'

export class NodeClient {
  readonly #socket: Socket
  readonly #parser = new ReplyParser()
  readonly #waiting: ((reply: unknown) => void)[] = []
  /** Hears what it did not ask for. */
  onPush: (reply: unknown) => void = () => {}

  private constructor(socket: Socket) {
    this.#socket = socket
    socket.setEncoding('latin1')
    socket.on('data', (bytes: string) => {
      this.#parser.push(bytes)
      for (let next = this.#parser.next(); next !== null; next = this.#parser.next()) {
        const settle = this.#waiting.shift() ?? this.onPush
        settle(plain(next.reply))
      }
    })
    socket.on('error', () => {})
    socket.on('close', () => {
      for (const settle of this.#waiting.splice(0)) settle('closed')
    })
  }

  static async open(port: number): Promise<NodeClient> {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true })
    await new Promise<void>((resolve, reject) => {
      socket.once('connect', resolve)
      socket.once('error', reject)
    })
    return new NodeClient(socket)
  }

  ask(...args: readonly string[]): Promise<unknown> {
    return new Promise((resolve) => {
      this.#waiting.push(resolve)
      this.#socket.write(encodeRequest(args), 'latin1')
    })
  }

  close(): void {
    this.#socket.destroy()
  }
}

/** An error as its text. */
function plain(reply: Reply): unknown {
  if (Array.isArray(reply)) return reply.map(plain)
  return typeof reply === 'object' && reply !== null && 'text' in reply ? reply.text : reply
}
