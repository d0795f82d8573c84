/**
 * S23, an article on what Redis offers besides: publish and subscribe, and queues, to wake who waits for a lock.
 *
 * `pubsubWakeUp` looks, and subscribes when the lock is taken. A release between the two wakes nobody who listens:
 *
 *   B   SET NX → nil ................ SUBSCRIBE ........ waits for ever
 *   A            DEL, PUBLISH → 0 listeners
 *
 * `queueWakeUp` waits for an entry that the release pushes. Entries wait too, so none is lost; but a holder that crashed
 * pushes nothing, and BLPOP without a limit waits for ever although the lease has long ended.
 *
 * `subscribedFirst` is both repaired: subscribe, look again, and wait no longer than the lease lasts.
 */
import { defineLock, type LockContext } from '../lock.ts'
import type { RedisCommands } from '../redis-commands.ts'
import { sleepMs } from './waiting.ts'

const channelOf = (key: string): string => `${key}:released`
const queueOf = (key: string): string => `${key}:wake`

const RELEASE_AND_PUBLISH = `if redis.call('get', KEYS[1]) ~= ARGV[1] then return 0 end
redis.call('del', KEYS[1])
redis.call('publish', ARGV[2], '')
return 1`

const RELEASE_AND_PUSH = `if redis.call('get', KEYS[1]) ~= ARGV[1] then return 0 end
redis.call('del', KEYS[1])
redis.call('rpush', KEYS[2], '')
return 1`

const take = async ({ redis, key, token, ttlMs }: LockContext): Promise<boolean> =>
  (await redis.set(key, token, 'PX', ttlMs, 'NX')) === 'OK'

const releaseAndPublish = async ({ redis, key }: LockContext, token: string): Promise<boolean> =>
  (await redis.eval(RELEASE_AND_PUBLISH, 1, key, token, channelOf(key))) === 1

/** Resolves with the next message on the lock's channel. */
const nextMessage = (listener: RedisCommands): Promise<void> =>
  new Promise((resolve) => {
    listener.on('message', () => resolve())
  })

export const pubsubWakeUp = defineLock({
  name: 'pubsub-wake-up',
  title: 'S23: SET NX, then SUBSCRIBE and wait',
  commands: 'SET k token PX ttl NX → nil: SUBSCRIBE, wait, again; EVAL "if get == token then del, publish"',
  blocking: true,
  async acquire(context) {
    while (!(await take(context))) {
      const listener = await context.connect()
      const message = nextMessage(listener)
      await listener.subscribe(channelOf(context.key))
      await message
      listener.disconnect()
    }
    return { token: context.token }
  },
  release: (context, lease) => releaseAndPublish(context, lease.token as string),
})

export const queueWakeUp = defineLock({
  name: 'queue-wake-up',
  title: 'S23: SET NX, then BLPOP 0',
  commands: 'SET k token PX ttl NX → nil: BLPOP k:wake 0, again; EVAL "if get == token then del, rpush"',
  blocking: true,
  async acquire(context) {
    while (!(await take(context))) {
      const waiter = await context.connect()
      await waiter.blpop(queueOf(context.key), 0)
      waiter.disconnect()
    }
    return { token: context.token }
  },
  async release({ redis, key }, lease) {
    return (await redis.eval(RELEASE_AND_PUSH, 2, key, queueOf(key), lease.token as string)) === 1
  },
})

export const subscribedFirst = defineLock({
  name: 'subscribed-first',
  title: 'S23 repaired: SUBSCRIBE, then SET NX, wait at most a lease',
  commands: 'SET k token PX ttl NX → nil: SUBSCRIBE, again, wait for the message or the TTL',
  blocking: true,
  async acquire(context) {
    if (await take(context)) return { token: context.token }
    const listener = await context.connect()
    let message = nextMessage(listener)
    await listener.subscribe(channelOf(context.key))
    while (!(await take(context))) {
      await Promise.race([message, sleepMs(context.ttlMs)])
      message = nextMessage(listener)
    }
    listener.disconnect()
    return { token: context.token }
  },
  release: (context, lease) => releaseAndPublish(context, lease.token as string),
})
