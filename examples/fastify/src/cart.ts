import type { FastifyPluginAsync, FastifyRequest } from 'fastify'
import type { Redis } from 'ioredis'

/** The routes of the cart: for users who are logged in. */
export const cart: FastifyPluginAsync<{ redis: Redis }> = async (app, { redis }) => {
  app.addHook('preHandler', async (request, reply) => {
    if (request.session.user === undefined) return reply.code(401).send({ error: 'log in first' })
  })

  app.get('/', async (request) => cartOf(request))

  app.put<{ Params: { item: string } }>('/:item', async (request) => {
    const { item } = request.params
    // What is bought together is suggested together.
    await redis.zincrby('popular', 1, item)
    request.session.items = [...new Set([...request.session.items, item])]
    return cartOf(request)
  })

  app.delete<{ Params: { item: string } }>('/:item', async (request) => {
    const { item } = request.params
    await redis.zincrby('popular', -1, item)
    request.session.items = request.session.items.filter((each) => each !== item)
    return cartOf(request)
  })
}

const cartOf = ({ session: { user, items } }: FastifyRequest) => ({ user, items })
