/**
 * redis-mutex 2.0.1, unmodified: `runWithMutex`, with its renewal, its `process.exit` and its constant value.
 *
 * It is built on Q, whose queue is a module variable: each client loads its own copy. It wants a client of long ago, with
 * `send_command` and callbacks.
 */
import { defineLock, type Lease } from '../../src/lock/lock.ts'
import type { RedisCommands } from '../../src/lock/redis-commands.ts'

interface RedisMutex {
  runWithMutex(options: object, routine: (done: () => void) => void): PromiseLike<unknown>
}

/** The lock; it renews its key `renewTime` before the end of each interval. */
export function redisMutex(name = 'redis-mutex', renewTime = 200) {
  return defineLock({
    name,
    title: 'redis-mutex 2.0.1: runWithMutex',
    blocking: true,
    acquire: ({ redis, key, ttlMs, load }) =>
      new Promise<Lease>((resolve, reject) => {
        const { runWithMutex } = load<RedisMutex>('redis-mutex', import.meta.url)
        const options = {
          intervalTime: ttlMs,
          renewTime,
          maxTime: 3_600_000,
          // 0: it waits as long as it takes.
          attempts: 0,
          attemptInterval: 20,
          key,
          redisClient: oldClient(redis),
        }
        const run = runWithMutex(options, (done) => resolve({ done, run } as Lease))
        run.then(undefined, reject)
      }),
    async release(_context, lease) {
      const { done, run } = lease as Lease & { done(): void; run: PromiseLike<unknown> }
      done()
      await run
      return true
    },
  })
}

/** The two calls of the old client that it uses. */
const oldClient = (redis: RedisCommands) => ({
  send_command(command: string, args: (string | number)[], done: (error: unknown, reply?: unknown) => void) {
    redis.call(command, ...args).then((reply) => done(null, reply), done)
  },
  del(key: string) {
    redis.del(key).catch(() => 'it gives no callback: nobody hears of an error')
  },
})
