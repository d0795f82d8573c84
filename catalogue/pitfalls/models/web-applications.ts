/**
 * Web applications with a shopping cart, each wrong in one way, and one that is right: a session is a hash in Redis, each
 * item a field of it, written only while the session is there.
 *
 * Does not model  signing and sealing of cookies: nobody forges one here.
 */
import {
  type AppRequest,
  type AppResponse,
  type Cart,
  defineSessionApp,
  type SessionAppContext,
  type SessionAppDefinition,
} from 'lockstorm'

const COOKIE = 'sid'
const setCookie = (value: string): string[] => [`${COOKIE}=${value}; Path=/; HttpOnly`]
const GONE = [`${COOKIE}=; Path=/; Max-Age=0`]
const cookieOf = ({ cookie }: AppRequest): string => new RegExp(`(?:^|; )${COOKIE}=([^;]+)`).exec(cookie)?.[1] ?? ''
const keyOf = (id: string): string => `session:${id}`

const CHANGE = `if redis.call('exists', KEYS[1]) == 0 then return 0 end
if ARGV[1] == 'add' then redis.call('hset', KEYS[1], 'item:' .. ARGV[2], 1) else redis.call('hdel', KEYS[1], 'item:' .. ARGV[2]) end
return redis.call('pexpire', KEYS[1], ARGV[3])`

async function cartOf({ redis }: SessionAppContext, id: string): Promise<Cart | null> {
  const fields = (await redis.call('hkeys', keyOf(id))) as string[]
  const user = await redis.call('hget', keyOf(id), 'user')
  if (user === null) return null
  return { user: String(user), items: fields.flatMap((field) => (field.startsWith('item:') ? [field.slice(5)] : [])) }
}

/** `idAfterLogin` is given the id that the browser had. */
function cartInRedis(
  about: Pick<SessionAppDefinition, 'name' | 'title' | 'commands'>,
  idAfterLogin: (before: string) => string,
): SessionAppDefinition {
  async function login(context: SessionAppContext, before: string, user: string): Promise<AppResponse> {
    await context.work()
    const id = idAfterLogin(before)
    await context.redis.call('hset', keyOf(id), 'user', user)
    await context.redis.pexpire(keyOf(id), context.ttlMs)
    return { status: 200, setCookie: setCookie(id) }
  }
  return defineSessionApp({
    ...about,
    start: (context) => ({
      async request(request) {
        const { action, user = '', item = '' } = request
        const id = cookieOf(request)
        if (action === 'login') return login(context, id, user)
        const cart = await cartOf(context, id)
        // Whoever comes without a cookie gets one.
        if (cart === null) return { status: 401, setCookie: id === '' ? setCookie(crypto.randomUUID()) : [], cart }
        if (action === 'logout') {
          await context.redis.del(keyOf(id))
          return { status: 200, setCookie: GONE }
        }
        await context.work()
        if (action === 'read') return { status: 200, setCookie: [], cart }
        const isThere = await context.redis.eval(CHANGE, 1, keyOf(id), action, item, context.ttlMs)
        return { status: isThere === 1 ? 200 : 401, setCookie: [], cart }
      },
    }),
  })
}

/** The right one. */
export const newIdAtLogin = cartInRedis(
  {
    name: 'new-id-at-login',
    title: 'a cart in Redis, with a new id at login',
    commands: 'login: HSET new-id; add: EVAL "if exists then hset"; logout: DEL',
  },
  () => crypto.randomUUID(),
)

/** Whoever knew the id before the login has the session after it. */
export const keepsIdAtLogin = cartInRedis(
  {
    name: 'keeps-id-at-login',
    title: 'model of passport before 0.6: the login keeps the id',
    commands: 'login: HSET id-of-the-cookie; add: EVAL "if exists then hset"; logout: DEL',
  },
  (before) => (before === '' ? crypto.randomUUID() : before),
)

/** The whole session is in the cookie: a logout can only ask the browser to forget it. */
export const sessionInCookie = defineSessionApp({
  name: 'session-in-cookie',
  title: 'model of iron-session: the session is the cookie',
  commands: 'none',
  start: (context) => ({
    async request(request) {
      const { action, user = '', item = '' } = request
      const seal = (cart: Cart): string[] => setCookie(Buffer.from(JSON.stringify(cart)).toString('base64url'))
      if (action === 'login') {
        await context.work()
        return { status: 200, setCookie: seal({ user, items: [] }) }
      }
      const text = cookieOf(request)
      const cart = text === '' ? null : (JSON.parse(Buffer.from(text, 'base64url').toString()) as Cart)
      if (cart === null) return { status: 401, setCookie: [], cart }
      if (action === 'logout') return { status: 200, setCookie: GONE }
      await context.work()
      if (action === 'read') return { status: 200, setCookie: [], cart }
      const others = cart.items.filter((each) => each !== item)
      const items = action === 'add' ? [...others, item] : others
      return { status: 200, setCookie: seal({ ...cart, items }), cart }
    },
  }),
})
