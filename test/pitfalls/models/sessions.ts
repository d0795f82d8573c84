/**
 * Session stores, each wrong in one way. Unless a model says otherwise a session is one JSON text: GET to load, SET with
 * the TTL to save, DEL to end it.
 */
import { defineSessionStore, type SessionContext, type SessionFields } from 'lockstorm'
import { sleep } from './parts.ts'

const keyOf = (id: string): string => `session:${id}`

async function load({ redis }: SessionContext, id: string) {
  const json = await redis.get(keyOf(id))
  return json === null ? null : { fields: JSON.parse(json) as SessionFields }
}

async function put({ redis, ttlMs }: SessionContext, id: string, fields: SessionFields): Promise<boolean> {
  await redis.set(keyOf(id), JSON.stringify(fields), 'PX', ttlMs)
  return true
}

async function destroy({ redis }: SessionContext, id: string): Promise<void> {
  await redis.del(keyOf(id))
}

/** The right way for one JSON text: stored only when nobody has changed it since it was loaded. */
const PUT_IF_SAME = `if redis.call('get', KEYS[1]) ~= ARGV[1] then return 0 end
redis.call('set', KEYS[1], ARGV[2], 'PX', ARGV[3])
return 1`

/** Saves when the program asks, and once more at the end of the request. */
export const savesTwice = defineSessionStore({
  name: 'saves-twice',
  title: 'model of a save in the program and another at the end of the request',
  commands: 'GET s; SET s json PX ttl; 20 ms later SET s json PX ttl',
  load,
  async save(context, id, fields) {
    await put(context, id, fields)
    await sleep(20)
    return put(context, id, fields)
  },
  destroy,
})

/** Merges what it has with what is there: a field that somebody removed comes back. */
export const merges = defineSessionStore({
  name: 'merges-sessions',
  title: "model of connect-redis 6.1's merging of concurrent requests",
  commands: 'GET s; GET s, merge, SET s json PX ttl',
  load,
  async save(context, id, fields) {
    const current = await load(context, id)
    return put(context, id, { ...current?.fields, ...fields })
  },
  destroy,
})

/** The cookie inside the session keeps its first expiry, whatever the key's is. */
export const keepsCookieExpiry = defineSessionStore({
  name: 'keeps-cookie-expiry',
  title: 'model of a stored cookie whose expires is never renewed',
  commands: 'GET s, cookie.expires < now → none; SET s json PX ttl, the old cookie in it',
  async load(context, id) {
    const loaded = await load(context, id)
    return loaded === null || Number(loaded.fields.expires) < Date.now() ? null : loaded
  },
  save: (context, id, fields, loaded) =>
    put(context, id, { ...fields, expires: loaded?.fields.expires ?? String(Date.now() + context.ttlMs) }),
  destroy,
})

export const renewsCookieExpiry = defineSessionStore({
  ...keepsCookieExpiry,
  name: 'renews-cookie-expiry',
  title: 'the same, renewing cookie.expires with each save',
  commands: 'GET s, cookie.expires < now → none; SET s json PX ttl, a new cookie in it',
  async save(context, id, fields, loaded) {
    const next = { ...fields, expires: String(Date.now() + context.ttlMs) }
    if (loaded === null) return put(context, id, next)
    const args = [JSON.stringify(loaded.fields), JSON.stringify(next), context.ttlMs]
    return (await context.redis.eval(PUT_IF_SAME, 1, keyOf(id), ...args)) === 1
  },
})

/** The TTL is what the cookie says less what the web server's clock says; none left means: destroy. */
export const countsTtlByClient = defineSessionStore({
  name: 'counts-ttl-by-client',
  title: "model of connect-redis's TTL, expires - Date.now()",
  commands: 'GET s; ttl = expires - Date.now(); ttl > 0 ? SET s json PX ttl : DEL s',
  load,
  async save(context, id, fields, loaded) {
    const expires = loaded?.fields.expires ?? String(Date.now() + context.ttlMs)
    const ttlMs = Number(expires) - Date.now()
    if (ttlMs > 0) return put({ ...context, ttlMs }, id, { ...fields, expires })
    await destroy(context, id)
    return true
  },
  destroy,
})

/** The answer to the browser goes out before the session is stored. */
export const answersFirst = defineSessionStore({
  name: 'answers-first',
  title: 'model of a redirect that does not wait for the save',
  commands: 'HGETALL s; answer; HSET s field value',
  async load({ redis }, id) {
    const fields = await redis.hgetall(keyOf(id))
    return Object.keys(fields).length === 0 ? null : { fields }
  },
  async save({ redis, ttlMs }, id, fields, loaded) {
    const before: SessionFields = loaded?.fields ?? {}
    const changed = Object.entries(fields).filter(([field, value]) => before[field] !== value)
    const removed = Object.keys(before).filter((field) => !(field in fields))
    const stored = [
      changed.length > 0 ? redis.hset(keyOf(id), ...changed.flat()) : null,
      removed.length > 0 ? redis.hdel(keyOf(id), ...removed) : null,
      redis.pexpire(keyOf(id), ttlMs),
    ]
    for (const promise of stored) promise?.catch(() => 'nobody waits for it')
    if (loaded === null) await Promise.all(stored)
    return true
  },
  destroy,
})

