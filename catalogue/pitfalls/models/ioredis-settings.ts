/**
 * The real ioredis with the settings that people give it, below the plain SET NX and Lua lock.
 *
 * Each client opens one connection of its own at its first attempt.
 */
import { Redis, type RedisOptions } from 'ioredis'
import { defineLock, type LockContext, type RedisCommands } from 'lockstorm'
import { COMPARE_AND_DELETE, giveBack, take } from './parts.ts'

/** The context with an ioredis of these options instead of the world's. */
function connectedWith(options: RedisOptions): (context: LockContext) => LockContext {
  const own = new WeakMap<object, RedisCommands>()
  return (context) => {
    let redis = own.get(context.redis)
    if (redis === undefined) {
      // Without `disableClientInfo` ioredis reads its own package.json, and there are no files in a world.
      const connection = new Redis({ host: 'redis-1', disableClientInfo: true, ...options })
      connection.on('error', () => {})
      redis = connection as unknown as RedisCommands
      own.set(context.redis, redis)
    }
    return { ...context, redis }
  }
}

function lockOver(name: string, title: string, options: RedisOptions) {
  const over = connectedWith(options)
  return defineLock({
    name,
    title,
    commands: 'SET k token PX ttl NX; EVAL "if get == token then del"',
    acquire: (context) => take(over(context)),
    release: (context, lease) => giveBack(over(context), lease),
  })
}

export const noResend = lockOver('ioredis-no-resend', 'ioredis with autoResendUnfulfilledCommands: false', {
  autoResendUnfulfilledCommands: false,
})

export const commandTimeout = lockOver('ioredis-command-timeout', 'ioredis with commandTimeout: 100', {
  commandTimeout: 100,
})

export const forgetsWhatItTimedOut = lockOver(
  'ioredis-forgets-commands',
  'the same with enableOfflineQueue: false and autoResendUnfulfilledCommands: false',
  { commandTimeout: 100, enableOfflineQueue: false, autoResendUnfulfilledCommands: false },
)

const TAKE = `if redis.call('set', KEYS[1], ARGV[1], 'PX', ARGV[2], 'NX') then return 1 end return 0`

/** With `stringNumbers` every reply is a text: `reply === 1` is never true. */
function lockOfTexts(name: string, title: string, isOne: (reply: unknown) => boolean) {
  const over = connectedWith({ stringNumbers: true })
  return defineLock({
    name,
    title,
    commands: 'EVAL "if set NX PX then return 1"; EVAL "if get == token then del"',
    async acquire(context) {
      const { redis, key, token, ttlMs } = over(context)
      return isOne(await redis.eval(TAKE, 1, key, token, ttlMs)) ? { token } : null
    },
    async release(context, lease) {
      const { redis, key } = over(context)
      return isOne(await redis.eval(COMPARE_AND_DELETE, 1, key, lease.token as string))
    },
  })
}

export const comparesWithNumber = lockOfTexts(
  'compares-with-number',
  'ioredis with stringNumbers: true, and a lock that asks whether a reply === 1',
  (reply) => reply === 1,
)

export const convertsReply = lockOfTexts(
  'converts-reply',
  'the same, asking whether Number(reply) === 1',
  (reply) => Number(reply) === 1,
)
