import { randomUUID } from 'node:crypto'
import { Redis } from 'ioredis'

/** A session is a hash: the user, and a field for each item in the cart. */
export interface Session {
  readonly user: string
  readonly items: readonly string[]
}

const TTL_S = 30 * 60
// Without retries a command whose reply was lost fails. With them ioredis sends it again on its next connection, which may be
// after the logout: then a request is told "not logged in" whose item was in the cart for everybody to see.
const redis = new Redis(process.env.REDIS_URL ?? 'redis://redis:6379', { maxRetriesPerRequest: 0 })

// Checks, changes and reads in one step: between two commands another request could log out, or change the cart as well.
redis.defineCommand('changeCart', {
  numberOfKeys: 1,
  lua: `
    if redis.call('EXISTS', KEYS[1]) == 0 then return nil end
    if ARGV[1] == 'add' then redis.call('HSET', KEYS[1], 'item:' .. ARGV[2], 1) end
    if ARGV[1] == 'remove' then redis.call('HDEL', KEYS[1], 'item:' .. ARGV[2]) end
    redis.call('EXPIRE', KEYS[1], ARGV[3])
    return redis.call('HGETALL', KEYS[1])`,
})

declare module 'ioredis' {
  interface RedisCommander {
    changeCart(key: string, change: 'add' | 'remove' | 'none', item: string, ttlS: number): Promise<string[] | null>
  }
}

const keyOf = (id: string): string => `session:${id}`

/** A new session under an id that did not exist before: an id from before the login is worth nothing. */
export async function createSession(user: string): Promise<string> {
  const id = randomUUID()
  await redis.multi().hset(keyOf(id), 'user', user).expire(keyOf(id), TTL_S).exec()
  return id
}

/** The session as it is after the change; null: there is none. */
export async function changeSession(
  id: string,
  change: 'add' | 'remove' | 'none' = 'none',
  item = '',
): Promise<Session | null> {
  const fields = await redis.changeCart(keyOf(id), change, item, TTL_S)
  if (fields === null) return null
  const names = fields.filter((_, index) => index % 2 === 0)
  const items = names.filter((name) => name.startsWith('item:')).map((name) => name.slice('item:'.length))
  return { user: fields[fields.indexOf('user') + 1] as string, items }
}

export async function endSession(id: string): Promise<void> {
  await redis.del(keyOf(id))
}
