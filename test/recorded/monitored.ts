/** A real redis-server under MONITOR, and what it showed as redis-cli prints it. */
import { writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { Redis, type RedisOptions } from 'ioredis'
import { RealRedis } from '../redis/real-redis.ts'

export class Monitored {
  readonly redis: RealRedis
  readonly #clients: Redis[] = []
  #text = ''
  #sockets: ReturnType<typeof connect>[] = []

  private constructor(redis: RealRedis) {
    this.redis = redis
  }

  static async start(options: readonly string[] = []): Promise<Monitored> {
    const monitored = new Monitored(await RealRedis.start(options))
    await monitored.#listen()
    return monitored
  }

  async #listen(): Promise<void> {
    const socket = connect(this.redis.port, '127.0.0.1')
    this.#sockets.push(socket)
    socket.on('data', (bytes) => {
      this.#text += bytes.toString('latin1')
    })
    socket.write('MONITOR\r\n')
    await this.#until(() => this.#text.includes('+OK'))
  }

  async #until(isSo: () => boolean): Promise<void> {
    while (!isSo()) await new Promise((resolve) => setTimeout(resolve, 5))
  }

  /** A client with a connection of its own. */
  client(options: RedisOptions = {}): Redis {
    const client = new Redis({ port: this.redis.port, host: '127.0.0.1', ...options })
    this.#clients.push(client)
    return client
  }

  /** Everything so far, into a file; what follows is another recording. */
  async write(file: string): Promise<string> {
    const mark = `end-${Math.random()}`
    await this.client().echo(mark)
    await this.#until(() => this.#text.includes(mark))
    const text = this.#text
    this.#text = ''
    writeFileSync(file, text.replaceAll('\r\n', '\n').replaceAll(/^\+/gm, ''), 'latin1')
    return file
  }

  async stop(): Promise<void> {
    for (const client of this.#clients) client.disconnect()
    for (const socket of this.#sockets) socket.destroy()
    await this.redis.stop()
  }
}
