import { Redis } from 'ioredis'

const redis = new Redis(process.env.REDIS_URL)

/** What koa-session keeps sessions in: https://github.com/koajs/session#external-session-stores */
export const store = {
  async get(id) {
    const text = await redis.get(`koa:sess:${id}`)
    return text === null ? null : JSON.parse(text)
  },
  async set(id, session, maxAge) {
    await redis.set(`koa:sess:${id}`, JSON.stringify(session), 'PX', maxAge)
  },
  async destroy(id) {
    await redis.del(`koa:sess:${id}`)
  },
}
