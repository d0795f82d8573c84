/**
 * A shopping cart on express 5, express-session 1.19.0 and connect-redis, all unmodified, as a web application under test.
 * Requests come through light-my-request, so no port is opened.
 *
 * Nothing here is special to the simulator except the first line: what is loaded after it finds virtual timers, clocks
 * and randomness (express-session keeps the `setImmediate` that it finds).
 */
import '../../src/world/node/environment.ts'
import { createRequire } from 'node:module'
import { RedisStore } from 'connect-redis-9'
import express, { type ErrorRequestHandler, type Request } from 'express'
import session, { type Store } from 'express-session'
import type { Redis } from 'ioredis'
import inject from 'light-my-request'
import { createClient } from 'redis'
import {
  type AppRequest,
  type AppResponse,
  type Cart,
  defineSessionApp,
  type SessionAppContext,
  type SessionAppDefinition,
} from '../../src/session/session-app.ts'

declare module 'express-session' {
  interface SessionData {
    user: string
    items: Record<string, true>
  }
}

/** connect-redis 6 has no types. */
type OldRedisStore = new (options: { readonly client: Redis; readonly disableTouch?: boolean }) => Store
const connectRedis6 = createRequire(import.meta.url)('connect-redis-6') as (module: typeof session) => OldRedisStore

/** How the application is written; what is left out is what the manuals recommend. */
export interface ExpressCart {
  /** connect-redis 9 over node-redis 6, or connect-redis 6.1.0 over ioredis. */
  readonly store?: 9 | 6
  readonly resave: boolean
  readonly saveUninitialized?: boolean
  readonly rolling?: boolean
  /** What login does with the id that the browser had. */
  readonly login?: 'regenerate' | 'keep the id'
  /** Whether login saves the session itself before it answers. */
  readonly savesAtLogin?: boolean
  /** What login answers with. */
  readonly answer?: 'page' | 'redirect'
  /** Whether each request saves the session, as it was loaded, before it looks at it. */
  readonly savesFirst?: boolean
  /** Whether the page shows the cart as it is at the end of its work. */
  readonly reloads?: boolean
}

/** A web application that is written in this way. */
export function expressCart(name: string, options: ExpressCart): SessionAppDefinition {
  return defineSessionApp({
    name,
    async start(context) {
      const app = createApp(context, options, await connectStore(context, options))
      return { request: (request) => send(app, request, options) }
    },
  })
}

async function connectStore({ redis, host, port }: SessionAppContext, { store = 9 }: ExpressCart): Promise<Store> {
  // Its client takes callbacks, as ioredis does; the plan must say `client: ioredis`.
  if (store === 6) return new (connectRedis6(session))({ client: redis as unknown as Redis })
  // Without `maintNotifications: 'disabled'` it asks the real name server for the address of its host.
  const client = createClient({ socket: { host, port }, maintNotifications: 'disabled' })
  client.on('error', () => {})
  await client.connect()
  return new RedisStore({ client })
}

function createApp(context: SessionAppContext, options: ExpressCart, store: Store): express.Express {
  const { resave, saveUninitialized = false, rolling = false, login = 'regenerate' } = options
  const app = express()
  // An answer that cannot be ended well is cut off with its connection, which a request that was injected has not.
  app.use((request, response, next) => {
    Object.assign(request.socket, { destroy: () => response.destroy() })
    next()
  })
  app.use(session({ secret: 'test', store, resave, saveUninitialized, rolling, cookie: { maxAge: context.ttlMs } }))
  app.use(async (request, _response, next) => {
    if (options.savesFirst && request.session.user !== undefined) await done((end) => request.session.save(end))
    next()
  })
  app.get('/login', async (request, response) => {
    await context.work()
    if (login === 'regenerate') await done((end) => request.session.regenerate(end))
    request.session.user = String(request.query.user)
    request.session.items = {}
    if (options.savesAtLogin) await done((end) => request.session.save(end))
    if (options.answer === 'redirect') response.redirect(303, '/read')
    else response.json({})
  })
  app.get('/read', async (request, response) => {
    const cart = cartOf(request)
    await context.work()
    if (options.reloads && cart !== null) await done((end) => request.session.reload(end))
    response.status(cart === null ? 401 : 200).json({ cart })
  })
  app.get(['/add', '/remove'], async (request, response) => {
    const cart = cartOf(request)
    const item = String(request.query.item)
    await context.work()
    if (cart !== null && request.path === '/add') request.session.items = { ...request.session.items, [item]: true }
    if (cart !== null && request.path === '/remove') delete request.session.items?.[item]
    response.status(cart === null ? 401 : 200).json({ cart })
  })
  app.get('/logout', async (request, response) => {
    const cart = cartOf(request)
    if (cart !== null) await done((end) => request.session.destroy(end))
    response.status(cart === null ? 401 : 200).json({})
  })
  const onError: ErrorRequestHandler = (_error, _request, response, next) => {
    if (response.headersSent) next()
    else response.status(500).json({})
  }
  app.use(onError)
  return app
}

/** What the session holds; null: nobody is logged in (or, with the store gone, there is no session at all). */
function cartOf({ session }: Request): Cart | null {
  return session?.user === undefined ? null : { user: session.user, items: Object.keys(session.items ?? {}) }
}

const done = (start: (end: (error: unknown) => void) => void): Promise<void> =>
  new Promise((resolve, reject) => start((error) => (error ? reject(error) : resolve())))

async function send(app: express.Express, request: AppRequest, { answer }: ExpressCart): Promise<AppResponse> {
  const { action, cookie, user = '', item = '' } = request
  const response = await inject(app as never, {
    method: 'GET',
    url: `/${action}`,
    query: { user, item },
    headers: { cookie },
    // A browser follows a redirect when it has the headers; it does not wait for the last byte of the body.
    payloadAsStream: answer === 'redirect' && action === 'login',
  })
  const status = response.statusCode
  const setCookie = [response.headers['set-cookie'] ?? []].flat()
  if (status >= 300 && status < 400) return { status, setCookie }
  const { cart } = JSON.parse(response.payload || '{}') as { cart?: Cart | null }
  return cart === undefined ? { status, setCookie } : { status, setCookie, cart }
}
