/**
 * Optimistic concurrency: WATCH the session while reading it, save with MULTI and EXEC. A save that another request overtook
 * is refused and the request begins again; a save after the logout is refused because the session is gone.
 *
 * Source: https://redis.io/docs/latest/develop/interact/transactions/ (optimistic locking using check-and-set)
 */
import { defineSessionStore, type SessionFields, sessionKey } from './session-store.ts'

export const optimistic = defineSessionStore({
  name: 'optimistic',
  title: 'WATCH, GET; MULTI, SET, EXEC',
  commands: 'WATCH session; GET session; MULTI; SET session json PX ttl; EXEC → nil: again',
  async load({ redis }, id) {
    await redis.watch(sessionKey(id))
    const json = await redis.get(sessionKey(id))
    if (json !== null) return { fields: JSON.parse(json) as SessionFields }
    await redis.unwatch()
    return null
  },
  async save({ redis, ttlMs }, id, fields, loaded) {
    const transaction = redis
      .multi()
      .set(sessionKey(id), JSON.stringify(fields), 'PX', ttlMs, ...(loaded === null ? [] : ['XX']))
    const results = await transaction.exec()
    if (results === null) return false
    const [error, reply] = results[0] as readonly [Error | null, unknown]
    if (error !== null) throw error
    return reply === 'OK'
  },
  async destroy({ redis }, id) {
    await redis.del(sessionKey(id))
  },
  async close({ redis }) {
    await redis.unwatch()
  },
})
