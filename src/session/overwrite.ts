/**
 * The plain read-modify-write store: GET, change, SET the whole session. Of two requests at once the last writer wins
 * and the other's change is gone; a request that outlives the logout brings the session back.
 *
 * Source: tj/connect-redis#328, expressjs/session#632; the store of most articles.
 */
import { defineSessionStore, type SessionFields, sessionKey } from './session-store.ts'

export const overwrite = defineSessionStore({
  name: 'overwrite',
  title: 'GET, change, SET the whole session',
  commands: 'GET session; SET session json PX ttl; DEL session',
  async load({ redis }, id) {
    const json = await redis.get(sessionKey(id))
    return json === null ? null : { fields: JSON.parse(json) as SessionFields }
  },
  async save({ redis, ttlMs }, id, fields) {
    await redis.set(sessionKey(id), JSON.stringify(fields), 'PX', ttlMs)
    return true
  },
  async destroy({ redis }, id) {
    await redis.del(sessionKey(id))
  },
})
