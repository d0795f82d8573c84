/**
 * What a primary sends that is no command, to a replica in memory and to a redis-server: who counts which bytes of it, and what it takes
 * for a broken stream.
 */
import { createServer, type Socket } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { configurationOf } from '../../../src/redis/config.ts'
import { MemoryRedis } from '../../../src/redis/memory-redis.ts'
import { writeSnapshot } from '../../../src/redis/replication/snapshot.ts'
import { encodeRequest } from '../../../src/redis/resp/encode-request.ts'
import { ServedRedis } from '../../../src/server/node/served-redis.ts'
import { RealRedis } from '../real-redis.ts'
import { NodeClient } from './node-client.ts'

const STREAM_ID = '8'.repeat(40)
const WAIT = { timeout: 20_000, interval: 20 }

/** Gives whoever asks an empty snapshot and then what the test says; remembers how it was asked. */
class Primary {
  readonly asked: string[] = []
  readonly #server = createServer((socket) => this.#greet(socket))
  #socket: Socket | null = null

  async start(): Promise<number> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve))
    return (this.#server.address() as { port: number }).port
  }

  #greet(socket: Socket): void {
    socket.setEncoding('latin1')
    socket.on('error', () => {})
    socket.on('data', (bytes: string) => {
      for (const [, name = ''] of bytes.matchAll(/\*\d+\r\n\$\d+\r\n(PING|REPLCONF|PSYNC)\r\n/gi)) {
        if (name === 'PING') socket.write('+PONG\r\n')
        else if (name === 'REPLCONF' && !bytes.includes('ACK')) socket.write('+OK\r\n')
        else if (name === 'PSYNC') {
          this.asked.push(
            bytes
              .slice(bytes.indexOf('PSYNC'))
              .split('\r\n')
              .filter((word) => !word.startsWith('$'))
              .join(' ')
              .trim(),
          )
          const snapshot = writeSnapshot(new MemoryRedis({ nowUs: () => 0 }), { id: STREAM_ID, offset: 0 })
          socket.write(`+FULLRESYNC ${STREAM_ID} 0\r\n$${snapshot.length}\r\n${snapshot}`, 'latin1')
          this.#socket = socket
        }
      }
    })
  }

  send(bytes: string): void {
    this.#socket?.write(bytes, 'latin1')
  }

  close(): void {
    this.#socket?.destroy()
    this.#server.close()
  }
}

/** How far a replica says that it has read, and executed. */
async function offsets(replica: NodeClient): Promise<string> {
  const info = String(await replica.ask('INFO', 'replication'))
  const field = (name: string): string => new RegExp(`${name}:(.*)\r`).exec(info)?.[1] ?? ''
  return ['master_link_status', 'slave_read_repl_offset', 'slave_repl_offset', 'master_repl_offset']
    .map(field)
    .join(' ')
}

/** What comes after the bytes of each step. */
const STEPS: readonly (readonly [string, string])[] = [
  // An empty request is read, and counted with the command that follows.
  ['*0\r\n', 'up 4 0 0'],
  ['\r\n', 'up 6 0 0'],
  ['\n', 'up 7 0 0'],
  [encodeRequest(['PING']), 'up 21 21 21'],
  // So is half a command.
  ['*1\r\n$4\r\nPI', 'up 31 21 21'],
  ['NG\r\n', 'up 35 35 35'],
  ['*-1\r\n*1\r\n$4\r\nPING\r\n*0\r\n', 'up 58 54 54'],
  // A transaction counts as a whole.
  [`${encodeRequest(['MULTI'])}*0\r\n${encodeRequest(['SET', 'k', 'v'])}`, 'up 104 54 54'],
  [encodeRequest(['EXEC']), 'up 118 118 118'],
]

describe('a stream', () => {
  let real: RealRedis
  let ours: ServedRedis
  beforeAll(async () => {
    real = await RealRedis.start(['--dir', '/tmp', '--dbfilename', `broken-stream-${process.pid}.rdb`])
    ours = await ServedRedis.start({
      ...{ port: 0, clock: 'real', version: '7.0', seed: 'broken-stream' },
      configuration: configurationOf([]),
    })
  })
  afterAll(async () => {
    ours.close()
    await real.stop()
  })

  it.each(['redis-server', 'in memory'])(
    'is counted by a replica (%s), empty requests and all',
    async (which) => {
      const primary = new Primary()
      const port = await primary.start()
      const replica = await NodeClient.open(which === 'in memory' ? ours.port : real.port)
      await replica.ask('REPLICAOF', '127.0.0.1', String(port))
      await expect.poll(() => offsets(replica), WAIT).toBe('up 0 0 0')
      for (const [bytes, after] of STEPS) {
        primary.send(bytes)
        await expect.poll(() => offsets(replica), WAIT).toBe(after)
      }
      expect(await replica.ask('GET', 'k')).toBe('v')
      // What is no RESP makes it begin anew, with nothing that it would go on from.
      primary.send('SET inline 1\r\n')
      await expect.poll(() => primary.asked.length, WAIT).toBe(2)
      expect(primary.asked[1]).toBe('PSYNC ? -1')
      await expect.poll(() => offsets(replica), WAIT).toBe('up 0 0 0')
      primary.send(`${encodeRequest(['SET', 'k', 'w'])}*1\r\n+1\r\n`)
      await expect.poll(() => primary.asked.length, WAIT).toBe(3)
      expect(primary.asked[2]).toBe('PSYNC ? -1')
      await replica.ask('REPLICAOF', 'NO', 'ONE')
      replica.close()
      primary.close()
    },
    60_000,
  )
})
