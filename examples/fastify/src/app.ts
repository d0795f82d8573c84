import cookie from '@fastify/cookie'
import session from '@fastify/session'
import Fastify, { type FastifyInstance } from 'fastify'
import { Redis } from 'ioredis'
import { cart } from './cart.ts'
import { RedisStore } from './redis-store.ts'

declare module 'fastify' {
  interface Session {
    user: string
    items: string[]
  }
}

/** The whole web server, with a Redis connection of its own; `listen` or `inject` when it is ready. */
export async function buildApp(): Promise<FastifyInstance> {
  const app = Fastify({ trustProxy: true })
  const redis = new Redis(process.env.REDIS_URL ?? 'redis://redis:6379')
  await app.register(cookie)
  await app.register(session, {
    secret: process.env.SESSION_SECRET ?? 'a secret of at least 32 characters',
    store: new RedisStore(redis),
    saveUninitialized: false,
    cookie: { secure: 'auto', maxAge: 30 * 60_000 },
  })
  app.addHook('onClose', async () => redis.quit())

  app.post<{ Body: { user: string } }>('/login', async (request) => {
    await request.session.regenerate()
    request.session.user = request.body.user
    request.session.items = []
    return {}
  })
  app.post('/logout', async (request) => {
    await request.session.destroy()
    return {}
  })
  await app.register(cart, { redis, prefix: '/cart' })
  return app
}
