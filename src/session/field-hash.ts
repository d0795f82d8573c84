/**
 * One hash field per session field: concurrent requests that touch different fields do not overwrite each other. But
 * HSET creates what is not there, so a request that outlives the logout brings back a session with one field.
 *
 * Source: spring-projects/spring-session#2021 (a partial hash after invalidation).
 */
import { defineSessionStore, type SessionFields, sessionKey } from './session-store.ts'

export const fieldHash = defineSessionStore({
  name: 'field-hash',
  title: 'HGETALL; HSET and HDEL the changed fields',
  commands: 'HGETALL session; HSET session field value; PEXPIRE session ttl; DEL session',
  async load({ redis }, id) {
    const fields = await redis.hgetall(sessionKey(id))
    return Object.keys(fields).length === 0 ? null : { fields }
  },
  async save({ redis, ttlMs }, id, fields, loaded) {
    const before: SessionFields = loaded?.fields ?? {}
    const changed = Object.entries(fields).filter(([field, value]) => before[field] !== value)
    const removed = Object.keys(before).filter((field) => !(field in fields))
    if (changed.length > 0) await redis.hset(sessionKey(id), ...changed.flat())
    if (removed.length > 0) await redis.hdel(sessionKey(id), ...removed)
    await redis.pexpire(sessionKey(id), ttlMs)
    return true
  },
  async destroy({ redis }, id) {
    await redis.del(sessionKey(id))
  },
})
