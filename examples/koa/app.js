import Koa from 'koa'
import session from 'koa-session'
import { store } from './sessions.js'

/** The shop. `stock` knows what is in the warehouse. */
export function createApp({ stock }) {
  const app = new Koa()
  app.keys = [process.env.SESSION_SECRET ?? 'not in production']
  app.use(session({ store, maxAge: 30 * 60_000 }, app))

  app.use(async (ctx) => {
    const [, action, item] = ctx.path.split('/')
    if (action === 'login') {
      ctx.session.user = ctx.query.user
      ctx.session.items = []
    } else if (ctx.session.user === undefined) {
      ctx.status = 401
    } else if (action === 'logout') {
      ctx.session = null
    } else if (action === 'add') {
      if (!(await stock.has(item))) ctx.throw(404)
      ctx.session.items = [...new Set([...ctx.session.items, item])]
    } else if (action === 'remove') {
      await stock.giveBack(item)
      ctx.session.items = ctx.session.items.filter((each) => each !== item)
    }
    ctx.body = ctx.session?.user === undefined ? null : { user: ctx.session.user, items: ctx.session.items }
  })
  return app
}
