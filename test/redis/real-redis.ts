/**
 * A real redis-server for tests that compare the in-memory Redis with the truth.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { createServer, connect as openSocket, type Socket } from 'node:net'
import { ReplyParser } from '../../src/redis/resp/reply-parser.ts'

/** The version whose replies the in-memory Redis copies. */
export const REFERENCE_VERSION = '7.0.15'

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as { port: number }
  await new Promise((resolve) => server.close(resolve))
  return port
}

/** One running redis-server without persistence, in the C locale. */
export class RealRedis {
  readonly port: number
  readonly #process: ChildProcess

  private constructor(port: number, process: ChildProcess) {
    this.port = port
    this.#process = process
  }

  /** `at`: its port; missing: one that is free. */
  static async start(options: readonly string[] = [], at?: number): Promise<RealRedis> {
    const port = at ?? (await freePort())
    const child = spawn(
      process.env.REDIS_SERVER ?? 'redis-server',
      ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no', ...options],
      { stdio: ['ignore', 'pipe', 'inherit'], env: { ...process.env, LC_ALL: 'C' } },
    )
    await new Promise<void>((resolve, reject) => {
      let log = ''
      child.once('error', reject)
      child.once('exit', (code) => reject(new Error(`redis-server ended with ${code}:\n${log}`)))
      child.stdout!.on('data', (chunk: Buffer) => {
        log += chunk.toString('latin1')
        if (log.includes('Ready to accept connections')) resolve()
      })
    })
    child.stdout!.resume()
    return new RealRedis(port, child)
  }

  async connect(): Promise<RealConnection> {
    const socket = openSocket(this.port, '127.0.0.1')
    socket.setNoDelay(true)
    await new Promise<void>((resolve, reject) => {
      socket.once('connect', resolve)
      socket.once('error', reject)
    })
    return new RealConnection(socket)
  }

  async stop(): Promise<void> {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return
    const ended = new Promise((resolve) => this.#process.once('exit', resolve))
    this.#process.kill('SIGKILL')
    await ended
  }
}

/** A plain socket to a real server: bytes in, replies (as bytes) out. */
export class RealConnection {
  readonly #socket: Socket
  readonly #parser = new ReplyParser()
  readonly #replies: string[] = []
  #wake: (() => void) | null = null
  isClosed = false

  constructor(socket: Socket) {
    this.#socket = socket
    socket.on('data', (chunk) => {
      this.#parser.push(chunk.toString('latin1'))
      for (let next = this.#parser.next(); next !== null; next = this.#parser.next()) this.#replies.push(next.bytes)
      this.#wake?.()
    })
    socket.on('error', () => {})
    socket.on('close', () => {
      this.isClosed = true
      this.#wake?.()
    })
  }

  send(bytes: string): void {
    this.#socket.write(Buffer.from(bytes, 'latin1'))
  }

  /** Waits until `count` replies have come (or the server has closed the connection) and takes all there are. */
  async replies(count: number): Promise<string[]> {
    while (this.#replies.length < count && !this.isClosed) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
    return this.#replies.splice(0)
  }

  /** Waits until the server has closed the connection. */
  async closed(): Promise<string[]> {
    return this.replies(Number.POSITIVE_INFINITY)
  }

  async command(...args: string[]): Promise<string> {
    this.send(encodeCommand(args))
    return (await this.replies(1)).join('')
  }

  close(): void {
    this.#socket.destroy()
  }
}

/** A command as a RESP array. */
export const encodeCommand = (args: readonly string[]): string =>
  `*${args.length}\r\n${args.map((arg) => `$${arg.length}\r\n${arg}\r\n`).join('')}`
