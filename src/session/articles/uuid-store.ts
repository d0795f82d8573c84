/**
 * S3 and S4, an article on distributed sessions: one JSON text a session, without a TTL, stored whole on every change. Of
 * two requests at once the last one wins, and a session that is not ended is there for ever.
 *
 * `localCache` adds what the article recommends besides: "read it from Redis and cache it locally". Every web server then
 * reads its own copy, which knows nothing of what the others stored, nor of the logout.
 */
import {
  defineSessionStore,
  type LoadedSession,
  type SessionContext,
  type SessionFields,
  sessionKey,
} from '../session-store.ts'

async function load({ redis }: SessionContext, id: string): Promise<LoadedSession | null> {
  const json = await redis.get(sessionKey(id))
  return json === null ? null : { fields: JSON.parse(json) as SessionFields }
}

export const uuidStore = defineSessionStore({
  name: 'uuid-store',
  title: 'S3: GET, change, SET the whole session, no TTL',
  commands: 'SET session json; GET session; SET session json; DEL session',
  load,
  async save({ redis }, id, fields) {
    await redis.set(sessionKey(id), JSON.stringify(fields))
    return true
  },
  async destroy({ redis }, id) {
    await redis.del(sessionKey(id))
  },
})

/** Each web server's copy, by its connection: two servers share none. */
const copies = new WeakMap<object, LoadedSession>()

export const localCache = defineSessionStore({
  name: 'local-cache',
  title: 'S4: S3, read from a copy on each web server',
  commands: 'GET session once, then the own copy; SET session json; DEL session',
  async load(context, id) {
    const copy = copies.get(context.redis) ?? (await load(context, id))
    if (copy !== null) copies.set(context.redis, copy)
    return copy
  },
  async save(context, id, fields, loaded) {
    await uuidStore.save(context, id, fields, loaded)
    copies.set(context.redis, { fields })
    return true
  },
  async destroy(context, id) {
    await uuidStore.destroy(context, id)
    copies.delete(context.redis)
  },
})
