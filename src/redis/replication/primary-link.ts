/**
 * A replica's connection to its primary: the handshake, a snapshot if it must begin anew, then the stream.
 *
 *   connect ── connecting ── handshake ──(+CONTINUE)──────────► connected
 *      ▲                         └──(+FULLRESYNC)──► sync ──────┘
 *      └────────────── the connection is lost ──────────────────┘
 *
 * Models          what has been executed counts, not what has been received: a transaction of which the end is missing is
 *                 received again. While a snapshot is under way the old data is served.
 * Does not model  loading a snapshot in parts: it is loaded when its last byte has come.
 *
 * Source: replication.c (`syncWithMaster`, `readSyncBulkPayload`, `replicationCacheMaster`) of Redis 7.0
 */
import type { RedisConnection } from '../connection.ts'
import { IN_MULTI, PRIMARY } from '../connection-mode.ts'
import type { MemoryRedis } from '../memory-redis.ts'
import { encodeRequest } from '../resp/encode-request.ts'
import { RequestParser } from '../resp/request-parser.ts'
import type { Replication } from './replication.ts'
import { loadSnapshot } from './snapshot.ts'

/** An open connection to another server. */
export interface PeerSocket {
  send(bytes: string): void
  close(): void
}

/** Is told what comes from there. */
export interface PeerHandler {
  onOpen(): void
  /** Bytes as a latin-1 string. */
  onBytes(bytes: string): void
  /** It is closed, or could not be opened. */
  onClose(): void
}

/** Opens a connection to another server. */
export type Dial = (host: string, port: number, handler: PeerHandler) => PeerSocket

/** As ROLE prints it. */
export type LinkState = 'connect' | 'connecting' | 'handshake' | 'sync' | 'connected'

const END_MARK_BYTES = 40

export class PrimaryLink {
  readonly host: string
  readonly port: number
  state: LinkState = 'connect'
  /** When bytes came last, and since when it has been down; server wall clock, ms. */
  lastBytesMs: number
  downSinceMs: number | null
  readonly #server: MemoryRedis
  readonly #replication: Replication
  #socket: PeerSocket | null = null
  /** What has come of an answer, or of a snapshot. */
  #buffer = ''
  /** Answers that come before the one to PSYNC; null: what comes is the answer to PING. */
  #answersBefore: number | null = null
  /** The first of them is that to AUTH. */
  #isLoggingIn = false
  #snapshot: { readonly id: string; readonly offset: number; size: number | null; endMark: string | null } | null = null
  #parser = new RequestParser()
  /** In whose name the stream is executed. */
  #executor: RedisConnection | null = null
  /** The database that the stream works on. */
  #database = 0
  /**
   * Of the stream, received and not yet counted: the commands of a transaction that goes on, what is empty until a command follows, a
   * command whose end is missing.
   */
  #uncounted = ''
  /** How much of the stream was counted on this connection, and how much whole requests are. */
  #countedBytes = 0
  #readBytes = 0

  constructor(
    server: MemoryRedis,
    replication: Replication,
    { host, port }: { readonly host: string; readonly port: number },
  ) {
    this.#server = server
    this.#replication = replication
    this.host = host
    this.port = port
    this.lastBytesMs = server.nowMs
    this.downSinceMs = server.nowMs
  }

  /** Of the stream, received and not yet counted. */
  get uncountedBytes(): number {
    return this.#uncounted.length
  }

  get isUp(): boolean {
    return this.state === 'connected'
  }

  /** Begins, or begins again. */
  connect(): void {
    const { dial } = this.#server
    if (dial === null || this.state !== 'connect') return
    this.state = 'connecting'
    this.lastBytesMs = this.#server.nowMs
    let socket: PeerSocket | null = null
    const isCurrent = (): boolean => socket !== null && this.#socket === socket
    socket = dial(this.host, this.port, {
      onOpen: () => {
        if (isCurrent()) this.#greet()
      },
      onBytes: (bytes) => {
        if (isCurrent()) this.#receive(bytes)
      },
      onClose: () => {
        if (isCurrent()) this.#lose()
      },
    })
    this.#socket = socket
  }

