/**
 * SET NX PX and a Lua compare-and-delete that is loaded once and then called by its SHA-1, without a way back to EVAL: a
 * server that has forgotten the script (SCRIPT FLUSH, a restart, a failover) lets nobody release any more.
 *
 * Source: redlock-rb#27, node-redlock#76, symfony#59686; https://redis.io/docs/latest/commands/evalsha/
 */
import { defineLock } from './lock.ts'
import type { RedisCommands } from './redis-commands.ts'
import { COMPARE_AND_DELETE } from './release-script.ts'

/** What each connection was told, as a library does that loads its scripts when it starts. */
const loaded = new WeakMap<RedisCommands, unknown>()

async function load(redis: RedisCommands): Promise<unknown> {
  const known = loaded.get(redis) ?? (await redis.call('SCRIPT', 'LOAD', COMPARE_AND_DELETE))
  loaded.set(redis, known)
  return known
}

export const evalsha = defineLock({
  name: 'evalsha',
  title: 'SET NX PX; Lua release by EVALSHA, no fallback',
  commands: 'SCRIPT LOAD once; SET k token PX ttl NX; EVALSHA "if get == token then del"',
  async acquire({ redis, key, token, ttlMs }) {
    await load(redis)
    return (await redis.set(key, token, 'PX', ttlMs, 'NX')) === 'OK' ? { token } : null
  },
  async release({ redis, key }, lease) {
    const sha = (await load(redis)) as string
    return (await redis.call('EVALSHA', sha, 1, key, lease.token as string)) === 1
  },
})
