/**
 * Read-modify-write under a lock (SET NX PX, Lua release), without fencing: right while no request outlives the
 * lock's lease, as wrong as the plain store beyond it.
 *
 * The lock's lease is a quarter of the session's TTL. A request that cannot get the lock within that time gives up.
 */
import { COMPARE_AND_DELETE } from '../lock/release-script.ts'
import {
  defineSessionStore,
  type LoadedSession,
  type SessionContext,
  type SessionFields,
  sessionKey,
} from './session-store.ts'

// The host's timers: virtual inside a world.
declare function setTimeout(task: () => void, ms: number): unknown

const RETRY_MS = 5
const lockKey = (id: string): string => `lock:session:${id}`
const leaseMs = (ttlMs: number): number => Math.floor(ttlMs / 4)

async function lock({ redis, token, ttlMs }: SessionContext, id: string): Promise<boolean> {
  for (let waitedMs = 0; waitedMs <= leaseMs(ttlMs) * 2; waitedMs += RETRY_MS) {
    if ((await redis.set(lockKey(id), token, 'PX', leaseMs(ttlMs), 'NX')) === 'OK') return true
    await new Promise<void>((resolve) => setTimeout(resolve, RETRY_MS))
  }
  return false
}

async function unlock({ redis, token }: SessionContext, id: string): Promise<void> {
  await redis.eval(COMPARE_AND_DELETE, 1, lockKey(id), token)
}

export const locked = defineSessionStore({
  name: 'locked',
  title: 'the same under SET NX + Lua',
  commands: 'SET lock token PX NX; GET session; SET session json PX ttl; EVAL "if get == token then del"',
  async load(context, id): Promise<LoadedSession | null> {
    if (!(await lock(context, id))) return null
    const json = await context.redis.get(sessionKey(id))
    if (json !== null) return { fields: JSON.parse(json) as SessionFields }
    await unlock(context, id)
    return null
  },
  async save(context, id, fields, loaded) {
    await context.redis.set(sessionKey(id), JSON.stringify(fields), 'PX', context.ttlMs)
    if (loaded !== null) await unlock(context, id)
    return true
  },
  async destroy(context, id) {
    const isLocked = await lock(context, id)
    await context.redis.del(sessionKey(id))
    if (isLocked) await unlock(context, id)
  },
  close: unlock,
})