  /** For good: the server follows another one, or none. */
  close(): void {
    const socket = this.#socket
    this.#socket = null
    socket?.close()
    this.#endStream()
    this.state = 'connect'
  }

  #greet(): void {
    this.state = 'handshake'
    this.#answersBefore = null
    this.#send(['PING'])
  }

  #introduce(): void {
    const { config } = this.#server
    const announced = config.get('replica-announce-ip')
    const port = config.get('replica-announce-port')
    const [user, password] = [config.get('masteruser'), config.get('masterauth')]
    this.#isLoggingIn = password !== ''
    if (this.#isLoggingIn) this.#send(user === '' ? ['AUTH', password] : ['AUTH', user, password])
    this.#send(['REPLCONF', 'listening-port', port === '0' ? config.get('port') : port])
    if (announced !== '') this.#send(['REPLCONF', 'ip-address', announced])
    this.#send(['REPLCONF', 'capa', 'eof', 'capa', 'psync2'])
    // A server that has answers to send yet refuses PSYNC. To be refused is to be asked again, but it ends a handover: that waits for them.
    if (!this.#replication.isHandingOver) this.#askForStream()
    this.#answersBefore = 2 + (announced === '' ? 0 : 1) + (this.#isLoggingIn ? 1 : 0)
  }

  #askForStream(): void {
    const { knownId, offset, isHandingOver } = this.#replication
    const psync = knownId === null ? ['PSYNC', '?', '-1'] : ['PSYNC', knownId, String(offset + 1)]
    this.#send(isHandingOver ? [...psync, 'FAILOVER'] : psync)
  }

  #send(args: readonly string[]): void {
    this.#socket?.send(encodeRequest(args))
  }

  #receive(bytes: string): void {
    this.lastBytesMs = this.#server.nowMs
    if (this.state === 'connected') {
      this.#execute(bytes)
      return
    }
    this.#buffer += bytes
    // Each turn uses up a line or a snapshot; what follows them is the stream.
    while (this.#socket !== null && this.#advance()) {}
  }

  /** Reads what has come as far as possible; false: more must come. */
  #advance(): boolean {
    if (this.state === 'connected') {
      const rest = this.#buffer
      this.#buffer = ''
      if (rest !== '') this.#execute(rest)
      return false
    }
    if (this.#snapshot !== null && (this.#snapshot.size !== null || this.#snapshot.endMark !== null))
      return this.#readSnapshot()
    const end = this.#buffer.indexOf('\n')
    if (end === -1) return false
    const line = this.#buffer.slice(0, end).replace(/\r$/, '')
    this.#buffer = this.#buffer.slice(end + 1)
    // An empty line keeps the connection alive while a snapshot is prepared.
    if (line !== '') this.#readLine(line)
    return true
  }

  #readLine(line: string): void {
    if (this.#snapshot !== null) {
      const mark = /^\$EOF:(.{40})$/.exec(line)?.[1]
      const size = /^\$(\d+)$/.exec(line)?.[1]
      if (mark !== undefined) this.#snapshot.endMark = mark
      else if (size !== undefined) this.#snapshot.size = Number(size)
      else this.#lose()
      return
    }
    if (this.#answersBefore === null) {
      // A primary that asks for a password refuses PING, too.
      if (/^(?:\+|-NOAUTH|-NOPERM)/.test(line)) this.#introduce()
      else this.#lose()
      return
    }
    if (this.#isLoggingIn && line.startsWith('-')) {
      this.#lose()
      return
    }
    this.#isLoggingIn = false
    if (this.#answersBefore > 0) {
      this.#answersBefore -= 1
      if (this.#answersBefore === 0 && this.#replication.isHandingOver) this.#askForStream()
      return
    }
    const [answer, id = '', offset = ''] = line.split(' ')
    const isAnswered = answer === '+FULLRESYNC' || answer === '+CONTINUE'
    if (this.#replication.isHandingOver) {
      this.#replication.handover?.answered(isAnswered)
      // It was given up: this server is a primary again.
      if (!isAnswered) return
    }
    if (answer === '+FULLRESYNC') {
      this.state = 'sync'
      this.#snapshot = { id, offset: Number.parseInt(offset, 10) || 0, size: null, endMark: null }
    } else if (answer === '+CONTINUE') {
      this.#replication.continueAs(id === '' ? null : id)
      this.#beginStream()
    } else this.#lose()
  }

  #readSnapshot(): boolean {
    const snapshot = this.#snapshot!
    const { size, endMark } = snapshot
    const end = size ?? this.#buffer.indexOf(endMark!)
    if (end === -1 || this.#buffer.length < end + (size === null ? END_MARK_BYTES : 0)) return false
    const bytes = this.#buffer.slice(0, end)
    this.#buffer = this.#buffer.slice(size === null ? end + END_MARK_BYTES : end)
    this.#snapshot = null
    this.#server.statistics?.traffic.readSnapshot(end + (size === null ? END_MARK_BYTES : 0))
    if (!loadSnapshot(this.#server, bytes)) {
      this.#lose()
      return false
    }
    this.#database = 0
    this.#replication.beginAnew(snapshot.id, snapshot.offset)
    this.#beginStream()
    this.acknowledge()
    return true
  }

  #beginStream(): void {
    this.state = 'connected'
    this.downSinceMs = null
    this.#parser = new RequestParser()
    this.#countedBytes = 0
    this.#readBytes = 0
    this.#executor = this.#server.connect({ isOwn: true, onReply: () => {}, address: `${this.host}:${this.port}` })
    this.#executor.mode = PRIMARY
    this.#executor.select(this.#database)
  }

  /** Executes commands of the stream. */
  #execute(bytes: string): void {
    this.#server.statistics?.traffic.readStream(bytes.length)
    this.#parser.push(bytes)
    this.#uncounted += bytes
    for (;;) {
      const executor = this.#executor
      const request = executor === null ? null : this.#parser.next()
      if (request === null || executor === null) return
      const beganAt = this.#readBytes - this.#countedBytes
      if ('protocolError' in request || (request.length > 0 && this.#uncounted[beganAt] !== '*')) {
        // This is no stream of commands: what was read of it is worth nothing.
        this.#replication.knownId = null
        this.#lose()
        return
      }
      this.#readBytes = this.#parser.usedBytes
      if (request.length === 0) continue
      this.#replication.apply(() => executor.execute(request))
      // The stream may have told this server to end, or to follow another one.
      if (this.#executor !== executor) return
      this.#database = executor.keys.index
      if ((executor.mode & IN_MULTI) !== 0) continue
      const doneBytes = this.#readBytes - this.#countedBytes
      const done = this.#uncounted.slice(0, doneBytes)
      this.#uncounted = this.#uncounted.slice(doneBytes)
      this.#countedBytes = this.#readBytes
      this.#replication.feed(done)
      this.#server.cluster?.streamAdvanced()
    }
  }

  /** Tells the primary how far this server is. */
  acknowledge(): void {
    this.#send(['REPLCONF', 'ACK', String(this.#replication.offset)])
  }

  /** Once a second. */
  cron(): void {
    const silentMs = this.#server.nowMs - this.lastBytesMs
    if (this.state !== 'connect' && silentMs > Number(this.#server.config.get('repl-timeout')) * 1000) this.#drop()
    if (this.state === 'connect') this.connect()
    else if (this.state === 'connected') this.acknowledge()
  }

  #drop(): void {
    this.#socket?.close()
    this.#lose()
  }

  /** The connection is gone: at once, and then once a second, it is opened again. */
  #lose(): void {
    const wasUp = this.state === 'connected'
    const socket = this.#socket
    this.#socket = null
    socket?.close()
    this.#endStream()
    this.state = 'connect'
    if (!wasUp) return
    this.downSinceMs = this.#server.nowMs
    this.connect()
  }

  #endStream(): void {
    const executor = this.#executor
    this.#executor = null
    executor?.close()
    this.#buffer = ''
    this.#snapshot = null
    this.#uncounted = ''
  }
}
