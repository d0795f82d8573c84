/**
 * A model of rotating refresh tokens (P96): each request hands in its token and gets the next one; a token that is handed
 * in twice is taken for stolen, and everything of that login is revoked. Two tabs that ask at the same time hand in the
 * same token.
 *
 * With a grace period the old token is good for a while longer and leads to the same login.
 *
 * Source: nextauthjs/next-auth#2071, better-auth/better-auth#11022; RFC 9700, section 4.14.2 (reuse detection)
 */
import {
  type AppRequest,
  type AppResponse,
  defineSessionApp,
  type SessionAppContext,
  type SessionAppDefinition,
} from '../../../src/session/session-app.ts'

const tokenKey = (token: string): string => `token:${token}`
const loginKey = (login: string): string => `login:${login}`

/** Takes a token: the login behind it, 'reused' when it was handed in before (beyond its grace), false: unknown. */
const TAKE = `local login = redis.call('get', KEYS[1])
if not login then
  local family = redis.call('get', KEYS[1] .. ':used')
  if family then redis.call('del', 'login:' .. family) return 'reused' end
  return false
end
redis.call('set', KEYS[1] .. ':used', login, 'PX', ARGV[1])
if ARGV[2] == '0' then redis.call('del', KEYS[1]) else redis.call('pexpire', KEYS[1], ARGV[2]) end
return login`

export const rotatingToken = (name: string, graceMs = 0): SessionAppDefinition =>
  defineSessionApp({ name, start: (context) => ({ request: (request) => serve(context, request, graceMs) }) })

async function serve(
  { redis, ttlMs, work }: SessionAppContext,
  { action, cookie, user = '', item = '' }: AppRequest,
  graceMs: number,
): Promise<AppResponse> {
  const issue = async (login: string): Promise<string[]> => {
    const next = crypto.randomUUID()
    await redis.set(tokenKey(next), login, 'PX', ttlMs)
    return [`token=${next}; HttpOnly`]
  }
  if (action === 'login') {
    await work()
    const login = crypto.randomUUID()
    await redis.hset(loginKey(login), 'user', user)
    await redis.pexpire(loginKey(login), ttlMs)
    return { status: 200, setCookie: await issue(login) }
  }
  const token = /^token=(.+)$/.exec(cookie)?.[1]
  const login = token === undefined ? null : await redis.eval(TAKE, 1, tokenKey(token), ttlMs, graceMs)
  if (login === null || login === 'reused') return { status: 401, setCookie: [], cart: null }
  const key = loginKey(String(login))
  const { user: found, ...items } = await redis.hgetall(key)
  if (found === undefined) return { status: 401, setCookie: [], cart: null }
  const cart = { user: found, items: Object.keys(items) }
  const setCookie = await issue(String(login))
  if (action === 'logout') {
    await redis.del(key)
    return { status: 200, setCookie }
  }
  await work()
  if (action === 'add') await redis.hset(key, item, '1')
  if (action === 'remove') await redis.hdel(key, item)
  return { status: 200, setCookie, cart }
}
