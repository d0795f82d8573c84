/**
 * An ordinary, asynchronous connection to a user's server, for what happens before the first world and after the last.
 */

import net from 'node:net'
import tls from 'node:tls'
import { asOurselves } from '../../host/door.ts'
import { toBytes } from '../../redis/bytes.ts'
import type { Reply } from '../../redis/reply.ts'
import { encodeRequest } from '../../redis/resp/encode-request.ts'
import { ReplyParser } from '../../redis/resp/reply-parser.ts'
import type { RedisUrl } from './redis-url.ts'
import { ServerUnreachableError } from './server-unreachable-error.ts'

export interface CallOptions {
  /** Certificates (PEM) to trust besides the usual ones; null: none. */
  readonly ca: string | null
  /** How long to wait for a connection or an answer, in real time. */
  readonly limitMs: number
}

interface Waiting {
  readonly resolve: (reply: Reply) => void
  readonly reject: (error: Error) => void
}

export class SharedServerCall {
  readonly #url: RedisUrl
  readonly #socket: net.Socket
  readonly #replies = new ReplyParser()
  readonly #waiting: Waiting[] = []

  private constructor(url: RedisUrl, socket: net.Socket) {
    this.#url = url
    this.#socket = socket
    socket.on('data', (bytes: Buffer) => {
      this.#replies.push(bytes.toString('latin1'))
      for (let next = this.#replies.next(); next !== null; next = this.#replies.next()) {
        this.#waiting.shift()?.resolve(next.reply)
      }
    })
    socket.on('timeout', () => socket.destroy(new Error('no answer within the time limit')))
    socket.on('close', () => this.#fail(new Error('the connection was closed')))
    socket.on('error', (error) => this.#fail(error))
  }

  /** Connects; throws a ServerUnreachableError when that fails. */
  static async connect(url: RedisUrl, { ca, limitMs }: CallOptions): Promise<SharedServerCall> {
    const { host, port } = url
    const socket = asOurselves(() =>
      url.tls
        ? tls.connect({
            host,
            port,
            servername: net.isIP(host) === 0 ? host : '',
            ...(ca === null ? {} : { ca: [...tls.rootCertificates, ca] }),
          })
        : net.connect({ host, port }),
    )
    socket.setTimeout(limitMs)
    try {
      await new Promise<void>((resolve, reject) => {
        socket.once(url.tls ? 'secureConnect' : 'connect', resolve)
        socket.once('error', reject)
        socket.once('timeout', () => reject(new Error('no connection within the time limit')))
        socket.once('close', () => reject(new Error('the connection was closed')))
      })
    } catch (cause) {
      socket.destroy()
      throw unreachable(url, cause as NodeJS.ErrnoException)
    }
    return new SharedServerCall(url, socket)
  }

  /** One command, and its reply; an error reply is a reply. */
  call(...args: readonly string[]): Promise<Reply> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject })
      this.#socket.write(encodeRequest(args.map(toBytes)), 'latin1')
    })
  }

  #fail(cause: Error): void {
    for (const { reject } of this.#waiting.splice(0)) reject(unreachable(this.#url, cause))
  }

  close(): void {
    this.#socket.destroy()
  }
}

const FIXES: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'start the server, or correct host and port in --redis',
  ENOTFOUND: 'correct the host in --redis',
  EAI_AGAIN: 'correct the host in --redis, or the name service of this machine',
}

/** What to say about a connection that failed. */
function unreachable(url: RedisUrl, cause: NodeJS.ErrnoException): ServerUnreachableError {
  const { code = '', message } = cause
  const isCertificate = /CERT|SELF_SIGNED|UNABLE_TO|ALTNAME/.test(code)
  const fix = isCertificate
    ? 'give the file of its certificate authority, or a host name that its certificate holds'
    : (FIXES[code] ??
      (url.tls ? 'use redis:// if the port does not speak TLS' : 'use rediss:// if the port speaks TLS'))
  return new ServerUnreachableError(
    url,
    {
      expected: url.tls ? 'a Redis server that speaks TLS' : 'a Redis server',
      got: code === '' ? message : `${code} (${message})`,
      fix,
    },
    { cause },
  )
}
