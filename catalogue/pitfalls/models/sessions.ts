/**
 * Session stores, each wrong in one way and right in all others: a session is one JSON text, stored only when nobody has
 * changed it since it was loaded, so that what shows is the one mistake and not a lost update.
 */
import { defineSessionStore, type LoadedSession, type SessionContext, type SessionFields } from 'lockstorm'
import { COMPARE_AND_DELETE, sleep } from './parts.ts'

const keyOf = (id: string): string => `session:${id}`
/** What `load` saw, word for word. */
const seen = (loaded: LoadedSession): string => loaded.state as string

async function load({ redis }: SessionContext, id: string): Promise<LoadedSession | null> {
  const json = await redis.get(keyOf(id))
  return json === null ? null : { fields: JSON.parse(json) as SessionFields, state: json }
}

async function put({ redis, ttlMs }: SessionContext, id: string, fields: SessionFields): Promise<boolean> {
  return (await redis.set(keyOf(id), JSON.stringify(fields), 'PX', ttlMs)) === 'OK'
}

const PUT_IF_SAME = `local json = redis.call('get', KEYS[1])
if not json then return -1 end
if json ~= ARGV[1] then return 0 end
redis.call('set', KEYS[1], ARGV[2], 'PX', ARGV[3])
return 1`

/** 1: stored. 0: somebody else changed it. -1: it is gone. */
async function putIfSame({ redis, ttlMs }: SessionContext, id: string, before: string, after: string): Promise<number> {
  return (await redis.eval(PUT_IF_SAME, 1, keyOf(id), before, after, ttlMs)) as number
}

async function destroy({ redis }: SessionContext, id: string): Promise<void> {
  await redis.del(keyOf(id))
}

/** The right one: what the others are, without their mistake. */
export const compares = defineSessionStore({
  name: 'compares',
  title: 'GET; SET in a script, if nobody changed it',
  commands: 'GET s; EVAL "if get == loaded then set json PX ttl"',
  load,
  async save(context, id, fields, loaded) {
    if (loaded === null) return put(context, id, fields)
    return (await putIfSame(context, id, seen(loaded), JSON.stringify(fields))) === 1
  },
  destroy,
})

/** Saves when the program asks, and once more at the end of the request, over whatever is there. */
export const savesTwice = defineSessionStore({
  ...compares,
  name: 'saves-twice',
  title: 'model of a save in the program and another at the end of the request',
  commands: 'GET s; EVAL "if get == loaded then set"; 20 ms later SET s json PX ttl',
  async save(context, id, fields, loaded) {
    if (!(await compares.save(context, id, fields, loaded))) return false
    if (loaded === null) return true
    await sleep(20)
    return put(context, id, fields)
  },
})

/** When somebody else changed the session the two copies are merged: a field that somebody removed comes back. */
export const merges = defineSessionStore({
  ...compares,
  name: 'merges',
  title: "model of connect-redis 6.1's merging of concurrent requests",
  commands: 'GET s; EVAL "if get == loaded then set", else merge with what is there and again',
  async save(context, id, fields, loaded) {
    let before = loaded
    let merged = fields
    while (!(await compares.save(context, id, merged, before))) {
      before = await load(context, id)
      merged = { ...before?.fields, ...fields }
    }
    return true
  },
})

/** What is stored where the cookie's end is kept with the fields. */
interface Kept {
  readonly fields: SessionFields
  readonly expires: number
}

async function loadKept({ redis }: SessionContext, id: string): Promise<LoadedSession | null> {
  const json = await redis.get(keyOf(id))
  return json === null ? null : { fields: (JSON.parse(json) as Kept).fields, state: json }
}

const expiresOf = (loaded: LoadedSession): number => (JSON.parse(seen(loaded)) as Kept).expires

async function putKept(context: SessionContext, id: string, kept: Kept, loaded: LoadedSession | null) {
  const json = JSON.stringify(kept)
  if (loaded === null) return (await context.redis.set(keyOf(id), json, 'PX', context.ttlMs)) === 'OK'
  return (await putIfSame(context, id, seen(loaded), json)) === 1
}

/** The cookie inside the session keeps its first expiry, whatever the key's is. */
export const keepsCookieExpiry = defineSessionStore({
  name: 'keeps-cookie-expiry',
  title: 'model of a stored cookie whose expires is never renewed',
  commands: 'GET s, cookie.expires < now → none; EVAL "if get == loaded then set json PX ttl", the old cookie in it',
  async load(context, id) {
    const loaded = await loadKept(context, id)
    return loaded === null || expiresOf(loaded) < Date.now() ? null : loaded
  },
  save(context, id, fields, loaded) {
    const expires = loaded === null ? Date.now() + context.ttlMs : expiresOf(loaded)
    return putKept(context, id, { fields, expires }, loaded)
  },
  destroy,
})

