/**
 * S16: a queue in a sorted set. Whoever is first in it holds the lock; the score says who came first.
 *
 * `sortedSetClientTime` takes the score from the client's clock, as the articles that name this lock do. The score is read
 * before the command travels, so somebody with an older score (a slower link, a clock that is behind, the same
 * millisecond and a smaller name) still goes before who is first already: two holders. Nothing has an expiry.
 *
 * `sortedSetTicket` draws the score in Redis, in the script that enters the queue: the same lock in the order of arrival.
 */
import { defineLock, type LockContext } from '../lock.ts'
import { sleepMs } from './waiting.ts'

const POLL_MS = 5

async function waitForTurn({ redis, key, token }: LockContext): Promise<void> {
  while ((await redis.zrank(key, token)) !== 0) await sleepMs(POLL_MS)
}

const leave = async ({ redis, key }: LockContext, token: string): Promise<boolean> =>
  (await redis.zrem(key, token)) === 1

export const sortedSetClientTime = defineLock({
  name: 'zset-client-time',
  title: 'S16: ZADD with client time, first in the queue holds',
  commands: 'ZADD k Date.now() token; ZRANK k token until it is 0; ZREM k token',
  blocking: true,
  async acquire(context) {
    await context.redis.zadd(context.key, Date.now(), context.token)
    await waitForTurn(context)
    return { token: context.token }
  },
  release: (context, lease) => leave(context, lease.token as string),
})

const ENTER = `return redis.call('zadd', KEYS[1], 'NX', redis.call('incr', KEYS[2]), ARGV[1])`

export const sortedSetTicket = defineLock({
  name: 'zset-ticket',
  title: 'S16 with the score drawn in Redis',
  commands: 'EVAL "ZADD k NX (INCR k:ticket) token"; ZRANK k token until it is 0; ZREM k token',
  blocking: true,
  async acquire(context) {
    const { redis, key, token } = context
    await redis.eval(ENTER, 2, key, `${key}:ticket`, token)
    await waitForTurn(context)
    return { token }
  },
  release: (context, lease) => leave(context, lease.token as string),
})