/** When Redis cannot be asked the user gets a new session, and it is saved over the old one. */
export const startsAnew = defineSessionStore({
  name: 'starts-anew',
  title: 'model of a middleware that makes a new session when the store fails',
  commands: 'GET s, an error → {}; SET s json PX ttl',
  load: (context, id) => load(context, id).catch(() => ({ fields: { user: 'nobody' } })),
  save: put,
  destroy,
})

/** A new session under the old name in two commands: between them there is none. */
export const regenerates = defineSessionStore({
  name: 'regenerates',
  title: "model of express-session's regenerate: destroy, then generate",
  commands: 'GET s; DEL s; SET s json PX ttl',
  load,
  async save(context, id, fields) {
    await destroy(context, id)
    return put(context, id, fields)
  },
  destroy,
})

/** SET XX, and nobody looks at the reply: a session that ended while the request ran is not stored, and nobody is told. */
export const ignoresEnd = defineSessionStore({
  name: 'ignores-end',
  title: 'model of a save that does not notice that the session has expired',
  commands: 'GET s; SET s json PX ttl XX',
  load,
  async save({ redis, ttlMs }, id, fields, loaded) {
    await redis.set(keyOf(id), JSON.stringify(fields), 'PX', ttlMs, ...(loaded === null ? [] : ['XX']))
    return true
  },
  destroy,
})

/** A request that has begun gives the session its full time again. */
export const touchesOnLoad = defineSessionStore({
  ...ignoresEnd,
  name: 'touches-on-load',
  title: 'the same, with a new TTL for each load',
  commands: 'GETEX s PX ttl; SET s json PX ttl XX',
  async load({ redis, ttlMs }, id) {
    const json = (await redis.call('getex', keyOf(id), 'PX', ttlMs)) as string | null
    return json === null ? null : { fields: JSON.parse(json) as SessionFields }
  },
})

/** phpredis: ten tries for the lock, 2 ms apart, and then without it. */
export const goesOnUnlocked = defineSessionStore({
  name: 'goes-on-unlocked',
  title: "model of phpredis's session lock, 10 tries of 2 ms",
  commands: 'SET lock token PX ttl NX, 10 times; GET s; SET s json PX ttl; EVAL "if get == token then del"',
  async load(context, id) {
    const { redis, token, ttlMs } = context
    for (let attempt = 0; attempt < 10; attempt += 1) {
      if ((await redis.set(`lock:${id}`, token, 'PX', ttlMs, 'NX')) === 'OK') break
      await sleep(2)
    }
    return load(context, id)
  },
  async save(context, id, fields) {
    await put(context, id, fields)
    await unlock(context, id)
    return true
  },
  destroy,
  close: unlock,
})

async function unlock({ redis, token }: SessionContext, id: string): Promise<void> {
  const script = `if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('del', KEYS[1]) end return 0`
  await redis.eval(script, 1, `lock:${id}`, token)
}

/**
 * A token that is good for one use: of two requests with the same token the second looks like a thief, and the whole
 * session is ended.
 */
export const rotates = defineSessionStore({
  name: 'rotates-token',
  title: 'model of refresh-token rotation with reuse detection',
  commands: 'GET s; EVAL "if rotation == mine then set, rotation + 1, else del"',
  load,
  async save(context, id, fields, loaded) {
    const rotation = Number(loaded?.fields.rotation ?? 0)
    const next = JSON.stringify({ ...fields, rotation: String(rotation + 1) })
    if (loaded === null) return put(context, id, { ...fields, rotation: '1' })
    const script = `local json = redis.call('get', KEYS[1])
if json and cjson.decode(json).rotation == ARGV[1] then
  redis.call('set', KEYS[1], ARGV[2], 'PX', ARGV[3])
  return 1
end
redis.call('del', KEYS[1])
return 0`
    return (await context.redis.eval(script, 1, keyOf(id), String(rotation), next, context.ttlMs)) === 1
  },
  destroy,
})

/** Written in two pieces, as a file is: who reads between them finds half a session, and takes it for none. */
export const writesInPieces = defineSessionStore({
  name: 'writes-in-pieces',
  title: 'model of a file store whose write is not atomic',
  commands: 'GET s; SET s first half PX ttl; APPEND s second half',
  load: (context, id) => load(context, id).catch(() => null),
  async save({ redis, ttlMs }, id, fields) {
    const json = JSON.stringify(fields)
    const half = Math.floor(json.length / 2)
    await redis.set(keyOf(id), json.slice(0, half), 'PX', ttlMs)
    await redis.call('append', keyOf(id), json.slice(half))
    return true
  },
  destroy,
})