/** Both sides are renewed. */
export const renewsCookieExpiry = defineSessionStore({
  ...keepsCookieExpiry,
  name: 'renews-cookie-expiry',
  title: 'the same, renewing cookie.expires with each save',
  commands: 'GET s, cookie.expires < now → none; EVAL "if get == loaded then set json PX ttl", a new cookie in it',
  save: (context, id, fields, loaded) => putKept(context, id, { fields, expires: Date.now() + context.ttlMs }, loaded),
})

/** The TTL is what the cookie says less what the web server's clock says; none left means: destroy. */
export const countsTtlByClient = defineSessionStore({
  name: 'counts-ttl-by-client',
  title: "model of connect-redis's TTL, expires - Date.now()",
  commands: 'GET s; ttl = expires - Date.now(); ttl > 0 ? EVAL "if get == loaded then set json PX ttl" : DEL s',
  load: loadKept,
  async save(context, id, fields, loaded) {
    const expires = loaded === null ? Date.now() + context.ttlMs : expiresOf(loaded)
    const leftMs = expires - Date.now()
    if (leftMs > 0) return putKept({ ...context, ttlMs: leftMs }, id, { fields, expires }, loaded)
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
  ...compares,
  name: 'starts-anew',
  title: 'model of a middleware that makes a new session when the store fails',
  commands: 'GET s, an error → a new session; EVAL "if get == loaded then set", a new session: SET s json PX ttl',
  load: (context, id) => load(context, id).catch(() => ({ fields: { user: 'nobody' } })),
  save: (context, id, fields, loaded) =>
    compares.save(context, id, fields, loaded?.state === undefined ? null : loaded),
})

/** A new session under the old name in two commands: between them there is none. */
export const regenerates = defineSessionStore({
  ...compares,
  name: 'regenerates',
  title: 'model of a session regenerated in two commands: destroy, then generate',
  commands: 'GET s; EVAL "if get == loaded then del"; SET s json PX ttl',
  async save(context, id, fields, loaded) {
    if (loaded !== null && (await context.redis.eval(COMPARE_AND_DELETE, 1, keyOf(id), seen(loaded))) !== 1) {
      return false
    }
    return put(context, id, fields)
  },
})

/** A session that ended while the request ran is not stored, and nobody is told. */
export const ignoresEnd = defineSessionStore({
  ...compares,
  name: 'ignores-end',
  title: 'model of a save that does not notice that the session has expired',
  commands: 'GET s; EVAL "if get == loaded then set json PX ttl"; gone → nothing',
  async save(context, id, fields, loaded) {
    if (loaded === null) return put(context, id, fields)
    return (await putIfSame(context, id, seen(loaded), JSON.stringify(fields))) !== 0
  },
})

/** A request that has begun gives the session its full time again. */
export const touchesOnLoad = defineSessionStore({
  ...ignoresEnd,
  name: 'touches-on-load',
  title: 'the same, with a new TTL for each load',
  commands: 'GETEX s PX ttl; EVAL "if get == loaded then set json PX ttl"; gone → nothing',
  async load({ redis, ttlMs }, id) {
    const json = (await redis.call('getex', keyOf(id), 'PX', ttlMs)) as string | null
    return json === null ? null : { fields: JSON.parse(json) as SessionFields, state: json }
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
  await redis.eval(COMPARE_AND_DELETE, 1, `lock:${id}`, token)
}

/**
 * A token that is good for one use: of two requests with the same token the second looks like a thief, and the whole
 * session is ended. Here the text that was loaded is the token.
 */
export const rotates = defineSessionStore({
  ...compares,
  name: 'rotates-token',
  title: 'model of refresh-token rotation with reuse detection',
  commands: 'GET s; EVAL "if get == loaded then set, else del"',
  async save(context, id, fields, loaded) {
    const isStored = await compares.save(context, id, fields, loaded)
    if (!isStored) await destroy(context, id)
    return isStored
  },
})

/** Written in two pieces, as a file is: who reads between them finds half a session, and takes it for none. */
export const writesInPieces = defineSessionStore({
  ...compares,
  name: 'writes-in-pieces',
  title: 'model of a file store whose write is not atomic',
  commands: 'GET s; EVAL "if get == loaded then set first half PX ttl"; APPEND s second half',
  load: (context, id) => load(context, id).catch(() => null),
  async save(context, id, fields, loaded) {
    const json = JSON.stringify(fields)
    const half = Math.floor(json.length / 2)
    if (loaded === null) return put(context, id, fields)
    if ((await putIfSame(context, id, seen(loaded), json.slice(0, half))) !== 1) return false
    await context.redis.call('append', keyOf(id), json.slice(half))
    return true
  },
})
