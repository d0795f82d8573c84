/**
 * A small web application with a cart in a Redis hash, right in every respect unless told otherwise: a model, for tests of
 * the properties. Each change is one script that does nothing when the session is gone, so no update is lost and no
 * session comes back; visitors get an id, and a login gets a new one.
 */
import type { AppRequest, AppResponse, SessionAppContext } from '../../../src/session/session-app.ts'
import { type Cart, defineSessionApp, type SessionAppDefinition } from '../../../src/session/session-app.ts'

/** What a model may do wrong. */
export interface CartModel {
  readonly newId?: () => string
  /** Fixation (P90): who is logged in keeps the id that the visitor had. */
  readonly loginKeepsId?: boolean
}

/** HSET or HDEL, unless the session is gone. */
const CHANGE = `if redis.call('hexists', KEYS[1], 'user') == 0 then return 0 end
if ARGV[1] == 'add' then redis.call('hset', KEYS[1], ARGV[2], '1') else redis.call('hdel', KEYS[1], ARGV[2]) end
redis.call('pexpire', KEYS[1], ARGV[3])
return 1`
const key = (id: string): string => `cart:${id}`

export function cartModel(name: string, model: CartModel = {}): SessionAppDefinition {
  const { newId = () => crypto.randomUUID(), loginKeepsId = false } = model
  return defineSessionApp({
    name,
    start: (context) => ({ request: (request) => serve(context, request, newId, loginKeepsId) }),
  })
}

async function serve(
  { redis, ttlMs, work }: SessionAppContext,
  { action, cookie, user = '', item = '' }: AppRequest,
  newId: () => string,
  loginKeepsId: boolean,
): Promise<AppResponse> {
  const known = /^id=(.+)$/.exec(cookie)?.[1]
  const id = known ?? newId()
  const setCookie = known === undefined ? [`id=${id}; HttpOnly`] : []
  if (action === 'login') {
    await work()
    const loggedIn = loginKeepsId ? id : newId()
    await redis.hset(key(loggedIn), 'user', user)
    await redis.pexpire(key(loggedIn), ttlMs)
    return { status: 200, setCookie: [`id=${loggedIn}; HttpOnly`] }
  }
  const fields = await redis.hgetall(key(id))
  const { user: found, ...items } = fields
  const cart: Cart | null = found === undefined ? null : { user: found, items: Object.keys(items) }
  if (cart === null) return { status: 401, setCookie, cart }
  if (action === 'logout') {
    await redis.del(key(id))
    return { status: 200, setCookie: ['id=; Max-Age=0'] }
  }
  await work()
  if (action === 'read') return { status: 200, setCookie, cart }
  const isThere = await redis.eval(CHANGE, 1, key(id), action, item, ttlMs)
  return { status: isThere === 1 ? 200 : 401, setCookie, cart }
}
