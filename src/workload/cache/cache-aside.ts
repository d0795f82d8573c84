/**
 * Cache-aside, the three things that an application does to a cached value: look, fill after a miss, invalidate after a
 * change of the database.
 *
 * `plain` is what most code does. A reader that was slow fills in what the database said before the writer changed it:
 *
 *   reader   miss ── database says 7 ─────────────────── SET 7        7 is served until it expires
 *   writer                     database := 8 ── DEL
 *
 * No lock around the reader helps, for the writer does not ask for it; a lock around both helps while no lease ends.
 *
 * `generationFenced` fences the fill. A miss hands out the generation, each invalidation makes a new one, and a fill with
 * an old generation is refused. A generation is a unique text and not a number: when Redis loses its data (restart,
 * eviction) a counter begins again and an old number may be right again, a unique text never is.
 *
 * Source: the leases of Nishtala et al., "Scaling Memcache at Facebook", NSDI 2013, section 3.2.1.
 */
import type { RedisCommands } from '../../lock/redis-commands.ts'

/** One cached value and how long it is kept. */
export interface CacheEntry {
  readonly redis: RedisCommands
  readonly key: string
  readonly keepMs: number
  /** Unique for each use. */
  readonly token: string
}

/** What is in the cache: a value, or nothing and the generation that a fill must show. */
export type CacheLook = { readonly value: string } | { readonly value: null; readonly generation: string }

/** How an application treats its cache. */
export interface CacheAside {
  /** Reads the cached value. */
  look(entry: CacheEntry): Promise<CacheLook>
  /** Puts in what was made after a miss. False: it was invalidated meanwhile, nothing was put in. */
  fill(entry: CacheEntry, value: string, generation: string): Promise<boolean>
  /** The database has changed: what is cached is no longer good. Comes after the change, before it is acknowledged. */
  invalidate(entry: CacheEntry): Promise<void>
}

/** GET; SET PX; DEL. */
export const plain: CacheAside = {
  async look({ redis, key }) {
    const value = await redis.get(key)
    return value === null ? { value, generation: '' } : { value }
  },
  async fill({ redis, key, keepMs }, value) {
    return (await redis.set(key, value, 'PX', keepMs)) === 'OK'
  },
  async invalidate({ redis, key }) {
    await redis.del(key)
  },
}

// The generation lives longer than the value; when it is gone all the same, every fill under way is refused.
const LOOK = `local value = redis.call('get', KEYS[1])
if value then return {value} end
if not redis.call('get', KEYS[2]) then redis.call('set', KEYS[2], ARGV[1], 'PX', ARGV[2] * 2) end
return {false, redis.call('get', KEYS[2])}`

const FILL = `if redis.call('get', KEYS[2]) ~= ARGV[1] then return 0 end
redis.call('set', KEYS[1], ARGV[2], 'PX', ARGV[3])
return 1`

const INVALIDATE = `redis.call('set', KEYS[2], ARGV[1], 'PX', ARGV[2] * 2)
return redis.call('del', KEYS[1])`

const generationKey = (key: string): string => `${key}:generation`

/** The same with a generation that a fill must still find unchanged. */
export const generationFenced: CacheAside = {
  async look({ redis, key, token, keepMs }) {
    const [value, generation] = (await redis.eval(LOOK, 2, key, generationKey(key), token, keepMs)) as [
      string | null,
      string,
    ]
    return value === null ? { value, generation } : { value }
  },
  async fill({ redis, key, keepMs }, value, generation) {
    return (await redis.eval(FILL, 2, key, generationKey(key), generation, value, keepMs)) === 1
  },
  async invalidate({ redis, key, token, keepMs }) {
    await redis.eval(INVALIDATE, 2, key, generationKey(key), token, keepMs)
  },
}
